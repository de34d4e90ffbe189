import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  SecurityGroup as WireSecurityGroup,
} from '@aws-sdk/client-ec2';
import type { SecurityGroup } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterTable, FilterValue } from '../filters.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { showPermissions } from './permissions.ts';
import { allowAllEgress } from './vpc-lifecycle.ts';

/** The name of the group that comes with a VPC. */
const DEFAULT_NAME = 'default';

const NAME_CHARACTERS = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

const listing: Listing<SecurityGroup> = {
  ...kinds.securityGroup,
  filters: {
    description: 'description',
    'group-id': 'groupId',
    'group-name': 'groupName',
    'owner-id': (_, { scope }) => scope.account,
    'vpc-id': 'vpcId',
    ...permissionFilters('', false),
    ...permissionFilters('egress.', true),
  },
};

function permissionFilters(prefix: string, isEgress: boolean): FilterTable<SecurityGroup> {
  const each =
    (read: (permission: IpPermission, world: World) => FilterValue) =>
    ({ groupId }: SecurityGroup, world: World) =>
      permissionsOf(world, groupId, isEgress).flatMap((permission) => read(permission, world));
  const groupName = (world: World, id: string | undefined) =>
    id === undefined ? undefined : world.securityGroups.get(id)?.groupName;
  return {
    [`${prefix}ip-permission.cidr`]: each(({ IpRanges }) => IpRanges?.map(({ CidrIp }) => CidrIp)),
    [`${prefix}ip-permission.from-port`]: each(({ FromPort }) => FromPort),
    [`${prefix}ip-permission.group-id`]: each(({ UserIdGroupPairs }) =>
      UserIdGroupPairs?.map(({ GroupId }) => GroupId),
    ),
    [`${prefix}ip-permission.group-name`]: each(({ UserIdGroupPairs }, world) =>
      UserIdGroupPairs?.map(({ GroupId }) => groupName(world, GroupId)),
    ),
    [`${prefix}ip-permission.ipv6-cidr`]: each(({ Ipv6Ranges }) =>
      Ipv6Ranges?.map(({ CidrIpv6 }) => CidrIpv6),
    ),
    [`${prefix}ip-permission.prefix-list-id`]: each(({ PrefixListIds }) =>
      PrefixListIds?.map(({ PrefixListId }) => PrefixListId),
    ),
    [`${prefix}ip-permission.protocol`]: each(({ IpProtocol }) => IpProtocol),
    [`${prefix}ip-permission.to-port`]: each(({ ToPort }) => ToPort),
    [`${prefix}ip-permission.user-id`]: each(({ UserIdGroupPairs }) =>
      UserIdGroupPairs?.map(({ UserId }) => UserId),
    ),
  };
}

function permissionsOf(world: World, groupId: string, isEgress: boolean): IpPermission[] {
  return showPermissions(
    world,
    world.securityGroupRules.where('groupId', groupId).filter((rule) => rule.isEgress === isEgress),
  );
}

