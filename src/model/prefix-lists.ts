import type { World } from './world.ts';

/** What a prefix list holds for IPv4; nothing for a list that is gone, or one of IPv6. */
export function ipv4BlocksOf(world: World, prefixListId: string): string[] {
  const list = world.prefixLists.get(prefixListId);
  return list?.addressFamily === 'IPv4' ? list.entries.map(({ cidr }) => cidr) : [];
}
