import { explainFlow } from '../../src/analyze/explain.ts';
import { CLIENT_PORTS, NAT_PORTS } from '../../src/net/flow.ts';
import type { Machine } from '../../src/plan/machine.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';
import { formatAddress } from '../../src/plan/simulate/values.ts';
import { packetOf } from '../differential/random-flows.ts';
import { worldOf } from '../worlds.ts';
import type { KernelNetwork } from './kernel-network.ts';
import type { Probe, Seen } from './prober.ts';
import type { Mutate } from './rules-proof.ts';
import { SteeredNetwork } from './steered-network.ts';
import type { AnyFlow, Subject } from './subject.ts';

/** Waited for answers: all of a world's packets are through in some milliseconds. */
const ANSWER_MILLISECONDS = 80;
/** Waited before what did not agree is called a disagreement: an ARP question that is lost is asked again after a second. */
const PATIENCE_MILLISECONDS = 2500;

/** What has been compared. */
export interface Tally {
  /** Flows whose model, rules and kernel were compared. */
  flows: number;
  allowed: number;
  /** Packets sent for them: one for each client port that rules tell apart. */
  packets: number;
  /** Connections that were there before the rules changed. */
  connections: number;
  cut: number;
}

const EMPTY_TALLY: Readonly<Tally> = { flows: 0, allowed: 0, packets: 0, connections: 0, cut: 0 };

/** A flow to try, and what model and rules say of it. */
interface Trial {
  readonly flow: AnyFlow;
  readonly machine: string;
  readonly isAllowed: boolean;
  readonly lines: readonly string[];
  readonly probes: readonly { readonly probe: Probe; readonly packet: Packet }[];
}

/** Compares model, rules and kernel: the same worlds, the same packets. */
export class KernelProof<Choices, Flow extends AnyFlow> {
  readonly tally: Tally = { ...EMPTY_TALLY };
  readonly #subject: Subject<Choices, Flow>;
  readonly #network: KernelNetwork;
  readonly #mutate: Mutate;
  readonly #patience: number;
  #lastId = 0;

  /** `mutate` spoils what the kernel gets, and not what the rules are simulated by; `patience` is in milliseconds. */
  constructor(
    subject: Subject<Choices, Flow>,
    network: KernelNetwork,
    mutate: Mutate = (machines) => machines,
    patience = PATIENCE_MILLISECONDS,
  ) {
    this.#subject = subject;
    this.#network = network;
    this.#mutate = mutate;
    this.#patience = patience;
  }

