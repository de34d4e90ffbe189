import type { NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { type Ipv6Stack, type KernelRoute, MAIN_TABLE, type RoutingRule } from '../machine.ts';
import { ROUTER_LINK_LOCAL, ROUTER_MAC } from '../places.ts';
import { standingOf } from '../presence.ts';

/**
 * The IPv6 side of an instance's network: its interfaces' addresses as AWS gives them by DHCPv6, without a block around them,
 * and a default route by the first interface that has any. `tableOf` is the kernel's table for what leaves by another one.
 * Undefined where none has an address.
 */
export function planIpv6Interfaces(
  world: World,
  interfaces: readonly NetworkInterface[],
  tableOf: (deviceIndex: number) => number,
): Ipv6Stack | undefined {
  const sides = interfaces
    .filter(({ ipv6Addresses }) => ipv6Addresses.length > 0)
    .map((eni) => ({ eni, index: eni.attachment?.deviceIndex ?? 0, link: standingOf(world, eni).device }))
    .toSorted((a, b) => a.index - b.index);
  if (sides.length === 0) return undefined;
  const everywhere = (link: string, table: number): KernelRoute => ({
    table,
    destination: '::/0',
    type: 'unicast',
    via: ROUTER_LINK_LOCAL,
    device: link,
  });
  const others = sides.slice(1);
  return {
    addresses: sides.flatMap(({ eni, link }) =>
      eni.ipv6Addresses.map((address) => ({ link, address: `${address}/128` })),
    ),
    neighbours: sides.map(({ link }) => ({ link, address: ROUTER_LINK_LOCAL, mac: ROUTER_MAC })),
    routes: [
      ...sides.slice(0, 1).map(({ link }) => everywhere(link, MAIN_TABLE)),
      ...others.map(({ link, index }) => everywhere(link, tableOf(index))),
    ],
    // Answers leave by the interface they were asked at.
    rules: others.flatMap(({ eni, index }) =>
      eni.ipv6Addresses.map((address): RoutingRule => {
        const table = tableOf(index);
        return { priority: table, source: `${address}/128`, table };
      }),
    ),
    ruleset: undefined,
  };
}
