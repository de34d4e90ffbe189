import type {
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult,
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult,
  SecurityGroupReference,
  StaleIpPermission,
  StaleSecurityGroup,
} from '@aws-sdk/client-ec2';
import type { SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import { findResource, kinds } from '../kinds.ts';
import { findPeering, isPeered, showReferencedGroup } from '../peered-vpcs.ts';

const STALE_PAGES = { fewest: 5, most: 255 };

/** References between groups of peered VPCs (semantics S78, S91). */
export const peerSecurityGroupActions = {
  DescribeSecurityGroupReferences(
    { tx }: ActionContext,
    input: DescribeSecurityGroupReferencesRequest,
  ): DescribeSecurityGroupReferencesResult {
    const groups = (input.GroupId ?? []).map((id) => findResource(tx, kinds.securityGroup, id, 'groupId'));
    return { SecurityGroupReferenceSet: groups.flatMap((group) => referencesTo(tx, group)) };
  },

  DescribeStaleSecurityGroups(
    { tx }: ActionContext,
    input: DescribeStaleSecurityGroupsRequest,
  ): DescribeStaleSecurityGroupsResult {
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    const stale = tx.securityGroups
      .where('vpcId', vpcId)
      .map((group) => ({ group, rules: staleRulesOf(tx, group) }))
      .filter(({ rules }) => rules.length > 0);
    const paging = {
      name: `stale groups of ${vpcId}`,
      idOf: ({ group }: (typeof stale)[number]) => group.groupId,
      pages: STALE_PAGES,
    };
    const page = pageOf(stale, paging, input);
    return {
      StaleSecurityGroupSet: page.records.map(({ group, rules }) => showStaleGroup(tx, group, rules)),
      NextToken: page.nextToken,
    };
  },
};

/** The VPCs at the other end of a peering connection that have a rule about the group: each once. */
function referencesTo(world: World, { groupId, vpcId }: SecurityGroup): SecurityGroupReference[] {
  const referring = [...world.securityGroupRules.values()]
    .filter(({ peer }) => peer.kind === 'group' && peer.groupId === groupId)
    .flatMap((rule) => world.securityGroups.get(rule.groupId)?.vpcId ?? [])
    .filter((other) => other !== vpcId && isPeered(world, vpcId, other));
  return [...new Set(referring)].map((other) => ({
    GroupId: groupId,
    ReferencingVpcId: other,
    VpcPeeringConnectionId: findPeering(world, vpcId, other)?.vpcPeeringConnectionId,
  }));
}

/** The rules about a group that was deleted, or whose VPC is no longer peered with this one. */
function staleRulesOf(world: World, { groupId, vpcId }: SecurityGroup): SecurityGroupRule[] {
  return world.securityGroupRules.where('groupId', groupId).filter(({ peer }) => {
    if (peer.kind !== 'group') return false;
    const other = world.securityGroups.get(peer.groupId)?.vpcId;
    return other === undefined || (other !== vpcId && !isPeered(world, vpcId, other));
  });
}

function showStaleGroup(
  world: World,
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
): StaleSecurityGroup {
  const show = (isEgress: boolean) =>
    rules.filter((rule) => rule.isEgress === isEgress).map((rule) => showStaleRule(world, rule));
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    VpcId: group.vpcId,
    StaleIpPermissions: show(false),
    StaleIpPermissionsEgress: show(true),
  };
}

function showStaleRule(world: World, rule: SecurityGroupRule): StaleIpPermission {
  const { ipProtocol, fromPort, toPort, description } = rule;
  const group = showReferencedGroup(world, rule);
  return {
    IpProtocol: ipProtocol,
    ...(ipProtocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    IpRanges: [],
    PrefixListIds: [],
    UserIdGroupPairs: group === undefined ? [] : [{ ...group, Description: description }],
  };
}
