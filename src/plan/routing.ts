import { findGatewayRouteFault, gatewayTableOf } from '../model/gateway-route-tables.ts';
import type { Route, RouteTable, Vpc } from '../model/records.ts';
import { blocksOfRoute, rankOf } from '../model/route-lookup.ts';
import { isRouteActive } from '../model/routes.ts';
import { blocksOfVpc } from '../model/vpc-blocks.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { cidrOf, contains } from '../net/cidr.ts';
import { type KernelRoute, MAIN_TABLE, type RoutingRule } from './machine.ts';
import { type PeeringEnd, peeringLinkName } from './peering.ts';
import {
  FAR_END,
  INTERNET_GATEWAY_LINK,
  linkName,
  METADATA_ADDRESS,
  RESOLVER_ADDRESS,
  RESOLVER_PLUS_TWO_ADDRESS,
  SERVICES_LINK,
} from './places.ts';
import { isPresent, presentInterfaces } from './presence.ts';
import { transitEndsOf, transitLinkName } from './transit-links.ts';

/** The link-local services every subnet reaches, whatever its route table says (semantics S67). */
const AMAZON_SERVICES = '169.254.169.0/24';

const EVERYWHERE = '0.0.0.0/0';

/** Kernel tables up to 255 are the kernel's own; a route table's number is its ordinal above these. */
const FIRST_TABLE = 1000;

/** The number of a route table in the kernel, which is also the mark of the packets that it routes. */
export function kernelTableOf(table: RouteTable): number {
  return FIRST_TABLE + table.ordinal;
}

/** Tables of gateways are numbered above all those of subnets: of one table that routes for both, each has its own. */
const FIRST_GATEWAY_TABLE = 2 ** 24;

/** The number of the table by which what comes in by a VPC's internet gateway is routed, which is also its mark (S30). */
export function kernelTableOfGateway(table: RouteTable): number {
  return FIRST_GATEWAY_TABLE + table.ordinal;
}

/** Everything a VPC's router needs to route. */
export interface RoutingPlan {
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly RoutingRule[];
}

/**
 * Routes inside the VPC are the same for all subnets and stand in `main`, looked up first; each route table's own routes
 * stand in a table of the kernel, chosen by the mark that its subnets' packets carry (semantics S19–S28).
 */
export function planRouting(world: World, vpcId: string, peeringEnds: readonly PeeringEnd[]): RoutingPlan {
  const linkedIds = new Set(peeringEnds.map(({ peering }) => peering.vpcPeeringConnectionId));
  const vpc = world.vpcs.get(vpcId);
  const blocks = vpc === undefined ? [] : blocksOfVpc(vpc);
  const routes: KernelRoute[] = [
    // What no route matches disappears without a word, as at AWS; the kernel would answer "unreachable".
    { table: MAIN_TABLE, destination: EVERYWHERE, type: 'blackhole' },
  ];
  const rules: RoutingRule[] = [{ priority: 100, destination: AMAZON_SERVICES, table: MAIN_TABLE }];
  // By routing there a router also answers ARP for the resolver's address in the first subnet, the VPC's base plus two.
  const plusTwo = vpc === undefined ? [] : [formatIpv4(cidrOf(vpc.cidrBlock).first + 2)];
  for (const address of [METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS, ...plusTwo]) {
    routes.push({
      table: MAIN_TABLE,
      destination: `${address}/32`,
      type: 'unicast',
      via: FAR_END,
      device: SERVICES_LINK,
      isOnlink: true,
    });
  }
  for (const block of blocks) {
    routes.push({ table: MAIN_TABLE, destination: block, type: 'blackhole' });
    rules.push({ priority: 200, destination: block, table: MAIN_TABLE });
  }
  for (const eni of presentInterfaces(world, vpcId)) {
    for (const address of eni.privateIpAddresses) {
      routes.push({
        table: MAIN_TABLE,
        destination: `${address}/32`,
        type: 'unicast',
        device: linkName('v', eni.networkInterfaceId),
      });
    }
  }
  for (const table of world.routeTables.where('vpcId', vpcId).toSorted((a, b) => a.ordinal - b.ordinal)) {
    const number = kernelTableOf(table);
    rules.push({ priority: 1000, mark: number, table: number });
    for (const route of planTable(world, table, linkedIds)) {
      routes.push(route);
      const isInsideVpc = blocks.some((block) => contains(cidrOf(block), cidrOf(route.destination)));
      // A route more specific than `local` (S24) must be seen before the VPC's own routes.
      if (isInsideVpc)
        rules.push({ priority: 50, mark: number, destination: route.destination, table: number });
    }
  }
  const gatewayTable = gatewayTableOf(world, vpcId);
  for (const route of gatewayTable === undefined ? [] : planGatewayTable(world, gatewayTable)) {
    routes.push(route);
    rules.push({ priority: 50, mark: route.table, destination: route.destination, table: route.table });
  }
  return { routes, rules };
}

