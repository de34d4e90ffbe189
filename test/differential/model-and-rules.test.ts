import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import { formatIpv4, parseIpv4 } from '../../src/net/address.ts';
import { CLIENT_PORTS, NAT_PORTS } from '../../src/net/flow.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { LAPTOP, LAPTOP_ADDRESS } from '../../src/plan/places.ts';
import { planAll } from '../../src/plan/plan.ts';
import { SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';
import { worldOf } from '../worlds.ts';
import {
  anyWorld,
  endpointAddressOf,
  privateAddressOf,
  publicAddressOf,
  recordsOf,
  type WorldChoices,
} from './random-worlds.ts';

const SERVER = '8.8.8.8';
const S3_SERVER = '52.219.32.1';
const NAT_PUBLIC_ADDRESS = '198.18.0.9';
const SERVERS = { internet: [SERVER], services: [S3_SERVER] };
const PUBLIC_HOSTS = new Set([SERVER, S3_SERVER, LAPTOP_ADDRESS]);

/** How many worlds; `CROFT_CASES` asks for more. */
const CASES = Number(process.env['CROFT_CASES'] ?? 300);

interface AnyFlow {
  /** -1 is the laptop. */
  readonly source: number;
  readonly destination:
    | { readonly instance: number; readonly isPublic: boolean }
    | { readonly address: string };
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '253';
  readonly port: number;
}

const anyFlow: fc.Arbitrary<AnyFlow> = fc.record({
  source: fc.integer({ min: -1, max: 3 }),
  destination: fc.oneof(
    fc.record({ instance: fc.integer({ min: 0, max: 3 }), isPublic: fc.boolean() }),
    fc.constantFrom(
      ...[SERVER, S3_SERVER, NAT_PUBLIC_ADDRESS, '10.0.0.200', '10.0.2.77'].map((address) => ({ address })),
      ...[0, 1, 2].map((subnet) => ({ address: endpointAddressOf(subnet) })),
    ),
  ),
  protocol: fc.constantFrom('tcp', 'udp', 'icmp', '253'),
  port: fc.constantFrom(22, 80, 443, 5000, 45_000),
});

const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1, '253': 253 } as const;

/** What the test has seen, to know that it saw enough. */
interface Tally {
  allowed: number;
  refused: number;
}

type Mutate = (machines: readonly Machine[]) => readonly Machine[];

/** The verdicts of model and rules agree on some flows of a world; `mutate` spoils the rules. */
function agreement(tally: Tally, mutate: Mutate = (machines) => machines) {
  return fc.property(anyWorld, fc.array(anyFlow, { minLength: 1, maxLength: 6 }), (choices, flows) => {
    const world = worldOf(recordsOf(choices));
    const machines = mutate(withAppliances(choices, planAll([world], SERVERS)));
    for (const flow of flows) {
      const question = questionOf(choices, flow);
      if (question === undefined) continue;
      const { isAllowed, lines } = explainFlow([world], question, PUBLIC_HOSTS);
      const carried = carry(machines, choices, flow, question);
      if (isAllowed) tally.allowed++;
      else tally.refused++;
      if (isAllowed === carried.isCarried) continue;
      throw new Error(
        [JSON.stringify(question), ...lines, `packets: ${carried.isCarried}`, ...carried.trail].join('\n'),
      );
    }
  });
}

/** Reproduces a run: `CROFT_SEED=… CROFT_CASES=… ./dev test`. */
const SEED = process.env['CROFT_SEED'] === undefined ? {} : { seed: Number(process.env['CROFT_SEED']) };

test('the model says of every flow what the rules do with its packets', { timeout: 600_000 }, () => {
  const tally: Tally = { allowed: 0, refused: 0 };
  fc.assert(agreement(tally), { numRuns: CASES, ...SEED });
  // A generator that shuts everything, or nothing, would prove nothing.
  expect(Math.min(tally.allowed, tally.refused) / (tally.allowed + tally.refused)).toBeGreaterThan(0.1);
});

/** A machine's chains with one rule changed; the same object where no rule was. */
function spoil(text: string, change: (rule: string) => readonly string[]): Mutate {
  return (machines) =>
    machines.map((machine) => {
      if (machine.ruleset === undefined) return machine;
      const chains = machine.ruleset.chains.map((chain) => ({
        ...chain,
        rules: chain.rules.flatMap((rule) => (rule.includes(text) ? change(rule) : [rule])),
      }));
      return { ...machine, ruleset: { ...machine.ruleset, chains } };
    });
}

const gone = (): string[] => [];

