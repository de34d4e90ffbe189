import { weightOfPrefixList } from '../../model/prefix-lists.ts';
import type { World } from '../../model/world.ts';
import { limitExceeded } from '../errors.ts';
import type { Permission } from './permissions.ts';

/** Most rules of a group in one direction, for each address family (semantics S18). */
const MOST_RULES = 60;

/** Throws when the rules of one direction of a group are more than a group may have. */
export function checkRuleQuota(world: World, rules: readonly Permission[]): void {
  if (isWithinRuleQuota(world, rules)) return;
  throw limitExceeded(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
}

/** Whether a group may have these rules in one direction. */
export function isWithinRuleQuota(world: World, rules: readonly Permission[]): boolean {
  const count = (other: 'cidr' | 'cidr-ipv6'): number =>
    rules.reduce((sum, { peer }) => sum + (peer.kind === other ? 0 : weightOf(world, peer)), 0);
  return count('cidr-ipv6') <= MOST_RULES && count('cidr') <= MOST_RULES;
}

/** A block or a group counts once, a prefix list as its weight (semantics S87). */
function weightOf(world: World, peer: Permission['peer']): number {
  return peer.kind === 'prefix-list' ? weightOfPrefixList(world, peer.prefixListId) : 1;
}
