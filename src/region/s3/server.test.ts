import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authority, createAuthority } from '../../internet/authority.ts';
import { OWNER } from './harness.fixture.ts';
import { type S3AccessEntry, type S3Server, startS3 } from './server.ts';
import { ObjectStore } from './store.ts';

const run = promisify(execFile);
const pems = createAuthority(new Date());
const entries: S3AccessEntry[] = [];
const bugs: unknown[] = [];
let directory: string;
let server: S3Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cloudcroft-s3-'));
  server = await startS3({
    store: await ObjectStore.open(join(directory, 'store')),
    bindings: [
      { address: '127.0.0.1', port: 0, isTls: false },
      { address: '127.0.0.1', port: 0, isTls: true },
    ],
    tls: new Authority(pems, () => new Date()),
    clock: () => new Date(),
    defaultRegion: 'us-east-1',
    attribute: (remote) => ({
      sourceAddress: `10.0.1.5 (${remote})`,
      vpcEndpointId: 'vpce-01',
      eniId: 'eni-01',
    }),
    authenticate: () => OWNER,
    authorize: () => undefined,
    log: (entry) => entries.push(entry),
    onBug: (error) => bugs.push(error),
  });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
  expect(bugs).toEqual([]);
});

const portOf = (isTls: boolean) => server.bindings.find((binding) => binding.isTls === isTls)?.port ?? 0;
const url = (path: string) => `http://127.0.0.1:${portOf(false)}${path}`;

describe('over HTTP', () => {
  test('an object comes back, and the log says by which way it was asked for', async () => {
    expect((await fetch(url('/logged'), { method: 'PUT' })).status).toBe(200);
    expect((await fetch(url('/logged/a%20key'), { method: 'PUT', body: 'hello' })).status).toBe(200);
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/s3/aws4_request, x',
    };
    const reply = await fetch(url('/logged/a%20key'), { headers });
    expect([reply.status, await reply.text()]).toEqual([200, 'hello']);
    expect(entries.at(-1)).toMatchObject({
      sourceAddress: '10.0.1.5 (127.0.0.1)',
      vpcEndpointId: 'vpce-01',
      eniId: 'eni-01',
      request: 'GET /logged/a%20key',
      operation: 'GetObject',
      bucket: 'logged',
      key: 'a key',
      status: 200,
      accessKeyId: 'AKIDOWNER',
    });
  });

  test('a refusal is sent though the body was not read', async () => {
    const reply = await fetch(url('/nobodys/key'), { method: 'PUT', body: 'x'.repeat(1_000_000) });
    expect([reply.status, await reply.text()]).toEqual([
      404,
      expect.stringContaining('<Code>NoSuchBucket</Code>'),
    ]);
    expect((await fetch(url('/'))).status).toBe(200);
  });

  test.each([
    ['HTTP', false],
    ['TLS', true],
  ])('over %s many megabytes go in and come out as they were', async (_, isTls) => {
    const sent = randomBytes(20 * 1024 ** 2 + 7);
    await fetch(url('/large'), { method: 'PUT' });
    const address = `${isTls ? 'https' : 'http'}://127.0.0.1:${portOf(isTls)}/large/key`;
    const options = { ca: pems.certificate, checkServerIdentity: () => undefined };
    expect((await ask(address, { ...options, method: 'PUT' }, sent)).status).toBe(200);
    const { status, body } = await ask(address, options);
    expect([status, body.equals(sent)]).toEqual([200, true]);
  });

  test('who reads keeps what was deleted; when it goes away the content goes', async () => {
    await fetch(url('/deleted'), { method: 'PUT' });
    // More than the buffers of a connection hold.
    const sent = randomBytes(32 * 1024 ** 2);
    await fetch(url('/deleted/key'), { method: 'PUT', body: sent });
    const data = join(directory, 'store', 'deleted', 'data');
    const [whole, cut] = await Promise.all([fetch(url('/deleted/key')), fetch(url('/deleted/key'))]);
    expect((await fetch(url('/deleted/key'), { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url('/deleted/key'))).status).toBe(404);
    expect(Buffer.from(await whole.arrayBuffer()).equals(sent)).toBe(true);
    expect(await readdir(data)).toHaveLength(1);
    await cut.body?.cancel();
    await expect.poll(() => readdir(data)).toHaveLength(0);
  });

  test('a client that goes away in the middle leaves nothing', async () => {
    await fetch(url('/aborted'), { method: 'PUT' });
    const data = join(directory, 'store', 'aborted', 'data');
    const socket = connect(portOf(false), '127.0.0.1');
    socket.write('PUT /aborted/key HTTP/1.1\r\nHost: s3\r\nContent-Length: 1000\r\n\r\nhalf');
    await expect.poll(() => readdir(data)).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => readdir(data)).toHaveLength(0);
  });
});

