import { describe, expect, test } from 'vitest';
import { DUAL_WORLD, PEERED_WORLD } from '../../../test/ipv6-world.ts';
import { change, rule, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import { assertExpectations } from './assert.ts';
import { ipv6StrangersIn } from './strangers-ipv6.ts';

const hold = (records: WorldRecords, text: string) =>
  assertExpectations([worldOf(records)], 'course.expect', text);

/** SSH to the bastion from one network only, by IPv6. */
const NARROW: WorldRecords = {
  ...DUAL_WORLD,
  securityGroupRules: DUAL_WORLD.securityGroupRules.map((each) =>
    each.securityGroupRuleId === 'sgr-b-in6'
      ? rule('sgr-b-in6', 'sg-bastion', false, 22, '2001:db8:1::/48')
      : each,
  ),
};
const HALF = change(DUAL_WORLD, 'networkInterfaces', 'eni-p', { ipv6Addresses: [] });

describe('an expectation about IPv6 holds', () => {
  test.each<[WorldRecords, string, number]>([
    [DUAL_WORLD, 'laptop -> bastion:22 allowed over ipv6', 1],
    [DUAL_WORLD, 'laptop -> bastion allowed via igw over ipv6', 1],
    [DUAL_WORLD, 'laptop -> bastion allowed over ipv6 via igw', 1],
    [DUAL_WORLD, 'laptop -> bastion:80,443 denied over ipv6', 2],
    [DUAL_WORLD, 'laptop -> bastion:icmpv6 denied over ipv6', 1],
    [DUAL_WORLD, 'bastion -> internet:icmp allowed over ipv6', 1],
    [DUAL_WORLD, 'laptop -> 2001:db8:c000:100::4 allowed', 1],
    [DUAL_WORLD, 'laptop -> [2001:db8:c000:100::4]:22 allowed', 1],
    [DUAL_WORLD, '[2001:db8:1::10] -> [2001:db8:c000:100::4]:80/udp denied', 1],
    [DUAL_WORLD, 'db -> internet:443 allowed via eigw over ipv6', 1],
    [DUAL_WORLD, 'internet -> db:22 denied over ipv6', 1],
    [DUAL_WORLD, '2001:db8:c000:100::/64 -> [2001:db8:c000:101::/64]:22 allowed via local', 1],
    [DUAL_WORLD, 'subnet:public -> vpc:main:22 allowed over ipv6', 1],
    [DUAL_WORLD, 'vpc:main -> far:22 allowed over ipv6', 2],
    [HALF, 'vpc:main -> far:22 allowed over ipv6', 1],
    [PEERED_WORLD, 'db -> far:22 allowed via peering over ipv6', 1],
    [NARROW, '2001:db8:2::/48 -> bastion:22 denied', 1],
    [NARROW, '2001:db8:1::/48 -> bastion:22 allowed', 1],
  ])('%#: %s %s', (records, text, flows) => {
    const { isHeld, failures, results } = hold(records, text);
    expect({ isHeld, failures }).toEqual({ isHeld: true, failures: [] });
    expect(results[0]?.flows).toBe(flows);
    // What holds does not hold the other way round.
    const [verdict, opposite] = text.includes(' allowed') ? ['allowed', 'denied'] : ['denied', 'allowed'];
    const reversed = text.replace(` ${verdict}`, ` ${opposite}`).replace(/ via \w+/, '');
    expect(hold(records, reversed)).toMatchObject({ isHeld: false, failures: [] });
  });
});

test('from the internet means from any address there, by IPv6 too: neither all may nor none', () => {
  expect(hold(NARROW, 'internet -> bastion:22 allowed over ipv6')).toMatchObject({ broken: 1 });
  const denied = hold(NARROW, 'internet -> bastion:22 denied over ipv6');
  expect(denied.results[0]?.reasons[0]).toBe('2001:db8:1:: can reach bastion on TCP 22.');
});

test('one address of every kind that a rule tells from others, none of them private or a VPC’s', () => {
  expect(ipv6StrangersIn([worldOf(NARROW)], '::/0')).toEqual(['2001:db8:2::7', '2001:db8:1::']);
  expect(ipv6StrangersIn([worldOf(NARROW)], 'fc00::/7')).toEqual([]);
  expect(ipv6StrangersIn([worldOf(NARROW)], '2001:db8:c000::/40')).toEqual([]);
});

test.each<[string, string]>([
  ['laptop -> bastion allowed over ipv4', '"over" is not understood after allowed'],
  ['laptop -> 10.0.0.4 allowed over ipv6', '10.0.0.4 is an IPv4 address, and the question is about IPv6'],
  ['db -> 2001:db8:c000:900::/64 denied', 'stands for nothing here that IPv6 packets come from or go to.'],
  ['laptop -> db:22 allowed over ipv6', 'db has no IPv6 address: aws ec2 assign-ipv6-addresses'],
])('not understood: %s', (text, message) => {
  expect(hold(HALF, text).failures).toEqual([{ line: 1, message: expect.stringContaining(message) }]);
});
