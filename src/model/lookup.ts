import { cidrOf } from '../net/cidr.ts';
import { isInBlock } from './gates.ts';
import type { NetworkAcl, Route, RouteTable } from './records.ts';
import { destinationOf } from './routes.ts';
import type { World } from './world.ts';

/** The route of a table that packets to an address take; undefined when there is none. */
export function findRouteFor(world: World, table: RouteTable, address: string): Route | undefined {
  let best: { readonly route: Route; readonly length: number; readonly rank: number } | undefined;
  for (const route of table.routes) {
    for (const block of blocksOfRoute(world, route)) {
      if (block.includes(':') || !isInBlock(address, block)) continue;
      const length = cidrOf(block).prefixLength;
      // Of two that are as specific, a route to a block goes before one to a prefix list (semantics S27).
      const rank = route.target.kind === 'local' ? 2 : route.destination.kind === 'cidr' ? 1 : 0;
      if (best === undefined || length > best.length || (length === best.length && rank > best.rank)) {
        best = { route, length, rank };
      }
    }
  }
  return best?.route;
}

function blocksOfRoute(world: World, route: Route): readonly string[] {
  if (route.destination.kind === 'cidr') return [route.destination.cidrBlock];
  const list = world.prefixLists.get(route.destination.prefixListId);
  return list?.entries.map(({ cidr }) => cidr) ?? [];
}

/** A route as people say it: `0.0.0.0/0 → igw-…`. */
export function describeRoute(route: Route): string {
  return `${destinationOf(route)} → ${route.target.kind === 'local' ? 'local' : route.target.id}`;
}

/** The network ACL of a subnet (semantics S65); undefined is a missing referent, which lets nothing through. */
export function networkAclOf(world: World, subnetId: string): NetworkAcl | undefined {
  const vpcId = world.subnets.get(subnetId)?.vpcId;
  if (vpcId === undefined) return undefined;
  return world.networkAcls
    .where('vpcId', vpcId)
    .find(({ associations }) => associations.some((association) => association.subnetId === subnetId));
}

/** Whether the address is one that the Internet never routes: RFC 1918, shared, link-local and loopback. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.some((block) => isInBlock(address, block));
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
];

/** A rule number of the ACL before all that decide now, for the line that mends it; 1 when there is no room. */
export function findFreeRuleNumber(acl: NetworkAcl, isEgress: boolean, before: number): number {
  const taken = new Set(
    acl.entries.filter((entry) => entry.isEgress === isEgress).map(({ ruleNumber }) => ruleNumber),
  );
  for (let number = Math.min(before, 110) - 10; number > 0; number--) if (!taken.has(number)) return number;
  for (let number = 1; number < before; number++) if (!taken.has(number)) return number;
  return 1;
}