/** Sends a request and reads the reply to its end. */
async function ask(
  address: string,
  options: RequestOptions,
  body?: Uint8Array,
): Promise<{ status: number | undefined; body: Buffer }> {
  const request = (address.startsWith('https') ? httpsRequest : httpRequest)(address, options);
  request.end(body);
  const [reply]: IncomingMessage[] = await once(request, 'response');
  if (reply === undefined) throw new Error('no response');
  return { status: reply.statusCode, body: await buffer(reply) };
}

/** Whether a program is on the path: tests with real clients are skipped where it is not. */
function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

describe.skipIf(!hasProgram('aws'))('the aws command (skipped where it is not installed)', () => {
  const aws = async (isTls: boolean, ...args: string[]): Promise<string> => {
    const endpoint = `${isTls ? 'https' : 'http'}://127.0.0.1:${portOf(isTls)}`;
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'ap-northeast-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_CA_BUNDLE: join(directory, 'ca.pem'),
    };
    const { stdout } = await run('aws', args, { env, cwd: directory });
    return stdout.trim();
  };

  test('makes, copies, lists and removes, small files and large', { timeout: 120_000 }, async () => {
    await writeFile(join(directory, 'ca.pem'), pems.certificate);
    // More than 8 MB: the command sends it in parts.
    const big = Buffer.alloc(9_000_000, 'cloudcroft ');
    await writeFile(join(directory, 'big.bin'), big);
    await writeFile(join(directory, 'small.txt'), 'small\n');
    expect(await aws(false, 's3', 'mb', 's3://cli-bucket')).toBe('make_bucket: cli-bucket');
    await aws(false, 's3', 'cp', '--only-show-errors', 'small.txt', 's3://cli-bucket/a b/é+.txt');
    await aws(
      true,
      's3',
      'cp',
      '--only-show-errors',
      '--no-verify-ssl',
      'big.bin',
      's3://cli-bucket/big.bin',
    );
    await aws(false, 's3', 'cp', '--only-show-errors', 's3://cli-bucket/big.bin', 'back.bin');
    expect((await readFile(join(directory, 'back.bin'))).equals(big)).toBe(true);
    const keys = await aws(
      false,
      's3api',
      'list-objects-v2',
      '--bucket',
      'cli-bucket',
      '--query',
      'Contents[].Key',
    );
    expect(JSON.parse(keys)).toEqual(['a b/é+.txt', 'big.bin']);
    expect(await aws(false, 's3', 'ls', 's3://cli-bucket')).toMatch(/PRE a b\/\n.* 9000000 big\.bin$/);
    await expect(aws(false, 's3api', 'head-object', '--bucket', 'cli-bucket', '--key', 'no')).rejects.toThrow(
      '404',
    );
    await aws(false, 's3', 'rb', '--force', 's3://cli-bucket');
    expect(await aws(false, 's3api', 'list-buckets', '--query', 'Buckets[?Name==`cli-bucket`]')).toBe('[]');
  });
});
