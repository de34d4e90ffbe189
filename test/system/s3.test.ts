import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords, INSIDE } from '../../src/fabric/world/world.ts';
import { OPERATIONS } from '../../src/region/s3/operations.ts';
import { credentialsOf } from '../../src/state/directory.ts';
import { findObstacle } from '../clients/programs.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';
import { processesOf } from '../support/world-processes.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: S3 in a world: ${obstacle}`);
const boto3Obstacle = await findObstacle('boto3');
if (boto3Obstacle !== undefined) console.log(`skipped: all of S3 through boto3: ${boto3Obstacle}`);
const awsObstacle = await findObstacle('aws');
if (awsObstacle !== undefined) console.log(`skipped: faults of S3: ${awsObstacle}`);

const BOTO3_SUITE = join(import.meta.dirname, '..', 'clients', 'boto3-s3.py');
/** Asked by way of another operation, or only refused. */
const NOT_IN_SUITE = ['ListBuckets'];

describe.skipIf(obstacle !== undefined)('buckets on the API’s port', () => {
  let croft: Installation;

  beforeAll(async () => {
    croft = await Installation.start();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test.skipIf(boto3Obstacle !== undefined)(
    'all that it answers, through boto3',
    { timeout: 100_000 },
    async () => {
      const other = credentialsOf(croft.state.credentials(), '111122223333');
      const environment = { ...(await croft.awsEnvironment()), OTHER_SECRET: other?.secretAccessKey };
      const { code, stdout, stderr } = await runCaptured(['python3', BOTO3_SUITE], {
        environment,
        timeoutMilliseconds: 90_000,
      });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const asked = new Set(stdout.split('\n'));
      const answered = Object.values(OPERATIONS)
        .flat()
        .filter(({ run }) => run !== undefined)
        .map(({ name }) => name);
      expect(answered.filter((name) => !asked.has(name) && !NOT_IN_SUITE.includes(name))).toEqual([]);
    },
  );

  describe.skipIf(awsObstacle !== undefined)('faults', () => {
    const aws = async (...words: readonly string[]) => {
      const { code, stdout, stderr } = await runCaptured(['aws', ...words], {
        environment: await croft.awsEnvironment(),
        timeoutMilliseconds: 30_000,
      });
      if (code !== 0) throw new Error(`aws ${words.join(' ')}: ${stderr}`);
      return stdout;
    };
    const urlOf = async (key: string) => `${(await croft.status()).apiUrl}/faults/${key}`;
    const put = async (key: string, body: string | ReadableStream) =>
      fetch(await urlOf(key), { method: 'PUT', body, duplex: 'half' });
    const read = async (key: string) => {
      const reply = await fetch(await urlOf(key));
      return reply.status === 200 ? await reply.text() : reply.status;
    };

    // Whoever asks may do anything with its objects: plain requests, of which every byte is the test's own.
    beforeAll(async () => {
      await aws('s3', 'mb', 's3://faults');
      await aws('s3api', 'delete-public-access-block', '--bucket', 'faults');
      const statement = {
        Effect: 'Allow',
        Principal: '*',
        Action: ['s3:*'],
        Resource: 'arn:aws:s3:::faults/*',
      };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await aws('s3api', 'put-bucket-policy', '--bucket', 'faults', '--policy', policy);
    });

    test('killed in the middle of an upload, it is back at once, and no object is torn', async () => {
      await put('kept', 'before');
      const [pid] = servicesOf(croft);
      if (pid === undefined) throw new Error('the world has no services');
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const upload = put(
        'kept',
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode('torn'.repeat(100_000)));
            started.resolve();
            await gate.promise;
            controller.close();
          },
        }),
      ).then(
        ({ status }) => status,
        () => 'broken',
      );
      await started.promise;
      await eventually('the content is being written', () => Promise.resolve(dataFiles(croft).length === 2));
      const others = processesOf(croft).filter((each) => each !== pid);
      process.kill(pid, 'SIGKILL');
      expect([503, 'broken']).toContain(await upload);
      gate.resolve();
      await eventually('the service answers', async () => (await read('kept')) === 'before');
      await croft.settle();
      // Nothing but it was started again.
      expect(processesOf(croft)).toEqual(expect.arrayContaining(others));
      expect(dataFiles(croft)).toHaveLength(1);
      expect((await put('kept', 'after')).status).toBe(200);
      expect(await read('kept')).toBe('after');
    });

    test('without room on the disk it says so, keeps what it has, and goes on when there is room', async () => {
      const folder = `${INSIDE.services}/s3/faults/data`;
      const inWorld = async (...words: readonly string[]) => {
        const { code, stderr } = await runCaptured(enterWords(croft.world, words));
        expect([code, stderr]).toEqual([0, '']);
      };
      await put('small', 'x');
      const [pid] = servicesOf(croft);
      await inWorld('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
      try {
        const refused = await put('large', 'x'.repeat(4 * 1024 ** 2));
        expect([refused.status, await refused.text()]).toEqual([
          503,
          expect.stringContaining('There is no room on the disk'),
        ]);
        expect(await read('large')).toBe(404);
        expect((await put('fits', 'x'.repeat(1000))).status).toBe(200);
      } finally {
        await inWorld('umount', folder);
      }
      expect(await read('small')).toBe('x');
      expect((await put('large', 'x'.repeat(4 * 1024 ** 2))).status).toBe(200);
      expect(servicesOf(croft)).toEqual([pid]);
    });

    test('a path leads nowhere but to keys', async () => {
      for (const path of [
        '../../../../etc/passwd',
        '..%2f..%2f..%2fcredentials.json',
        '%2e%2e/bucket.json',
      ]) {
        // As it stands, not as fetch would shorten it.
        const { stdout } = await runCaptured(['curl', '-s', '--path-as-is', await urlOf(path)]);
        expect(stdout).toMatch(/<Code>(NoSuchKey|NoSuchBucket|AccessDenied)<\/Code>/);
      }
    });
  });
});

/** The processes of a world's services. */
function servicesOf(croft: Installation): number[] {
  return processesOf(croft, 'internal-services');
}

function dataFiles({ state }: Installation): string[] {
  return readdirSync(state.at('services', 's3', 'faults', 'data'));
}
