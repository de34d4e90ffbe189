import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Channel } from './ipc.ts';

/** What a kept server is made of. */
export interface KeptServerParts {
  readonly name: string;
  /** Starts the process. */
  readonly spawn: () => ChildProcess;
  /** One that ends sooner after its start is not started again by itself: something is wrong with more than it. */
  readonly leastMilliseconds: number;
  /** What it is told before anything else, at each start; nothing while undefined. */
  readonly view: () => unknown;
  readonly log: (line: string) => void;
}

/**
 * One of the world's servers. When its process ends, it alone is started again: the agent, the other servers and whoever talks
 * to them go on.
 */
export class KeptServer {
  /** Resolves with why, when it can no longer be kept. */
  readonly lost: Promise<string>;
  readonly #parts: KeptServerParts;
  readonly #lose: (reason: string) => void;
  #child: ChildProcess | undefined;
  #channel: Channel | undefined;
  #isClosed = false;

  constructor(parts: KeptServerParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.lost = promise;
    this.#lose = resolve;
  }

  /** The process that serves now, or served last. */
  get child(): ChildProcess | undefined {
    return this.#child;
  }

  /** Starts it; resolves once it serves. Rejects when it ends before that. */
  async start(): Promise<void> {
    const { name, spawn, view } = this.#parts;
    const child = spawn();
    this.#child = child;
    const channel = new Channel(child, name);
    const told = view();
    // It reads this before it listens: nobody is answered by a server that knows of no world.
    if (told !== undefined) channel.tell('view', told);
    await untilReady(child, channel, name);
    this.#channel = channel;
    const startedAt = performance.now();
    child.once('exit', () => void this.#startAgain(performance.now() - startedAt));
  }

  /** Tells it something; nothing happens while there is no process. */
  tell(name: string, value: unknown): void {
    this.#channel?.tell(name, value);
  }

  /** Asks it; undefined while there is no process. */
  async ask(verb: string): Promise<unknown> {
    return this.#channel?.ask(verb);
  }

  /** From now on it is not started again. */
  close(): void {
    this.#isClosed = true;
  }

  async #startAgain(lived: number): Promise<void> {
    const { name, leastMilliseconds, log } = this.#parts;
    this.#channel = undefined;
    // Should only what stood before it have ended, it ends now, and leaves what it listens at.
    if (this.#child?.connected === true) this.#child.disconnect();
    if (this.#isClosed) return;
    if (lived < leastMilliseconds) {
      this.#lose(`${name}, again,`);
      return;
    }
    log(`${name} ended; starting it again`);
    try {
      await this.start();
    } catch (error) {
      this.#lose(error instanceof Error ? `${name} (${error.message})` : name);
    }
  }
}

/** Resolves once the process says that it is ready; rejects when it ends before. */
export function untilReady(child: ChildProcess, channel: Channel, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.onEvent('ready', () => resolve());
    child.once('error', reject);
    void once(child, 'exit').then(
      ([code]) => reject(new Error(`the ${name} process ended with code ${code} before it was ready`)),
      () => undefined,
    );
  });
}
