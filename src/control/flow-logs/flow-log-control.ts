import type { FlowLog } from '../../model/flow-log-records.ts';
import { flowLogObstacle, flowLogsOf } from '../../model/flow-logs.ts';
import type { NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { FlowSource } from '../../plan/driver.ts';
import { type FlowCount, loggedInterfaces } from '../../plan/flow-logs.ts';
import { presentInterfaces } from '../../plan/presence.ts';
import type { Store } from '../../state/store.ts';
import { type FlowRecord, type FlowTotal, keyOf, renderFile } from './flow-record.ts';

/** A file for a bucket. */
export interface FlowLogFile {
  readonly world: World;
  readonly flowLog: FlowLog;
  readonly bucket: string;
  readonly key: string;
  readonly text: string;
}

/** What flow logs need from their surroundings. */
export interface FlowLogOptions {
  readonly store: Store;
  readonly flows: FlowSource;
  /** Writes a file to its bucket; resolves with why it could not, as AWS says it. */
  readonly deliver: (file: FlowLogFile) => Promise<string | undefined>;
  readonly zoneIdOf: (zone: string) => string;
  readonly clock: () => Date;
  /** The last part of a file's name, which is another one each time. */
  readonly newHash: () => string;
  readonly onFailure: (error: unknown) => void;
}

/** How often routers are asked what they have counted: a flow's first packet is known as precisely as this. */
const READING_MILLISECONDS = 10_000;

/** What was counted for one flow log in its interval. */
interface Gathering {
  flowLog: FlowLog;
  readonly world: World;
  begin: number;
  /** By interface, direction, outcome, addresses, protocol and ports. */
  flows: Map<string, { readonly eni: NetworkInterface; total: FlowTotal; start: number; end: number }>;
  /** Interfaces with traffic, whatever the log takes of it. */
  busy: Set<string>;
  isSkipped: boolean;
}

/**
 * Flow logs, from what routers have counted to files in buckets (semantics S121–S124). Every so often what came is added up; at
 * the end of a log's aggregation interval, and when it is deleted, a file is delivered, and its status says how that went.
 */
export class FlowLogControl {
  readonly #options: FlowLogOptions;
  readonly #gatherings = new Map<string, Gathering>();
  /** The routers that counted when they were last asked. */
  #routers = new Map<string, World>();
  readonly #timer: NodeJS.Timeout;
  readonly #stopWatching: () => void;
  readonly #startedAt: number;
  #last: Promise<void> = Promise.resolve();

  constructor(options: FlowLogOptions) {
    this.#options = options;
    this.#startedAt = options.clock().getTime();
    this.#timer = setInterval(() => void this.#inTurn(false), READING_MILLISECONDS);
    this.#timer.unref();
    this.#stopWatching = options.store.watch((changes) => {
      const isDeleted = changes.some(({ table, after }) => table === 'flowLogs' && after === undefined);
      if (isDeleted) void this.#inTurn(false);
    });
  }

  /** Ends all intervals now. Resolves when what was counted is delivered, or could not be. */
  flush(): Promise<void> {
    return this.#inTurn(true);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopWatching();
  }

  /** One after the other: readings add up, and each is told once. */
  #inTurn(isForced: boolean): Promise<void> {
    this.#last = this.#last
      .then(() => this.#work(isForced))
      .catch((error: unknown) => this.#options.onFailure(error));
    return this.#last;
  }

  async #work(isForced: boolean): Promise<void> {
    const logged = this.#loggedByRouter();
    if (logged.size === 0 && this.#gatherings.size === 0 && this.#routers.size === 0) return;
    this.#open();
    // Asked once more after they stopped counting: what was counted until then is kept for that.
    for (const [router, world] of new Map([...this.#routers, ...logged])) await this.#read(router, world);
    this.#routers = logged;
    await this.#finish(isForced);
  }

  /** The routers that count now, each with its world. */
  #loggedByRouter(): Map<string, World> {
    const routers = new Map<string, World>();
    for (const world of this.#options.store.worlds()) {
      if (world.flowLogs.size === 0) continue;
      for (const { vpcId } of world.vpcs.values()) {
        if (loggedInterfaces(world, presentInterfaces(world, vpcId)).length > 0) routers.set(vpcId, world);
      }
    }
    return routers;
  }

  #open(): void {
    const now = this.#options.clock().getTime();
    for (const world of this.#options.store.worlds()) {
      for (const flowLog of world.flowLogs.values()) {
        if (flowLogObstacle(flowLog) !== undefined || this.#gatherings.has(flowLog.flowLogId)) continue;
        const created = Date.parse(flowLog.creationTime);
        const length = flowLog.maxAggregationInterval * 1000;
        const begin = Math.max(created, Math.floor(now / length) * length);
        this.#gatherings.set(flowLog.flowLogId, {
          ...emptyFrom(begin),
          flowLog,
          world,
          // What was counted for the daemon before this one went with it.
          isSkipped: created < this.#startedAt,
        });
      }
    }
  }

  async #read(router: string, world: World): Promise<void> {
    const { counts, isFull } = await this.#options.flows.readFlows(router);
    const enis = new Map(world.networkInterfaces.where('vpcId', router).map((eni) => [eni.ordinal, eni]));
    for (const count of counts) {
      const eni = enis.get(count.ordinal);
      if (eni === undefined) continue;
      for (const gathering of this.#gatheringsOf(world, eni)) add(gathering, eni, count);
    }
    if (!isFull) return;
    for (const eni of enis.values()) {
      for (const gathering of this.#gatheringsOf(world, eni)) gathering.isSkipped = true;
    }
  }

  /** A log that was deleted a moment ago still takes what was counted until then. */
  #gatheringsOf(world: World, eni: NetworkInterface): Gathering[] {
    const ids = new Set(flowLogsOf(world, eni).map(({ flowLogId }) => flowLogId));
    const resources = new Set([eni.networkInterfaceId, eni.subnetId, eni.vpcId]);
    return [...this.#gatherings.values()].filter(
      ({ flowLog, world: own }) =>
        ids.has(flowLog.flowLogId) || (own === world && resources.has(flowLog.resourceId)),
    );
  }

  async #finish(isForced: boolean): Promise<void> {
    const now = this.#options.clock().getTime();
    for (const [id, gathering] of this.#gatherings) {
      const { world, begin, flowLog } = gathering;
      const isGone = world.flowLogs.get(id) === undefined;
      const length = flowLog.maxAggregationInterval * 1000;
      const due = (Math.floor(begin / length) + 1) * length;
      if (!isForced && !isGone && now < due) continue;
      const end = Math.min(now, due);
      const records = recordsOf(gathering, end);
      Object.assign(gathering, emptyFrom(isForced ? now : due));
      if (isGone) this.#gatherings.delete(id);
      if (records.length > 0) await this.#deliver(gathering, records, end);
    }
  }

  async #deliver({ world, flowLog }: Gathering, records: readonly FlowRecord[], end: number): Promise<void> {
    const { store, deliver, newHash, zoneIdOf } = this.#options;
    const bucket = /^arn:[^:]*:s3:::([^/]+)/.exec(flowLog.logDestination ?? '')?.[1] ?? '';
    const key = keyOf(world.scope, flowLog, end, newHash());
    const text = renderFile(world, flowLog, records, zoneIdOf);
    const complaint = await deliver({ world, flowLog, bucket, key, text });
    store.transact(world.scope, (tx) => {
      const present = tx.flowLogs.get(flowLog.flowLogId);
      if (present === undefined || present.deliverLogsErrorMessage === complaint) return;
      const { deliverLogsErrorMessage: _before, ...kept } = present;
      tx.flowLogs.put({
        ...kept,
        ...(complaint === undefined ? {} : { deliverLogsErrorMessage: complaint }),
      });
    });
  }
}

