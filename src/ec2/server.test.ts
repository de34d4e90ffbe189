import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import type { Refusal, ServiceHandler, ServiceRequest } from './service.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A service that tells what reached it. */
function createEcho(name: string, more: Partial<ServiceHandler> = {}): ServiceHandler {
  return {
    handle: async ({ method, path, query, body, caller, region }) => ({
      status: 200,
      body: `${name} ${method} ${path} ${query} ${body.length} ${caller.account} ${region}`,
    }),
    refuse: ({ code, message, status }: Refusal) => ({ status, body: `${name} ${code}: ${message}` }),
    ...more,
  };
}

const bugs: string[] = [];
/** Requests that wait until they are let go. */
const held: (() => void)[] = [];

const options: ServerOptions = {
  port: 0,
  services: {
    ec2: createEcho('ec2', { version: '2016-11-15' }),
    sts: createEcho('sts', { version: '2011-06-15' }),
    dynamodb: createEcho('dynamodb', { targetPrefixes: ['DynamoDB_20120810'] }),
    s3: createEcho('s3', { admitsAnonymous: true, bodyLimit: 4_000_000 }),
    broken: createEcho('broken', {
      version: '2000-01-01',
      handle: () => Promise.reject(new Error('secret detail')),
    }),
    slow: createEcho('slow', {
      version: '2000-01-02',
      handle: (_: ServiceRequest) =>
        new Promise((resolve) => {
          held.push(() => resolve({ status: 200, body: 'at last' }));
        }),
    }),
  },
  defaultRegion: 'ap-northeast-2',
  isRegion: (name) => ['us-east-1', 'ap-northeast-2'].includes(name),
  clock: () => NOW,
  onBug: (error) => bugs.push(String(error)),
  isOpen: true,
  defaultAccount: '000000000001',
  secretOf: (id) => (id === 'AKIAEXAMPLE' ? { secret: 'secret', account: '111111111111' } : undefined),
};

let open: RunningServer;
let closed: RunningServer;
beforeAll(async () => {
  open = await startServer(options);
  closed = await startServer({ ...options, isOpen: false, clock: () => new Date() });
});
afterAll(async () => {
  await Promise.all([open.stop(0), closed.stop(0)]);
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string;
}

/** Sends one request and resolves with status, a space and the body. */
function send(server: RunningServer, sent: Sent, socketPath?: string): Promise<string> {
  const { path = '/', method = 'POST', headers = {}, body = '' } = sent;
  const place = socketPath === undefined ? { host: '127.0.0.1', port: server.port } : { socketPath };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...place, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes as they are and resolves with the first line of what comes back, '' where nothing does. */
function sendRaw(server: RunningServer, text: string): Promise<string> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect(server.port ?? 0, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      reply += chunk;
      if (!reply.includes('\r\n\r\n')) return;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(reply.split('\r\n', 1)[0] ?? ''));
  });
}