/** Mistakes that the rules could have, each of which the comparison must notice. */
const MUTANTS: readonly (readonly [string, Mutate])[] = [
  ['no network ACL out of a subnet', spoil('jump network_acl_out', gone)],
  ['no network ACL into a subnet', spoil('jump network_acl_in', gone)],
  ['no security group out', spoil('jump egress_security_group', gone)],
  ['no security group in', spoil('jump ingress_security_group', gone)],
  ['network ACLs within a subnet', spoil('iifgroup . oifgroup vmap @within_subnet', gone)],
  [
    'security groups without memory',
    spoil('established : goto destination_check, ', (rule) => [
      rule.replace('established : goto destination_check, ', ''),
    ]),
  ],
  [
    'network ACLs with a memory',
    spoil('jump network_acl_out', (rule) => ['ct state established goto deliver', rule]),
  ],
  [
    'the wrong way round',
    spoil('vmap @network_acl_of_source', (rule) => [rule.replace('source', 'destination')]),
  ],
  ['route tables within a subnet', spoil('@own_subnets return', gone)],
  [
    'no source/destination check',
    spoil('counter drop comment "source/destination check"', (rule) => [rule.replace('drop', 'accept')]),
  ],
  ['an internet gateway that lets nothing in', spoil('@public_to_private', gone)],
  ['a NAT gateway that answers', spoil('ct state related accept', () => ['accept'])],
  ['a NAT gateway that does not translate', spoil('snat to', gone)],
  [
    'an endpoint that serves every port',
    spoil('tcp dport { 80, 443 }', (rule) => [rule.replace('tcp dport { 80, 443 } ', '')]),
  ],
  ['an endpoint that answers under a foreign address', spoil('oifname "eth0" ip saddr 100.64', gone)],
];

test.each(MUTANTS)('the comparison notices: %s', { timeout: 600_000 }, (_name, mutate) => {
  const result = fc.check(agreement({ allowed: 0, refused: 0 }, mutate), {
    numRuns: 5_000,
    endOnFailure: true,
  });
  expect(result.failed).toBe(true);
});

/** Instances forward what is not theirs, whatever their check says: unchanged within the VPC, else under their own address. */
function withAppliances(choices: WorldChoices, machines: readonly Machine[]): Machine[] {
  return machines.map((machine) => {
    const index = choices.instances.findIndex((_, number) => machine.name === `eni-${number}`);
    const chosen = choices.instances[index];
    if (chosen === undefined) return machine;
    const rules = [
      `oifname "eth0" ip saddr != ${privateAddressOf(index, chosen)} ip daddr != 10.0.0.0/16 snat to ${privateAddressOf(index, chosen)}`,
    ];
    const hook = { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' } as const;
    return {
      ...machine,
      sysctls: { ...machine.sysctls, 'net/ipv4/ip_forward': '1' },
      ruleset: { table: 'appliance', sets: [], maps: [], chains: [{ name: 'masquerade', hook, rules }] },
    };
  });
}

/** The flow as people ask about it; undefined when the world has not its ends. */
function questionOf(choices: WorldChoices, { source, destination, protocol, port }: AnyFlow) {
  if (source >= 0 && choices.instances[source] === undefined) return undefined;
  const address = addressOf(choices, destination);
  if (address === undefined) return undefined;
  const from = source < 0 ? 'laptop' : `i-${source}`;
  return { source: from, destination: address, port, protocol };
}

function addressOf(choices: WorldChoices, destination: AnyFlow['destination']): string | undefined {
  if ('address' in destination) return destination.address;
  const chosen = choices.instances[destination.instance];
  if (chosen === undefined) return undefined;
  return destination.isPublic
    ? publicAddressOf(destination.instance)
    : privateAddressOf(destination.instance, chosen);
}

/** Sends the flow's packets from every client port that can make a difference, by every port of a NAT gateway that can. */
function carry(
  machines: readonly Machine[],
  choices: WorldChoices,
  flow: AnyFlow,
  question: { readonly destination: string },
): { isCarried: boolean; trail: readonly string[] } {
  const chosen = choices.instances[flow.source];
  if (flow.source >= 0 && chosen?.isRunning !== true)
    return { isCarried: false, trail: ['the sender sleeps'] };
  const sender = flow.source < 0 ? LAPTOP : `eni-${flow.source}`;
  const source = chosen === undefined ? LAPTOP_ADDRESS : privateAddressOf(flow.source, chosen);
  for (const natPort of edgePorts(choices, NAT_PORTS)) {
    const network = new SimulatedNetwork(machines, {
      natPort: (ports, own) => (ports === undefined ? own : natPort),
    });
    for (const clientPort of edgePorts(choices, CLIENT_PORTS)) {
      const packet = packetOf(flow, source, question.destination, clientPort);
      const { isAnswered, there, back } = network.exchange(sender, packet);
      const trail = [
        `client port ${clientPort}, NAT port ${natPort}, from ${formatIpv4(packet.source)}`,
        `there: ${there.trail.join(' > ')}`,
        `back: ${back?.trail.join(' > ')}`,
      ];
      if (!isAnswered) return { isCarried: false, trail };
    }
  }
  return { isCarried: true, trail: ['from every port'] };
}

/** The ports of a range at which some ACL entry begins or ends, and the range's own ends. */
function edgePorts({ acls }: WorldChoices, { first, last }: { first: number; last: number }): number[] {
  const edges = acls.flat().flatMap(({ ports }) => [ports[0] - 1, ports[0], ports[1], ports[1] + 1]);
  return [...new Set([first, last, ...edges])].filter((port) => port >= first && port <= last);
}

function packetOf(flow: AnyFlow, source: string, destination: string, clientPort: number): Packet {
  const protocol = PROTOCOLS[flow.protocol];
  const hasPorts = protocol === 6 || protocol === 17;
  return {
    protocol,
    source: parseIpv4(source) ?? 0,
    destination: parseIpv4(destination) ?? 0,
    sourcePort: hasPorts ? clientPort : 0,
    destinationPort: hasPorts ? flow.port : 0,
    icmp: protocol === 1 ? 8 * 256 : 0,
    isReply: false,
  };
}