/** The routes of a gateway's table that lead to a middlebox; `local` is what stands in `main`. */
function planGatewayTable(world: World, table: RouteTable): KernelRoute[] {
  return table.routes
    .filter(({ target }) => target.kind !== 'local')
    .flatMap((route) =>
      blocksOfRoute(world, route).map((destination) => ({
        table: kernelTableOfGateway(table),
        destination,
        ...(route.target.kind === 'network-interface' &&
        findGatewayRouteFault(world, table, route) === undefined
          ? toInterface(world, route.target.id)
          : BLACKHOLE),
      })),
    )
    .sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

/** Whether a table of the VPC's has a route more specific than `local`: it must not be asked within a subnet (S24, S31). */
export function hasRoutesInside(world: World, vpc: Vpc): boolean {
  const blocks = blocksOfVpc(vpc).map(cidrOf);
  return world.routeTables
    .where('vpcId', vpc.vpcId)
    .flatMap(({ routes }) => routes)
    .filter(({ target }) => target.kind !== 'local')
    .flatMap((route) => blocksOfRoute(world, route))
    .some((destination) => blocks.some((block) => contains(block, cidrOf(destination))));
}

/**
 * One route table's routes, but `local`. Of several to one destination the first by rank is taken: `local`, a route to a
 * block, one to a prefix list (S27), as `findRouteFor` of the model does.
 */
function planTable(world: World, table: RouteTable, linkedIds: ReadonlySet<string>): KernelRoute[] {
  const number = kernelTableOf(table);
  const byDestination = new Map<string, KernelRoute | undefined>();
  for (const route of table.routes.toSorted((a, b) => rankOf(b) - rankOf(a))) {
    for (const destination of blocksOfRoute(world, route)) {
      if (byDestination.has(destination)) continue;
      const isLocal = route.target.kind === 'local';
      const hop = isLocal
        ? undefined
        : { table: number, destination, ...nextHopOf(world, table, route, linkedIds) };
      byDestination.set(destination, hop);
    }
  }
  if (!byDestination.has(EVERYWHERE)) {
    byDestination.set(EVERYWHERE, { table: number, destination: EVERYWHERE, type: 'blackhole' });
  }
  return [...byDestination.values()]
    .filter((route) => route !== undefined)
    .sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

type NextHop = Pick<KernelRoute, 'type' | 'via' | 'device' | 'isOnlink'>;

const BLACKHOLE: NextHop = { type: 'blackhole' };

/** Where a route sends its packets: a blackhole when its target is gone or carries nothing now (semantics S28). */
function nextHopOf(world: World, table: RouteTable, route: Route, linkedIds: ReadonlySet<string>): NextHop {
  if (!isRouteActive(world, table, route)) return BLACKHOLE;
  const { target } = route;
  switch (target.kind) {
    case 'internet-gateway':
      return toFarEnd(INTERNET_GATEWAY_LINK);
    case 'nat-gateway':
      return toInterface(world, world.natGateways.get(target.id)?.networkInterfaceId);
    case 'network-interface':
      return toInterface(world, target.id);
    case 'vpc-endpoint':
      return toFarEnd(SERVICES_LINK);
    case 'vpc-peering-connection':
      return linkedIds.has(target.id) ? toFarEnd(peeringLinkName(target.id)) : BLACKHOLE;
    case 'transit-gateway': {
      const attachment = transitEndsOf(world, table.vpcId).find(
        ({ transitGatewayId }) => transitGatewayId === target.id,
      );
      return attachment === undefined ? BLACKHOLE : toFarEnd(transitLinkName(attachment));
    }
    // No VPN is at the other end of a VPN gateway, and IPv6 is not routed here.
    case 'vpn-gateway':
    case 'egress-only-internet-gateway':
    case 'local':
      return BLACKHOLE;
  }
}

function toFarEnd(device: string): NextHop {
  return { type: 'unicast', via: FAR_END, device, isOnlink: true };
}

function toInterface(world: World, networkInterfaceId: string | undefined): NextHop {
  const eni = networkInterfaceId === undefined ? undefined : world.networkInterfaces.get(networkInterfaceId);
  const via = eni?.privateIpAddresses[0];
  if (eni === undefined || via === undefined || !isPresent(world, eni)) return BLACKHOLE;
  return { type: 'unicast', via, device: linkName('v', eni.networkInterfaceId), isOnlink: true };
}