function scope(service: string, region = 'us-east-1', key = 'AKIAOTHER'): string {
  return `AWS4-HMAC-SHA256 Credential=${key}/20260203/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

describe('finding the service', () => {
  const date = { 'x-amz-date': '20260203T040506Z' };
  test.each<[string, Sent, string]>([
    [
      'by scope',
      { headers: { ...date, authorization: scope('sts') } },
      '200 sts POST /  0 000000000001 us-east-1',
    ],
    [
      'by scope, known key',
      { headers: { ...date, authorization: scope('ec2', 'us-east-1', 'AKIAEXAMPLE') } },
      '200 ec2 POST /  0 111111111111 us-east-1',
    ],
    [
      'an account as access key',
      { headers: { ...date, authorization: scope('ec2', 'us-east-1', '222222222222') } },
      '200 ec2 POST /  0 222222222222 us-east-1',
    ],
    [
      'by target',
      { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } },
      '200 dynamodb POST /  0 000000000001 ap-northeast-2',
    ],
    [
      'by version in the body',
      { headers: FORM, body: 'Action=X&Version=2011-06-15' },
      '200 sts POST /  27 000000000001 ap-northeast-2',
    ],
    [
      'by version in the query',
      { method: 'GET', path: '/?Action=X&Version=2011-06-15' },
      '200 sts GET / Action=X&Version=2011-06-15 0 000000000001 ap-northeast-2',
    ],
    [
      'a form of no version',
      { headers: FORM, body: 'Action=X' },
      '200 ec2 POST /  8 000000000001 ap-northeast-2',
    ],
    [
      'a path',
      { method: 'GET', path: '/bucket/key' },
      '200 s3 GET /bucket/key  0 000000000001 ap-northeast-2',
    ],
  ])('%s', async (_, sent, reply) => {
    expect(await send(open, sent)).toBe(reply);
  });

  test.each<[string, Sent, string]>([
    ['unknown', { headers: { ...date, ...FORM, authorization: scope('iam') } }, '501 NotImplemented'],
    [
      'named like a method',
      { headers: { ...date, ...FORM, authorization: scope('toString') } },
      '501 NotImplemented',
    ],
    ['unknown target', { headers: { 'x-amz-target': 'AmazonSSM.GetParameter' } }, '501 NotImplemented'],
    ['unknown region', { headers: { ...date, authorization: scope('ec2', 'mars') } }, '401 AuthFailure'],
  ])('%s', async (_, sent, reply) => {
    const answer = await send(open, sent);
    expect(`${answer.slice(0, 3)} ${/<Code>(.*)<\/Code>/.exec(answer)?.[1]}`).toBe(reply);
  });

  const JSON_REFUSAL = /^501 \{"__type":"NotImplemented","message":"Cloudcroft does not provide the service/;
  const XML_REFUSAL =
    /^501 <ErrorResponse xmlns=""><Error><Type>Receiver<\/Type><Code>NotImplemented<\/Code><Message>Cloudcroft does not provide/;
  test.each<[string, string | undefined, RegExp]>([
    ['iam', 'application/x-www-form-urlencoded; charset=utf-8', XML_REFUSAL],
    ['route53', undefined, XML_REFUSAL],
    ['route53', 'application/xml', XML_REFUSAL],
    ['logs', 'application/x-amz-json-1.1', JSON_REFUSAL],
    ['lambda', undefined, JSON_REFUSAL],
    ['eks', 'application/json', JSON_REFUSAL],
  ])('%s with %s: in the form that its clients read', async (service, type, expected) => {
    const headers = { ...date, authorization: scope(service) };
    const answer = await send(open, {
      headers: type === undefined ? headers : { ...headers, 'content-type': type },
    });
    expect(answer).toMatch(expected);
  });

  test('a JSON client gets JSON', async () => {
    const headers = {
      'x-amz-target': 'AmazonSSM.GetParameter',
      'content-type': 'application/x-amz-json-1.1',
    };
    expect(await send(open, { headers })).toMatch(
      /^501 {"__type":"NotImplemented","message":"Cloudcroft does not/,
    );
  });
});

describe('signatures', () => {
  test.each<[string, Sent, string]>([
    ['none', { headers: FORM, body: 'Action=X&Version=2016-11-15' }, '403 ec2 MissingAuthenticationToken'],
    ['none, for S3', { method: 'GET', path: '/bucket' }, '200 s3 GET /bucket  0 anonymous ap-northeast-2'],
    ['broken', { headers: { authorization: 'Basic x' } }, '400 IncompleteSignature'],
  ])('%s', async (_, sent, reply) => {
    const answer = await send(closed, sent);
    expect(answer.replace(/<\?xml[\s\S]*<Code>(.*)<\/Code>[\s\S]*/, '$1').split(':')[0]).toBe(reply);
  });

  test.each([
    ['AKIAEXAMPLE', 'secret', 200],
    ['AKIAEXAMPLE', 'wrong', 401],
    ['AKIAOTHER', 'secret', 401],
  ])('the SDK with key %s and secret %s', async (accessKeyId, secretAccessKey, status) => {
    const client = new EC2Client({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${closed.port}`,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    });
    const seen = await client.send(new DescribeVpcsCommand({ VpcIds: ['vpc-é'] })).then(
      () => 200,
      (error: unknown) => Reflect.get(Object(Reflect.get(Object(error), '$metadata')), 'httpStatusCode'),
    );
    client.destroy();
    expect(seen).toBe(status);
  });
});

