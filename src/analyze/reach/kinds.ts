import type { World } from '../../model/world.ts';
import { type Ipv4, parseIpv4 } from '../../net/address.ts';
import { blockAround, type Cidr, hasAddress, parseCidr } from '../../net/cidr.ts';

/** A kind of address by its number. */
export type KindId = number;

/**
 * Addresses by what rules, routes and lists say of them: two addresses in the same of all blocks spoken of are of one kind. Blocks
 * lie in one another or apart, so which blocks an address is in is known by the smallest of them.
 */
export class AddressKinds {
  readonly #lengths: readonly number[];
  readonly #told: ReadonlySet<string>;
  readonly #ids = new Map<string, KindId>();
  readonly #representatives: Ipv4[] = [];

  constructor(blocks: Iterable<Cidr>) {
    const all = [...blocks];
    this.#told = new Set(all.map(keyOf));
    this.#lengths = [...new Set(all.map(({ prefixLength }) => prefixLength))].sort((a, b) => b - a);
  }

  /** The kind of an address. Kinds are numbered as they are met. */
  kindOf(address: Ipv4): KindId {
    const key = this.#smallestBlockOf(address);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#representatives.push(address) - 1;
    this.#ids.set(key, id);
    return id;
  }

  /** An address of the kind: what holds for it holds for all of them. */
  representativeOf(kind: KindId): Ipv4 {
    const address = this.#representatives[kind];
    if (address === undefined) throw new Error(`no kind of address has the number ${kind}`);
    return address;
  }

  /** The smallest block spoken of that holds the address, as `FIRST/LENGTH` with FIRST as a number; empty where none does. */
  #smallestBlockOf(address: Ipv4): string {
    for (const length of this.#lengths) {
      const key = keyOf(blockAround(address, length));
      if (this.#told.has(key)) return key;
    }
    return '';
  }
}

function keyOf({ first, prefixLength }: Cidr): string {
  return `${first}/${prefixLength}`;
}

/** Every IPv4 block that rules, entries, routes and lists of the worlds speak of, and those of subnets and VPCs. */
export function toldBlocks(worlds: readonly World[]): Cidr[] {
  const texts = new Set<string>();
  for (const world of worlds) {
    for (const { peer } of world.securityGroupRules.values()) {
      if (peer.kind === 'cidr') texts.add(peer.cidrBlock);
    }
    for (const { entries } of world.networkAcls.values()) {
      for (const { cidrBlock } of entries) if (cidrBlock !== undefined) texts.add(cidrBlock);
    }
    for (const { routes } of world.routeTables.values()) {
      for (const { destination } of routes) if (destination.kind === 'cidr') texts.add(destination.cidrBlock);
    }
    for (const { staticRoutes } of world.transitGatewayRouteTables.values()) {
      for (const { destinationCidrBlock } of staticRoutes) texts.add(destinationCidrBlock);
    }
    for (const { entries } of world.prefixLists.values()) for (const { cidr } of entries) texts.add(cidr);
    for (const { cidrBlock } of world.subnets.values()) if (cidrBlock !== undefined) texts.add(cidrBlock);
    for (const { cidrBlockAssociations } of world.vpcs.values()) {
      for (const { cidrBlock } of cidrBlockAssociations) texts.add(cidrBlock);
    }
  }
  return [...texts].flatMap((text) => parseCidr(text) ?? []);
}

/** Whether a block tells apart addresses of which it may not: of one kind, some in it and some not. */
export function isSplitting(block: string, addresses: Iterable<readonly [KindId, Ipv4]>): boolean {
  const cidr = parseCidr(block);
  if (cidr === undefined) return false;
  const isInside = new Map<KindId, boolean>();
  for (const [kind, address] of addresses) {
    const isIn = hasAddress(cidr, address);
    const before = isInside.get(kind);
    if (before === undefined) isInside.set(kind, isIn);
    else if (before !== isIn) return true;
  }
  return false;
}

/** The address of a record as a number; a record holds nothing else. */
export function numberOf(address: string): Ipv4 {
  const parsed = parseIpv4(address);
  if (parsed === undefined) throw new Error(`not an IPv4 address: ${address}`);
  return parsed;
}
