import fc from 'fast-check';
import type { Question } from '../../src/analyze/question.ts';
import { hasPorts, type PortRange } from '../../src/net/flow.ts';
import type { PublicServers } from '../../src/plan/edge.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { LAPTOP, LAPTOP_ADDRESS } from '../../src/plan/places.ts';
import { numberOf } from '../../src/plan/simulate/chain.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';
import {
  endpointAddressOf,
  inspectedBy,
  NAT_SECOND_PUBLIC_ADDRESS,
  PEER_ADDRESS,
  privateAddressOf,
  publicAddressOf,
  type WorldChoices,
} from './random-worlds.ts';

const SERVER = '8.8.8.8';
const S3_SERVER = '52.219.32.1';
const NAT_PUBLIC_ADDRESS = '198.18.0.9';

export const SERVERS: PublicServers = { internet: [SERVER], services: [S3_SERVER] };
export const PUBLIC_HOSTS: ReadonlySet<string> = new Set([SERVER, S3_SERVER, LAPTOP_ADDRESS]);

/** The source that is the instance of the peered VPC. */
export const PEER = 9;

/** The destination ports of flows. */
export const SERVED_PORTS = [22, 80, 443, 5000, 45_000] as const;

/** Who asks whom for what. */
export interface FlowChoices {
  /** -1 is the laptop, 9 the instance of the peered VPC. */
  readonly source: number;
  readonly destination:
    | { readonly instance: number; readonly isPublic: boolean }
    | { readonly address: string };
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '253';
  readonly port: number;
}

export const anyFlow: fc.Arbitrary<FlowChoices> = fc.record({
  source: fc.constantFrom(-1, 0, 1, 2, 3, PEER),
  destination: fc.oneof(
    fc.record({ instance: fc.integer({ min: 0, max: 3 }), isPublic: fc.boolean() }),
    fc.constantFrom(
      ...[SERVER, S3_SERVER, PEER_ADDRESS, '10.0.2.77'].map((address) => ({ address })),
      // A NAT gateway's own.
      ...[NAT_PUBLIC_ADDRESS, NAT_SECOND_PUBLIC_ADDRESS, '10.0.0.200', '10.0.0.201'].map((address) => ({
        address,
      })),
      ...[0, 1, 2].map((subnet) => ({ address: endpointAddressOf(subnet) })),
    ),
  ),
  protocol: fc.constantFrom('tcp', 'udp', 'icmp', '253'),
  port: fc.constantFrom(...SERVED_PORTS),
});

const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, '253': 253 } as const;
const ECHO_REQUESTS: Readonly<Record<string, number>> = { icmp: 8 * 256, icmpv6: 128 * 256 };

/** The flow as people ask about it; undefined when the world has not its ends. */
export function questionOf(
  choices: WorldChoices,
  { source, destination, protocol, port }: FlowChoices,
): Question | undefined {
  const isThere = source < 0 || (source === PEER ? choices.peer : choices.instances[source]) !== undefined;
  if (!isThere) return undefined;
  const address = addressOf(choices, destination);
  if (address === undefined) return undefined;
  const from = source < 0 ? 'laptop' : `i-${source}`;
  return { source: from, destination: address, port, protocol };
}

function addressOf(choices: WorldChoices, destination: FlowChoices['destination']): string | undefined {
  if ('address' in destination) return destination.address;
  const chosen = choices.instances[destination.instance];
  if (chosen === undefined) return undefined;
  return destination.isPublic
    ? publicAddressOf(destination.instance)
    : privateAddressOf(destination.instance, chosen);
}

/** The machine that a flow begins at, and its address there; undefined where the instance sleeps. */
export function senderOf(
  choices: WorldChoices,
  { source }: FlowChoices,
): { readonly machine: string; readonly address: string } | undefined {
  if (source < 0) return { machine: LAPTOP, address: LAPTOP_ADDRESS };
  if (source === PEER) {
    return choices.peer?.isRunning === true ? { machine: 'eni-9', address: PEER_ADDRESS } : undefined;
  }
  const chosen = choices.instances[source];
  if (chosen?.isRunning !== true) return undefined;
  return { machine: `eni-${source}`, address: privateAddressOf(source, chosen) };
}

/** The ports of a range at which some ACL entry begins or ends, and the range's own ends. */
export function edgePorts({ acls }: WorldChoices, range: PortRange): number[] {
  return portsAtEdges(acls.flat(), range);
}

/** The same of any entries. */
export function portsAtEdges(
  entries: readonly { readonly ports: readonly [first: number, last: number] }[],
  { first, last }: PortRange,
): number[] {
  const edges = entries.flatMap(({ ports }) => [ports[0] - 1, ports[0], ports[1], ports[1] + 1]);
  return [...new Set([first, last, ...edges])].filter((port) => port >= first && port <= last);
}

/** The first packet of a flow, of either family. */
export function packetOf(
  { protocol: name, port }: { readonly protocol: keyof typeof PROTOCOLS; readonly port: number },
  source: string,
  destination: string,
  clientPort: number,
): Packet {
  const protocol = PROTOCOLS[name];
  const isWithPorts = hasPorts(protocol);
  return {
    protocol,
    source: numberOf(source),
    destination: numberOf(destination),
    sourcePort: isWithPorts ? clientPort : 0,
    destinationPort: isWithPorts ? port : 0,
    icmp: ECHO_REQUESTS[name] ?? 0,
    isReply: false,
  };
}

/**
 * Instances forward what is not theirs, whatever their check says: unchanged within the VPC and from subnets that they inspect,
 * else under their own address. What leaves the VPC and began nowhere that they know of they drop, as firewalls do.
 */
export function withAppliances(choices: WorldChoices, machines: readonly Machine[]): Machine[] {
  return machines.map((machine) => {
    const index = choices.instances.findIndex((_, number) => machine.name === `eni-${number}`);
    const chosen = choices.instances[index];
    if (chosen === undefined) return machine;
    const own = privateAddressOf(index, chosen);
    const inspected = inspectedBy(choices, index);
    const others = inspected.length === 0 ? '' : `ip saddr != { ${inspected.join(', ')} } `;
    const translation = `oifname "eth0" ip saddr != ${own} ${others}ip daddr != 10.0.0.0/16 snat to ${own}`;
    const nat = { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' } as const;
    const filter = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' } as const;
    const chains = [
      { name: 'unknown', hook: filter, rules: ['ip daddr != 10.0.0.0/16 ct state invalid drop'] },
      { name: 'own_address', hook: nat, rules: [translation] },
    ];
    return {
      ...machine,
      sysctls: { ...machine.sysctls, 'net/ipv4/ip_forward': '1' },
      ruleset: { table: 'appliance', sets: [], maps: [], chains },
    };
  });
}
