import { type KernelRoute, type Link, MAIN_TABLE, type Machine } from '../machine.ts';
import { type Decision, Filter, numberOf, type Passage } from './chain.ts';
import { Connections } from './connections.ts';
import type { Packet } from './packet.ts';
import { type Address, blockOf, isWithin, type Pattern, type ValueRange } from './values.ts';

/** What became of a packet in a machine. */
export type Fate =
  | { readonly kind: 'dropped'; readonly because: string }
  | { readonly kind: 'delivered'; readonly packet: Packet }
  | { readonly kind: 'sent'; readonly link: Link; readonly packet: Packet };

/** Priorities of the kernel's own work among the hooks: connection tracking, and NAT. */
const TRACKING = -200;
const DESTINATION_NAT = -100;
const SOURCE_NAT = 100;

/** The kernel asks `main` after every rule of ours. */
const MAIN_PRIORITY = 32_766;

interface Way {
  readonly block: ValueRange;
  readonly prefixLength: number;
  readonly route: KernelRoute;
}

/** What the simulation is free to choose where the kernel does: the port of source NAT, the target of a hash. */
export interface Choices {
  /** The machines that forward although the plan does not say so: appliances, by their own doing. */
  readonly forwarders: ReadonlySet<string>;
  /** The port that source NAT gives, of those that it may. */
  readonly natPort: (ports: Pattern | undefined, own: number) => number;
  /** Which of so many targets, from 0. */
  readonly target: (count: number) => number;
  /** Which of so many addresses of source NAT, from 0, where the kernel's hash says `hashed`. */
  readonly natAddress: (count: number, hashed: number) => number;
}

/** A machine of the plan that packets can be sent through: routing, connection tracking, NAT and filter, as Linux has them. */
export class SimulatedMachine {
  readonly name: string;
  readonly connections: Connections;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #own: ReadonlySet<Address>;
  readonly #filter: Filter | undefined;
  readonly #tables: ReadonlyMap<number, readonly Way[]>;
  readonly #rules: Machine['rules'];
  readonly #isForwarding: boolean;
  readonly #choices: Choices;

