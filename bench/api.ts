import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Installation } from '../test/support/installation.ts';
import { ApiClient, signAction } from './api-client.ts';
import { type Benchmark, median, medianRatio } from './row.ts';

const ROUNDS = 5;
const ROUND_MILLISECONDS = 1_500;
const CONNECTIONS = 8;
const TARGET_A_SECOND = 4_000;

/** Signed DescribeVpcs on kept connections, in turns with a bare HTTP server of Node that sends the same bytes. */
export const api: Benchmark = {
  name: 'api',
  summary: 'signed DescribeVpcs a second over HTTP, against a bare node:http server',
  run: async () => {
    const croft = await Installation.start();
    const port = Number(new URL((await croft.status()).apiUrl).port);
    const { headers, body } = signAction(port, croft.state.credentials(), 'DescribeVpcs');
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const bytes = Buffer.from(`POST / HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    const client = new ApiClient(port, croft.state.credentials());
    const bare = await startBareServer(await client.call('DescribeVpcs'));
    client.close();
    const [ours, theirs]: [number[], number[]] = [[], []];
    await countAnswers(port, bytes, ROUND_MILLISECONDS);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await countAnswers(port, bytes, ROUND_MILLISECONDS));
      theirs.push(await countAnswers(bare.port, bytes, ROUND_MILLISECONDS));
    }
    bare.child.disconnect();
    await croft.end();
    return [
      { name: 'api.bare', value: median(theirs), unit: 'requests/s' },
      {
        name: 'api.describe-vpcs',
        value: median(ours),
        unit: 'requests/s',
        ratio: medianRatio(ours, theirs),
        target: { of: 'value', is: 'at least', limit: TARGET_A_SECOND },
      },
    ];
  },
};

/** A bare server in a process of its own, as ours is. */
async function startBareServer(
  text: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [text]);
  const [address]: unknown[] = await once(child, 'message');
  if (typeof address !== 'object' || address === null || !('port' in address))
    throw new Error('the bare server did not start');
  return { child, port: Number(address.port) };
}

/** Answers a second, with one request under way on each of the connections. */
async function countAnswers(port: number, bytes: Buffer, milliseconds: number): Promise<number> {
  const begin = performance.now();
  const end = begin + milliseconds;
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => askRepeatedly(port, bytes, () => performance.now() < end)),
  );
  return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (performance.now() - begin);
}

/**
 * Asks on one connection while it may go on; resolves with the number of answers. Written on the bare socket: Node's own
 * HTTP client costs more than the server that is measured.
 */
function askRepeatedly(port: number, bytes: Buffer, mayGoOn: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes)).setNoDelay();
    let count = 0;
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (received.length < lengthOfAnswer(received)) return;
      if (!received.subarray(0, 12).toString().endsWith(' 200'))
        return reject(new Error(`the server refused: ${received.toString()}`));
      received = Buffer.alloc(0);
      count++;
      if (mayGoOn()) return socket.write(bytes);
      socket.removeAllListeners('end');
      socket.end();
      resolve(count);
    });
  });
}

/** Of head and body in bytes; infinite while the head is not whole. */
function lengthOfAnswer(received: Buffer): number {
  const blank = received.indexOf('\r\n\r\n');
  if (blank < 0) return Number.POSITIVE_INFINITY;
  const length = /content-length: *(\d+)/i.exec(received.toString('latin1', 0, blank))?.[1];
  if (length === undefined) throw new Error('the server sent an answer without its length');
  return blank + 4 + Number(length);
}
