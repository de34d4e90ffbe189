import { expect, test } from 'vitest';
import { NAT_WORLD } from '../../test/walkthrough-world.ts';
import { change, rule, type WorldRecords, worldOf } from '../../test/worlds.ts';
import type { SecurityGroupRule } from '../model/records.ts';
import { parseIpv4 } from '../net/address.ts';
import { LAPTOP, LAPTOP_ADDRESS } from './places.ts';
import { planAll } from './plan.ts';
import { SimulatedNetwork } from './simulate/network.ts';

const SERVERS = { internet: ['8.8.8.8'], services: [] };

/** As the API numbers them: the kernel's tables are told apart by it. */
const TWO_TABLES = change(NAT_WORLD, 'routeTables', 'rtb-pub', { ordinal: 2 });

/** The walk-through's world with other rules: `bastion in 22 0.0.0.0/0`, port -1 for all traffic. */
function planWith(lines: readonly string[]) {
  const securityGroupRules = lines.map((line): SecurityGroupRule => {
    const [group, direction, port, peer = ''] = line.split(' ');
    return rule(`sgr-${line}`, `sg-${group}`, direction === 'out', Number(port), peer);
  });
  const records: WorldRecords = { ...TWO_TABLES, securityGroupRules };
  return planAll([worldOf(records)], SERVERS);
}

const WAYS = {
  'laptop to bastion': { sender: LAPTOP, source: LAPTOP_ADDRESS, destination: '198.18.0.5' },
  'bastion to private': { sender: 'eni-b', source: '10.0.0.4', destination: '10.0.1.4' },
  'private by NAT to the Internet': { sender: 'eni-p', source: '10.0.1.4', destination: '8.8.8.8' },
} as const;

/** Whether a connection that stands under the rules before goes on under those after. */
function goesOn(way: keyof typeof WAYS, before: readonly string[], after: readonly string[]): boolean {
  const { sender, source, destination } = WAYS[way];
  const packet = {
    protocol: 6,
    source: parseIpv4(source) ?? 0,
    destination: parseIpv4(destination) ?? 0,
    sourcePort: 40_000,
    destinationPort: 22,
    icmp: 0,
    isReply: false,
  };
  const network = new SimulatedNetwork(planWith(before), { natPort: () => 2000 });
  expect(network.exchange(sender, packet).isAnswered).toBe(true);
  expect(network.continue(sender, packet).isAnswered).toBe(true);
  return network.changedTo(planWith(after)).continue(sender, packet).isAnswered;
}

const OPEN = ['bastion out -1 0.0.0.0/0', 'private out -1 0.0.0.0/0'];

test.each([
  ['S81: open to the world, then closed', 'laptop to bastion', 'bastion in 22 0.0.0.0/0', '', false],
  [
    'S81: open to the world, then to another',
    'laptop to bastion',
    'bastion in 22 0.0.0.0/0',
    'bastion in 22 192.0.2.0/24',
    false,
  ],
  [
    'S81: open to the world, then to the sender',
    'laptop to bastion',
    'bastion in 22 0.0.0.0/0',
    'bastion in 22 198.51.100.0/24',
    true,
  ],
  ['S82: open to the sender, then closed', 'laptop to bastion', 'bastion in 22 198.51.100.0/24', '', true],
  ['S82: open to a group, then closed', 'bastion to private', 'private in 22 sg-bastion', '', true],
  ['S81: within the VPC too', 'bastion to private', 'private in 22 0.0.0.0/0', '', false],
] as const)('%s', (_name, way, before, after, expected) => {
  expect(goesOn(way, [...OPEN, before], after === '' ? OPEN : [...OPEN, after])).toBe(expected);
});

test.each([
  ['S81: the sender’s rules count, too', 'bastion to private', 'bastion', false],
  ['S84: what leaves by a NAT gateway is tracked', 'private by NAT to the Internet', 'private', true],
] as const)('%s', (_name, way, group, expected) => {
  const before = [...OPEN, 'bastion in -1 0.0.0.0/0', 'private in -1 10.0.0.0/16', 'private in -1 0.0.0.0/0'];
  const after = before.filter((line) => !line.startsWith(`${group} out`));
  expect(goesOn(way, before, after)).toBe(expected);
});

test('S82: without the rule for answers a connection is tracked', () => {
  const withoutAnswers = ['bastion out 443 0.0.0.0/0', ...OPEN.slice(1)];
  expect(goesOn('laptop to bastion', [...withoutAnswers, 'bastion in 22 0.0.0.0/0'], withoutAnswers)).toBe(
    true,
  );
});

test('S81: answers need their rule, where they are not tracked', () => {
  const opened = 'bastion in 22 0.0.0.0/0';
  expect(goesOn('laptop to bastion', [...OPEN, opened], [opened, 'bastion out 443 0.0.0.0/0'])).toBe(false);
});
