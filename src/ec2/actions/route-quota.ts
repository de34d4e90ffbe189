import { weightOfPrefixList } from '../../model/prefix-lists.ts';
import type { Route } from '../../model/records.ts';
import type { World } from '../../model/world.ts';

/** Most routes that a user may add to a table (semantics S18). */
const MOST_ROUTES = 50;

/** Whether a table may have these routes: a prefix list counts as its weight, and the VPC's own routes do not count. */
export function isWithinRouteQuota(world: World, routes: readonly Route[]): boolean {
  const count = routes
    .filter(({ origin }) => origin === 'CreateRoute')
    .reduce((sum, { destination }) => sum + weightOf(world, destination), 0);
  return count <= MOST_ROUTES;
}

function weightOf(world: World, destination: Route['destination']): number {
  return destination.kind === 'prefix-list' ? weightOfPrefixList(world, destination.prefixListId) : 1;
}
