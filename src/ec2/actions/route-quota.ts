import { weightOfPrefixList } from '../../model/prefix-lists.ts';
import type { Route } from '../../model/records.ts';
import type { World } from '../../model/world.ts';

/** What routes count as for a table's quota: a prefix list as its weight, and the VPC's own routes not at all. */
export function countRoutes(world: World, routes: readonly Route[]): number {
  return routes
    .filter(({ origin }) => origin === 'CreateRoute')
    .reduce((sum, { destination }) => sum + weightOf(world, destination), 0);
}

function weightOf(world: World, destination: Route['destination']): number {
  return destination.kind === 'prefix-list' ? weightOfPrefixList(world, destination.prefixListId) : 1;
}
