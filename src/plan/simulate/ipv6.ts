import type { Machine } from '../machine.ts';

/**
 * The IPv6 side of machines as machines of its own, for the simulation to send packets through: what has no such side is
 * there with its links, and drops all.
 */
export function ipv6SideOf(machines: readonly Machine[]): Machine[] {
  return machines.map(({ name, sysctls, links, ipv6 }) => ({
    name,
    sysctls: { 'net/ipv4/ip_forward': sysctls['net/ipv6/conf/all/forwarding'] ?? '0' },
    links: links.map((link) => ({
      ...link,
      addresses: (ipv6?.addresses ?? [])
        .filter((own) => own.link === link.name)
        .map(({ address }) => address),
      neighbours: (ipv6?.neighbours ?? []).filter((own) => own.link === link.name),
    })),
    routes: ipv6?.routes ?? [],
    rules: ipv6?.rules ?? [],
    ruleset: ipv6?.ruleset,
  }));
}
