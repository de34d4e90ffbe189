import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long to wait before the first repeat of work that failed; doubled each time, up to the longest wait. */
const FIRST_RETRY_MILLISECONDS = 100;
const LONGEST_RETRY_MILLISECONDS = 10_000;

/**
 * Level-triggered work: a wake-up carries only a name, and the work looks at the world as it is then. Each name is worked
 * on by one run at a time; a name that is woken meanwhile is worked on once more. Work that throws is repeated, later and
 * later, until it succeeds or the loop is closed.
 */
export class Loop {
  readonly #work: (name: string) => Promise<void>;
  readonly #onFailure: (name: string, error: unknown, attempt: number) => void;
  readonly #running = new Map<string, { isWokenAgain: boolean }>();
  readonly #retries = new Map<string, { timer: NodeJS.Timeout; attempt: number }>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #isClosed = false;

  constructor(
    work: (name: string) => Promise<void>,
    onFailure: (name: string, error: unknown, attempt: number) => void,
  ) {
    this.#work = work;
    this.#onFailure = onFailure;
  }

  /**
   * Has the name worked on, soon; never in the turn of the caller, and after what the event loop has at hand: whoever wrote
   * is answered first.
   */
  wake(name: string): void {
    if (this.#isClosed) return;
    const running = this.#running.get(name);
    if (running !== undefined) {
      running.isWokenAgain = true;
      return;
    }
    const retry = this.#retries.get(name);
    if (retry !== undefined) clearTimeout(retry.timer);
    this.#run(name, retry?.attempt ?? 0);
  }

  /** Resolves when the name needs no more work: at once if it is at rest. Work that keeps failing keeps it waiting. */
  settled(name: string): Promise<void> {
    if (this.#isAtRest(name)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name);
      if (waiting === undefined) this.#waiting.set(name, [resolve]);
      else waiting.push(resolve);
    });
  }

  /** Resolves when no name needs work. */
  async idle(): Promise<void> {
    for (;;) {
      const [name] = [...this.#running.keys(), ...this.#retries.keys()];
      if (name === undefined) return;
      await this.settled(name);
    }
  }

  /** Begins no more work. What runs is not interrupted. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    for (const name of [...this.#waiting.keys()]) if (this.#isAtRest(name)) this.#release(name);
  }

  #isAtRest(name: string): boolean {
    return !this.#running.has(name) && !this.#retries.has(name);
  }

  #run(name: string, attempt: number): void {
    this.#retries.delete(name);
    const run = { isWokenAgain: false };
    this.#running.set(name, run);
    const finish = (error?: { readonly cause: unknown }): void => {
      this.#running.delete(name);
      if (this.#isClosed) this.#release(name);
      else if (error !== undefined) this.#retry(name, error.cause, attempt + 1);
      else if (run.isWokenAgain) this.#run(name, 0);
      else this.#release(name);
    };
    nextTurn()
      .then(() => {
        run.isWokenAgain = false;
        return this.#isClosed ? undefined : this.#work(name);
      })
      .then(
        () => finish(),
        (cause: unknown) => finish({ cause }),
      );
  }

  #retry(name: string, error: unknown, attempt: number): void {
    this.#onFailure(name, error, attempt);
    // Whoever was told may have woken the name, or closed the loop.
    if (this.#running.has(name)) return;
    if (this.#isClosed) {
      this.#release(name);
      return;
    }
    const delay = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (attempt - 1), LONGEST_RETRY_MILLISECONDS);
    this.#retries.set(name, { attempt, timer: setTimeout(() => this.#run(name, attempt), delay) });
  }

  #release(name: string): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of waiting) resolve();
  }
}
