import fc from 'fast-check';
import type { Question } from '../../src/analyze/question.ts';
import type { PortRange } from '../../src/net/flow.ts';
import { LAPTOP, LAPTOP_IPV6 } from '../../src/plan/places.ts';
import { PEER, portsAtEdges, SERVED_PORTS, SERVERS } from './random-flows.ts';
import { type Ipv6WorldChoices, ipv6AddressOf, PEER_IPV6 } from './random-ipv6.ts';

const SERVER = '2001:4860:4860::8888';

export const IPV6_SERVERS = { ...SERVERS, internet: [...SERVERS.internet, SERVER] };
export const IPV6_HOSTS: ReadonlySet<string> = new Set([SERVER, LAPTOP_IPV6]);

/** Nobody's, in a subnet, in the other VPC, in a VPC that is not there, and outside; at last a router's own. */
const NOBODYS = [
  '2001:db8:c000:102::77',
  '2001:db8:c000:200::77',
  '2001:db8:c000:300::4',
  '2001:4860:4860::77',
  '2001:db8:c000:101::1',
];

/** Who asks whom for what. */
export interface Ipv6FlowChoices {
  /** -1 is the laptop, `PEER` the instance of the peered VPC. */
  readonly source: number;
  readonly destination: { readonly instance: number } | { readonly address: string };
  readonly protocol: 'tcp' | 'udp' | 'icmpv6' | '253';
  readonly port: number;
}

export const anyIpv6Flow: fc.Arbitrary<Ipv6FlowChoices> = fc.record({
  source: fc.constantFrom(-1, 0, 1, 2, 3, PEER),
  destination: fc.oneof(
    { weight: 5, arbitrary: fc.record({ instance: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 4, arbitrary: fc.constantFrom(SERVER, PEER_IPV6).map((address) => ({ address })) },
    { weight: 1, arbitrary: fc.constantFrom(LAPTOP_IPV6, ...NOBODYS).map((address) => ({ address })) },
  ),
  protocol: fc.constantFrom('tcp', 'udp', 'icmpv6', '253'),
  port: fc.constantFrom(...SERVED_PORTS),
});

/** The flow as people ask about it; undefined when the world has not its ends, or its source has no IPv6 address. */
export function ipv6QuestionOf(choices: Ipv6WorldChoices, flow: Ipv6FlowChoices): Question | undefined {
  const source = sourceAddressOf(choices, flow);
  const destination = ipv6DestinationOf(choices, flow);
  if (source === undefined || destination === undefined) return undefined;
  return { source, destination, port: flow.port, protocol: flow.protocol };
}

function sourceAddressOf({ instances }: Ipv6WorldChoices, { source }: Ipv6FlowChoices): string | undefined {
  if (source < 0) return LAPTOP_IPV6;
  if (source === PEER) return PEER_IPV6;
  const chosen = instances[source];
  return chosen?.hasAddress === true ? ipv6AddressOf(source, chosen) : undefined;
}

/** Of an instance without an address it is one that nobody has. */
export function ipv6DestinationOf(
  { instances }: Ipv6WorldChoices,
  { destination }: Pick<Ipv6FlowChoices, 'destination'>,
): string | undefined {
  if ('address' in destination) return destination.address;
  const chosen = instances[destination.instance];
  return chosen === undefined ? undefined : ipv6AddressOf(destination.instance, chosen);
}

/** The machine that a flow begins at, and its address there; undefined where the instance sleeps. */
export function ipv6SenderOf(
  choices: Ipv6WorldChoices,
  flow: Ipv6FlowChoices,
): { readonly machine: string; readonly address: string } | undefined {
  const address = sourceAddressOf(choices, flow);
  if (address === undefined) return undefined;
  const { source } = flow;
  if (source < 0) return { machine: LAPTOP, address };
  const isAwake = source === PEER || choices.instances[source]?.isRunning === true;
  return isAwake ? { machine: `eni-${source}`, address } : undefined;
}

/** The ports of a range at which some ACL entry begins or ends, and the range's own ends. */
export function ipv6EdgePorts({ entries }: Ipv6WorldChoices, range: PortRange): number[] {
  return portsAtEdges(entries, range);
}
