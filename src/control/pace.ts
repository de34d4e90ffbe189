import { setTimeout as pause } from 'node:timers/promises';

/** Work that costs less is not worth a timer: worlds of the usual size are not held up. */
const LIGHT_MILLISECONDS = 0.1;
/** How many times its own cost a piece of work rests: it takes at most a tenth of the time, however large the world. */
const REST = 9;

/**
 * Keeps work that looks at whole worlds from taking the time of those who write them: the larger the world, the longer the
 * pause before it is looked at again.
 */
export class Pace {
  #due = 0;

  /** Resolves when the next piece of work may begin. */
  async turn(): Promise<void> {
    const wait = this.#due - performance.now();
    if (wait > 0) await pause(wait);
  }

  /** Does a piece of work, and takes its cost into account. */
  run<R>(work: () => R): R {
    const begin = performance.now();
    try {
      return work();
    } finally {
      const end = performance.now();
      const cost = end - begin;
      this.#due = cost < LIGHT_MILLISECONDS ? 0 : end + cost * REST;
    }
  }
}
