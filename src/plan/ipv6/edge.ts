import type { NetworkInterface, Vpc } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { type Ipv6Stack, type KernelRoute, type Link, MAIN_TABLE } from '../machine.ts';
import {
  EGRESS_ONLY_LINK,
  FAR_LINK_LOCAL,
  FAR_MAC,
  INTERNET_MTU,
  LAPTOP,
  LAPTOP_IPV6,
  LAPTOP_MAC,
  linkName,
  ROUTER_LINK_LOCAL,
  ROUTER_MAC,
} from '../places.ts';
import { type PresentVpc, presentInterfaces } from '../presence.ts';

const NOWHERE: KernelRoute = { table: MAIN_TABLE, destination: '::/0', type: 'blackhole' };

/**
 * The Internet's IPv6: its servers, the laptop, and each interface of a VPC that has a gateway to it, at its own address
 * (semantics S45). It is there whatever VPCs have, so that the servers can bind their addresses when they start.
 */
export function planInternetIpv6(vpcs: readonly PresentVpc[], servers: readonly string[]): Ipv6Stack {
  const ends = vpcs.flatMap(({ world, vpc }) =>
    gatewayLinksOf(world, vpc).map((link) => ({ link, address: ROUTER_LINK_LOCAL, mac: ROUTER_MAC })),
  );
  return {
    addresses: servers.map((address) => ({ link: 'lo', address: `${address}/128` })),
    neighbours: [{ link: LAPTOP, address: LAPTOP_IPV6, mac: LAPTOP_MAC }, ...ends],
    routes: [
      NOWHERE,
      { table: MAIN_TABLE, destination: `${LAPTOP_IPV6}/128`, type: 'unicast', device: LAPTOP },
      ...vpcs.flatMap(interfaceRoutes),
    ],
    rules: [],
    ruleset: undefined,
  };
}

/** The Internet's ends of the links by which egress-only internet gateways lead out. */
export function egressOnlyEnds(vpcs: readonly PresentVpc[]): Link[] {
  return vpcs.flatMap(({ world, vpc }) => {
    const [gateway] = world.egressOnlyInternetGateways.where('vpcId', vpc.vpcId);
    if (gateway === undefined) return [];
    return [
      {
        name: linkName('o', vpc.vpcId),
        peer: { machine: vpc.vpcId, name: EGRESS_ONLY_LINK },
        mac: FAR_MAC,
        mtu: INTERNET_MTU,
        alias: gateway.egressOnlyInternetGatewayId,
        addresses: [],
        neighbours: [],
      },
    ];
  });
}

/** The laptop's IPv6: its address, and all else by the Internet. */
export function planLaptopIpv6(): Ipv6Stack {
  return {
    addresses: [{ link: 'eth0', address: `${LAPTOP_IPV6}/64` }],
    neighbours: [{ link: 'eth0', address: FAR_LINK_LOCAL, mac: FAR_MAC }],
    routes: [
      { table: MAIN_TABLE, destination: '::/0', type: 'unicast', via: FAR_LINK_LOCAL, device: 'eth0' },
    ],
    rules: [],
    ruleset: undefined,
  };
}

/** The links from the Internet to a VPC. What comes from outside takes the first one: an internet gateway lets more in. */
function gatewayLinksOf(world: World, { vpcId }: Vpc): string[] {
  const links: string[] = [];
  if (world.internetGateways.where('vpcId', vpcId).length > 0) links.push(linkName('i', vpcId));
  if (world.egressOnlyInternetGateways.where('vpcId', vpcId).length > 0) links.push(linkName('o', vpcId));
  return links;
}

function interfaceRoutes({ world, vpc }: PresentVpc): KernelRoute[] {
  const [device] = gatewayLinksOf(world, vpc);
  if (device === undefined) return [];
  return presentInterfaces(world, vpc.vpcId).flatMap(({ ipv6Addresses }: NetworkInterface) =>
    ipv6Addresses.map(
      (address): KernelRoute => ({
        table: MAIN_TABLE,
        destination: `${address}/128`,
        type: 'unicast',
        via: ROUTER_LINK_LOCAL,
        device,
      }),
    ),
  );
}
