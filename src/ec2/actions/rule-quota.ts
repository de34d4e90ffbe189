import type { World } from '../../model/world.ts';
import { limitExceeded } from '../errors.ts';
import type { Permission } from './permissions.ts';

/** Most rules of a group in one direction, for each address family (semantics S18). */
const MOST_RULES = 60;

/** Throws when the rules of one direction of a group are more than a group may have. */
export function checkRuleQuota(world: World, rules: readonly Permission[]): void {
  const count = (other: 'cidr' | 'cidr-ipv6'): number =>
    rules.reduce((sum, { peer }) => sum + (peer.kind === other ? 0 : weightOf(world, peer)), 0);
  if (count('cidr-ipv6') <= MOST_RULES && count('cidr') <= MOST_RULES) return;
  throw limitExceeded(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
}

/** A block or a group counts once, a user's prefix list as its greatest size, an AWS list as its weight (semantics S87). */
function weightOf(world: World, peer: Permission['peer']): number {
  if (peer.kind !== 'prefix-list') return 1;
  const list = world.prefixLists.get(peer.prefixListId);
  // The lists of S3 and DynamoDB both have the weight 1.
  return list === undefined || list.ownerId === 'AWS' ? 1 : list.maxEntries;
}