/** Security groups (semantics S74–S76, S89, S90). */
export const securityGroupActions = {
  CreateSecurityGroup(context: ActionContext, input: CreateSecurityGroupRequest): CreateSecurityGroupResult {
    const { tx } = context;
    const groupName = readText(input.GroupName, 'groupName');
    const description = readText(input.Description, 'groupDescription');
    const tags = readTagSpecifications(input.TagSpecifications, 'security-group');
    const vpcId = input.VpcId === undefined ? defaultVpcId(tx) : findVpcId(tx, input.VpcId);
    if (groupName === DEFAULT_NAME) throw errors.reservedGroupName(groupName);
    if (groupName.startsWith('sg-')) {
      throw errors.invalidValue(groupName, 'groupName', 'Group names may not be in the format sg-*.');
    }
    if (tx.securityGroups.where('vpcId', vpcId).some((group) => group.groupName === groupName)) {
      throw errors.duplicateGroup(groupName, vpcId);
    }
    demandQuota(context, 'security-groups', tx.securityGroups.size + 1);
    const group: SecurityGroup = { groupId: context.newId('sg'), groupName, description, vpcId, tags };
    tx.securityGroups.put(group);
    allowAllEgress(context, group.groupId);
    return { GroupId: group.groupId, SecurityGroupArn: arnOf(context, group), Tags: showTags(group) };
  },

  DeleteSecurityGroup({ tx }: ActionContext, input: DeleteSecurityGroupRequest): DeleteSecurityGroupResult {
    const group = findGroup(tx, input.GroupId, input.GroupName);
    const { groupId, groupName } = group;
    if (groupName === DEFAULT_NAME) throw errors.cannotDeleteDefaultGroup(groupId);
    const isUsed =
      tx.networkInterfaces.where('groupIds', groupId).length > 0 ||
      tx.vpcEndpoints.where('groupIds', groupId).some(({ state }) => state !== 'deleted');
    if (isUsed || isReferenced(tx, group)) {
      throw errors.dependencyViolation(`resource ${groupId} has a dependent object`);
    }
    for (const rule of tx.securityGroupRules.where('groupId', groupId)) {
      tx.securityGroupRules.delete(rule.securityGroupRuleId);
    }
    tx.securityGroups.delete(groupId);
    return { Return: true, GroupId: groupId };
  },

  DescribeSecurityGroups(
    context: ActionContext,
    input: DescribeSecurityGroupsRequest,
  ): DescribeSecurityGroupsResult {
    const { tx } = context;
    const named = (input.GroupNames ?? []).map((name) => findGroup(tx, undefined, name).groupId);
    const ids = [...(input.GroupIds ?? []), ...named];
    const page = listRecords(tx.securityGroups, tx, listing, { ...input, ids });
    return {
      SecurityGroups: page.records.map((group) => showSecurityGroup(context, group)),
      NextToken: page.nextToken,
    };
  },
};

function findVpcId(tx: Transaction, id: string): string {
  return findResource(tx, kinds.vpc, id, 'vpcId').vpcId;
}

function defaultVpcId(tx: Transaction): string {
  const vpc = [...tx.vpcs.values()].find(({ isDefault }) => isDefault);
  if (vpc === undefined) throw errors.noDefaultVpc();
  return vpc.vpcId;
}

/** The group of a request: by id, or by name among those of the default VPC. */
export function findGroup(tx: Transaction, id: string | undefined, name: string | undefined): SecurityGroup {
  if (id !== undefined) return findResource(tx, kinds.securityGroup, id, 'groupId');
  if (name === undefined) {
    throw new errors.AwsError(
      'MissingParameter',
      'The request must contain the parameter groupName or groupId',
    );
  }
  const vpcId = defaultVpcId(tx);
  const group = tx.securityGroups.where('groupName', name).find((each) => each.vpcId === vpcId);
  if (group !== undefined) return group;
  throw new errors.AwsError(
    'InvalidGroup.NotFound',
    `The security group '${name}' does not exist in default VPC '${vpcId}'`,
  );
}

/** Whether another group of the VPC has a rule about it. One of a peered VPC does not hold it: its rule becomes stale (S91). */
function isReferenced(tx: Transaction, { groupId, vpcId }: SecurityGroup): boolean {
  return [...tx.securityGroupRules.values()].some(
    (rule) =>
      rule.groupId !== groupId &&
      rule.peer.kind === 'group' &&
      rule.peer.groupId === groupId &&
      tx.securityGroups.get(rule.groupId)?.vpcId === vpcId,
  );
}

function readText(text: string | undefined, parameter: string): string {
  if (text === undefined || text === '') throw errors.missingParameter(parameter);
  if (NAME_CHARACTERS.test(text)) return text;
  throw errors.invalidValue(
    text,
    parameter,
    'At most 255 characters of the following set: a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*',
  );
}

function arnOf({ region, account }: ActionContext, { groupId }: SecurityGroup): string {
  return `arn:aws:ec2:${region}:${account}:security-group/${groupId}`;
}

function showSecurityGroup(context: ActionContext, group: SecurityGroup): WireSecurityGroup {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    SecurityGroupArn: arnOf(context, group),
    VpcId: group.vpcId,
    OwnerId: context.account,
    IpPermissions: permissionsOf(context.tx, group.groupId, false),
    IpPermissionsEgress: permissionsOf(context.tx, group.groupId, true),
    Tags: showTags(group),
  };
}
