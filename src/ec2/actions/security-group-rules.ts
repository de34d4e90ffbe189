import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
  SecurityGroupRule as WireRule,
} from '@aws-sdk/client-ec2';
import type { SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { showReferencedGroup } from '../peered-vpcs.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import {
  describePermission,
  keyOfPermission,
  type Permission,
  permissionsIn,
  readDescription,
  readModification,
} from './permissions.ts';
import { countRules } from './rule-quota.ts';
import { findGroup } from './security-groups.ts';

const listing: Listing<SecurityGroupRule> = {
  ...kinds.securityGroupRule,
  filters: { 'group-id': 'groupId', 'security-group-rule-id': 'securityGroupRuleId' },
};

/** The rules of security groups (semantics S74, S75, S87, S88). */
export const securityGroupRuleActions = {
  AuthorizeSecurityGroupIngress: (
    context: ActionContext,
    input: AuthorizeSecurityGroupIngressRequest,
  ): AuthorizeSecurityGroupIngressResult => authorize(context, input, false),

  AuthorizeSecurityGroupEgress: (
    context: ActionContext,
    input: AuthorizeSecurityGroupEgressRequest,
  ): AuthorizeSecurityGroupEgressResult => authorize(context, input, true),

  RevokeSecurityGroupIngress: (
    context: ActionContext,
    input: RevokeSecurityGroupIngressRequest,
  ): RevokeSecurityGroupIngressResult => revoke(context, input, false),

  RevokeSecurityGroupEgress: (
    context: ActionContext,
    input: RevokeSecurityGroupEgressRequest,
  ): RevokeSecurityGroupEgressResult => revoke(context, input, true),

  ModifySecurityGroupRules(
    context: ActionContext,
    input: ModifySecurityGroupRulesRequest,
  ): ModifySecurityGroupRulesResult {
    const { tx } = context;
    const group = findResource(tx, kinds.securityGroup, input.GroupId, 'groupId');
    for (const update of input.SecurityGroupRules ?? []) {
      const rule = findRuleOf(context, group, update.SecurityGroupRuleId);
      const permission = readModification(context, group, rule, update.SecurityGroupRule ?? {});
      const others = rulesOf(context, group, rule.isEgress).filter((other) => other !== rule);
      if (others.some((other) => keyOfPermission(other) === keyOfPermission(permission))) {
        throw errors.duplicatePermission(describePermission(permission));
      }
      const { securityGroupRuleId, groupId, isEgress, tags } = rule;
      tx.securityGroupRules.put({ securityGroupRuleId, groupId, isEgress, tags, ...permission });
    }
    return { Return: true };
  },

  DescribeSecurityGroupRules(
    context: ActionContext,
    input: DescribeSecurityGroupRulesRequest,
  ): DescribeSecurityGroupRulesResult {
    const { tx } = context;
    const page = listRecords(tx.securityGroupRules, tx, listing, {
      ...input,
      ids: input.SecurityGroupRuleIds,
    });
    return {
      SecurityGroupRules: page.records.map((rule) => showRule(context, rule)),
      NextToken: page.nextToken,
    };
  },

  UpdateSecurityGroupRuleDescriptionsIngress: (
    context: ActionContext,
    input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  ): UpdateSecurityGroupRuleDescriptionsIngressResult => updateDescriptions(context, input, false),

  UpdateSecurityGroupRuleDescriptionsEgress: (
    context: ActionContext,
    input: UpdateSecurityGroupRuleDescriptionsEgressRequest,
  ): UpdateSecurityGroupRuleDescriptionsEgressResult => updateDescriptions(context, input, true),
};

type AuthorizeInput = AuthorizeSecurityGroupIngressRequest;

function authorize(
  context: ActionContext,
  input: AuthorizeInput,
  isEgress: boolean,
): AuthorizeSecurityGroupIngressResult {
  const { tx } = context;
  const group = findGroup(tx, input.GroupId, input.GroupName);
  const tags = readTagSpecifications(input.TagSpecifications, 'security-group-rule');
  const permissions = permissionsIn(context, group, input);
  if (permissions.length === 0) throw errors.missingParameter('ipPermissions');
  checkNoRepetition(permissions);
  const present = rulesOf(context, group, isEgress);
  const known = new Set(present.map(keyOfPermission));
  for (const permission of permissions) {
    if (known.has(keyOfPermission(permission))) {
      throw errors.duplicatePermission(describePermission(permission));
    }
  }
  demandQuota(context, 'rules-per-security-group', countRules(tx, [...present, ...permissions]));
  const rules = permissions.map((permission) => ({
    securityGroupRuleId: context.newId('sgr'),
    groupId: group.groupId,
    isEgress,
    ...permission,
    tags,
  }));
  for (const rule of rules) tx.securityGroupRules.put(rule);
  return { Return: true, SecurityGroupRules: rules.map((rule) => showRule(context, rule)) };
}

function checkNoRepetition(permissions: readonly Permission[]): void {
  if (new Set(permissions.map(keyOfPermission)).size === permissions.length) return;
  throw errors.invalidParameterValue('The same permission must not appear multiple times');
}

type RevokeInput = RevokeSecurityGroupIngressRequest;

