import { expect, test } from 'vitest';
import { DUAL_WORLD } from '../../test/ipv6-world.ts';
import { NAT_WORLD } from '../../test/walkthrough-world.ts';
import { change, entry, flowLog, type WorldRecords, worldOf } from '../../test/worlds.ts';
import type { FlowLog } from '../model/flow-log-records.ts';
import { readFlowMark } from './flow-logs.ts';
import { planVpc } from './plan.ts';

const LOG = flowLog('fl-1', 'vpc-1');

const DENYING = change(NAT_WORLD, 'networkAcls', 'acl-1', {
  entries: [
    { ...entry(90, true, 'deny'), cidrBlock: '8.8.8.8/32' },
    entry(100, true, 'allow'),
    entry(100, false, 'allow'),
  ],
});

function rulesetOf(records: WorldRecords, ...flowLogs: readonly FlowLog[]) {
  const router = planVpc(worldOf({ ...records, flowLogs }), 'vpc-1').find(({ name }) => name === 'vpc-1');
  if (router?.ruleset === undefined) throw new Error('the world has no router');
  return router.ruleset;
}

test.each([
  ['to CloudWatch Logs', { logDestinationType: 'cloud-watch-logs' as const }],
  ['of another VPC', { resourceId: 'vpc-2' }],
])('a flow log %s changes no rule', (_, rest) => {
  expect(rulesetOf(DENYING, { ...LOG, ...rest })).toEqual(rulesetOf(DENYING));
});

test.each([
  ['a VPC', 'vpc-1', ['eni-b', 'eni-p', 'eni-n']],
  ['a subnet', 'subnet-priv', ['eni-p']],
  ['an interface', 'eni-b', ['eni-b']],
])('of %s its interfaces are counted', (_, resourceId, interfaces) => {
  const { maps } = rulesetOf(DENYING, { ...LOG, resourceId });
  const marks = maps.find(({ name }) => name === 'flow_log_sent_mark')?.elements ?? [];
  expect(marks.map(({ comment }) => comment)).toEqual(interfaces);
});

test('every drop of a gate is counted first, by a list or by a map, and nothing else is', () => {
  const { chains, maps } = rulesetOf(DENYING, LOG);
  const plain = rulesetOf(DENYING);
  const dropping = chains.flatMap(({ name, rules }) =>
    rules.flatMap((rule, index) => (/drop/.test(rule) ? [`${name}: ${rules[index - 1] ?? ''}`] : [])),
  );
  const counted = dropping
    .filter((line) => line.includes('flow_log_rejected'))
    .map((line) => line.split(':')[0]);
  expect(counted.toSorted()).toEqual([
    'acl-1_in',
    'acl-1_out',
    'acl-1_refused_out',
    'egress_security_group',
    'ingress_security_group',
    'network_acl_in',
    'network_acl_out',
    'sg-bastion_in',
    'sg-bastion_out',
    'sg-private_in',
    'sg-private_out',
  ]);
  expect(dropping.length).toBe(
    plain.chains.flatMap(({ rules }) => rules).filter((rule) => /drop/.test(rule)).length + 1,
  );
  const values = maps.find(({ name }) => name === 'acl-1_out_ports')?.elements.map(({ value }) => value);
  expect(new Set(values)).toEqual(new Set(['goto acl-1_refused_out', 'return']));
});

test('S122 IPv6 is counted in a table of its own, by the same gates', () => {
  const ipv6Of = (flowLogs: readonly FlowLog[]) => {
    const router = planVpc(worldOf({ ...DUAL_WORLD, flowLogs }), 'vpc-1').find(
      ({ name }) => name === 'vpc-1',
    );
    return router?.ipv6?.ruleset;
  };
  const counted = ipv6Of([LOG]);
  const rulesOf = (name: string) => counted?.chains.find((chain) => chain.name === name)?.rules;
  expect(rulesOf('deliver')).toEqual(['jump flow_log_accepted', 'counter accept']);
  expect(rulesOf('sg-bastion_in')?.slice(-2)).toEqual([
    'jump flow_log_rejected_in',
    'counter drop comment "no ingress rule of sg-bastion"',
  ]);
  expect(rulesOf('flow_log_count')?.[1]).toBe(
    'meta l4proto tcp update @flow_log_tcp { meta mark . ip6 saddr . ip6 daddr . th sport . th dport }',
  );
  expect(counted?.sets.find(({ name }) => name === 'flow_log_tcp')?.type).toBe(
    'mark . ipv6_addr . ipv6_addr . inet_service . inet_service',
  );
  expect(ipv6Of([{ ...LOG, resourceId: 'vpc-2' }])).toEqual(ipv6Of([]));
});

test.each([
  [7, { ordinal: 7, isEgress: false, isRejected: false }],
  [0x0100_0007, { ordinal: 7, isEgress: true, isRejected: false }],
  [0x0300_0007, { ordinal: 7, isEgress: true, isRejected: true }],
])('the mark %d says what it counts', (mark, read) => {
  expect(readFlowMark(mark)).toEqual(read);
});
