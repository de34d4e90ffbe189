import { isRouteActive } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import type { Report } from './report.ts';

/** Tells of everything that refers to something in no file: it is kept as it is, and lets nothing through. */
export function tellMissing(world: World, report: Report): void {
  for (const vpc of world.vpcs.values()) {
    const tables = world.routeTables.where('vpcId', vpc.vpcId);
    if (!tables.some(({ associations }) => associations.some(({ isMain }) => isMain))) {
      report.tell(
        'missing',
        `${vpc.vpcId}: its main route table is in no file; subnets without a table of their own reach nothing.`,
      );
    }
  }
  for (const { subnetId } of world.subnets.values()) {
    const acls = [...world.networkAcls.values()];
    if (!acls.some(({ associations }) => associations.some((each) => each.subnetId === subnetId))) {
      report.tell(
        'missing',
        `${subnetId}: its network ACL is in no file; nothing passes into it or out of it.`,
      );
    }
  }
  for (const table of world.routeTables.values()) {
    for (const route of table.routes) {
      const { target } = route;
      if (target.kind === 'local' || isRouteActive(world, table, route) || isKnown(world, target)) continue;
      report.tell(
        'missing',
        `${table.routeTableId} has a route to ${target.id}, which is in no file: it is a blackhole.`,
      );
    }
    for (const { destination } of table.routes) {
      if (destination.kind === 'prefix-list')
        tellMissingList(world, report, destination.prefixListId, table.routeTableId);
    }
  }
  for (const { peer, groupId, securityGroupRuleId } of world.securityGroupRules.values()) {
    if (peer.kind === 'prefix-list') tellMissingList(world, report, peer.prefixListId, securityGroupRuleId);
    if (peer.kind === 'group' && world.securityGroups.get(peer.groupId) === undefined) {
      const whose = peer.userId === world.scope.account ? '' : ` of account ${peer.userId}`;
      report.tell(
        'missing',
        `${groupId} names the group ${peer.groupId}${whose}, which is in no file: that rule lets nobody through.`,
      );
    }
    if (world.securityGroups.get(groupId) === undefined) {
      report.tell('missing', `${groupId}: the group is in no file; only its rules are.`);
    }
  }
  for (const { networkInterfaceId, groupIds } of world.networkInterfaces.values()) {
    for (const groupId of groupIds) {
      if (world.securityGroups.get(groupId) !== undefined) continue;
      if (world.securityGroupRules.where('groupId', groupId).length > 0) continue;
      report.tell(
        'missing',
        `${networkInterfaceId} is in the group ${groupId}, which is in no file: it lets nothing through.`,
      );
    }
  }
}

function tellMissingList(world: World, report: Report, prefixListId: string, user: string): void {
  if (world.prefixLists.get(prefixListId) !== undefined) return;
  report.tell(
    'missing',
    `${user} names the prefix list ${prefixListId}, which is in no file: it matches no address.`,
  );
}

/** Whether the target is there, though it carries nothing: then AWS itself shows a blackhole. */
function isKnown(world: World, { id }: { readonly id: string }): boolean {
  return [
    world.internetGateways,
    world.natGateways,
    world.networkInterfaces,
    world.vpcEndpoints,
    world.vpcPeeringConnections,
    world.egressOnlyInternetGateways,
    world.transitGateways,
    world.vpnGateways,
  ].some((table) => table.get(id) !== undefined);
}