function revoke(
  context: ActionContext,
  input: RevokeInput,
  isEgress: boolean,
): RevokeSecurityGroupIngressResult {
  const { tx } = context;
  const group = findGroup(tx, input.GroupId, input.GroupName);
  const revoked = findRevoked(context, group, input, isEgress);
  for (const { securityGroupRuleId } of revoked) tx.securityGroupRules.delete(securityGroupRuleId);
  return {
    Return: true,
    RevokedSecurityGroupRules: revoked.map((rule) => ({
      SecurityGroupRuleId: rule.securityGroupRuleId,
      GroupId: rule.groupId,
      IsEgress: rule.isEgress,
      IpProtocol: rule.ipProtocol,
      FromPort: rule.fromPort,
      ToPort: rule.toPort,
      CidrIpv4: rule.peer.kind === 'cidr' ? rule.peer.cidrBlock : undefined,
      CidrIpv6: rule.peer.kind === 'cidr-ipv6' ? rule.peer.cidrBlock : undefined,
      PrefixListId: rule.peer.kind === 'prefix-list' ? rule.peer.prefixListId : undefined,
      ReferencedGroupId: rule.peer.kind === 'group' ? rule.peer.groupId : undefined,
      Description: rule.description,
    })),
  };
}

function findRevoked(
  context: ActionContext,
  group: SecurityGroup,
  input: RevokeInput,
  isEgress: boolean,
): SecurityGroupRule[] {
  const ids = input.SecurityGroupRuleIds ?? [];
  const permissions = permissionsIn(context, group, input);
  if (ids.length > 0 && permissions.length > 0) {
    throw errors.invalidParameterCombination(
      "Only one of 'ipPermissions' and 'securityGroupRuleIds' may be provided.",
    );
  }
  if (ids.length === 0 && permissions.length === 0) {
    throw new errors.AwsError(
      'MissingParameter',
      "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.",
    );
  }
  if (ids.length > 0) {
    return [...new Set(ids)].map((id) => {
      const rule = findRuleOf(context, group, id);
      if (rule.isEgress !== isEgress) throw errors.noSuchSecurityGroupRule(id);
      return rule;
    });
  }
  checkNoRepetition(permissions);
  const byKey = new Map(rulesOf(context, group, isEgress).map((rule) => [keyOfPermission(rule), rule]));
  return permissions.map((permission) => {
    const rule = byKey.get(keyOfPermission(permission));
    if (rule === undefined) throw errors.noSuchPermission();
    return rule;
  });
}

function updateDescriptions(
  context: ActionContext,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  isEgress: boolean,
): { Return: boolean } {
  const { tx } = context;
  const group = findGroup(tx, input.GroupId, input.GroupName);
  const byKey = new Map(rulesOf(context, group, isEgress).map((rule) => [keyOfPermission(rule), rule]));
  const updates = [
    ...permissionsIn(context, group, input).map((permission) => ({
      rule: byKey.get(keyOfPermission(permission)),
      description: permission.description,
    })),
    ...(input.SecurityGroupRuleDescriptions ?? []).map(({ SecurityGroupRuleId, Description }) => ({
      rule: findRuleOf(context, group, SecurityGroupRuleId),
      description: Description,
    })),
  ];
  if (updates.length === 0) {
    throw new errors.AwsError(
      'MissingParameter',
      "Either 'ipPermissions' or 'securityGroupRuleDescriptions' should be provided.",
    );
  }
  for (const { rule, description } of updates) {
    if (rule === undefined || rule.isEgress !== isEgress) throw errors.noSuchPermission();
    const { description: _, ...bare } = rule;
    const isRemoved = description === undefined || description === '';
    tx.securityGroupRules.put(isRemoved ? bare : { ...bare, description: readDescription(description) });
  }
  return { Return: true };
}

function rulesOf({ tx }: ActionContext, { groupId }: SecurityGroup, isEgress: boolean): SecurityGroupRule[] {
  return tx.securityGroupRules.where('groupId', groupId).filter((rule) => rule.isEgress === isEgress);
}

function findRuleOf(
  { tx }: ActionContext,
  { groupId }: SecurityGroup,
  id: string | undefined,
): SecurityGroupRule {
  const rule = findResource(tx, kinds.securityGroupRule, id, 'securityGroupRuleId');
  if (rule.groupId !== groupId) throw errors.noSuchSecurityGroupRule(rule.securityGroupRuleId);
  return rule;
}

function showRule({ tx, region, account }: ActionContext, rule: SecurityGroupRule): WireRule {
  const { peer } = rule;
  return {
    SecurityGroupRuleId: rule.securityGroupRuleId,
    SecurityGroupRuleArn: `arn:aws:ec2:${region}:${account}:security-group-rule/${rule.securityGroupRuleId}`,
    GroupId: rule.groupId,
    GroupOwnerId: account,
    IsEgress: rule.isEgress,
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: peer.kind === 'cidr' ? peer.cidrBlock : undefined,
    CidrIpv6: peer.kind === 'cidr-ipv6' ? peer.cidrBlock : undefined,
    PrefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    ReferencedGroupInfo: showReferencedGroup(tx, rule),
    Description: rule.description,
    Tags: showTags(rule),
  };
}
