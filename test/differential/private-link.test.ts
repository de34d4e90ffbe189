import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import type { World } from '../../src/model/world.ts';
import { parseIpv4 } from '../../src/net/address.ts';
import { NAT_PORTS } from '../../src/net/flow.ts';
import { LAPTOP, LAPTOP_ADDRESS } from '../../src/plan/places.ts';
import { planAll } from '../../src/plan/plan.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { formatAddress } from '../../src/plan/simulate/values.ts';
import {
  CLIENT,
  consumerRecords,
  ENDPOINT_ADDRESS,
  NODE_ADDRESS,
  OTHER_SERVER,
  providerRecords,
  SERVER,
  SERVER_ADDRESS,
  type Variation,
} from '../private-link-world.ts';
import { entry, SCOPE, worldOf } from '../worlds.ts';

/** The provider's account, and the consumer's: the VPCs of both have one block. */
function worldsOf(variation: Variation): readonly World[] {
  return [
    worldOf(providerRecords(variation)),
    worldOf(consumerRecords(variation), { ...SCOPE, account: '111111111111' }),
  ];
}

interface Sender {
  readonly machine: string;
  readonly address: string;
  /** As `croft explain` knows it. */
  readonly word: string;
}

const CONSUMER: Sender = { machine: CLIENT, address: '10.0.2.10', word: 'client' };
const NEIGHBOUR: Sender = { machine: OTHER_SERVER, address: '10.0.3.10', word: 'far server' };
const OUTSIDER: Sender = { machine: LAPTOP, address: LAPTOP_ADDRESS, word: 'laptop' };

function send(
  worlds: readonly World[],
  { machine, address }: Sender,
  destination: string,
  { port = 80, protocol = 6, target = 0, natPort = NAT_PORTS.first } = {},
): Exchange {
  const machines = planAll(worlds, { internet: ['8.8.8.8'], services: [] });
  return new SimulatedNetwork(machines, {
    target: (count) => Math.min(target, count - 1),
    natPort: (ports, own) => (ports === undefined ? own : natPort),
  }).exchange(machine, {
    protocol,
    source: parseIpv4(address) ?? 0,
    destination: parseIpv4(destination) ?? 0,
    sourcePort: 40_000,
    destinationPort: port,
    icmp: 0,
    isReply: false,
  });
}

/** Whether port 80 answers, by the rules and by the model: throws when they do not agree. */
function isAnswered(
  variation: Variation,
  sender: Sender,
  destination: string,
  { port = 80, protocol = 'tcp' } = {},
): boolean {
  const worlds = worldsOf(variation);
  const number = protocol === 'tcp' ? 6 : 17;
  // The kernel takes any port: what the model lets through must come back to the first and to the last.
  const exchanges = [NAT_PORTS.first, NAT_PORTS.last].map((natPort) =>
    send(worlds, sender, destination, { port, protocol: number, natPort }),
  );
  const isAnswered = exchanges.every((exchange) => exchange.isAnswered);
  const question = { source: sender.word, destination, port, protocol };
  const { isAllowed, lines } = explainFlow(worlds, question);
  if (isAllowed === isAnswered) return isAnswered;
  const trails = exchanges.flatMap(({ there, back }) => [there.trail, back?.trail ?? []]);
  throw new Error([...lines, ...trails.map((trail) => trail.join(' > '))].join('\n'));
}

const DENY_NODE_PORTS = [entry(50, true, 'deny', { from: 1024, to: 32_767 }), entry(100, true, 'allow')];
const OPEN_IN = entry(100, false, 'allow');

test.each<[string, Variation, boolean]>([
  ['reaches the target', {}, true],
  ['the endpoint’s group lets nobody in', { endpointPeer: '10.9.0.0/16' }, false],
  ['the target’s group lets in the load balancer, not the consumer', { serverPeer: '10.0.2.0/24' }, false],
  ['the target’s group names the load balancer’s subnet', { serverPeer: '10.0.0.0/24' }, true],
  ['the listener takes UDP', { listener: 'UDP' }, false],
  ['the listener takes both', { listener: 'TCP_UDP' }, true],
  ['there is no target', { targets: [] }, false],
  ['the target stands still', { isServerRunning: false }, false],
  ['the target is an address', { targetType: 'ip', targets: [{ id: SERVER_ADDRESS, port: 8080 }] }, true],
  ['nobody has the address', { targetType: 'ip', targets: [{ id: '10.0.1.77', port: 8080 }] }, false],
  ['the target listens at a port that its group keeps shut', { targets: [{ id: 'i-2', port: 81 }] }, false],
  ['the target is in another zone', { targets: [{ id: 'i-3', port: 8080 }] }, false],
  ['… which cross-zone balancing reaches', { targets: [{ id: 'i-3', port: 8080 }], isCrossZone: true }, true],
  ['the target’s ACL lets no answer out', { serverEntries: [...DENY_NODE_PORTS, OPEN_IN] }, false],
  ['the target’s ACL is open', { serverEntries: [entry(100, true, 'allow'), OPEN_IN] }, true],
  ['the endpoint is not accepted', { endpointState: 'pendingAcceptance' }, false],
  ['the endpoint is rejected', { endpointState: 'rejected' }, false],
  ['the service is gone', { hasService: false }, false],
])('by an endpoint: %s', (_, variation, isExpected) => {
  expect(isAnswered(variation, CONSUMER, ENDPOINT_ADDRESS)).toBe(isExpected);
});

