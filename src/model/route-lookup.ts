import { prefixLengthOf } from '../net/cidr.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { describeResource } from './display-names.ts';
import { isInBlock } from './gates.ts';
import { ipv4BlocksOf, ipv6BlocksOfList } from './prefix-lists.ts';
import type { Route, RouteTable } from './records.ts';
import { destinationOf, isRouteActive, routeTableOf } from './routes.ts';
import type { World } from './world.ts';

/**
 * The route of a table that packets to an address take: the longest prefix (semantics S23), of two as long `local`, then
 * a route to a block, then one to a prefix list (S27). Undefined when none matches.
 */
export function findRouteFor(world: World, table: RouteTable, address: string): Route | undefined {
  let best: { readonly route: Route; readonly length: number; readonly rank: number } | undefined;
  const blocksOf = isIpv6(address) ? ipv6BlocksOfRoute : blocksOfRoute;
  for (const route of table.routes) {
    for (const block of blocksOf(world, route)) {
      if (!isInBlock(address, block)) continue;
      const length = prefixLengthOf(block);
      const rank = rankOf(route);
      if (best === undefined || length > best.length || (length === best.length && rank > best.rank)) {
        best = { route, length, rank };
      }
    }
  }
  return best?.route;
}

/** The IPv4 blocks that a route leads to. */
export function blocksOfRoute(world: World, { destination }: Route): readonly string[] {
  switch (destination.kind) {
    case 'cidr':
      return [destination.cidrBlock];
    case 'cidr-ipv6':
      return [];
    case 'prefix-list':
      return ipv4BlocksOf(world, destination.prefixListId);
  }
}

/** The IPv6 blocks that a route leads to. */
export function ipv6BlocksOfRoute(world: World, { destination }: Route): readonly string[] {
  switch (destination.kind) {
    case 'cidr':
      return [];
    case 'cidr-ipv6':
      return [destination.ipv6CidrBlock];
    case 'prefix-list':
      return ipv6BlocksOfList(world, destination.prefixListId);
  }
}

/** Which of two routes to one block is taken: the one of the higher rank. */
export function rankOf({ target, destination }: Route): number {
  if (target.kind === 'local') return 2;
  return destination.kind === 'prefix-list' ? 0 : 1;
}

/** Whether a subnet is public: its packets to the address leave by an internet gateway that is attached (S32). */
export function isPublicSubnet(world: World, subnetId: string, address: string): boolean {
  const table = routeTableOf(world, subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  return (
    table !== undefined && route?.target.kind === 'internet-gateway' && isRouteActive(world, table, route)
  );
}

/** A route as people say it: `0.0.0.0/0 → igw-…`; a prefix list by its name. */
export function describeRoute(world: World, route: Route): string {
  const { destination, target } = route;
  const name =
    destination.kind === 'prefix-list'
      ? `${world.prefixLists.get(destination.prefixListId)?.prefixListName ?? '?'} (${destination.prefixListId})`
      : destinationOf(route);
  return `${name} → ${target.kind === 'local' ? 'local' : target.id}`;
}

/** A table as its subnet uses it: `route table public (rtb-…), associated with subnet public (subnet-…),`. */
export function describeTable(world: World, table: RouteTable, subnetId: string): string {
  const isAssociated = table.associations.some((association) => association.subnetId === subnetId);
  const subnet = `subnet ${describeResource(world.subnets.get(subnetId), subnetId)}`;
  const name = describeResource(table, table.routeTableId);
  return isAssociated
    ? `route table ${name}, associated with ${subnet},`
    : `main route table ${name}, used by ${subnet},`;
}
