import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { enterWords, INSIDE, type World } from '../src/fabric/world/world.ts';
import { SERVICES } from '../src/plan/places.ts';
import { Installation } from '../test/support/installation.ts';
import { Packets } from './packets.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';
import { MEGABYTES, measureCopy, placeWithEndpoint, S3_ADDRESS, S3_HOST } from './s3.ts';

const PORT = 7443;
const ROUNDS = 3;

/** How fast the aws command itself is: against a server that does nothing, and our S3 as a share of that. */
export const floor: Benchmark = {
  name: 'floor',
  summary: 'the aws command against an S3 that does nothing, and ours as a share of that',
  run: async () => {
    const croft = await Installation.start();
    const instance = await placeWithEndpoint(croft);
    const packets = new Packets(croft.world);
    const server = await startNullS3(croft.world);
    const route = { server: SERVICES, client: instance.namespace, address: S3_ADDRESS };
    const rows: Row[] = [];
    for (const way of ['in', 'out'] as const) {
      const words = way === 'in' ? 'big s3://bench/big' : 's3://bench/big copy';
      const endpoint = `--endpoint-url https://${S3_HOST}:${PORT}`;
      const plain: number[] = [];
      const most: number[] = [];
      const ours: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        plain.push(await packets.copy(route, MEGABYTES, way));
        most.push(await measureCopy(croft, instance, `aws s3 cp --quiet ${endpoint} ${words}`));
        ours.push(await measureCopy(croft, instance, `aws s3 cp --quiet ${words}`));
      }
      const unit = 'MB/s';
      rows.push(
        { name: `floor.plain.${way}`, value: median(plain), unit },
        // No S3 can have the aws command do more of the plain copy than this.
        { name: `floor.client.${way}`, value: median(most), unit, ratio: medianRatio(most, plain) },
        { name: `floor.s3.${way}`, value: median(ours), unit, ratio: medianRatio(ours, most) },
      );
    }
    server.stdin?.end();
    await packets.close();
    await croft.end();
    return rows;
  },
};

async function startNullS3(world: World): Promise<ChildProcess> {
  const script = `${INSIDE.application}/bench/null-s3.ts`;
  const size = String(MEGABYTES * 1024 ** 2);
  const program = [`${INSIDE.node}/node`, script, S3_ADDRESS, String(PORT), size];
  const place = ['nsenter', `--net=/run/netns/${SERVICES}`, '--'];
  const [file = '', ...words] = enterWords(world, [...place, ...program]);
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  child.stdin.on('error', () => {});
  const end = once(child, 'exit').then(() => Promise.reject(new Error('the null server has ended')));
  end.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), end]);
  return child;
}
