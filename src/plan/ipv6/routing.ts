import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Route, RouteTable, Vpc } from '../../model/records.ts';
import { ipv6BlocksOfRoute, rankOf } from '../../model/route-lookup.ts';
import { isRouteActive } from '../../model/routes.ts';
import type { TransitGatewayVpcAttachment } from '../../model/transit-gateway-records.ts';
import type { World } from '../../model/world.ts';
import { type KernelRoute, MAIN_TABLE, type RoutingRule } from '../machine.ts';
import { farLinkLocalOf, type PeeringEnd, peeringLinkName } from '../peering.ts';
import { EGRESS_ONLY_LINK, FAR_LINK_LOCAL, INTERNET_GATEWAY_LINK, linkName } from '../places.ts';
import { presentInterfaces } from '../presence.ts';
import { kernelTableOf, type RoutingPlan } from '../routing.ts';
import { transitLinkName } from '../transit-links.ts';

const EVERYWHERE = '::/0';

/** As for IPv4: what is inside the VPC stands in `main`, each route table's own routes in a table chosen by mark. */
export function planIpv6Routing(
  world: World,
  vpc: Vpc,
  peeringEnds: readonly PeeringEnd[],
  transitEnds: readonly TransitGatewayVpcAttachment[],
): RoutingPlan {
  const routes: KernelRoute[] = [{ table: MAIN_TABLE, destination: EVERYWHERE, type: 'blackhole' }];
  const rules: RoutingRule[] = [];
  for (const block of ipv6BlocksOf(vpc)) {
    routes.push({ table: MAIN_TABLE, destination: block, type: 'blackhole' });
    rules.push({ priority: 200, destination: block, table: MAIN_TABLE });
  }
  for (const eni of presentInterfaces(world, vpc.vpcId)) {
    for (const address of eni.ipv6Addresses) {
      const device = linkName('v', eni.networkInterfaceId);
      routes.push({ table: MAIN_TABLE, destination: `${address}/128`, type: 'unicast', device });
    }
  }
  const tables = world.routeTables.where('vpcId', vpc.vpcId).toSorted((a, b) => a.ordinal - b.ordinal);
  for (const table of tables) {
    const number = kernelTableOf(table);
    rules.push({ priority: 1000, mark: number, table: number });
    routes.push(...planTable(world, table, { peeringEnds, transitEnds }));
  }
  return { routes, rules };
}

/** What leads to other VPCs. */
interface Ends {
  readonly peeringEnds: readonly PeeringEnd[];
  readonly transitEnds: readonly TransitGatewayVpcAttachment[];
}

/** One route table's routes, but `local`: of several to one destination the first by rank, as for IPv4 (semantics S27). */
function planTable(world: World, table: RouteTable, ends: Ends): KernelRoute[] {
  const number = kernelTableOf(table);
  const byDestination = new Map<string, KernelRoute>();
  for (const route of table.routes.toSorted((a, b) => rankOf(b) - rankOf(a))) {
    if (route.target.kind === 'local') continue;
    for (const destination of ipv6BlocksOfRoute(world, route)) {
      if (byDestination.has(destination)) continue;
      byDestination.set(destination, {
        table: number,
        destination,
        ...nextHopOf(world, table, route, ends),
      });
    }
  }
  if (!byDestination.has(EVERYWHERE))
    byDestination.set(EVERYWHERE, { table: number, destination: EVERYWHERE, type: 'blackhole' });
  return [...byDestination.values()].sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

type NextHop = Pick<KernelRoute, 'type' | 'via' | 'device'>;

const BLACKHOLE: NextHop = { type: 'blackhole' };

/** Where a route sends its packets: a blackhole when its target is gone, or carries no IPv6 here (decision 0008). */
function nextHopOf(
  world: World,
  table: RouteTable,
  route: Route,
  { peeringEnds, transitEnds }: Ends,
): NextHop {
  if (!isRouteActive(world, table, route)) return BLACKHOLE;
  const { target } = route;
  switch (target.kind) {
    case 'internet-gateway':
      return { type: 'unicast', via: FAR_LINK_LOCAL, device: INTERNET_GATEWAY_LINK };
    case 'egress-only-internet-gateway':
      return { type: 'unicast', via: FAR_LINK_LOCAL, device: EGRESS_ONLY_LINK };
    case 'vpc-peering-connection': {
      const end = peeringEnds.find(({ peering }) => peering.vpcPeeringConnectionId === target.id);
      if (end === undefined) return BLACKHOLE;
      return { type: 'unicast', via: farLinkLocalOf(end), device: peeringLinkName(target.id) };
    }
    case 'transit-gateway': {
      const end = transitEnds.find(({ transitGatewayId }) => transitGatewayId === target.id);
      if (end === undefined) return BLACKHOLE;
      return { type: 'unicast', via: FAR_LINK_LOCAL, device: transitLinkName(end) };
    }
    default:
      return BLACKHOLE;
  }
}
