import type fc from 'fast-check';
import type { Question } from '../../src/analyze/question.ts';
import { NAT_PORTS, type PortRange } from '../../src/net/flow.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import { ipv6SideOf } from '../../src/plan/simulate/ipv6.ts';
import {
  anyFlow,
  edgePorts,
  type FlowChoices,
  PEER,
  PUBLIC_HOSTS,
  questionOf,
  SERVERS,
  senderOf,
  withAppliances,
} from '../differential/random-flows.ts';
import {
  anyIpv6World,
  type Ipv6WorldChoices,
  ipv6RecordsOf,
  PEER_IPV6,
} from '../differential/random-ipv6.ts';
import {
  anyIpv6Flow,
  IPV6_HOSTS,
  IPV6_SERVERS,
  type Ipv6FlowChoices,
  ipv6EdgePorts,
  ipv6QuestionOf,
  ipv6SenderOf,
} from '../differential/random-ipv6-flows.ts';
import { anyWorld, PEER_ADDRESS, recordsOf, type WorldChoices } from '../differential/random-worlds.ts';
import { type WorldRecords, worldOf } from '../worlds.ts';
import { anyChange, anyIpv6Change, type Change } from './changes.ts';
import type { NatWay } from './steered-network.ts';

/** What the proof is about: an address family's random worlds and flows, and what to make of them. */
export interface Subject<Choices, Flow extends AnyFlow> {
  readonly name: 'IPv4' | 'IPv6';
  readonly anyWorld: fc.Arbitrary<Choices>;
  readonly anyFlow: fc.Arbitrary<Flow>;
  readonly anyChange: fc.Arbitrary<Change<Choices, Flow>>;
  /** The addresses at which the Internet answers. */
  readonly publicHosts: ReadonlySet<string>;
  readonly recordsOf: (choices: Choices) => WorldRecords;
  /** The machines, as the kernel gets them. */
  readonly planOf: (choices: Choices) => Machine[];
  /** What packets of the family meet in them, for the simulation. */
  readonly sideOf: (machines: readonly Machine[]) => readonly Machine[];
  /** Undefined when the world has not the flow's ends. */
  readonly questionOf: (choices: Choices, flow: Flow) => Question | undefined;
  /** Undefined where the source sleeps. */
  readonly senderOf: (choices: Choices, flow: Flow) => Sender | undefined;
  /** The ports of a range that rules tell apart. */
  readonly edgePorts: (choices: Choices, range: PortRange) => number[];
  /** What a NAT gateway may choose that makes a difference. */
  readonly natWays: (choices: Choices, flow: Flow) => NatWay[];
  /** What two flows have in common that could not be told apart by who translates or tracks them. */
  readonly collisionKey: (flow: Flow) => string;
}

/** A flow of either family. */
export interface AnyFlow {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | '253';
  readonly port: number;
}

interface Sender {
  readonly machine: string;
  readonly address: string;
}

export const IPV4_SUBJECT: Subject<WorldChoices, FlowChoices> = {
  name: 'IPv4',
  anyWorld,
  anyFlow,
  anyChange,
  publicHosts: PUBLIC_HOSTS,
  recordsOf,
  planOf: (choices) => withAppliances(choices, planAll([worldOf(recordsOf(choices))], SERVERS)),
  sideOf: (machines) => machines,
  questionOf,
  senderOf,
  edgePorts,
  natWays(choices, flow) {
    const ports = edgePorts(choices, NAT_PORTS).map((natPort) => ({ natPort }));
    if (!isHashed(choices, flow)) return ports;
    return [0, 1].flatMap((natAddress) => ports.map((way) => ({ ...way, natAddress })));
  },
  collisionKey({ source, destination, protocol, port }) {
    const address = 'instance' in destination ? `${destination.instance}` : destination.address;
    const there = address === PEER_ADDRESS ? String(PEER) : address;
    if (protocol === '253') return `253 ${[`${source}`, there].sort().join(' ')}`;
    if (protocol === 'icmp') return `icmp ${source} ${JSON.stringify(destination)}`;
    return `${protocol} ${JSON.stringify(destination)} ${port}`;
  },
};

/** Whether a NAT gateway chooses one of two addresses by the client's port, too: of a ping it is the client's address alone. */
function isHashed({ natGateway }: WorldChoices, { protocol }: FlowChoices): boolean {
  return natGateway?.second === 'succeeded' && (protocol === 'tcp' || protocol === 'udp');
}

export const IPV6_SUBJECT: Subject<Ipv6WorldChoices, Ipv6FlowChoices> = {
  name: 'IPv6',
  anyWorld: anyIpv6World,
  anyFlow: anyIpv6Flow,
  anyChange: anyIpv6Change,
  publicHosts: IPV6_HOSTS,
  recordsOf: ipv6RecordsOf,
  planOf: (choices) => planAll([worldOf(ipv6RecordsOf(choices))], IPV6_SERVERS),
  sideOf: ipv6SideOf,
  questionOf: ipv6QuestionOf,
  senderOf: ipv6SenderOf,
  edgePorts: ipv6EdgePorts,
  natWays: () => [{ natPort: NAT_PORTS.first }],
  // Nobody translates: only what has no ports may be two flows between the same ends.
  collisionKey({ source, destination, protocol, port }) {
    const address = 'instance' in destination ? `${destination.instance}` : destination.address;
    const there = address === PEER_IPV6 ? String(PEER) : address;
    if (protocol === '253') return `253 ${[`${source}`, there].sort().join(' ')}`;
    return `${protocol} ${source} ${there} ${port}`;
  },
};
