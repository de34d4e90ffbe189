import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';

const POLL_MILLISECONDS = 20;
/** Python reads much before it listens. */
const GIVE_UP_MILLISECONDS = 30_000;

/** A moto_server on a port of its own. */
export class Moto {
  readonly port: number;
  /** Milliseconds from its start until it took a connection. */
  readonly startMilliseconds: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess, startMilliseconds: number) {
    this.port = port;
    this.#child = child;
    this.startMilliseconds = startMilliseconds;
  }

  /** Starts one; undefined, with the reason printed, where the machine has none. */
  static async start(): Promise<Moto | undefined> {
    const port = await findFreePort();
    const begin = performance.now();
    const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    // However the benchmark ends: moto_server would go on by itself.
    process.once('exit', () => child.kill('SIGKILL'));
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code) => resolve(`it ended with code ${code}`));
    });
    const obstacle = await Promise.race([ended, untilConnected(port)]);
    if (obstacle === undefined) return new Moto(port, child, performance.now() - begin);
    process.stderr.write(`moto_server is not compared with: ${obstacle}\n`);
    return undefined;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('moto_server did not start');
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

async function untilConnected(port: number): Promise<undefined> {
  const deadline = performance.now() + GIVE_UP_MILLISECONDS;
  while (!(await canConnect(port))) {
    if (performance.now() > deadline) throw new Error('moto_server did not listen within 30 seconds');
    await pause(POLL_MILLISECONDS);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
