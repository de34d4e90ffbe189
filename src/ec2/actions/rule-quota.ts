import { weightOfPrefixList } from '../../model/prefix-lists.ts';
import type { World } from '../../model/world.ts';
import type { Permission } from './permissions.ts';

/** What rules of one direction count as for a group's quota: the more of the two address families (semantics S18). */
export function countRules(world: World, rules: readonly Permission[]): number {
  const count = (other: 'cidr' | 'cidr-ipv6'): number =>
    rules.reduce((sum, { peer }) => sum + (peer.kind === other ? 0 : weightOf(world, peer)), 0);
  return Math.max(count('cidr-ipv6'), count('cidr'));
}

/** A block or a group counts once, a prefix list as its weight (semantics S87). */
function weightOf(world: World, peer: Permission['peer']): number {
  return peer.kind === 'prefix-list' ? weightOfPrefixList(world, peer.prefixListId) : 1;
}
