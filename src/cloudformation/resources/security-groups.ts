import type { IpPermission } from '@aws-sdk/client-ec2';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { ValueMap } from '../../template/value.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { deleteOnceFree, given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

/** The members of a rule in a group's list, in either direction. */
const RULE = ['IpProtocol', 'FromPort', 'ToPort', 'CidrIp', 'CidrIpv6', 'Description'];
const INGRESS = [
  ...RULE,
  'SourcePrefixListId',
  'SourceSecurityGroupId',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
];
const EGRESS = [...RULE, 'DestinationPrefixListId', 'DestinationSecurityGroupId'];

/** What a group lets out as long as nobody says otherwise; the second in a VPC with an IPv6 block. */
const ALL_TRAFFIC: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const ALL_IPV6_TRAFFIC: IpPermission = { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] };

type Direction = 'Ingress' | 'Egress';

const securityGroup: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::SecurityGroup',
  properties: declareProperties({
    GroupDescription: 'String! replace',
    GroupName: 'String replace',
    VpcId: 'String replace',
    SecurityGroupIngress: 'List',
    SecurityGroupEgress: 'List',
    Tags: 'List',
  }),
  attributes: ['GroupId', 'GroupName', 'Id', 'SecurityGroupVpcId', 'VpcId'],
  create(context, properties) {
    const read = new PropertyReader(properties);
    const VpcId = read.text('VpcId');
    const made = context.call('CreateSecurityGroup', {
      GroupName: read.text('GroupName') ?? context.placement.generatedName,
      Description: read.demand('GroupDescription'),
      ...(VpcId === undefined ? {} : { VpcId }),
    });
    const groupId = given(made.GroupId);
    tagResource(context, groupId, properties);
    changeRules(context, groupId, {}, properties);
    return groupId;
  },
  update(context, groupId, before, after) {
    changeRules(context, groupId, before, after);
    retagResource(context, groupId, before, after);
  },
  ...deleteOnceFree(
    ({ action: { tx } }, groupId) => tx.securityGroups.get(groupId)?.vpcId,
    (context, GroupId) => context.call('DeleteSecurityGroup', { GroupId }),
  ),
  attributesOf({ action: { tx } }, groupId) {
    const group = tx.securityGroups.get(groupId);
    if (group === undefined) return {};
    const { vpcId, groupName } = group;
    return {
      GroupId: groupId,
      Id: groupId,
      GroupName: groupName,
      VpcId: vpcId,
      SecurityGroupVpcId: vpcId,
    };
  },
};

/** Takes back the rules that are no more and gives those that came; one with another description is another rule. */
function changeRules(context: ResourceContext, GroupId: string, before: ValueMap, after: ValueMap): void {
  for (const direction of ['Ingress', 'Egress'] as const) {
    const usual = direction === 'Ingress' ? [] : usualEgressOf(context, GroupId);
    const was = permissionsOf(direction, before, usual);
    const is = permissionsOf(direction, after, usual);
    const removed = differenceOf(was, is);
    const added = differenceOf(is, was);
    if (removed.length > 0) revoke(context, direction, GroupId, removed);
    if (added.length > 0) authorize(context, direction, GroupId, added);
  }
}

function usualEgressOf({ action: { tx } }: ResourceContext, groupId: string): readonly IpPermission[] {
  const vpc = tx.vpcs.get(tx.securityGroups.get(groupId)?.vpcId ?? '');
  return vpc === undefined || ipv6BlocksOf(vpc).length === 0
    ? [ALL_TRAFFIC]
    : [ALL_TRAFFIC, ALL_IPV6_TRAFFIC];
}

/** The rules of a group by its properties, equal ones once; without any, the usual ones. */
function permissionsOf(
  direction: Direction,
  properties: ValueMap,
  usual: readonly IpPermission[],
): readonly IpPermission[] {
  const members = direction === 'Ingress' ? INGRESS : EGRESS;
  const read = new PropertyReader(properties).list(`SecurityGroup${direction}`, members).map(permissionOf);
  const once = [...new Map(read.map((permission) => [keyOf(permission), permission])).values()];
  return once.length === 0 ? usual : once;
}

function differenceOf(these: readonly IpPermission[], those: readonly IpPermission[]): IpPermission[] {
  const keys = new Set(those.map(keyOf));
  return these.filter((each) => !keys.has(keyOf(each)));
}

function keyOf(permission: IpPermission): string {
  return JSON.stringify(permission);
}

