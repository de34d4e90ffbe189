import { formatIpv6, formatIpv6Cidr, parseIpv6, parseIpv6Cidr } from '../net/ipv6.ts';
import type { Ipv6CidrBlockAssociation, Subnet } from './records.ts';
import type { World } from './world.ts';

/**
 * The blocks of all VPCs come from this part of RFC 3849's documentation prefix: no network on the real Internet has it,
 * as none has our public IPv4 addresses.
 */
const POOL = { first: 0x2001_0db8_c000_0000_0000_0000_0000_0000n, prefixLength: 36 };

/** The same as a text. */
export const VPC_IPV6_POOL = formatIpv6Cidr(POOL);

/** A VPC's block (semantics S73) and a subnet's (S5). */
export const VPC_IPV6_PREFIX_LENGTH = 56;
const BITS = 128;

/** How many blocks the pool has for VPCs. */
export const IPV6_POOL_SIZE = 2 ** (VPC_IPV6_PREFIX_LENGTH - POOL.prefixLength);

/** The IPv6 blocks that a VPC or subnet has now. */
export function ipv6BlocksOf({
  ipv6CidrBlockAssociations,
}: {
  readonly ipv6CidrBlockAssociations: readonly Ipv6CidrBlockAssociation[];
}): string[] {
  return ipv6CidrBlockAssociations
    .filter(({ state }) => state === 'associated' || state === 'associating')
    .map(({ ipv6CidrBlock }) => ipv6CidrBlock);
}

/** A block of the pool that no VPC has, looking on from a random `start` (0 up to the pool's size); undefined when all are taken. */
export function findFreeVpcIpv6Block(worlds: Iterable<World>, start: number): string | undefined {
  const taken = new Set(
    [...worlds].flatMap((world) => [...world.vpcs.values()].flatMap((vpc) => ipv6BlocksOf(vpc))),
  );
  for (let step = 0; step < IPV6_POOL_SIZE; step++) {
    const number = BigInt((start + step) % IPV6_POOL_SIZE);
    const first = POOL.first + (number << BigInt(BITS - VPC_IPV6_PREFIX_LENGTH));
    const block = formatIpv6Cidr({ first, prefixLength: VPC_IPV6_PREFIX_LENGTH });
    if (!taken.has(block)) return block;
  }
  return undefined;
}

/** The first four addresses and the last one of a subnet's block are never given out (semantics S5). */
const RESERVED_AT_FRONT = 4n;

/** Why an IPv6 address cannot be given to an interface of the subnet. */
export type Ipv6AddressObstacle = 'not an address' | 'not in the subnet' | 'reserved' | 'in use';

/** What stands against giving the address, however it is written; undefined when nothing does. */
export function findIpv6AddressObstacle(
  world: World,
  subnet: Subnet,
  text: string,
): Ipv6AddressObstacle | undefined {
  const address = parseIpv6(text);
  if (address === undefined) return 'not an address';
  const block = ipv6BlocksOf(subnet)
    .flatMap((own) => parseIpv6Cidr(own) ?? [])
    .find((own) => address >> hostBitsOf(own) === own.first >> hostBitsOf(own));
  if (block === undefined) return 'not in the subnet';
  const last = block.first + (1n << hostBitsOf(block)) - 1n;
  if (address < block.first + RESERVED_AT_FRONT || address === last) return 'reserved';
  return world.networkInterfaces.where('ipv6Addresses', formatIpv6(address)).length > 0
    ? 'in use'
    : undefined;
}

/**
 * `count` addresses of the subnet's IPv6 block that no interface has and that are not among `others`; undefined when it
 * has no block. AWS draws them by chance: `randomBelow` gives a number from 0 up to its argument, which is at most 2^32.
 */
export function findFreeIpv6Addresses(
  world: World,
  subnet: Subnet,
  count: number,
  randomBelow: (limit: number) => number,
  others: readonly string[] = [],
): string[] | undefined {
  const [own] = ipv6BlocksOf(subnet);
  const block = own === undefined ? undefined : parseIpv6Cidr(own);
  if (block === undefined) return undefined;
  const chosen: string[] = [];
  const mask = (1n << hostBitsOf(block)) - 1n;
  const isFree = (text: string) =>
    !others.includes(text) &&
    !chosen.includes(text) &&
    findIpv6AddressObstacle(world, subnet, text) === undefined;
  while (chosen.length < count) {
    let host = (BigInt(randomBelow(2 ** 32)) << 32n) | BigInt(randomBelow(2 ** 32));
    // A block of 2^64 addresses is never full, so looking on from there ends.
    while (!isFree(formatIpv6(block.first + host))) host = (host + 1n) & mask;
    chosen.push(formatIpv6(block.first + host));
  }
  return chosen;
}

function hostBitsOf({ prefixLength }: { readonly prefixLength: number }): bigint {
  return BigInt(BITS - prefixLength);
}
