import { expect, test } from 'vitest';
import { ENDPOINT_WORLD, NAT_WORLD } from '../../../test/walkthrough-world.ts';
import { change, flowLog, worldOf } from '../../../test/worlds.ts';
import { DEFAULT_LOG_FORMAT } from '../../model/flow-log-records.ts';
import { type FlowRecord, type FlowTotal, keyOf, renderFile } from './flow-record.ts';

const LOG = flowLog('fl-1', 'vpc-1');
const START = Date.parse('2026-01-02T03:04:00.000Z');
const TIMES = '1767323040 1767323070';

const FLOW: FlowTotal = {
  isEgress: false,
  isRejected: false,
  source: '198.51.100.10',
  destination: '10.0.0.4',
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 22,
  tcpFlags: 3,
  packets: 5,
  bytes: 400,
};

const world = worldOf(
  change(ENDPOINT_WORLD, 'networkInterfaces', 'eni-p', {
    ipv6Addresses: ['2001:db8:c000:100::4', '2001:db8:c000:100::5'],
  }),
);

function lineOf(eniId: string, record: Partial<FlowRecord>, fields?: string): string {
  const eni = world.networkInterfaces.get(eniId);
  if (eni === undefined) throw new Error(`the world has no ${eniId}`);
  const logFormat = fields?.replaceAll(/[\w-]+/g, (field) => `\${${field}}`) ?? DEFAULT_LOG_FORMAT;
  const whole: FlowRecord = { eni, status: 'OK', flow: FLOW, start: START, end: START + 30_000, ...record };
  return renderFile(world, { ...LOG, logFormat }, [whole], (zone) => `id-of-${zone}`).split('\n')[1] ?? '';
}

/** The fields of AWS's page "Flow log records", and its examples of NAT (S121–S123). */
const cases: readonly (readonly [
  what: string,
  eni: string,
  record: Partial<FlowRecord>,
  fields: string | undefined,
  line: string,
])[] = [
  [
    'accepted, by the default format',
    'eni-b',
    {},
    undefined,
    `2 000000000000 eni-b 198.51.100.10 10.0.0.4 40000 22 6 5 400 ${TIMES} ACCEPT OK`,
  ],
  [
    'rejected',
    'eni-b',
    { flow: { ...FLOW, isRejected: true } },
    undefined,
    `2 000000000000 eni-b 198.51.100.10 10.0.0.4 40000 22 6 5 400 ${TIMES} REJECT OK`,
  ],
  [
    'nothing',
    'eni-b',
    { status: 'NODATA', flow: undefined },
    undefined,
    `2 000000000000 eni-b - - - - - - - ${TIMES} - NODATA`,
  ],
  [
    'not known',
    'eni-b',
    { status: 'SKIPDATA', flow: undefined },
    undefined,
    `2 000000000000 eni-b - - - - - - - ${TIMES} - SKIPDATA`,
  ],
  [
    'in to a NAT gateway: the packets are for somebody else',
    'eni-n',
    { flow: { ...FLOW, source: '10.0.1.4', destination: '8.8.8.8' } },
    'version srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction traffic-path',
    '5 10.0.1.4 10.0.0.6 10.0.1.4 8.8.8.8 ingress -',
  ],
  [
    'out of it, to whom it was asked for',
    'eni-n',
    { flow: { ...FLOW, isEgress: true, source: '8.8.8.8', destination: '10.0.1.4' } },
    'version srcaddr dstaddr pkt-srcaddr pkt-dstaddr',
    '3 10.0.0.6 10.0.1.4 8.8.8.8 10.0.1.4',
  ],
  [
    'what it belongs to',
    'eni-p',
    {},
    'vpc-id subnet-id instance-id region az-id resource-id type tcp-flags reject-reason ecs-task-id',
    'vpc-1 subnet-priv i-p ap-northeast-2 id-of-ap-northeast-2a vpc-1 IPv4 3 - -',
  ],
  [
    'out to a service, by its endpoint',
    'eni-p',
    { flow: { ...FLOW, isEgress: true, source: '10.0.1.4', destination: '52.219.32.1' } },
    'pkt-dst-aws-service pkt-src-aws-service traffic-path',
    'S3 - 7',
  ],
  [
    'out to the Internet, by its gateway',
    'eni-b',
    { flow: { ...FLOW, isEgress: true, source: '10.0.0.4', destination: '8.8.8.8' } },
    'traffic-path',
    '8',
  ],
  [
    'in over IPv6',
    'eni-p',
    { flow: { ...FLOW, source: '2001:db8:1::10', destination: '2001:db8:c000:100::5' } },
    'version srcaddr dstaddr pkt-srcaddr pkt-dstaddr type',
    '3 2001:db8:1::10 2001:db8:c000:100::4 2001:db8:1::10 2001:db8:c000:100::5 IPv6',
  ],
  [
    'out within the VPC',
    'eni-b',
    { flow: { ...FLOW, isEgress: true, source: '10.0.0.4', destination: '10.0.1.4' } },
    'traffic-path',
    '1',
  ],
];

test.each(cases)('%s', (_, eni, record, fields, line) => {
  expect(lineOf(eni, record, fields)).toBe(line);
});

const END = Date.parse('2026-01-02T03:05:00.000Z');
const NAME = '000000000000_vpcflowlogs_ap-northeast-2_fl-1_20260102T0305Z_abcd.log.gz';
const plain = { fileFormat: 'plain-text', hiveCompatiblePartitions: false, perHourPartition: false } as const;

test.each([
  ['as usual', {}, `AWSLogs/000000000000/vpcflowlogs/ap-northeast-2/2026/01/02/${NAME}`],
  [
    'in a folder',
    { logDestination: 'arn:aws:s3:::logs/a/b/' },
    `a/b/AWSLogs/000000000000/vpcflowlogs/ap-northeast-2/2026/01/02/${NAME}`,
  ],
  [
    'by the hour',
    { destinationOptions: { ...plain, perHourPartition: true } },
    `AWSLogs/000000000000/vpcflowlogs/ap-northeast-2/2026/01/02/03/${NAME}`,
  ],
  [
    'with names, as Hive reads them',
    { destinationOptions: { ...plain, hiveCompatiblePartitions: true, perHourPartition: true } },
    `AWSLogs/aws-account-id=000000000000/aws-service=vpcflowlogs/aws-region=ap-northeast-2/year=2026/month=01/day=02/hour=03/${NAME}`,
  ],
])('a file lies where AWS puts it: %s', (_, rest, key) => {
  expect(keyOf(worldOf(NAT_WORLD).scope, { ...LOG, ...rest }, END, 'abcd')).toBe(key);
});