function emptyFrom(begin: number): Pick<Gathering, 'begin' | 'flows' | 'busy' | 'isSkipped'> {
  return { begin, flows: new Map(), busy: new Set(), isSkipped: false };
}

function add(gathering: Gathering, eni: NetworkInterface, count: FlowCount): void {
  const { since, last, ordinal: _known, ...total } = count;
  // Of what another log had counted before this one was made.
  if (last < Date.parse(gathering.flowLog.creationTime)) return;
  const { trafficType } = gathering.flowLog;
  gathering.busy.add(eni.networkInterfaceId);
  if (trafficType !== 'ALL' && trafficType !== (count.isRejected ? 'REJECT' : 'ACCEPT')) return;
  const { packets: _p, bytes: _b, tcpFlags: _f, ...identity } = total;
  const key = `${eni.networkInterfaceId} ${JSON.stringify(identity)}`;
  const before = gathering.flows.get(key);
  const start = Math.max(gathering.begin, since);
  gathering.flows.set(key, {
    eni,
    total:
      before === undefined
        ? total
        : {
            ...total,
            packets: before.total.packets + total.packets,
            bytes: before.total.bytes + total.bytes,
            tcpFlags: before.total.tcpFlags | total.tcpFlags,
          },
    start: before?.start ?? start,
    end: Math.max(last, start),
  });
}

/** The records of an interval: of each flow, and of each interface without any. */
function recordsOf({ world, flowLog, flows, busy, isSkipped, begin }: Gathering, end: number): FlowRecord[] {
  const found: FlowRecord[] = [...flows.values()].map(({ eni, total, start, end: last }) => ({
    eni,
    status: 'OK',
    flow: total,
    start,
    end: Math.min(last, end),
  }));
  const vpcs = new Set([...world.vpcs.values()].map(({ vpcId }) => vpcId));
  const present = [...vpcs].flatMap((vpcId) => presentInterfaces(world, vpcId));
  for (const eni of present) {
    const isOwn = [eni.networkInterfaceId, eni.subnetId, eni.vpcId].includes(flowLog.resourceId);
    if (!isOwn) continue;
    if (isSkipped) found.push({ eni, status: 'SKIPDATA', start: begin, end });
    else if (!busy.has(eni.networkInterfaceId)) found.push({ eni, status: 'NODATA', start: begin, end });
  }
  return found;
}
