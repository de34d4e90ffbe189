import { setTimeout as pause } from 'node:timers/promises';
import { METADATA_ADDRESS, RESOLVER_ADDRESS, SERVICES } from '../src/plan/places.ts';
import { Installation } from '../test/support/installation.ts';
import { processesOf } from '../test/support/world-processes.ts';
import type { Placed } from './network.ts';
import { Packets } from './packets.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';
import { MEGABYTES, measureCopy, placeWithEndpoint, runInside, S3_ADDRESS, S3_HOST } from './s3.ts';

const ROUNDS = 3;
const SECONDS = 3;
/** Of a plain copy of the same file over the same path, what `aws s3 cp` is to reach. */
const TARGET_OUT = 0.7;
const TARGET_IN = 0.5;
/** An instance may ask 1,024 packets a second (semantics S54): a little less is answered whole. */
const QUESTIONS_PER_SECOND = 1000;

const KILLS = 3;
/** After so long an upload of a gigabyte is on its way. */
const UPLOAD_MILLISECONDS = 1_000;
const GIVE_UP_SECONDS = 10;
/** From the kill of the services to their next answer. */
const TARGET_BACK_MILLISECONDS = 1_000;

/** The object that is asked for again and again. */
const SMALL = { address: S3_ADDRESS, host: S3_HOST, path: '/bench/small', header: 'accept:*' };

/** What the region's services give an instance through a gateway endpoint. */
export const services: Benchmark = {
  name: 'services',
  summary:
    'S3 through a gateway endpoint, against a plain copy over the same path; DNS; metadata; their death',
  run: async () => {
    const croft = await Installation.start();
    const instance = await placeWithEndpoint(croft);
    const packets = new Packets(croft.world);
    const rows = [
      ...(await copyInTurns(croft, instance, packets)),
      ...(await ask(croft, instance, packets)),
      await killRepeatedly(croft, instance, packets),
    ];
    await packets.close();
    await croft.end();
    return rows;
  },
};

/** Each round a plain copy and the same by the aws command, in and out. */
async function copyInTurns(croft: Installation, instance: Placed, packets: Packets): Promise<Row[]> {
  const inside = (command: string): Promise<number> => measureCopy(croft, instance, command);
  const route = { server: SERVICES, client: instance.namespace, address: S3_ADDRESS };
  const ways = [
    {
      way: 'in',
      aws: 'aws s3 cp --quiet big s3://bench/big',
      curl: `curl -sSf -T big https://${S3_HOST}/bench/big`,
      limit: TARGET_IN,
    },
    {
      way: 'out',
      aws: 'aws s3 cp --quiet s3://bench/big copy',
      curl: `curl -sSf -o copy https://${S3_HOST}/bench/big`,
      limit: TARGET_OUT,
    },
  ] as const;
  const rows: Row[] = [];
  for (const { way, aws, curl, limit } of ways) {
    const plain: number[] = [];
    const byAws: number[] = [];
    const byCurl: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      plain.push(await packets.copy(route, MEGABYTES, way));
      byAws.push(await inside(aws));
      byCurl.push(await inside(curl));
    }
    rows.push(
      { name: `services.plain.${way}`, value: median(plain), unit: 'MB/s' },
      // A client that costs little, to tell the service's share from that of the aws command.
      {
        name: `services.curl.${way}`,
        value: median(byCurl),
        unit: 'MB/s',
        ratio: medianRatio(byCurl, plain),
      },
      {
        name: `services.s3.${way}`,
        value: median(byAws),
        unit: 'MB/s',
        ratio: medianRatio(byAws, plain),
        target: { of: 'ratio', is: 'at least', limit },
      },
    );
  }
  await runInside(croft, instance, 'rm -f copy');
  return rows;
}

/** Small questions, one after the other on one connection. */
async function ask(croft: Installation, instance: Placed, packets: Packets): Promise<Row[]> {
  const { namespace } = instance;
  const inside = (command: string): Promise<string> => runInside(croft, instance, command);
  await inside('echo hello > small && aws s3 cp --quiet small s3://bench/small');
  const token = await inside(
    `curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 600' http://${METADATA_ADDRESS}/latest/api/token`,
  );
  const metadata = {
    address: METADATA_ADDRESS,
    host: METADATA_ADDRESS,
    path: '/latest/meta-data/instance-id',
    header: `x-aws-ec2-metadata-token:${token.trim()}`,
  };
  const gets = await packets.getRepeatedly(namespace, SMALL, SECONDS);
  const answers = await packets.resolveRepeatedly(
    namespace,
    RESOLVER_ADDRESS,
    S3_HOST,
    QUESTIONS_PER_SECOND,
    SECONDS,
  );
  const metadataGets = await packets.getRepeatedly(namespace, metadata, SECONDS);
  return [
    { name: 'services.s3.small', value: gets.perSecond, unit: 'GETs/s' },
    { name: 'services.s3.small.p99', value: gets.p99Milliseconds, unit: 'ms' },
    { name: 'services.dns', value: answers.perSecond, unit: 'answers/s' },
    { name: 'services.dns.p99', value: answers.p99Milliseconds, unit: 'ms' },
    { name: 'services.metadata', value: metadataGets.perSecond, unit: 'GETs/s' },
    { name: 'services.metadata.p99', value: metadataGets.p99Milliseconds, unit: 'ms' },
  ];
}

/** From `kill -9` of the services in the middle of an upload to the first request that is answered again. */
async function killRepeatedly(croft: Installation, instance: Placed, packets: Packets): Promise<Row> {
  const took: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    const upload = runInside(croft, instance, `curl -s -T big http://${S3_HOST}/bench/torn || true`);
    await pause(UPLOAD_MILLISECONDS);
    const killed = performance.timeOrigin + performance.now();
    for (const pid of processesOf(croft, 'internal-services')) process.kill(pid, 'SIGKILL');
    const answered = await packets.awaitAnswer(instance.namespace, SMALL, GIVE_UP_SECONDS);
    took.push(answered * 1000 - killed);
    await upload;
    await croft.settle();
  }
  return {
    name: 'services.killed',
    value: median(took),
    unit: 'ms',
    target: { of: 'value', is: 'at most', limit: TARGET_BACK_MILLISECONDS },
  };
}
