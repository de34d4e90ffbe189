import { afterEach, expect, test } from 'vitest';
import { regionOf } from '../../../test/support/dump.ts';
import type { TestRegion } from '../../../test/support/ec2.ts';
import { NAT_WORLD } from '../../../test/walkthrough-world.ts';
import { SCOPE } from '../../../test/worlds.ts';
import type { FlowCount, FlowReading } from '../../plan/flow-logs.ts';
import { FlowLogControl, type FlowLogFile } from './flow-log-control.ts';

const START = Date.parse('2026-01-02T03:04:05.000Z');

const COUNT: FlowCount = {
  ordinal: 1,
  isEgress: false,
  isRejected: false,
  source: '198.51.100.10',
  destination: '10.0.0.4',
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 22,
  tcpFlags: 2,
  packets: 1,
  bytes: 60,
  since: START,
  last: START,
};

/** The walk-through, whose router tells what a test puts into `counts`, and a bucket that keeps what it is given. */
class Bench {
  readonly region: TestRegion = regionOf(NAT_WORLD, SCOPE);
  readonly files: FlowLogFile[] = [];
  readonly failures: unknown[] = [];
  readonly asked: string[] = [];
  now = START;
  reading: FlowReading = { counts: [], isFull: false };
  complaint: string | undefined;
  readonly control = new FlowLogControl({
    store: this.region.store,
    flows: {
      readFlows: async (router) => {
        this.asked.push(router);
        const { reading } = this;
        this.reading = { counts: [], isFull: false };
        return reading;
      },
    },
    deliver: async (file) => {
      this.files.push(file);
      return this.complaint;
    },
    zoneIdOf: (zone) => zone,
    clock: () => new Date(this.now),
    newHash: () => 'abcd',
    onFailure: (error) => this.failures.push(error),
  });

  log(rest: object = {}): string {
    const made = this.region.call('CreateFlowLogs', {
      ResourceType: 'VPC',
      ResourceIds: ['vpc-1'],
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::logs',
      MaxAggregationInterval: 60,
      LogFormat: ['interface-id', 'action', 'packets', 'tcp-flags', 'log-status']
        .map((field) => `\${${field}}`)
        .join(' '),
      ...rest,
    });
    return made.FlowLogIds?.[0] ?? '';
  }

  async flush(...counts: readonly Partial<FlowCount>[]): Promise<string[]> {
    this.files.length = 0;
    this.reading = { counts: counts.map((count) => ({ ...COUNT, ...count })), isFull: this.reading.isFull };
    await this.control.flush();
    return this.files.flatMap(({ text }) => text.trimEnd().split('\n').slice(1));
  }
}

const opened: Bench[] = [];

function newBench(): Bench {
  const bench = new Bench();
  opened.push(bench);
  return bench;
}

afterEach(() => {
  for (const { control, failures } of opened.splice(0)) {
    control.close();
    expect(failures).toEqual([]);
  }
});

const NOTHING = ['eni-b - - - NODATA', 'eni-p - - - NODATA', 'eni-n - - - NODATA'];

test('counts of a flow are added up; who has none has NODATA', async () => {
  const bench = newBench();
  bench.log();
  const lines = await bench.flush({}, { packets: 3, tcpFlags: 1 }, { isRejected: true, ordinal: 2 });
  expect(lines).toEqual(['eni-b ACCEPT 4 3 OK', 'eni-p REJECT 1 2 OK', 'eni-n - - - NODATA']);
  expect(await bench.flush()).toEqual(NOTHING);
});

const logs: readonly (readonly [what: string, rest: object, lines: readonly string[]])[] = [
  [
    'of an interface',
    { ResourceType: 'NetworkInterface', ResourceIds: ['eni-b'] },
    ['eni-b ACCEPT 1 2 OK', 'eni-b REJECT 2 2 OK'],
  ],
  ['of a subnet', { ResourceType: 'Subnet', ResourceIds: ['subnet-priv'] }, ['eni-p ACCEPT 1 2 OK']],
  [
    'of what was accepted',
    { TrafficType: 'ACCEPT' },
    ['eni-b ACCEPT 1 2 OK', 'eni-p ACCEPT 1 2 OK', 'eni-n - - - NODATA'],
  ],
  [
    'of what was rejected: traffic it is all the same',
    { TrafficType: 'REJECT' },
    ['eni-b REJECT 2 2 OK', 'eni-n - - - NODATA'],
  ],
];

