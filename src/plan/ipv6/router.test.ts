import { expect, test } from 'vitest';
import { BASTION_IPV6, DUAL_WORLD, PRIVATE_IPV6 } from '../../../test/ipv6-world.ts';
import { change, remove, route, rule, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import { parseIpv6 } from '../../net/ipv6.ts';
import type { Machine } from '../machine.ts';
import { LAPTOP, LAPTOP_IPV6 } from '../places.ts';
import { planAll, planVpc } from '../plan.ts';
import { renderRuleset } from '../ruleset.ts';
import { ipv6SideOf } from '../simulate/ipv6.ts';
import { SimulatedNetwork } from '../simulate/network.ts';
import type { Packet } from '../simulate/packet.ts';

const SERVER = '2001:4860:4860::8888';
const SERVERS = { internet: ['8.8.8.8', SERVER], services: [] };

function networkOf(records: WorldRecords): SimulatedNetwork {
  return new SimulatedNetwork(machinesOf(records));
}

function machinesOf(records: WorldRecords): Machine[] {
  return ipv6SideOf(planAll([worldOf(records)], SERVERS));
}

function packetOf(source: string, destination: string, destinationPort: number): Packet {
  return {
    protocol: 6,
    source: parseIpv6(source) ?? 0n,
    destination: parseIpv6(destination) ?? 0n,
    sourcePort: 40_000,
    destinationPort,
    icmp: 0,
    isReply: false,
  };
}

/** TCP to a port, and its answer, from a machine and its address. */
function isAnswered(
  records: WorldRecords,
  from: readonly [string, string],
  to: string,
  port: number,
): boolean {
  const [machine, address] = from;
  return networkOf(records).exchange(machine, packetOf(address, to, port)).isAnswered;
}

const BASTION = ['eni-b', BASTION_IPV6] as const;
const PRIVATE = ['eni-p', PRIVATE_IPV6] as const;
const OUTSIDE = [LAPTOP, LAPTOP_IPV6] as const;

const withRoutes = (id: string, ...routes: ReturnType<typeof route>[]): WorldRecords =>
  change(DUAL_WORLD, 'routeTables', id, { routes });
const withGroups = (...rules: ReturnType<typeof rule>[]): WorldRecords => ({
  ...DUAL_WORLD,
  securityGroupRules: [...DUAL_WORLD.securityGroupRules, ...rules],
});
const withoutTable = (table: 'internetGateways' | 'egressOnlyInternetGateways'): WorldRecords => ({
  ...DUAL_WORLD,
  [table]: [],
});
const withEntries = (ipv6: boolean): WorldRecords =>
  change(DUAL_WORLD, 'networkAcls', 'acl-1', {
    entries: (DUAL_WORLD.networkAcls[0]?.entries ?? []).filter(
      ({ ipv6CidrBlock }) => (ipv6CidrBlock !== undefined) === ipv6,
    ),
  });
const PRIVATE_OPEN = rule('sgr-p-any', 'sg-private', false, 22, '::/0');

test.for<readonly [what: string, isPassed: boolean, WorldRecords, readonly [string, string], string, number]>(
  [
    ['S45 in by the internet gateway, untranslated', true, DUAL_WORLD, OUTSIDE, BASTION_IPV6, 22],
    ['… not to a port without a rule', false, DUAL_WORLD, OUTSIDE, BASTION_IPV6, 80],
    [
      '… whose rule is about IPv4 only',
      false,
      withGroups(rule('sgr-4', 'sg-bastion', false, 80, '0.0.0.0/0')),
      OUTSIDE,
      BASTION_IPV6,
      80,
    ],
    [
      '… but by its own',
      true,
      withGroups(rule('sgr-6', 'sg-bastion', false, 80, '::/0')),
      OUTSIDE,
      BASTION_IPV6,
      80,
    ],
    ['… not without an internet gateway', false, withoutTable('internetGateways'), OUTSIDE, BASTION_IPV6, 22],
    ['… not without a way back', false, withRoutes('rtb-pub'), OUTSIDE, BASTION_IPV6, 22],
    ['S45 out by the internet gateway', true, DUAL_WORLD, BASTION, SERVER, 443],
    ['S45 out by the egress-only gateway', true, DUAL_WORLD, PRIVATE, SERVER, 443],
    ['… and where it is the only one', true, withoutTable('internetGateways'), PRIVATE, SERVER, 443],
    ['… not when it is gone', false, withoutTable('egressOnlyInternetGateways'), PRIVATE, SERVER, 443],
    ['S45 nothing begins outside it', false, withGroups(PRIVATE_OPEN), OUTSIDE, PRIVATE_IPV6, 22],
    [
      '… also where it is the only gateway',
      false,
      { ...withGroups(PRIVATE_OPEN), internetGateways: [] },
      OUTSIDE,
      PRIVATE_IPV6,
      22,
    ],
    [
      '… but by an internet gateway in its place',
      true,
      change(withGroups(PRIVATE_OPEN), 'routeTables', 'rtb-priv', { routes: [route('::/0', 'igw-1')] }),
      OUTSIDE,
      PRIVATE_IPV6,
      22,
    ],
    ['S78 a reference means IPv6 addresses, too', true, DUAL_WORLD, BASTION, PRIVATE_IPV6, 22],
    ['… of members only', false, DUAL_WORLD, PRIVATE, BASTION_IPV6, 80],
    [
      'S23 a route of IPv4 says nothing about IPv6',
      false,
      withRoutes('rtb-priv', route('0.0.0.0/0', 'igw-1')),
      PRIVATE,
      SERVER,
      443,
    ],
    ['S61 a network ACL without entries for IPv6', false, withEntries(false), OUTSIDE, BASTION_IPV6, 22],
    ['… and with them alone', true, withEntries(true), OUTSIDE, BASTION_IPV6, 22],
    ['an address that nobody has', false, DUAL_WORLD, BASTION, '2001:db8:c000:101::77', 22],
    ['a foreign source', false, DUAL_WORLD, ['eni-b', PRIVATE_IPV6], SERVER, 443],
  ],
)('%s', ([, isPassed, records, from, to, port]) => {
  expect(isAnswered(records, from, to, port)).toBe(isPassed);
});

/** The laptop's connection to the bastion, and the private instance's to the Internet. */
const STANDING = {
  in: [LAPTOP, packetOf(LAPTOP_IPV6, BASTION_IPV6, 22)],
  out: ['eni-p', packetOf(PRIVATE_IPV6, SERVER, 443)],
} as const;

test.each([
  ['S81 open to ::/0, then closed', 'in', DUAL_WORLD, 'sgr-b-in6', false],
  [
    'S82 open to the sender, then closed',
    'in',
    change(DUAL_WORLD, 'securityGroupRules', 'sgr-b-in6', {
      peer: { kind: 'cidr-ipv6', cidrBlock: `${LAPTOP_IPV6}/128` },
    }),
    'sgr-b-in6',
    true,
  ],
  ['S84 by an egress-only gateway it is tracked', 'out', withGroups(PRIVATE_OPEN), 'sgr-p-out6', true],
] as const)('%s', (_what, which, before, ruleId, isGoingOn) => {
  const [sender, packet] = STANDING[which];
  const network = networkOf(before);
  expect(network.exchange(sender, packet).isAnswered).toBe(true);
  expect(network.continue(sender, packet).isAnswered).toBe(true);
  const after = machinesOf(remove(before, 'securityGroupRules', ruleId));
  expect(network.changedTo(after).continue(sender, packet).isAnswered).toBe(isGoingOn);
});

test('the router’s IPv6 side, word for word', async () => {
  const stack = planVpc(worldOf(DUAL_WORLD), 'vpc-1').find(({ name }) => name === 'vpc-1')?.ipv6;
  if (stack?.ruleset === undefined) throw new Error('the router has no IPv6 side');
  const { addresses, neighbours, routes, rules, ruleset } = stack;
  const lines = [...addresses, ...neighbours, ...routes, ...rules].map((part) =>
    Object.values(part).join(' '),
  );
  const text = [...lines, renderRuleset(ruleset, 'ip6')].join('\n');
  await expect(text).toMatchFileSnapshot('dual-world.golden.txt');
});

test('a VPC without an IPv6 block has no IPv6 side', () => {
  const machines = planVpc(
    worldOf(change(DUAL_WORLD, 'vpcs', 'vpc-1', { ipv6CidrBlockAssociations: [] })),
    'vpc-1',
  );
  expect(machines.find(({ name }) => name === 'vpc-1')?.ipv6).toBeUndefined();
});
