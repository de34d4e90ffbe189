/** Packets a second that the resolver takes from an interface (semantics S92). */
const PACKETS_PER_SECOND = 1024;

/** Counts packets by interface and second. Memory: the interfaces seen in the second under way. */
export class PacketLimit {
  readonly #perSecond: number;
  readonly #counts = new Map<string, number>();
  #second = Number.NaN;

  constructor(perSecond = PACKETS_PER_SECOND) {
    this.#perSecond = perSecond;
  }

  /** Counts a packet and says whether it is still within the limit of its second. */
  admits(eniId: string, now: Date): boolean {
    const second = Math.floor(now.getTime() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(eniId) ?? 0) + 1;
    this.#counts.set(eniId, count);
    return count <= this.#perSecond;
  }
}