test.each(logs)('a log %s', async (_, rest, lines) => {
  const bench = newBench();
  bench.log(rest);
  expect(await bench.flush({}, { isRejected: true, packets: 2 }, { ordinal: 2 })).toEqual(lines);
});

test('what was counted for another log before this one was made is none of it', async () => {
  const bench = newBench();
  bench.log();
  bench.now += 5_000;
  bench.region.write(({ tx }) => {
    const [first] = [...tx.flowLogs.values()];
    if (first === undefined) throw new Error('the flow log is gone');
    tx.flowLogs.put({ ...first, flowLogId: 'fl-late', creationTime: new Date(bench.now).toISOString() });
  });
  await bench.flush({ last: bench.now - 1 });
  const late = bench.files
    .find(({ flowLog }) => flowLog.flowLogId === 'fl-late')
    ?.text.split('\n')
    .slice(1);
  expect(late?.filter((line) => line !== '')).toEqual(NOTHING);
  expect(bench.files.some(({ text }) => text.includes('eni-b ACCEPT 1 2 OK'))).toBe(true);
});

test('nobody is asked where there is no flow log, nor for one that is written nowhere', async () => {
  const bench = newBench();
  expect(await bench.flush()).toEqual([]);
  bench.log({ DestinationOptions: { FileFormat: 'parquet' } });
  expect(await bench.flush()).toEqual([]);
  expect(bench.asked).toEqual([]);
  bench.log({ LogDestination: 'arn:aws:s3:::other' });
  expect(await bench.flush()).toEqual(NOTHING);
  expect(bench.asked).toEqual(['vpc-1']);
});

test('what a full set did not count is told', async () => {
  const bench = newBench();
  bench.log({ ResourceType: 'NetworkInterface', ResourceIds: ['eni-b'] });
  bench.reading = { counts: [], isFull: true };
  expect(await bench.flush({})).toEqual(['eni-b ACCEPT 1 2 OK', 'eni-b - - - SKIPDATA']);
  expect(await bench.flush({})).toEqual(['eni-b ACCEPT 1 2 OK']);
});

test('what was counted for the daemon before this one is told to be skipped', async () => {
  const bench = newBench();
  const id = bench.log({ ResourceType: 'NetworkInterface', ResourceIds: ['eni-b'] });
  bench.region.write(({ tx }) => {
    const log = tx.flowLogs.get(id);
    if (log !== undefined) tx.flowLogs.put({ ...log, creationTime: '2026-01-02T03:00:00.000Z' });
  });
  expect(await bench.flush({})).toEqual(['eni-b ACCEPT 1 2 OK', 'eni-b - - - SKIPDATA']);
});

test('a log that is deleted takes what was counted until then', async () => {
  const bench = newBench();
  const id = bench.log({ ResourceType: 'NetworkInterface', ResourceIds: ['eni-b'] });
  await bench.flush();
  bench.region.call('DeleteFlowLogs', { FlowLogIds: [id] });
  expect(await bench.flush({})).toEqual(['eni-b ACCEPT 1 2 OK']);
  expect(await bench.flush({})).toEqual([]);
});

test('the status says how the last delivery went', async () => {
  const bench = newBench();
  const id = bench.log();
  const status = () => bench.region.call('DescribeFlowLogs', { FlowLogIds: [id] }).FlowLogs?.[0];
  bench.complaint = 'Access error';
  await bench.flush();
  expect(status()).toMatchObject({ DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Access error' });
  bench.complaint = undefined;
  await bench.flush();
  expect(status()).toMatchObject({ DeliverLogsStatus: 'SUCCESS', DeliverLogsErrorMessage: undefined });
});
