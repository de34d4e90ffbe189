/** How something that was asked of another process ended. */
interface Ending {
  readonly failure?: { readonly cause: unknown };
}

/** What is being asked of other processes: one thing at a time of each resource. */
export class RemoteWork {
  /** Undefined while it is under way. */
  readonly #asked = new Map<string, Ending | undefined>();

  isUnderWay(resourceKey: string): boolean {
    return this.#asked.has(resourceKey) && this.#asked.get(resourceKey) === undefined;
  }

  /** How what was asked last for a resource ended; undefined while it has not. */
  endingOf(resourceKey: string): Ending | undefined {
    return this.#asked.get(resourceKey);
  }

  /** To be called when the ending is written down, or of no interest. */
  forget(resourceKey: string): void {
    if (!this.isUnderWay(resourceKey)) this.#asked.delete(resourceKey);
  }

  /** Begins, unless something was asked already; `wake` is called when it has ended. */
  begin(resourceKey: string, act: () => Promise<void>, wake: () => void): void {
    if (this.#asked.has(resourceKey)) return;
    this.#asked.set(resourceKey, undefined);
    const end = (ending: Ending): void => {
      this.#asked.set(resourceKey, ending);
      wake();
    };
    act().then(
      () => end({}),
      (cause: unknown) => end({ failure: { cause } }),
    );
  }
}
