import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../src/cli/client.ts';
import { runCaptured } from '../src/fabric/process.ts';
import { program } from '../src/main/program.ts';
import { StateDirectory } from '../src/state/directory.ts';
import { ApiClient } from './api-client.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';

const ROUNDS = 4;
/** A state worth loading: what a small team has in its region. */
const VPCS = 20;
const TARGET_SECONDS = 0.5;
const POLL_MILLISECONDS = 2;
const GIVE_UP_MILLISECONDS = 20_000;

/** Seconds from the start of the command. */
interface Started {
  /** until DescribeVpcs was answered */
  readonly answered: number;
  /** until `croft up -d` returned, with the world ready */
  readonly ready: number;
}

/** `croft up` to the first answer of the API, with nothing there and with a state to load, in turns. */
export const start: Benchmark = {
  name: 'start',
  summary: 'croft up -d to the first DescribeVpcs answered, and to the world ready',
  run: async () => {
    const fresh: Started[] = [];
    const existing: Started[] = [];
    const kept = newState();
    await up(kept);
    await fill(kept);
    await croft(kept, 'down');
    for (let round = 0; round < ROUNDS; round++) {
      const state = newState();
      fresh.push(await up(state));
      await croft(state, 'down', '--purge');
      existing.push(await up(kept));
      await croft(kept, 'down');
    }
    await croft(kept, 'down', '--purge');
    return [...rowsOf('answered', fresh, existing), ...rowsOf('ready', fresh, existing)];
  },
};

function rowsOf(what: keyof Started, fresh: readonly Started[], existing: readonly Started[]): Row[] {
  const [first, again] = [fresh, existing].map((list) => list.map((each) => each[what]));
  if (first === undefined || again === undefined) return [];
  const target =
    what === 'answered' ? ({ target: { of: 'value', is: 'at most', limit: TARGET_SECONDS } } as const) : {};
  return [
    { name: `start.${what}.fresh`, value: median(first), unit: 's', ...target },
    {
      name: `start.${what}.existing`,
      value: median(again),
      unit: 's',
      ratio: medianRatio(again, first),
      ...target,
    },
  ];
}

/** An empty state directory, but for its access key: asking needs one before the daemon has made it. */
function newState(): StateDirectory {
  const state = new StateDirectory(mkdtempSync(join(tmpdir(), 'croft-start-')));
  state.create();
  state.credentials();
  return state;
}

async function fill(state: StateDirectory): Promise<void> {
  const client = new Client(state.socket);
  for (let index = 0; index < VPCS; index++) {
    await client.post('/ec2', { action: 'CreateVpc', input: { CidrBlock: `10.${index}.0.0/16` } });
  }
}

async function up(state: StateDirectory): Promise<Started> {
  const port = await findFreePort();
  const begin = performance.now();
  const [file = '', ...words] = [...program, 'up', '-d', '--port', String(port), '--state', state.path];
  const child = spawn(file, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit').then(() => performance.now());
  await untilAnswered(new ApiClient(port, state.credentials()), begin);
  const answered = performance.now();
  const ready = await ended;
  if (child.exitCode !== 0) throw new Error(`croft up failed; its log: ${state.at('daemon.log')}`);
  return { answered: (answered - begin) / 1_000, ready: (ready - begin) / 1_000 };
}

async function untilAnswered(client: ApiClient, begin: number): Promise<void> {
  while (performance.now() - begin < GIVE_UP_MILLISECONDS) {
    try {
      await client.call('DescribeVpcs');
      client.close();
      return;
    } catch {
      await pause(POLL_MILLISECONDS);
    }
  }
  throw new Error('the API did not answer within 20 seconds');
}

async function croft(state: StateDirectory, ...words: readonly string[]): Promise<void> {
  const { code, stderr } = await runCaptured([...program, ...words, '--state', state.path]);
  if (code !== 0) throw new Error(`croft ${words.join(' ')}: ${stderr}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was found');
  return address.port;
}