test.each<[string, Variation, Sender, string, boolean]>([
  ['from its own VPC', {}, NEIGHBOUR, NODE_ADDRESS, true],
  [
    'from its own target',
    { isCrossZone: true, targets: [{ id: 'i-3', port: 8080 }] },
    NEIGHBOUR,
    NODE_ADDRESS,
    true,
  ],
  ['from the Internet', {}, OUTSIDER, '198.18.0.21', true],
  ['from a VPC that has no way to it', {}, CONSUMER, NODE_ADDRESS, false],
])('the load balancer itself: %s', (_, variation, sender, destination, isExpected) => {
  expect(isAnswered(variation, sender, destination)).toBe(isExpected);
});

test('no listener at the port, or none for the protocol', () => {
  expect(isAnswered({}, CONSUMER, ENDPOINT_ADDRESS, { port: 81 })).toBe(false);
  expect(isAnswered({ endpointPeer: '0.0.0.0/0' }, NEIGHBOUR, NODE_ADDRESS, { port: 81 })).toBe(false);
  expect(isAnswered({}, NEIGHBOUR, NODE_ADDRESS, { protocol: 'udp' })).toBe(false);
});

test('the target sees the load balancer’s private address, and nothing of the consumer', () => {
  const { there, back, isAnswered } = send(worldsOf({}), CONSUMER, ENDPOINT_ADDRESS);
  expect(there.receiver).toBe(SERVER);
  expect(formatAddress(there.packet.source)).toBe(NODE_ADDRESS);
  expect(formatAddress(there.packet.destination)).toBe(SERVER_ADDRESS);
  expect(there.packet.destinationPort).toBe(8080);
  expect(formatAddress(back?.packet.source ?? 0)).toBe(ENDPOINT_ADDRESS);
  expect(isAnswered).toBe(true);
});

test('of several targets the hash chooses one', () => {
  const targets = [
    { id: 'i-2', port: 8080 },
    { id: 'i-3', port: 8080 },
  ];
  const worlds = worldsOf({ targets, isCrossZone: true });
  const receivers = [0, 1].map(
    (target) => send(worlds, CONSUMER, ENDPOINT_ADDRESS, { target }).there.receiver,
  );
  expect(receivers).toEqual([SERVER, OTHER_SERVER]);
});

test('it is reached when every target is: which one the hash chooses, nobody knows', () => {
  const second = (port: number) => [
    { id: 'i-2', port: 8080 },
    { id: 'i-3', port },
  ];
  const question = { source: 'client', destination: 'vpce-1', port: 80, protocol: 'tcp' };
  const explain = (port: number) =>
    explainFlow(worldsOf({ targets: second(port), isCrossZone: true }), question).result;
  expect(explain(8080).isAllowed).toBe(true);
  expect(explain(81).obstacles).toMatchObject([
    {
      disposition: 'ingress-security-group',
      sentence: expect.stringContaining('far server’s security group servers'),
    },
  ]);
});

test('`croft explain` follows it through', () => {
  const question = { source: 'client', destination: 'vpce-1', port: 80, protocol: 'tcp' };
  expect(explainFlow(worldsOf({}), question).lines.join('\n')).toMatchInlineSnapshot(`
    "client can reach vpce-1 on TCP 80.

      ✓ source check         client sends from its own address, 10.0.2.10.
      ✓ security group, out  rule sgr-3 of security group clients (sg-client) lets it out: all traffic
                             to 0.0.0.0/0.
      ✓ route                both are in subnet clients (subnet-2): no network ACL is asked.
      ✓ security group, in   rule sgr-4 of security group endpoint (sg-endpoint) lets it in: tcp 80 from
                             10.0.2.0/24.
      ✓ destination check    it is addressed to vpce-1’s own 10.0.2.20.
      ✓ deliver              vpce-1 hands it to com.amazonaws.vpce.ap-northeast-2.vpce-svc-1.
      ✓ load balancer        load balancer front sends it on to its target server at port 8080, from its
                             own address 10.0.0.10.
      ✓ network ACL, out     rule 100 of network ACL acl-1 lets it out of subnet nodes (subnet-0).
      ✓ route                the local route of main (rtb-1) leads to every subnet of the VPC.
      ✓ network ACL, in      rule 100 of network ACL acl-2 lets it into subnet servers (subnet-1).
      ✓ security group, in   rule sgr-1 of security group servers (sg-server) lets it in: tcp 8080 from
                             10.0.0.10/32.
      ✓ destination check    it is addressed to server’s own 10.0.1.10.
      ✓ deliver              server gets it.
      and back:
      ✓ security group, out  security groups remember the connection: the reply needs no rule.
      ✓ network ACL, out     rule 100 of network ACL acl-2 lets the reply out of subnet servers
                             (subnet-1).
      ✓ network ACL, in      rule 100 of network ACL acl-1 lets the reply into subnet nodes (subnet-0).
      ✓ load balancer        load balancer front hands it back to 10.0.2.10.
      ✓ security group, out  security groups remember the connection: the reply needs no rule.
      ✓ security group, in   security groups remember the connection: the reply needs no rule."
  `);
});
