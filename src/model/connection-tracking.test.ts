import { expect, test } from 'vitest';
import { rule } from '../../test/worlds.ts';
import { untrackedPortsOf } from './connection-tracking.ts';
import type { SecurityGroupRule } from './records.ts';

/** `in tcp 22-23 0.0.0.0/0`: a rule in one line. */
function ruleOf(line: string): SecurityGroupRule {
  const [direction, ipProtocol = '', ports = '', peer = ''] = line.split(' ');
  const [fromPort = -1, toPort = fromPort] = ports === 'all' ? [-1] : ports.split('-').map(Number);
  return { ...rule('sgr-1', 'sg-1', direction === 'out', -1, peer), ipProtocol, fromPort, toPort };
}

test.each([
  ['the web server of every course', ['in tcp 80 0.0.0.0/0', 'out -1 all 0.0.0.0/0'], ['6 80-80'], []],
  ['SSH from one network is tracked', ['in tcp 22 10.0.0.0/8', 'out -1 all 0.0.0.0/0'], [], []],
  ['so is SSH from a group', ['in tcp 22 sg-2', 'out -1 all 0.0.0.0/0'], [], []],
  ['no rule for the answers', ['in tcp 80 0.0.0.0/0'], [], []],
  ['answers to some ports only', ['in tcp 80 0.0.0.0/0', 'out tcp 1024-65535 0.0.0.0/0'], [], []],
  ['answers by the protocol’s rule', ['in tcp 80 0.0.0.0/0', 'out tcp 0-65535 0.0.0.0/0'], ['6 80-80'], []],
  ['another protocol’s rule', ['in tcp 80 0.0.0.0/0', 'out udp 0-65535 0.0.0.0/0'], [], []],
  ['answers to the VPC only', ['in tcp 80 0.0.0.0/0', 'out -1 all 10.0.0.0/16'], [], []],
  [
    'neighbouring ports are one range',
    ['in tcp 443 0.0.0.0/0', 'in tcp 80-81 0.0.0.0/0', 'in tcp 82 0.0.0.0/0', 'out -1 all 0.0.0.0/0'],
    ['6 80-82', '6 443-443'],
    [],
  ],
  ['ICMP is always tracked', ['in icmp all 0.0.0.0/0', 'out -1 all 0.0.0.0/0'], [], []],
  [
    'all open both ways',
    ['in -1 all 0.0.0.0/0', 'out -1 all 0.0.0.0/0'],
    ['6 0-65535', '17 0-65535'],
    ['6 0-65535', '17 0-65535'],
  ],
])('S81, S83: %s', (_name, lines, ingress, egress) => {
  const rules = lines.map(ruleOf);
  const show = (isEgress: boolean): string[] =>
    untrackedPortsOf(rules, isEgress).map(({ protocol, first, last }) => `${protocol} ${first}-${last}`);
  expect([show(false), show(true)]).toEqual([ingress, egress]);
});
