import { setImmediate } from 'node:timers/promises';
import { Loop } from '../control/loop.ts';
import type { Change } from '../state/store.ts';
import { ApplyRun } from './apply-run.ts';
import { CleanupRun } from './cleanup-run.ts';
import { RemoteWork } from './remote-work.ts';
import type { Run } from './run.ts';
import { scopeOfStack } from './stack-names.ts';
import type { StackParts } from './stack-parts.ts';

/** Tables that only stacks' own work writes: nothing in them is waited for. */
const OWN_TABLES: ReadonlySet<string> = new Set([
  'stackTemplates',
  'stackResources',
  'stackEvents',
  'changeSets',
]);

/**
 * Carries out what stacks' records say is to be done. Each step is one transaction, which writes what was done and that it was
 * done: wherever the daemon ends, the next goes on from the records.
 */
export class StackEngine {
  readonly #parts: StackParts;
  readonly #loop: Loop;
  readonly #remote = new RemoteWork();
  /** What is known of the phase that a stack is in; everything in it follows from records. */
  readonly #runs = new Map<string, Run>();
  /** Stacks that wait for the world to change. */
  readonly #waiting = new Set<string>();
  readonly #stopWatching: () => void;

  constructor(parts: StackParts) {
    this.#parts = parts;
    this.#loop = new Loop(
      (stackId) => this.#work(stackId),
      (stackId, error) => parts.onBug(error, stackId),
    );
    this.#stopWatching = parts.store.watch((changes) => this.#notice(changes));
  }

  /** Goes on with every stack where it was left. */
  start(): void {
    for (const world of this.#parts.store.worlds()) {
      for (const { stackId, work } of world.stacks.values()) {
        if (work !== undefined) this.#loop.wake(stackId);
      }
    }
  }

  /** Resolves when no stack can be worked on without a change of the world. */
  idle(): Promise<void> {
    return this.#loop.idle();
  }

  /** Begins no more work. */
  close(): void {
    this.#stopWatching();
    this.#loop.close();
  }

  #notice(changes: readonly Change[]): void {
    let isWorldChanged = false;
    for (const { table, after } of changes) {
      if (table === 'stacks') {
        if (after !== undefined && 'work' in after && 'stackId' in after) this.#loop.wake(after.stackId);
      } else if (!OWN_TABLES.has(table)) {
        isWorldChanged = true;
      }
    }
    if (isWorldChanged) for (const stackId of this.#waiting) this.#loop.wake(stackId);
  }

  async #work(stackId: string): Promise<void> {
    for (;;) {
      const stack = this.#parts.store.world(scopeOfStack(stackId))?.stacks.get(stackId);
      this.#waiting.delete(stackId);
      if (stack?.work === undefined) {
        this.#runs.delete(stackId);
        return;
      }
      let run = this.#runs.get(stackId);
      if (run?.work !== stack.work) {
        const wake = (): void => this.#loop.wake(stackId);
        const make = stack.work.phase === 'apply' ? ApplyRun : CleanupRun;
        run = new make(this.#parts, this.#remote, stackId, stack.work, wake);
        this.#runs.set(stackId, run);
      }
      try {
        if (run.round() === 'waiting') {
          this.#waiting.add(stackId);
          return;
        }
      } catch (error) {
        this.#runs.delete(stackId);
        throw error;
      }
      // Requests are answered between two rounds.
      await setImmediate();
    }
  }
}
