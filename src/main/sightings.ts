/** How many requests the world's servers remember. */
const MOST = 1000;

/** What the world's servers have seen, newest last; the oldest are forgotten. */
export class Sightings {
  readonly #entries: object[] = [];

  add(entry: object): void {
    this.#entries.push(entry);
    if (this.#entries.length > MOST) this.#entries.shift();
  }

  all(): readonly object[] {
    return this.#entries;
  }
}
