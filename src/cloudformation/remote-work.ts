/** What is being asked of other processes: one thing at a time of each resource. */
export class RemoteWork {
  readonly #underWay = new Set<string>();

  isUnderWay(resourceKey: string): boolean {
    return this.#underWay.has(resourceKey);
  }

  /** Begins, unless something is under way; `then` is called with how it ended. */
  begin(
    resourceKey: string,
    act: () => Promise<void>,
    then: (failure: { readonly cause: unknown } | undefined) => void,
  ): void {
    if (this.#underWay.has(resourceKey)) return;
    this.#underWay.add(resourceKey);
    const end = (failure?: { readonly cause: unknown }): void => {
      this.#underWay.delete(resourceKey);
      then(failure);
    };
    act().then(
      () => end(),
      (cause: unknown) => end({ cause }),
    );
  }
}