  constructor(machine: Machine, choices: Choices, connections = new Connections()) {
    this.name = machine.name;
    this.connections = connections;
    this.#choices = choices;
    this.#links = new Map(machine.links.map((link) => [link.name, link]));
    this.#own = new Set(
      machine.links.flatMap(({ addresses }) => addresses.map((text) => numberOf(text.split('/')[0] ?? ''))),
    );
    this.#filter = machine.ruleset === undefined ? undefined : new Filter(machine.ruleset);
    this.#tables = groupRoutes([...connectedRoutes(machine), ...machine.routes]);
    this.#rules = [...machine.rules, { priority: MAIN_PRIORITY, table: MAIN_TABLE }].sort(
      (a, b) => a.priority - b.priority,
    );
    this.#isForwarding =
      machine.sysctls['net/ipv4/ip_forward'] === '1' || choices.forwarders.has(machine.name);
  }

  /** A packet of the machine's own; to itself it takes no link. */
  originate(packet: Packet): Fate {
    if (this.#own.has(packet.destination)) return { kind: 'delivered', packet };
    const passage = passageOf(packet, undefined);
    return this.#leave(passage, packet);
  }

  /** A packet that comes in by a link. */
  receive(packet: Packet, linkName: string): Fate {
    const link = this.#links.get(linkName);
    if (link === undefined) return this.#drop(`it has no link ${linkName}`);
    const passage = passageOf(packet, { name: link.name, group: link.group ?? 0 });
    const early = this.#run('prerouting', passage, Number.NEGATIVE_INFINITY, TRACKING);
    if (!early.isAccepted) return this.#drop(early.because);
    const tracked = passage.packet;
    this.#track(passage);
    const late = this.#run('prerouting', passage, TRACKING, Number.POSITIVE_INFINITY, 'filter');
    if (!late.isAccepted) return this.#drop(late.because);
    if (this.#own.has(passage.packet.destination)) {
      const decision = this.#run('input', passage);
      return decision.isAccepted
        ? { kind: 'delivered', packet: passage.packet }
        : this.#drop(decision.because);
    }
    if (!this.#isForwarding) return this.#drop('it does not forward');
    return this.#leave(passage, tracked);
  }

  /**
   * Finds the connection a packet belongs to: an answer to what was translated gets its real destination back, what
   * begins one may be sent elsewhere, and what goes on after it goes there too.
   */
  #track(passage: Passage): void {
    const { state, connection, isReply } = this.connections.look(passage.packet);
    passage.state = state;
    passage.isReply = isReply;
    if (connection === undefined) {
      this.#sendElsewhere(passage);
      return;
    }
    passage.connection = connection;
    const { original, reply } = connection;
    passage.isSentElsewhere =
      original.destination !== reply.source || original.destinationPort !== reply.sourcePort;
    const [destination, destinationPort] = isReply
      ? [original.source, original.sourcePort]
      : [reply.source, reply.sourcePort];
    passage.packet = { ...passage.packet, destination, destinationPort };
  }

  /** Destination NAT, once a connection. */
  #sendElsewhere(passage: Passage): void {
    this.#run('prerouting', passage, DESTINATION_NAT, DESTINATION_NAT + 1, 'nat');
    if (passage.dnat === undefined) return;
    const chosen = passage.dnat[this.#choices.target(passage.dnat.length)];
    if (chosen === undefined) throw new Error('there is no such target');
    const destinationPort = chosen.port ?? passage.packet.destinationPort;
    passage.packet = { ...passage.packet, destination: chosen.address, destinationPort };
    passage.isSentElsewhere = true;
  }

  #leave(passage: Passage, tracked: Packet): Fate {
    const route = this.#findRoute(passage);
    if (route === undefined) return this.#drop('no route');
    if (route.type === 'blackhole')
      return this.#drop(`blackhole ${route.destination} of table ${route.table}`);
    const link = this.#links.get(route.device ?? '');
    if (link === undefined) return this.#drop(`the link ${route.device} of a route is not there`);
    passage.outLink = { name: link.name, group: link.group ?? 0 };
    if (passage.inLink !== undefined) {
      const decision = this.#run('forward', passage);
      if (!decision.isAccepted) return this.#drop(decision.because);
    }
    this.#translate(passage, tracked);
    const last = this.#run(
      'postrouting',
      passage,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      'filter',
    );
    if (!last.isAccepted) return this.#drop(last.because);
    return { kind: 'sent', link, packet: passage.packet };
  }

  /** Source NAT, once a connection; and remembers the connection, as it is before any stateless rewriting. */
  #translate(passage: Passage, tracked: Packet): void {
    const { connection, isReply } = this.connections.look(tracked);
    if (connection !== undefined) {
      const { original, reply } = connection;
      const [source, sourcePort] = isReply
        ? [original.destination, original.destinationPort]
        : [reply.destination, reply.destinationPort];
      passage.packet = { ...passage.packet, source, sourcePort };
      return;
    }
    // What belongs to no connection is neither translated nor remembered.
    if (passage.state === 'invalid') return;
    this.#run('postrouting', passage, SOURCE_NAT, SOURCE_NAT + 1, 'nat');
    if (passage.snat !== undefined) {
      const { addresses, hashed, ports } = passage.snat;
      const { length } = addresses;
      const address = addresses[length === 1 ? 0 : this.#choices.natAddress(length, hashed)];
      if (address === undefined) throw new Error('there is no such address');
      const sourcePort = this.#choices.natPort(ports, passage.packet.sourcePort);
      passage.packet = { ...passage.packet, source: address, sourcePort };
    }
    this.connections.confirm(tracked, passage.packet, passage.connection.mark);
  }

  #findRoute({ packet, mark }: Passage): KernelRoute | undefined {
    for (const rule of this.#rules) {
      if (rule.mark !== undefined && rule.mark !== mark) continue;
      const isFor = rule.destination === undefined || isWithin(blockOf(rule.destination), packet.destination);
      const isFrom = rule.source === undefined || isWithin(blockOf(rule.source), packet.source);
      if (!isFor || !isFrom) continue;
      const way = this.#tables.get(rule.table)?.find(({ block }) => isWithin(block, packet.destination));
      if (way !== undefined) return way.route;
    }
    return undefined;
  }

  #run(hook: 'prerouting' | 'input' | 'forward' | 'postrouting', ...more: RunArguments): Decision {
    return this.#filter?.run(hook, ...more) ?? { isAccepted: true, because: hook };
  }

  #drop(because: string): Fate {
    return { kind: 'dropped', because: `${this.name}: ${because}` };
  }
}

type RunArguments = Parameters<Filter['run']> extends [unknown, ...infer Rest] ? Rest : never;

function passageOf(packet: Packet, inLink: Passage['inLink']): Passage {
  return {
    packet,
    mark: 0,
    inLink,
    outLink: undefined,
    state: undefined,
    connection: { mark: 0 },
    isReply: false,
    snat: undefined,
    dnat: undefined,
    isSentElsewhere: false,
  };
}

/** The kernel makes a route of each address with a prefix. */
function connectedRoutes({ links }: Machine): KernelRoute[] {
  return links.flatMap(({ name, addresses }) =>
    addresses
      .filter((text) => !text.endsWith('/32') && !text.endsWith('/128'))
      .map((text): KernelRoute => ({ table: MAIN_TABLE, destination: text, type: 'unicast', device: name })),
  );
}

/** Each table's routes, the longest prefix first. */
function groupRoutes(routes: readonly KernelRoute[]): Map<number, Way[]> {
  const tables = new Map<number, Way[]>();
  for (const route of routes) {
    const ways = tables.get(route.table) ?? [];
    const prefixLength = Number(route.destination.split('/')[1]);
    ways.push({ block: blockOf(route.destination), prefixLength, route });
    tables.set(route.table, ways);
  }
  for (const ways of tables.values()) ways.sort((a, b) => b.prefixLength - a.prefixLength);
  return tables;
}