describe('hostile input', () => {
  test.each<[string, Sent, string]>([
    [
      'another host name',
      { headers: { host: 'evil.example' } },
      "403 This server does not answer to the host name 'evil.example'",
    ],
    ['a name that begins like ours', { headers: { host: 'localhost.evil.example' } }, '403 This server'],
    ['a name that ends like AWS', { headers: { host: 'evilamazonaws.com' } }, '403 This server'],
    [
      'a foreign page',
      { headers: { origin: 'https://evil.example' } },
      '403 A web page of https://evil.example',
    ],
    ['a sandboxed page', { headers: { origin: 'null' } }, '403 A web page of null'],
  ])('%s is refused', async (_, sent, reply) => {
    const answer = await send(open, sent);
    expect(answer.replace(/<\?xml[\s\S]*<Message>/, '')).toContain(reply);
  });

  test.each([
    'localhost:80',
    'ec2.us-east-1.amazonaws.com',
    'bucket.s3.amazonaws.com',
    '[::1]:4747',
    'LOCALHOST',
  ])('host %s is let in', async (host) => {
    expect(await send(open, { headers: { host } })).toMatch(/^200 /);
  });

  test.each<[string, string, string]>([
    ['garbage', 'GARBAGE\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['an unknown version', 'GET / HTTP/9.9\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'a length that is no number',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n',
      'HTTP/1.1 400 Bad Request',
    ],
    [
      'two ways of framing',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HTTP/1.1 400 Bad Request',
    ],
    [
      '40 kB of headers',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 403 Forbidden'],
    ['a sound request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'HTTP/1.1 200 OK'],
    [
      'asking to send 100 MB',
      'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n',
      'HTTP/1.1 413 Payload Too Large',
    ],
    [
      'asking to send 9 bytes',
      'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
      'HTTP/1.1 100 Continue',
    ],
  ])('%s', async (_, text, line) => {
    expect(await sendRaw(open, text)).toBe(line);
  });

  test('a body of 100 MB is refused and not kept', async () => {
    const before = process.memoryUsage();
    const chunk = Buffer.alloc(1_000_000, 'a');
    for (const header of [{ 'content-length': 100 * chunk.length }, { 'transfer-encoding': 'chunked' }]) {
      const status = await new Promise((resolve, reject) => {
        const place = { host: '127.0.0.1', port: open.port, method: 'POST', headers: { ...FORM, ...header } };
        const request = httpRequest({ ...place, agent: false }, (response) => resolve(response.statusCode));
        request.on('error', reject);
        let sent = 0;
        const sendMore = (): void => {
          sent += 1;
          if (sent > 100) request.end();
          else request.write(chunk, sendMore);
        };
        sendMore();
      });
      expect(status).toBe(413);
    }
    const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    expect(grown).toBeLessThan(60_000_000);
  });

  test('a client that goes away leaves the server as it was', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(open.port ?? 0, '127.0.0.1', () => {
        const head =
          'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';
        socket.write(`${head}Content-Length: 100\r\n\r\nAction`, () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect(await send(open, { headers: FORM, body: 'Action=X' })).toMatch(/^200 /);
    expect(bugs).toEqual([]);
  });

  test('a bug answers 500 and is told to the log', async () => {
    const answer = await send(open, { headers: FORM, body: 'Action=X&Version=2000-01-01' });
    expect(answer).toMatch(/^500 broken InternalError: An internal error/);
    expect(bugs.splice(0)).toEqual(['Error: secret detail']);
  });
});

describe('POST /moto-api/reset', () => {
  const resets: string[] = [];
  let resettable: RunningServer;
  beforeAll(async () => {
    const reset = async (): Promise<void> => {
      resets.push('reset');
    };
    resettable = await startServer({ ...options, reset });
  });
  afterAll(() => resettable.stop(0));

  test.each([
    ['a test suite', {}, 200, '{"status":"ok"}'],
    ['a read', { method: 'GET' }, 405, 'Reset is a POST.'],
    ['a web page', { headers: { origin: 'https://evil.example' } }, 403, 'may not call this server'],
    ['another name', { headers: { host: 'evil.example' } }, 403, 'does not answer to the host name'],
  ])('%s', async (_name, sent: Sent, status, text) => {
    const before = resets.length;
    const reply = await send(resettable, { path: '/moto-api/reset', ...sent });
    expect(reply).toMatch(new RegExp(`^${status} `));
    expect(reply).toContain(text);
    expect(resets.length - before).toBe(status === 200 ? 1 : 0);
  });

  test('where keys are verified it is refused', async () => {
    expect(await send(closed, { path: '/moto-api/reset' })).toMatch(/^403 [\s\S]*croft up --open/);
  });
});

test('a Unix socket is served, also where a killed server left its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'croft-server-'));
  const socketPath = join(folder, 'api.sock');
  const { port: _, ...rest } = options;
  const first = await startServer({ ...rest, socketPath });
  const second = await startServer({ ...rest, socketPath });
  expect(second.port).toBeUndefined();
  const answer = await send(second, { method: 'GET', headers: { host: 'localhost' } }, socketPath);
  expect(answer).toBe('200 ec2 GET /  0 000000000001 ap-northeast-2');
  await Promise.all([first.stop(0), second.stop(0)]);
  rmSync(folder, { recursive: true });
});

test('stopping lets a request under way finish and takes no new one', async () => {
  const server = await startServer(options);
  const slow = send(server, { headers: FORM, body: 'Action=X&Version=2000-01-02' });
  await expect.poll(() => held.length).toBe(1);
  const stopped = server.stop();
  await expect(send(server, {})).rejects.toThrow('ECONNREFUSED');
  held.pop()?.();
  expect(await slow).toBe('200 at last');
  await stopped;
});
