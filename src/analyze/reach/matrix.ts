import { endAt, type FlowEnd, type InterfaceEnd, type OutsideEnd } from '../../model/flow-endpoints.ts';
import type { NetworkInterface, SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { protocolNumberOf } from '../../net/flow.ts';
import { classify, type InterfaceClass } from './classes.ts';
import { GroupSets } from './group-sets.ts';
import { AddressKinds, isSplitting, numberOf, toldBlocks } from './kinds.ts';
import { ELSEWHERE, Places } from './places.ts';
import { EVERYTHING, NOTHING, type SpaceId, Spaces } from './spaces.ts';
import { portCuts, walkSpace } from './walk.ts';

/** A cell that rules and entries alone do not tell, and that nobody has asked for yet. */
const UNKNOWN = ELSEWHERE;

const STANDING = { running: 0, stopped: 1, special: 2 } as const;

/** A rule that came, went, or became another. */
export interface RuleChange {
  readonly before: SecurityGroupRule | undefined;
  readonly after: SecurityGroupRule | undefined;
}

/**
 * Which services each class of interfaces reaches at each other, there and back. Within a VPC they are worked out from sets
 * of rules and entries; what goes through gateways is asked of the model, one kind of port after the other.
 */
export class ReachMatrix {
  readonly spaces: Spaces;
  readonly classes: readonly InterfaceClass[];
  readonly #worlds: readonly World[];
  readonly #publicHosts: ReadonlySet<string> | undefined;
  readonly #sets: GroupSets;
  readonly #places: Places;
  /** By class: the number of its set of groups, and of its place. */
  readonly #setOf: Uint32Array;
  readonly #placeOf: Uint32Array;
  /** By class: whether its members run, or are not to be told by rules and entries alone. */
  readonly #standingOf: Uint8Array;
  readonly #placeKinds: readonly number[];
  readonly #rows: (Uint32Array | undefined)[] = [];
  readonly #classOf = new Map<string, number>();
  /** What was asked of the model: by row, the columns. */
  readonly #walked = new Map<number, number[]>();
  readonly #outside = new Map<string, SpaceId>();
  #cuts: readonly number[] | undefined;

  /** `publicHosts` are the addresses at which the Internet answers; without them any is taken to. */
  constructor(worlds: readonly World[], publicHosts?: ReadonlySet<string>) {
    this.#worlds = worlds;
    this.#publicHosts = publicHosts;
    const kinds = new AddressKinds(toldBlocks(worlds));
    this.spaces = new Spaces(worlds.flatMap(toldProtocols));
    this.classes = classify(worlds, kinds);
    this.#sets = new GroupSets(this.spaces, kinds, worlds, this.classes);
    this.#places = new Places(this.spaces, kinds, this.classes);
    this.#placeKinds = this.#places.kinds();
    this.#setOf = Uint32Array.from(this.classes, (each) => this.#sets.numberOf(each));
    this.#placeOf = Uint32Array.from(this.classes, (each) => this.#places.numberOf(each));
    this.#standingOf = Uint8Array.from(this.classes, standingOf);
    for (const [index, { world, members }] of this.classes.entries()) {
      for (const { networkInterfaceId } of members)
        this.#classOf.set(keyOf(worlds, world, networkInterfaceId), index);
    }
  }

  /** The class of an interface; undefined where it neither asks nor is asked. */
  classOf(world: World, networkInterfaceId: string): number | undefined {
    return this.#classOf.get(keyOf(this.#worlds, world, networkInterfaceId));
  }

  /**
   * The services that members of one class reach at those of another, at the private address within a VPC, else at the
   * public one; of a class with itself, at other members.
   */
  between(source: number, destination: number): SpaceId {
    const row = this.row(source);
    const known = row[destination];
    if (known !== undefined && known !== UNKNOWN) return known;
    const ends = this.#endsOf(source, destination);
    const space = ends === undefined ? NOTHING : this.walk(...ends);
    row[destination] = space;
    const walked = this.#walked.get(source) ?? [];
    walked.push(destination);
    this.#walked.set(source, walked);
    return space;
  }

  /** By class: what `between` says, or 4294967295 where the model was not asked yet. */
  row(source: number): Uint32Array {
    const known = this.#rows[source];
    if (known !== undefined) return known;
    const row = new Uint32Array(this.classes.length).fill(UNKNOWN);
    this.#rows[source] = row;
    this.#fill(source, row);
    return row;
  }

  /** The services that an end outside reaches at a class, or a class at an end outside. */
  withOutside(end: OutsideEnd, index: number, isFromOutside: boolean): SpaceId {
    const key = `${end.address} ${index} ${isFromOutside}`;
    const known = this.#outside.get(key);
    if (known !== undefined) return known;
    const inside = this.memberOf(index);
    const space = isFromOutside ? this.walk(end, inside) : this.walk(inside, end);
    this.#outside.set(key, space);
    return space;
  }

  /** One of a class's interfaces. */
  memberOf(index: number): InterfaceEnd {
    const found = this.classes[index];
    const [member] = found?.members ?? [];
    if (found === undefined || member === undefined) throw new Error(`no class has the number ${index}`);
    return endAt(found.world, member, 'name');
  }

  /** The services between any two ends, as the model says. */
  walk(source: FlowEnd, destination: FlowEnd): SpaceId {
    const isService = source.kind === 'interface' && source.eni.interfaceType !== 'interface';
    // What stands behind it is asked, and asks nobody.
    if (isService) return NOTHING;
    this.#cuts ??= portCuts(this.#worlds);
    const surroundings = { worlds: this.#worlds, publicHosts: this.#publicHosts };
    return walkSpace(this.spaces, surroundings, source, destination, EVERYTHING, this.#cuts);
  }

  /**
   * Takes a change of a rule into account that the world already has; false where the matrix must be made anew: the rule
   * speaks of addresses or protocols that were not told apart.
   */
  update(world: World, { before, after }: RuleChange): boolean {
    if (!this.#worlds.includes(world) || (after !== undefined && !this.#canTell(after))) return false;
    if (before !== undefined) this.#sets.remove(world, before);
    if (after !== undefined) this.#sets.add(world, after);
    // What the model was asked may depend on the rules of anything on the way.
    this.#cuts = undefined;
    this.#outside.clear();
    for (const [row, columns] of this.#walked) for (const column of columns) this.#forget(row, column);
    this.#walked.clear();
    for (const rule of [before, after]) if (rule !== undefined) this.#refresh(world, rule);
    return true;
  }

  #canTell({ ipProtocol, peer }: SecurityGroupRule): boolean {
    const isToldProtocol =
      ipProtocol === '-1' || this.spaces.protocols.slice(0, -1).includes(protocolNumberOf(ipProtocol));
    if (!isToldProtocol) return false;
    if (peer.kind === 'prefix-list') return false;
    return peer.kind !== 'cidr' || !isSplitting(peer.cidrBlock, this.#addresses());
  }

  *#addresses(): Generator<readonly [kind: number, address: number]> {
    for (const { kind, members } of this.classes) {
      for (const { privateIpAddresses } of members) {
        const [address] = privateIpAddresses;
        if (address !== undefined) yield [kind, numberOf(address)];
      }
    }
  }

  #forget(row: number, column: number): void {
    const cells = this.#rows[row];
    if (cells !== undefined) cells[column] = UNKNOWN;
  }

  /** The cells that a rule has a say in: those of its group's classes, and of a named group's only. */
  #refresh(world: World, { groupId, isEgress, peer }: SecurityGroupRule): void {
    const own = this.#sets.classesWith(world, groupId);
    const others = peer.kind === 'group' ? this.#sets.classesWith(world, peer.groupId) : undefined;
    for (const index of own) {
      if (isEgress) {
        const row = this.#rows[index];
        if (row === undefined) continue;
        if (others === undefined) this.#fill(index, row);
        else for (const other of others) row[other] = this.#cell(index, other);
      } else {
        for (const other of others ?? this.classes.keys()) {
          const row = this.#rows[other];
          if (row !== undefined) row[index] = this.#cell(other, index);
        }
      }
    }
  }

  /** A whole row, from sets of rules and of entries. */
  #fill(source: number, row: Uint32Array): void {
    const from = this.classes[source];
    if (from === undefined || !from.isPlain) return;
    if (!from.isRunning) {
      row.fill(NOTHING);
      return;
    }
    const { spaces } = this;
    const set = this.#setOf[source] ?? 0;
    const ingress = this.#sets.ingressFrom(from.kind);
    const places = this.#places.from(this.#placeOf[source] ?? 0);
    const outTo = places.map((space, place) =>
      space === ELSEWHERE
        ? ELSEWHERE
        : spaces.intersect(space, this.#sets.egressTo(set, this.#placeKinds[place] ?? 0)),
    );
    // The innermost loop of all pairs: numbers in flat arrays only.
    for (let index = 0; index < row.length; index++) {
      const out = outTo[this.#placeOf[index] ?? 0] ?? ELSEWHERE;
      const standing = this.#standingOf[index];
      if (standing === STANDING.special || out === ELSEWHERE) continue;
      const into = ingress[this.#setOf[index] ?? 0] ?? NOTHING;
      row[index] =
        standing === STANDING.stopped || out === NOTHING || into === NOTHING
          ? NOTHING
          : spaces.intersect(out, into);
    }
    for (const index of this.#namesOf(from)) row[index] = this.#cell(source, index);
  }

  /** The classes between which and this one some rule names a group. */
  #namesOf(from: InterfaceClass): ReadonlySet<number> {
    const others = new Set<number>();
    for (const { other } of this.#sets.namedBy(from, true)) others.add(other);
    for (const { other } of this.#sets.naming(from, false)) others.add(other);
    return others;
  }

  /** One cell, with the rules that name groups. */
  #cell(source: number, destination: number): SpaceId {
    const [from, to] = [this.classes[source], this.classes[destination]];
    if (from === undefined || to === undefined || !from.isPlain) return UNKNOWN;
    if (!from.isRunning) return NOTHING;
    const place = this.#placeOf[destination] ?? 0;
    const space = this.#places.from(this.#placeOf[source] ?? 0)[place] ?? ELSEWHERE;
    if (!to.isPlain || space === ELSEWHERE) return UNKNOWN;
    if (!to.isRunning) return NOTHING;
    const { spaces } = this;
    let out = this.#sets.egressTo(this.#setOf[source] ?? 0, to.kind);
    for (const { other, space: more } of this.#sets.namedBy(from, true)) {
      if (other === destination) out = spaces.unite(out, more);
    }
    let into = this.#sets.ingressFrom(from.kind)[this.#setOf[destination] ?? 0] ?? NOTHING;
    for (const { other, space: more } of this.#sets.namedBy(to, false)) {
      if (other === source) into = spaces.unite(into, more);
    }
    return spaces.intersect(spaces.intersect(out, space), into);
  }

  /** A member of each class, not of one instance both: to itself an instance needs no rule. */
  #endsOf(source: number, destination: number): readonly [InterfaceEnd, InterfaceEnd] | undefined {
    const [from, to] = [this.classes[source], this.classes[destination]];
    for (const one of from?.members ?? []) {
      const other = to?.members.find((each) => isApart(one, each));
      if (from === undefined || to === undefined || other === undefined) continue;
      return [endAt(from.world, one, 'name'), endAt(to.world, other, 'name')];
    }
    return undefined;
  }
}

function standingOf({ isPlain, isRunning }: InterfaceClass): number {
  if (!isPlain) return STANDING.special;
  return isRunning ? STANDING.running : STANDING.stopped;
}

function isApart(one: NetworkInterface, other: NetworkInterface): boolean {
  const instanceId = one.attachment?.instanceId;
  if (instanceId !== undefined) return instanceId !== other.attachment?.instanceId;
  return one.networkInterfaceId !== other.networkInterfaceId;
}

function keyOf(worlds: readonly World[], world: World, networkInterfaceId: string): string {
  return `${worlds.indexOf(world)} ${networkInterfaceId}`;
}

/** The protocols that rules and entries name. */
function toldProtocols(world: World): number[] {
  const rules = [...world.securityGroupRules.values()].map(({ ipProtocol }) => ipProtocol);
  const entries = [...world.networkAcls.values()].flatMap((acl) =>
    acl.entries.map(({ protocol }) => protocol),
  );
  return [...new Set([...rules, ...entries])].filter((each) => each !== '-1').map(protocolNumberOf);
}
