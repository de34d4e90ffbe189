import type { SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { hasAddress } from '../../net/cidr.ts';
import type { InterfaceClass } from './classes.ts';
import type { AddressKinds, KindId } from './kinds.ts';
import { RuleIndex } from './rule-index.ts';
import { NOTHING, type SpaceId, type Spaces } from './spaces.ts';

/** Groups that some interface has together, and what their rules say by address, as far as it was asked. */
interface GroupSet {
  readonly world: World;
  readonly groupIds: readonly string[];
  /** By kind of address: the services that rules for it let out. */
  readonly egress: Map<KindId, SpaceId>;
}

/** Two classes whose rules name one another's groups, and the services that those rules let through. */
export interface Naming {
  readonly other: number;
  readonly space: SpaceId;
}

/** The sets of security groups of all classes: rules of all groups of a set are united (semantics S74). */
export class GroupSets {
  readonly #spaces: Spaces;
  readonly #kinds: AddressKinds;
  readonly #sets: GroupSet[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #rules = new Map<World, RuleIndex>();
  /** By world and group: the sets, and the classes, that have it. */
  readonly #setsWith = new Map<string, number[]>();
  readonly #classesWith = new Map<string, number[]>();
  /** By kind of address: by set, the services that rules for it let in. */
  readonly #ingress = new Map<KindId, Uint32Array>();
  readonly #worldNumbers: ReadonlyMap<World, number>;

  constructor(
    spaces: Spaces,
    kinds: AddressKinds,
    worlds: readonly World[],
    classes: readonly InterfaceClass[],
  ) {
    this.#spaces = spaces;
    this.#kinds = kinds;
    this.#worldNumbers = new Map(worlds.map((world, index) => [world, index]));
    for (const world of worlds) this.#rules.set(world, new RuleIndex(spaces, world));
    for (const [index, { world, groupIds }] of classes.entries()) {
      for (const groupId of groupIds) push(this.#classesWith, this.#keyOf(world, groupId), index);
      const key = this.#keyOf(world, groupIds.join());
      if (this.#numbers.has(key)) continue;
      const number = this.#sets.push({ world, groupIds, egress: new Map() }) - 1;
      this.#numbers.set(key, number);
      for (const groupId of groupIds) push(this.#setsWith, this.#keyOf(world, groupId), number);
    }
  }

  /** The number of a class's set. */
  numberOf({ world, groupIds }: InterfaceClass): number {
    const number = this.#numbers.get(this.#keyOf(world, groupIds.join()));
    if (number === undefined) throw new Error('a class has a set of groups that is not counted');
    return number;
  }

  /** The services that a set's rules let out to addresses of a kind. */
  egressTo(set: number, kind: KindId): SpaceId {
    const found = this.#sets[set];
    if (found === undefined) return NOTHING;
    const known = found.egress.get(kind);
    if (known !== undefined) return known;
    const space = this.#byAddress(found, true, kind);
    found.egress.set(kind, space);
    return space;
  }

  /** By set: the services that its rules let in from addresses of a kind. */
  ingressFrom(kind: KindId): Uint32Array {
    const known = this.#ingress.get(kind);
    if (known !== undefined) return known;
    const column = Uint32Array.from(this.#sets, (set) => this.#byAddress(set, false, kind));
    this.#ingress.set(kind, column);
    return column;
  }

  /** The classes that the rules of a class's own groups name as peers of one direction. */
  *namedBy({ world, groupIds }: InterfaceClass, isEgress: boolean): Generator<Naming> {
    for (const groupId of groupIds) {
      for (const { rule, space } of this.#indexOf(world).of(groupId)) {
        if (rule.isEgress !== isEgress || rule.peer.kind !== 'group') continue;
        for (const other of this.classesWith(world, rule.peer.groupId)) yield { other, space };
      }
    }
  }

  /** The classes whose rules of one direction name a group of the class. */
  *naming({ world, groupIds }: InterfaceClass, isEgress: boolean): Generator<Naming> {
    for (const groupId of groupIds) {
      for (const { rule, space } of this.#indexOf(world).naming(groupId)) {
        if (rule.isEgress !== isEgress) continue;
        for (const other of this.classesWith(world, rule.groupId)) yield { other, space };
      }
    }
  }

  /** The classes that have a group. */
  classesWith(world: World, groupId: string): readonly number[] {
    return this.#classesWith.get(this.#keyOf(world, groupId)) ?? [];
  }

  add(world: World, rule: SecurityGroupRule): void {
    this.#indexOf(world).add(rule);
    this.#refresh(world, rule);
  }

  remove(world: World, rule: SecurityGroupRule): void {
    this.#indexOf(world).remove(rule);
    this.#refresh(world, rule);
  }

  #refresh(world: World, { groupId, isEgress, peer }: SecurityGroupRule): void {
    if (peer.kind === 'group') return;
    for (const number of this.#setsWith.get(this.#keyOf(world, groupId)) ?? []) {
      const set = this.#sets[number];
      if (set === undefined) continue;
      if (isEgress) set.egress.clear();
      else for (const [kind, column] of this.#ingress) column[number] = this.#byAddress(set, false, kind);
    }
  }

  #byAddress({ world, groupIds }: GroupSet, isEgress: boolean, kind: KindId): SpaceId {
    const address = this.#kinds.representativeOf(kind);
    let space: SpaceId = NOTHING;
    for (const groupId of groupIds) {
      for (const { rule, space: own, blocks } of this.#indexOf(world).of(groupId)) {
        if (rule.isEgress === isEgress && blocks.some((block) => hasAddress(block, address))) {
          space = this.#spaces.unite(space, own);
        }
      }
    }
    return space;
  }

  #indexOf(world: World): RuleIndex {
    const index = this.#rules.get(world);
    if (index === undefined) throw new Error('a class is of a world that is not counted');
    return index;
  }

  #keyOf(world: World, text: string): string {
    return `${this.#worldNumbers.get(world)} ${text}`;
  }
}

function push(index: Map<string, number[]>, key: string, number: number): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [number]);
  else known.push(number);
}
