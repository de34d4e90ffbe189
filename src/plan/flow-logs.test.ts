import { expect, test } from 'vitest';
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

test.each([
  [7, { ordinal: 7, isEgress: false, isRejected: false }],
  [0x0100_0007, { ordinal: 7, isEgress: true, isRejected: false }],
  [0x0300_0007, { ordinal: 7, isEgress: true, isRejected: true }],
])('the mark %d says what it counts', (mark, read) => {
  expect(readFlowMark(mark)).toEqual(read);
});
