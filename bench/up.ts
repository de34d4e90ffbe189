import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCaptured } from '../src/fabric/process.ts';
import { program } from '../src/main/program.ts';
import { StateDirectory } from '../src/state/directory.ts';
import { ApiClient } from './api-client.ts';
import { findFreePort } from './free-port.ts';

const POLL_MILLISECONDS = 2;
const GIVE_UP_MILLISECONDS = 20_000;

/** Seconds from the start of the command. */
export interface Started {
  /** until DescribeVpcs was answered */
  readonly answered: number;
  /** until `croft up -d` returned, with the world ready */
  readonly ready: number;
}

/** An empty state directory, but for its access key: asking needs one before the daemon has made it. */
export function newState(): StateDirectory {
  const state = new StateDirectory(mkdtempSync(join(tmpdir(), 'croft-start-')));
  state.create();
  state.credentials();
  return state;
}

/** `croft up -d` in a state directory. */
export async function up(state: StateDirectory): Promise<Started> {
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

/** Another verb on a state directory; rejects with what it says when it fails. */
export async function croft(state: StateDirectory, ...words: readonly string[]): Promise<void> {
  const { code, stderr } = await runCaptured([...program, ...words, '--state', state.path]);
  if (code !== 0) throw new Error(`croft ${words.join(' ')}: ${stderr}`);
}
