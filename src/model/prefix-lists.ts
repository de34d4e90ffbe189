import type { World } from './world.ts';

/** What a prefix list holds for IPv4; nothing for a list that is gone, or one of IPv6. */
export function ipv4BlocksOf(world: World, prefixListId: string): string[] {
  const list = world.prefixLists.get(prefixListId);
  return list?.addressFamily === 'IPv4' ? list.entries.map(({ cidr }) => cidr) : [];
}

/** What a prefix list holds for IPv6; nothing for a list that is gone, or one of IPv4. */
export function ipv6BlocksOfList(world: World, prefixListId: string): string[] {
  const list = world.prefixLists.get(prefixListId);
  return list?.addressFamily === 'IPv6' ? list.entries.map(({ cidr }) => cidr) : [];
}

/** What a prefix list counts for in quotas: a user's own as its greatest size, one of AWS as its weight (semantics S87). */
export function weightOfPrefixList(world: World, prefixListId: string): number {
  const list = world.prefixLists.get(prefixListId);
  // The lists of S3 and DynamoDB both have the weight 1.
  return list === undefined || list.ownerId === 'AWS' ? 1 : list.maxEntries;
}
