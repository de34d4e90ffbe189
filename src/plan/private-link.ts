import type { PlacedInterface } from '../model/private-link.ts';
import type { NetworkInterface } from '../model/records.ts';
import { type KernelRoute, type Link, MAIN_TABLE } from './machine.ts';
import { FAR_END, FAR_MAC, linkName, NEAR_END, ROUTER_MAC, VPC_MTU } from './places.ts';
import type { Ruleset } from './ruleset.ts';
import { serviceAddressOf } from './service-addresses.ts';

/** A link, and the route by which the other end's service address is reached. */
export interface ServiceSide {
  readonly link: Link;
  readonly route: KernelRoute;
}

/** What the interface of an endpoint to somebody's own service has besides its place in the subnet. */
export function planConsumerSide(eni: NetworkInterface, node: NetworkInterface): ServiceSide {
  const name = linkName('n', node.networkInterfaceId);
  return {
    link: {
      name,
      peer: { machine: node.networkInterfaceId, name: linkName('e', eni.networkInterfaceId) },
      mac: ROUTER_MAC,
      mtu: VPC_MTU,
      group: 0,
      alias: eni.networkInterfaceId,
      addresses: [],
      neighbours: [{ address: FAR_END, mac: FAR_MAC }],
    },
    route: routeTo(node, name, FAR_END),
  };
}

/** What a load balancer's node has for an endpoint's interface that hands it packets. */
export function planProviderSide({ eni }: PlacedInterface, node: NetworkInterface): ServiceSide {
  const name = linkName('e', eni.networkInterfaceId);
  return {
    link: {
      name,
      peer: { machine: eni.networkInterfaceId, name: linkName('n', node.networkInterfaceId) },
      mac: FAR_MAC,
      mtu: VPC_MTU,
      group: 0,
      alias: eni.networkInterfaceId,
      addresses: [],
      neighbours: [{ address: NEAR_END, mac: ROUTER_MAC }],
    },
    route: routeTo(eni, name, NEAR_END),
  };
}

function routeTo(eni: NetworkInterface, device: string, via: string): KernelRoute {
  const destination = `${serviceAddressOf(eni)}/32`;
  return { table: MAIN_TABLE, destination, type: 'unicast', via, device, isOnlink: true };
}

/**
 * The interface of an endpoint to somebody's own service translates both ends of a connection into service addresses,
 * its own and the node's: the blocks of the two VPCs may be the same, and neither sees the other's addresses. Without a
 * node, nothing gets through.
 */
export function planConsumerRuleset(eni: NetworkInterface, node: NetworkInterface | undefined): Ruleset {
  const [own] = eni.privateIpAddresses;
  if (own === undefined) throw new Error(`${eni.networkInterfaceId} has no private address`);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
      {
        name: 'endpoint_in',
        hook: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
        rules:
          node === undefined
            ? []
            : [`iifname "eth0" ip daddr ${own} meta l4proto { tcp, udp } dnat to ${serviceAddressOf(node)}`],
      },
      { name: 'input', hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' }, rules: [] },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: ['ct status dnat accept'],
      },
      {
        name: 'endpoint_out',
        hook: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
        rules: [
          `oifname != "eth0" meta l4proto { tcp, udp } snat to ${serviceAddressOf(eni)}:1024-65535 fully-random`,
        ],
      },
    ],
  };
}
