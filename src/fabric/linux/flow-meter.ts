import { protocolNumberOf } from '../../net/flow.ts';
import { isIpv6 } from '../../net/ipv6.ts';
import {
  FLAG_SETS,
  FLOW_SECONDS,
  FLOW_SETS,
  type FlowCount,
  type FlowReading,
  MOST_FLOWS,
  readFlowMark,
} from '../../plan/flow-logs.ts';
import type { NftFamily } from '../../plan/ruleset.ts';
import { runCaptured } from '../process.ts';

/** The tables in which a router counts: of either family, where it has one. */
const FAMILIES: readonly NftFamily[] = ['ip', 'ip6'];

/** An element of a set as nft prints it in JSON. */
interface Counted {
  readonly key: readonly (string | number)[];
  readonly packets: number;
  readonly bytes: number;
  readonly expires: number;
}

/** What is known of a router's sets: how far each flow was counted at the last reading, and what nobody has asked for yet. */
interface Known {
  totals: Map<string, { readonly packets: number; readonly bytes: number }>;
  counts: FlowCount[];
  isFull: boolean;
  readAt: number;
}

/**
 * Reads what routers have counted for flow logs. The kernel's counters only grow: each reading tells what came since the last
 * one. A flow that was forgotten in between, or whose ruleset was loaded anew, begins at nought again.
 */
export class FlowMeter {
  readonly #known = new Map<string, Known>();

  /** What a router has counted since it was asked last; nothing where it counts nothing. */
  async read(machine: string): Promise<FlowReading> {
    await this.#collect(machine);
    const { counts, isFull } = this.#open(machine);
    this.#known.set(machine, { ...this.#open(machine), counts: [], isFull: false });
    return { counts, isFull };
  }

  /** To be called before a router's ruleset is replaced, with which its counters go. */
  async keep(machine: string): Promise<void> {
    await this.#collect(machine);
    this.#open(machine).totals = new Map();
  }

  #open(machine: string): Known {
    const known = this.#known.get(machine) ?? {
      totals: new Map(),
      counts: [],
      isFull: false,
      readAt: 0,
    };
    this.#known.set(machine, known);
    return known;
  }

  /** By flow: the flags that were seen since the last reading. */
  async #collectFlags(
    machine: string,
    { totals: before }: Known,
    totals: Known['totals'],
  ): Promise<ReadonlyMap<string, number>> {
    const flags = new Map<string, number>();
    for (const [set, bits] of Object.entries(FLAG_SETS)) {
      for (const element of await listElements(machine, set)) {
        const key = element.key.join(' ');
        totals.set(`${set} ${key}`, element);
        if (growthOf(element, before.get(`${set} ${key}`)).packets === 0) continue;
        flags.set(key, (flags.get(key) ?? 0) | bits);
      }
    }
    return flags;
  }

  async #collect(machine: string): Promise<void> {
    const known = this.#open(machine);
    const totals: Known['totals'] = new Map();
    const now = Date.now();
    const flags = await this.#collectFlags(machine, known, totals);
    for (const set of FLOW_SETS) {
      const elements = await listElements(machine, set);
      if (isFull(elements)) known.isFull = true;
      for (const element of elements) {
        const id = `${set} ${element.key.join(' ')}`;
        const before = known.totals.get(id);
        totals.set(id, element);
        const { packets, bytes } = growthOf(element, before);
        if (packets === 0) continue;
        const tcpFlags = set === 'flow_log_tcp' ? (flags.get(element.key.join(' ')) ?? 0) : 0;
        known.counts.push(countOf(set, element, { packets, bytes, tcpFlags, since: known.readAt, now }));
      }
    }
    known.totals = totals;
    known.readAt = now;
  }
}

/** Whether the set of a family has no room left. */
function isFull(elements: readonly Counted[]): boolean {
  const ipv6 = elements.filter(({ key }) => isIpv6(String(key[1]))).length;
  return Math.max(ipv6, elements.length - ipv6) >= MOST_FLOWS;
}

/** What came since a flow was counted before. */
function growthOf(now: Counted, before: Pick<Counted, 'packets' | 'bytes'> | undefined) {
  if (before === undefined || before.packets > now.packets) return { packets: now.packets, bytes: now.bytes };
  return { packets: now.packets - before.packets, bytes: now.bytes - before.bytes };
}

function countOf(
  set: string,
  { key, expires }: Counted,
  {
    now,
    since,
    ...counted
  }: { packets: number; bytes: number; tcpFlags: number; since: number; now: number },
): FlowCount {
  const [mark, source, destination, one = 0, other = 0] = key;
  const isPorted = set !== 'flow_log_other';
  const last = Math.max(since, now - Math.max(0, FLOW_SECONDS - expires - 1) * 1000);
  return {
    ...readFlowMark(Number(mark)),
    source: String(source),
    destination: String(destination),
    protocol: set === 'flow_log_tcp' ? 6 : set === 'flow_log_udp' ? 17 : protocolOf(one),
    sourcePort: isPorted ? Number(one) : 0,
    destinationPort: isPorted ? Number(other) : 0,
    ...counted,
    since: counted.packets === 1 ? last : since,
    last,
  };
}

function protocolOf(word: string | number): number {
  if (typeof word === 'number' || /^\d+$/.test(word)) return Number(word);
  return protocolNumberOf(word === 'ipv6-icmp' ? 'icmpv6' : word);
}

/** The elements of a set of a router, of both families; none where there is no such set. */
async function listElements(machine: string, set: string): Promise<Counted[]> {
  const lists = await Promise.all(FAMILIES.map((family) => listElementsOf(machine, family, set)));
  return lists.flat();
}

async function listElementsOf(machine: string, family: NftFamily, set: string): Promise<Counted[]> {
  const outcome = await runCaptured(
    ['nsenter', `--net=/run/netns/${machine}`, 'nft', '-j', 'list', 'set', family, 'cloudcroft', set],
    { timeoutMilliseconds: 30_000 },
  );
  if (outcome.code !== 0) return [];
  const parsed: { readonly nftables?: readonly { readonly set?: { readonly elem?: readonly unknown[] } }[] } =
    JSON.parse(outcome.stdout);
  return (parsed.nftables ?? []).flatMap((item) => item.set?.elem ?? []).flatMap(readElement);
}

function readElement(item: unknown): Counted[] {
  const elem = memberOf(item, 'elem');
  const key = memberOf(memberOf(elem, 'val'), 'concat');
  const counter = memberOf(elem, 'counter');
  if (!Array.isArray(key)) return [];
  return [
    {
      key,
      packets: Number(memberOf(counter, 'packets')),
      bytes: Number(memberOf(counter, 'bytes')),
      expires: Number(memberOf(elem, 'expires')),
    },
  ];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
