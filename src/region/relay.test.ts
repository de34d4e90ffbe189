import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as ask, createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { relay } from './relay.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A relay to a server with this listener; resolves with a function that asks, always on one connection. */
async function makeRelay(listener: RequestListener | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'cloudcroft-relay-'));
  const path = join(folder, 'behind.sock');
  const statuses: number[] = [];
  closing.push(() => rm(folder, { recursive: true, force: true }));
  if (listener !== undefined) closing.push(await listen(createServer(listener), path));
  const front = createServer((request, response) =>
    relay(path, request, response, (status) => statuses.push(status)),
  );
  closing.push(await listen(front, join(folder, 'front.sock')));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => Promise.resolve(agent.destroy()));
  const send = async (body: string, headers: Record<string, string> = {}) => {
    const sent = ask({
      socketPath: join(folder, 'front.sock'),
      agent,
      method: 'PUT',
      path: '/x?y=1',
      headers,
    });
    sent.end(body);
    const [reply] = await once(sent, 'response');
    return `${reply.statusCode} ${await text(reply)}`;
  };
  return { send, statuses };
}

async function listen(server: Server, path: string): Promise<() => Promise<void>> {
  server.listen(path);
  await once(server, 'listening');
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}

test('a request goes on as it is, and its reply comes back', async () => {
  const { send, statuses } = await makeRelay(async (request, response) => {
    const { 'x-signed': signed, expect: awaited } = request.headers;
    response
      .writeHead(201)
      .end(`${request.method} ${request.url} ${signed} ${awaited} ${await text(request)}`);
  });
  expect(await send('hello', { 'x-signed': 'yes' })).toBe('201 PUT /x?y=1 yes undefined hello');
  expect(statuses).toEqual([201]);
});

test('a request that is refused before it has come leaves its connection good for the next', async () => {
  const { send } = await makeRelay((request, response) => {
    response.writeHead(503).end('no room');
    request.resume();
  });
  const large = 'x'.repeat(4 * 1024 ** 2);
  for (let count = 0; count < 4; count++) expect(await send(large)).toBe('503 no room');
  expect(await send('small')).toBe('503 no room');
});

test('where nobody listens, clients are told to try again', async () => {
  const { send, statuses } = await makeRelay(undefined);
  expect(await send('hello')).toBe('503 The service is not there now.\n');
  expect(statuses).toEqual([503]);
});