/** A rule of a template as the API has it: its traffic and its one peer. */
function permissionOf(rule: PropertyReader): IpPermission {
  const [FromPort, ToPort] = [rule.whole('FromPort'), rule.whole('ToPort')];
  const text = rule.text('Description');
  const description = text === undefined ? {} : { Description: text };
  const [CidrIp, CidrIpv6] = [rule.text('CidrIp'), rule.text('CidrIpv6')];
  const PrefixListId = rule.text('SourcePrefixListId') ?? rule.text('DestinationPrefixListId');
  const GroupId = rule.text('SourceSecurityGroupId') ?? rule.text('DestinationSecurityGroupId');
  const GroupName = rule.text('SourceSecurityGroupName');
  const UserId = rule.text('SourceSecurityGroupOwnerId');
  const group = GroupId === undefined ? (GroupName === undefined ? undefined : { GroupName }) : { GroupId };
  const pair = group === undefined ? undefined : { ...group, ...(UserId === undefined ? {} : { UserId }) };
  return {
    IpProtocol: rule.demand('IpProtocol'),
    ...(FromPort === undefined ? {} : { FromPort }),
    ...(ToPort === undefined ? {} : { ToPort }),
    ...(CidrIp === undefined ? {} : { IpRanges: [{ CidrIp, ...description }] }),
    ...(CidrIpv6 === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6, ...description }] }),
    ...(PrefixListId === undefined ? {} : { PrefixListIds: [{ PrefixListId, ...description }] }),
    ...(pair === undefined ? {} : { UserIdGroupPairs: [{ ...pair, ...description }] }),
  };
}

function authorize(
  context: ResourceContext,
  direction: Direction,
  GroupId: string,
  IpPermissions: IpPermission[],
): string {
  const made = context.call(`AuthorizeSecurityGroup${direction}`, { GroupId, IpPermissions });
  return given(made.SecurityGroupRules?.[0]?.SecurityGroupRuleId);
}

/** A rule that somebody took back before is gone already. */
function revoke(
  context: ResourceContext,
  direction: Direction,
  GroupId: string,
  permissions: readonly IpPermission[],
): void {
  for (const permission of permissions) {
    const input = { GroupId, IpPermissions: [permission] };
    unlessGone(() => context.call(`RevokeSecurityGroup${direction}`, input));
  }
}

const ruleProperties = {
  IpProtocol: 'String! replace',
  FromPort: 'Integer replace',
  ToPort: 'Integer replace',
  CidrIp: 'String replace',
  CidrIpv6: 'String replace',
  Description: 'String',
} as const;

/** A rule that stands beside its group. */
function ruleType(direction: Direction, properties: RecordType['properties']): RecordType {
  return {
    kind: 'record',
    name: `AWS::EC2::SecurityGroup${direction}`,
    properties,
    attributes: ['Id'],
    create(context, values) {
      const rule = new PropertyReader(values);
      return authorize(context, direction, groupIdOf(context, rule), [permissionOf(rule)]);
    },
    update(context, SecurityGroupRuleId, _before, after) {
      const rule = new PropertyReader(after);
      context.call(`UpdateSecurityGroupRuleDescriptions${direction}`, {
        GroupId: groupIdOf(context, rule),
        SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: rule.text('Description') ?? '' }],
      });
    },
    delete(context, id) {
      const GroupId = context.action.tx.securityGroupRules.get(id)?.groupId;
      if (GroupId === undefined) return;
      context.call(`RevokeSecurityGroup${direction}`, { GroupId, SecurityGroupRuleIds: [id] });
    },
    attributesOf: (_, id) => ({ Id: id }),
  };
}

/** The group of a rule, by its id or, in the default VPC, by its name. */
function groupIdOf(context: ResourceContext, rule: PropertyReader): string {
  const name = rule.text('GroupName');
  if (rule.text('GroupId') !== undefined || name === undefined) return rule.demand('GroupId');
  const found = context.call('DescribeSecurityGroups', { GroupNames: [name] });
  return given(found.SecurityGroups?.[0]?.GroupId);
}

const ingress = ruleType(
  'Ingress',
  declareProperties({
    GroupId: 'String replace',
    GroupName: 'String replace',
    ...ruleProperties,
    SourcePrefixListId: 'String replace',
    SourceSecurityGroupId: 'String replace',
    SourceSecurityGroupName: 'String replace',
    SourceSecurityGroupOwnerId: 'String replace',
  }),
);

const egress = ruleType(
  'Egress',
  declareProperties({
    GroupId: 'String! replace',
    ...ruleProperties,
    DestinationPrefixListId: 'String replace',
    DestinationSecurityGroupId: 'String replace',
  }),
);

/** Security groups and rules that stand beside them. */
export const securityGroupTypes: readonly RecordType[] = [securityGroup, ingress, egress];
