import type { PortRange } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { nameTagOf } from './display-names.ts';
import { isInBlock } from './gates.ts';
import { endpointOfInterface } from './interface-endpoints.ts';
import { VPC_IPV6_POOL } from './ipv6-addressing.ts';
import { loadBalancerOf } from './load-balancing.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { Instance, NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/** An end of a flow that stands in a VPC. */
export interface InterfaceEnd {
  readonly kind: 'interface';
  readonly world: World;
  readonly eni: NetworkInterface;
  readonly instance: Instance | undefined;
  /** The private address it sends from and gets packets at; one of its IPv6 addresses where the flow is of IPv6. */
  readonly privateAddress: string;
  readonly publicAddress: string | undefined;
  /** The address it was asked about by, when it was asked by one; a name leaves the choice to the path. */
  readonly asked: 'private-address' | 'public-address' | 'name';
  readonly label: string;
}

/** An end of a flow that stands in no VPC, or an address that nothing here has. */
export interface OutsideEnd {
  readonly kind: 'outside';
  readonly address: string;
  readonly label: string;
  /** The addresses to name in a rule about it: `0.0.0.0/0` when any address of the Internet is meant. */
  readonly block: string;
}

export type FlowEnd = InterfaceEnd | OutsideEnd;

/** The flow asked about: the first packet goes from source to destination, and its answer back. */
export interface Flow {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  /** IANA's number. */
  readonly protocol: number;
  /** Destination ports; for ICMP type and code. */
  readonly ports: PortRange;
  /** The ports that the source sends from; undefined for those of Linux and most others. */
  readonly clientPorts?: PortRange;
  /** The addresses at which the Internet and the regions' services answer; undefined where any is taken to. */
  readonly publicHosts: ReadonlySet<string> | undefined;
  /** Every world there is: an endpoint may lead to a service of another account. */
  readonly worlds: readonly World[];
}

/** The end of a flow at an interface: at its private `address`, the primary one when none is said. */
export function endAt(
  world: World,
  eni: NetworkInterface,
  asked: InterfaceEnd['asked'],
  address?: string,
): InterfaceEnd {
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
  const privateAddress = address ?? eni.privateIpAddresses[0] ?? '';
  return {
    kind: 'interface',
    world,
    eni,
    instance,
    privateAddress,
    publicAddress: publicAddressOf(world, eni, privateAddress),
    asked,
    label: labelOf(world, eni, instance),
  };
}

function labelOf(world: World, eni: NetworkInterface, instance: Instance | undefined): string {
  if (instance !== undefined) return nameTagOf(instance) ?? instance.instanceId;
  const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
  if (gateway !== undefined) return nameTagOf(gateway) ?? gateway.natGatewayId;
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint !== undefined) return nameTagOf(endpoint) ?? endpoint.vpcEndpointId;
  const balancer = loadBalancerOf(world, eni);
  if (balancer !== undefined) return balancer.loadBalancerName;
  return nameTagOf(eni) ?? eni.networkInterfaceId;
}

/** Whether a flow is of IPv6: both its ends' addresses are. */
export function isIpv6Flow({ source }: Pick<Flow, 'source'>): boolean {
  return isIpv6(addressOfEnd(source));
}

/** The address that a flow's end has in its own network. */
export function addressOfEnd(end: FlowEnd): string {
  return end.kind === 'interface' ? end.privateAddress : end.address;
}

/** Networks that the Internet never routes: RFC 1918, shared, link-local, loopback; unique local, link-local, loopback. */
const PRIVATE_NETWORKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
];

/** Whether the Internet never routes the address. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_NETWORKS.some((block) => isInBlock(address, block));
}

/** RFC 2544's block, from which every public address of a world is (`public-addresses.ts`), and VPCs' IPv6 blocks. */
const PUBLIC_NETWORKS = ['198.18.0.0/15', VPC_IPV6_POOL];

/** Whether the address is a world's to give: on the Internet nobody else has it. */
export function isWorldsPublicAddress(address: string): boolean {
  return PUBLIC_NETWORKS.some((block) => isInBlock(address, block));
}
