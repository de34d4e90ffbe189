import { networkAclOf } from '../../model/path-gates.ts';
import { isRoutedLocally } from '../../model/path-local.ts';
import type { NetworkInterface } from '../../model/records.ts';
import { blocksOfRoute } from '../../model/route-lookup.ts';
import { routeTableOf } from '../../model/routes.ts';
import { blocksOfVpc } from '../../model/vpc-blocks.ts';
import type { World } from '../../model/world.ts';
import { contains, overlaps, parseCidr } from '../../net/cidr.ts';
import type { InterfaceClass } from './classes.ts';
import { AclDirection, SHUT } from './gates.ts';
import type { AddressKinds, KindId } from './kinds.ts';
import { EVERYTHING, type SpaceId, type Spaces } from './spaces.ts';

/** What is between two places is no matter of entries alone: another VPC, or a route to somewhere in between. */
export const ELSEWHERE = 0xffffffff;

type Evaluated = ReturnType<AclDirection['evaluate']>;

/** What stands at the edge of a subnet: its network ACL, by the kind of the other end's address. */
interface Edge {
  readonly out: (kind: KindId) => Evaluated;
  readonly in: (kind: KindId) => Evaluated;
}

/** A subnet, and a kind of its addresses. */
interface Place {
  readonly world: World;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly kind: KindId;
  readonly edge: Edge;
  /** Whether its route table leads to all of the VPC by `local`. */
  readonly isLocalEverywhere: boolean;
  /** One of the interfaces there, and its address. */
  readonly eni: NetworkInterface;
}

/** The places of all classes, and what the network ACLs between two of them let through and back (semantics S62, S63). */
export class Places {
  readonly #spaces: Spaces;
  readonly #kinds: AddressKinds;
  readonly #places: Place[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #worldNumbers = new Map<World, number>();
  readonly #edges = new Map<string, Edge>();
  readonly #rows: (Uint32Array | undefined)[] = [];

  constructor(spaces: Spaces, kinds: AddressKinds, classes: readonly InterfaceClass[]) {
    this.#spaces = spaces;
    this.#kinds = kinds;
    for (const each of classes) {
      const key = this.#keyOf(each);
      const [eni] = each.members;
      if (this.#numbers.has(key) || eni === undefined) continue;
      const { world, vpcId, subnetId, kind } = each;
      const edge = this.#edgeOf(world, subnetId);
      const isLocalEverywhere = leadsLocally(world, vpcId, subnetId);
      const number = this.#places.push({ world, vpcId, subnetId, kind, edge, isLocalEverywhere, eni }) - 1;
      this.#numbers.set(key, number);
    }
  }

  /** The number of a class's place. */
  numberOf(each: InterfaceClass): number {
    const number = this.#numbers.get(this.#keyOf(each));
    if (number === undefined) throw new Error('a class is at a place that is not counted');
    return number;
  }

  /** The kinds of the places' addresses, by number. */
  kinds(): readonly KindId[] {
    return this.#places.map(({ kind }) => kind);
  }

  /** By place: the services that get from one to it, and whose replies get back; or `ELSEWHERE`. */
  from(place: number): Uint32Array {
    const known = this.#rows[place];
    if (known !== undefined) return known;
    const from = this.#places[place];
    if (from === undefined) throw new Error(`no place has the number ${place}`);
    const row = Uint32Array.from(this.#places, (to) => this.#between(from, to));
    this.#rows[place] = row;
    return row;
  }

  #between(from: Place, to: Place): SpaceId {
    if (from.world !== to.world || from.vpcId !== to.vpcId) return ELSEWHERE;
    if (from.subnetId === to.subnetId) return EVERYTHING;
    if (!isLocal(from, to) || !isLocal(to, from)) return ELSEWHERE;
    const there = this.#spaces.intersect(from.edge.out(to.kind).forward, to.edge.in(from.kind).forward);
    const back = this.#spaces.intersect(to.edge.out(from.kind).replies, from.edge.in(to.kind).replies);
    return this.#spaces.intersect(there, back);
  }

  #edgeOf(world: World, subnetId: string): Edge {
    const acl = networkAclOf(world, subnetId);
    if (acl === undefined) return { out: () => SHUT, in: () => SHUT };
    const key = `${this.#worldNumber(world)} ${acl.networkAclId}`;
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const directionOf = (isEgress: boolean): Edge['out'] => {
      const direction = new AclDirection(this.#spaces, acl, isEgress);
      const evaluated = new Map<KindId, Evaluated>();
      return (kind) => {
        const found = evaluated.get(kind) ?? direction.evaluate(this.#kinds.representativeOf(kind));
        evaluated.set(kind, found);
        return found;
      };
    };
    const edge = { out: directionOf(true), in: directionOf(false) };
    this.#edges.set(key, edge);
    return edge;
  }

  #keyOf({ world, subnetId, kind }: InterfaceClass): string {
    return `${this.#worldNumber(world)} ${subnetId} ${kind}`;
  }

  #worldNumber(world: World): number {
    const number = this.#worldNumbers.get(world) ?? this.#worldNumbers.size;
    this.#worldNumbers.set(world, number);
    return number;
  }
}

function isLocal(from: Place, to: Place): boolean {
  const [address] = to.eni.privateIpAddresses;
  if (from.isLocalEverywhere || address === undefined) return true;
  return isRoutedLocally({ world: from.world, eni: from.eni, label: '' }, address);
}

/** Whether no route of the subnet's table is more specific than `local` within the VPC. */
function leadsLocally(world: World, vpcId: string, subnetId: string): boolean {
  const table = routeTableOf(world, subnetId);
  const vpc = world.vpcs.get(vpcId);
  if (table === undefined || vpc === undefined) return true;
  const own = blocksOfVpc(vpc).flatMap((text) => parseCidr(text) ?? []);
  return table.routes
    .filter(({ target }) => target.kind !== 'local')
    .flatMap((route) => blocksOfRoute(world, route))
    .flatMap((text) => parseCidr(text) ?? [])
    .every((block) => own.every((each) => !overlaps(block, each) || contains(block, each)));
}
