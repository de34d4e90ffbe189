import { ECHO_REQUEST, hasPorts, type PortRange, PROTOCOL_NUMBERS } from '../../net/flow.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const EVERY_PORT: PortRange = { first: 0, last: 65_535 };
/** The one value of protocols that have no ports. */
const NO_PORT: PortRange = { first: 0, last: 0 };

/** A set of services by its number: two sets with the same services have the same number. */
export type SpaceId = number;

/** No service. */
export const NOTHING: SpaceId = 0;
/** Every service. */
export const EVERYTHING: SpaceId = 1;

/** By protocol, in the order of `Spaces.protocols`: ranges of ports, ascending, no two of which touch. */
type Ranges = readonly (readonly PortRange[])[];

/** The ports of one protocol, as they are told. */
export interface ServicePorts {
  readonly protocol: number;
  /** Ascending; of ICMP the echo request only, of a protocol without ports one range. */
  readonly ports: readonly PortRange[];
}

/** The ports that a protocol can have here: of ICMP only ping is asked about. */
export function portsOfProtocol(protocol: number): PortRange {
  if (hasPorts(protocol)) return EVERY_PORT;
  return protocol === ICMP ? ECHO_REQUEST : NO_PORT;
}

/**
 * Sets of protocols and ports, each kept once: what is equal is the same number, so that what two sets have in common is
 * worked out once and then looked up.
 */
export class Spaces {
  /** TCP, UDP, ICMP, those that are told apart, and the first of all others, which stands for them. */
  readonly protocols: readonly number[];
  readonly #ids = new Map<string, SpaceId>();
  readonly #ranges: Ranges[] = [];
  readonly #common = new Map<number, SpaceId>();
  readonly #united = new Map<number, SpaceId>();

  /** `told` are the numbers of the protocols that rules name. */
  constructor(told: Iterable<number> = []) {
    const named = [...new Set([TCP, UDP, ICMP, ...told])].filter((each) => each >= 0 && each <= 255);
    const other = Array.from({ length: 256 }, (_, number) => 255 - number).find(
      (each) => !named.includes(each),
    );
    this.protocols = other === undefined ? named : [...named, other];
    this.#intern(this.protocols.map(() => []));
    this.#intern(this.protocols.map((protocol) => [portsOfProtocol(protocol)]));
  }

  /** The set that holds, for each protocol, the ports that the function says: in any order, and cut to what there is. */
  make(portsOf: (protocol: number) => readonly PortRange[]): SpaceId {
    return this.#intern(
      this.protocols.map((protocol) => {
        const universe = portsOfProtocol(protocol);
        return unite(portsOf(protocol).flatMap((range) => meet(range, universe)));
      }),
    );
  }

  /** What is in both. */
  intersect(one: SpaceId, other: SpaceId): SpaceId {
    if (one === other || other === EVERYTHING) return one;
    if (one === EVERYTHING) return other;
    if (one === NOTHING || other === NOTHING) return NOTHING;
    return this.#remember(this.#common, one, other, (a, b) =>
      a.flatMap((range) => b.flatMap((each) => meet(range, each))),
    );
  }

  /** What is in either. */
  unite(one: SpaceId, other: SpaceId): SpaceId {
    if (one === other || other === NOTHING) return one;
    if (one === NOTHING) return other;
    if (one === EVERYTHING || other === EVERYTHING) return EVERYTHING;
    return this.#remember(this.#united, one, other, (a, b) => unite([...a, ...b]));
  }

  /** What the set holds, without protocols of which it holds nothing. */
  describe(space: SpaceId): readonly ServicePorts[] {
    return this.protocols.flatMap((protocol, index) => {
      const ports = this.#rangesOf(space)[index] ?? [];
      return ports.length === 0 ? [] : [{ protocol, ports }];
    });
  }

  /** Whether the set holds every service. */
  isEverything(space: SpaceId): boolean {
    return space === EVERYTHING;
  }

  /** Whether the set holds a port; of protocols without ports, whatever the port. */
  has(space: SpaceId, protocol: number, port: number): boolean {
    const index = this.protocols.indexOf(protocol);
    const ranges = this.#rangesOf(space)[index === -1 ? this.protocols.length - 1 : index] ?? [];
    if (!hasPorts(protocol)) return ranges.length > 0;
    return ranges.some(({ first, last }) => first <= port && port <= last);
  }

  #remember(
    known: Map<number, SpaceId>,
    one: SpaceId,
    other: SpaceId,
    combine: (a: readonly PortRange[], b: readonly PortRange[]) => readonly PortRange[],
  ): SpaceId {
    // Two numbers below two million in one that is exact: there are never so many sets.
    const key = Math.min(one, other) * 2 ** 21 + Math.max(one, other);
    const found = known.get(key);
    if (found !== undefined) return found;
    const [a, b] = [this.#rangesOf(one), this.#rangesOf(other)];
    const made = this.#intern(this.protocols.map((_, index) => combine(a[index] ?? [], b[index] ?? [])));
    known.set(key, made);
    return made;
  }

  #rangesOf(space: SpaceId): Ranges {
    const ranges = this.#ranges[space];
    if (ranges === undefined) throw new Error(`no set of services has the number ${space}`);
    return ranges;
  }

  #intern(ranges: Ranges): SpaceId {
    const key = ranges.map((each) => each.map(({ first, last }) => `${first}-${last}`).join()).join(';');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#ranges.push(ranges) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

/** What two ranges have in common: one range, or none. */
function meet(one: PortRange, other: PortRange): PortRange[] {
  const first = Math.max(one.first, other.first);
  const last = Math.min(one.last, other.last);
  return first <= last ? [{ first, last }] : [];
}

/** The ranges in order, those that touch made one. */
function unite(ranges: readonly PortRange[]): PortRange[] {
  const united: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = united.at(-1);
    if (before === undefined || range.first > before.last + 1) united.push(range);
    else united[united.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
  }
  return united;
}

/** The number of ICMP, for those who tell ping from other protocols without ports. */
export function isPing(protocol: number): boolean {
  return protocol === PROTOCOL_NUMBERS['icmp'];
}
