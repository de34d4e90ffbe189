import { vpcIdOfFlowLog } from '../model/flow-logs.ts';
import type { World } from '../model/world.ts';
import type { Change } from '../state/store.ts';

/** Tables whose records no packet can notice. */
const WITHOUT_PACKETS: ReadonlySet<string> = new Set([
  'keyPairs',
  'clientTokens',
  'dhcpOptions',
  'launchTemplates',
  'launchTemplateVersions',
  'networkInsightsPaths',
  'networkInsightsAnalyses',
  'networkInsightsAccessScopes',
  'networkInsightsAccessScopeAnalyses',
  'parameters',
  'keptResources',
  'images',
  'stacks',
  'stackTemplates',
  'stackResources',
  'stackEvents',
  'changeSets',
]);

/** The VPCs whose machines a change may alter: those of the record as it was and as it is. */
export function vpcsTouchedBy(world: World, change: Change): string[] {
  if (WITHOUT_PACKETS.has(change.table)) return [];
  if (change.table === 'prefixLists') return [...world.vpcs.values()].map((vpc) => vpc.vpcId);
  const touched = new Set<string>();
  for (const record of [change.before, change.after]) {
    if (record === undefined) continue;
    for (const vpcId of [...vpcsOf(world, record), ...vpcsReferringTo(world, record)]) touched.add(vpcId);
  }
  return [...touched];
}

function vpcsOf(world: World, record: object): string[] {
  if ('vpcIds' in record && Array.isArray(record.vpcIds)) {
    return record.vpcIds.filter((vpcId) => world.vpcs.get(vpcId) !== undefined);
  }
  if ('vpcId' in record && typeof record.vpcId === 'string') return [record.vpcId];
  if ('flowLogId' in record && 'resourceId' in record && typeof record.resourceId === 'string') {
    return [vpcIdOfFlowLog(world, { resourceId: record.resourceId }) ?? []].flat();
  }
  if ('networkLoadBalancerArns' in record && Array.isArray(record.networkLoadBalancerArns)) {
    return record.networkLoadBalancerArns.flatMap((arn) => world.loadBalancers.get(arn)?.vpcId ?? []);
  }
  if ('groupId' in record && typeof record.groupId === 'string') {
    const group = world.securityGroups.get(record.groupId);
    return group === undefined ? [] : [group.vpcId];
  }
  if ('networkInterfaceId' in record && typeof record.networkInterfaceId === 'string') {
    const eni = world.networkInterfaces.get(record.networkInterfaceId);
    return eni === undefined ? [] : [eni.vpcId];
  }
  return [];
}

/**
 * The VPCs whose security groups refer to one of an interface's. That may be another VPC, even one that is peered no more:
 * the rule goes stale there, and is kept (semantics S78, S91).
 */
function vpcsReferringTo(world: World, record: object): string[] {
  if (!('groupIds' in record) || !Array.isArray(record.groupIds)) return [];
  const groupIds = new Set<unknown>(record.groupIds);
  return [...world.securityGroupRules.values()].flatMap(({ peer, groupId }) => {
    const group =
      peer.kind === 'group' && groupIds.has(peer.groupId) ? world.securityGroups.get(groupId) : undefined;
    return group === undefined ? [] : [group.vpcId];
  });
}