  /**
   * Tries flows in a world, then, on connections that stand, what becomes of them in the world changed, then flows in
   * that. The disagreements, as texts.
   */
  async try(before: Choices, after: Choices, flows: readonly Flow[]): Promise<string[]> {
    const machines = this.#subject.planOf(before);
    await this.#network.replace([...this.#mutate(machines)]);
    const trials = this.#trialsOf(before, flows);
    const found = await this.#compare(machines, trials);
    const later = this.#subject.planOf(after);
    found.push(...(await this.#keepOn(machines, later, trials)));
    await this.#network.replace([...this.#mutate(later)]);
    found.push(...(await this.#compare(later, this.#trialsOf(after, flows))));
    return found;
  }

  #trialsOf(choices: Choices, flows: readonly Flow[]): Trial[] {
    const subject = this.#subject;
    const world = worldOf(subject.recordsOf(choices));
    const clientPorts = subject.edgePorts(choices, CLIENT_PORTS);
    const told = new Set<string>();
    return flows.flatMap((flow) => {
      const question = subject.questionOf(choices, flow);
      const sender = subject.senderOf(choices, flow);
      const key = subject.collisionKey(flow);
      // Two flows that a NAT gateway or connection tracking may take for one are not tried together.
      if (question === undefined || sender === undefined || told.has(key)) return [];
      told.add(key);
      const { isAllowed, lines } = explainFlow([world], question, subject.publicHosts);
      const hasPorts = flow.protocol === 'tcp' || flow.protocol === 'udp';
      const probes = (hasPorts ? clientPorts : [0]).map((port) => {
        const packet = packetOf(flow, sender.address, question.destination, port);
        return { packet, probe: this.#probeOf(packet, sender.machine) };
      });
      return [{ flow, machine: sender.machine, isAllowed, lines, probes }];
    });
  }

  #probeOf(packet: Packet, sender: string): Probe {
    return {
      id: ++this.#lastId,
      protocol: packet.protocol,
      sender,
      source: formatAddress(packet.source),
      sourcePort: packet.sourcePort,
      destination: formatAddress(packet.destination),
      destinationPort: packet.destinationPort,
    };
  }

  async #compare(machines: readonly Machine[], trials: readonly Trial[]): Promise<string[]> {
    const simulated = new SteeredNetwork(this.#subject.sideOf(machines));
    const isRight = async (some: readonly Trial[], milliseconds: number): Promise<Map<Trial, string[]>> => {
      const probes = some.flatMap((trial) => trial.probes.map(({ probe }) => probe));
      const seen = await this.#network.prober.send(probes, milliseconds);
      return new Map(some.map((trial) => [trial, disagreementsOf(simulated, trial, seen)]));
    };
    const first = await isRight(trials, ANSWER_MILLISECONDS);
    const doubtful = trials.filter((trial) => (first.get(trial)?.length ?? 0) > 0);
    this.tally.flows += trials.length;
    this.tally.allowed += trials.filter(({ isAllowed }) => isAllowed).length;
    this.tally.packets += trials.reduce((sum, { probes }) => sum + probes.length, 0);
    if (doubtful.length === 0) return [];
    // With receivers of their own: to those of before, a late answer's connection is still half open.
    await this.#network.replace([...this.#mutate(machines)]);
    const again = doubtful.map((trial) => ({
      ...trial,
      probes: trial.probes.map(({ packet }) => ({ packet, probe: this.#probeOf(packet, trial.machine) })),
    }));
    return [...(await isRight(again, this.#patience)).values()].flat();
  }

  /** Connections that stand when the plan changes go on exactly where the rules say so. */
  async #keepOn(
    before: readonly Machine[],
    after: readonly Machine[],
    trials: readonly Trial[],
  ): Promise<string[]> {
    this.#network.forget();
    const begun = trials
      .filter(({ flow, isAllowed }) => flow.protocol === 'tcp' && isAllowed)
      .flatMap((trial) => trial.probes.slice(0, 1).map((first) => ({ trial, ...first })));
    const { prober } = this.#network;
    const open = await prober.connect(
      begun.map(({ probe }) => probe),
      ANSWER_MILLISECONDS,
    );
    await this.#network.change([...this.#mutate(after)]);
    const kept = await prober.sendAgain(ANSWER_MILLISECONDS);
    const simulated = new SteeredNetwork(this.#subject.sideOf(before));
    const changed = new SteeredNetwork(this.#subject.sideOf(after), simulated);
    const found: string[] = [];
    for (const { trial, probe, packet } of begun) {
      if (!open.has(probe.id)) {
        found.push([`no connection stands: ${JSON.stringify(probe)}`, ...trial.lines].join('\n'));
        continue;
      }
      const expected = goesOn(simulated, changed, probe.sender, packet);
      // It depends on the port that a NAT gateway chose.
      if (expected === undefined) continue;
      this.tally.connections++;
      if (!expected) this.tally.cut++;
      if (expected === kept.has(probe.id)) continue;
      found.push(
        `a connection that stood when the rules changed: by the rules ${expected}, in the kernel ${!expected}: ${JSON.stringify(probe)}`,
      );
    }
    return found;
  }
}

/** Where the kernel did otherwise than rules or model say. */
function disagreementsOf(
  simulated: SteeredNetwork,
  { lines, isAllowed, probes }: Trial,
  seen: ReadonlyMap<number, Seen>,
): string[] {
  return probes.flatMap(({ probe, packet }) => {
    const { arrival, isAnswered } = seen.get(probe.id) ?? { arrival: undefined, isAnswered: false };
    const natPort = arrival?.port ?? NAT_PORTS.first;
    const expected = simulated.exchange(probe.sender, packet, { natPort });
    const { receiver, packet: last } = expected.there;
    const came =
      arrival === undefined ? 'nowhere' : `at ${arrival.machine} from ${arrival.source}:${arrival.port}`;
    const comes =
      receiver === undefined
        ? 'nowhere'
        : `at ${receiver} from ${formatAddress(last.source)}:${last.sourcePort}`;
    const isSame = came === comes && isAnswered === expected.isAnswered;
    if (isSame && (isAnswered || !isAllowed)) return [];
    return [
      [
        `sent: ${JSON.stringify(probe)}`,
        `kernel: it comes out ${came}, ${isAnswered ? 'answered' : 'not answered'}`,
        `rules: it comes out ${comes}, ${expected.isAnswered ? 'answered' : 'not answered'}`,
        `  there: ${expected.there.trail.join(' > ')}`,
        `  back: ${expected.back?.trail.join(' > ') ?? 'nothing'}`,
        ...lines,
      ].join('\n'),
    ];
  });
}

/** Whether one more packet of a connection is answered after the plan has changed; undefined where that is a matter of luck. */
function goesOn(
  before: SteeredNetwork,
  after: SteeredNetwork,
  sender: string,
  packet: Packet,
): boolean | undefined {
  const edges = [
    NAT_PORTS.first,
    1025,
    32_767,
    32_768,
    39_999,
    40_000,
    50_000,
    50_001,
    60_999,
    NAT_PORTS.last,
  ];
  const results = new Set(
    edges.map((natPort) => {
      const { there: first } = before.exchange(sender, packet, { natPort });
      const { isAnswered, there: next } = after.continue(sender, packet);
      // Another way may lead by another translation: to whoever answers it is then another connection.
      const isSame =
        first.receiver === next.receiver &&
        first.packet.source === next.packet.source &&
        first.packet.sourcePort === next.packet.sourcePort;
      return isAnswered && isSame;
    }),
  );
  return results.size === 1 ? [...results][0] : undefined;
}
