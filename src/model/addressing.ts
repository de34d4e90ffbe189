import type { Ipv4 } from '../net/address.ts';
import { type Cidr, cidrOf, contains, lastOf, overlaps, sizeOf } from '../net/cidr.ts';
import type { Subnet, Vpc } from './records.ts';
import type { World } from './world.ts';

/** Smallest and largest prefix length of a VPC's or subnet's block (semantics S1, S3). */
const SHORTEST_PREFIX = 16;
const LONGEST_PREFIX = 28;

/** The first four addresses of every subnet and its last one are never given out (semantics S4). */
const RESERVED_AT_FRONT = 4;
const RESERVED_ADDRESSES = RESERVED_AT_FRONT + 1;

/** Addresses that can never be a network's own: this network, loopback, link-local, multicast and above. */
const UNUSABLE = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(cidrOf);

/** Whether a block has a size that VPCs and subnets may have. */
export function isAllowedSize(cidr: Cidr): boolean {
  return cidr.prefixLength >= SHORTEST_PREFIX && cidr.prefixLength <= LONGEST_PREFIX;
}

/** Whether a VPC may have the block as its first one (semantics S1). */
export function isVpcRange(cidr: Cidr): boolean {
  return isAllowedSize(cidr) && !UNUSABLE.some((block) => overlaps(block, cidr));
}

/** The blocks that belong to a VPC now. */
export function blocksOf(vpc: Vpc): Cidr[] {
  return vpc.cidrBlockAssociations
    .filter(({ state }) => state === 'associated' || state === 'associating')
    .map(({ cidrBlock }) => cidrOf(cidrBlock));
}

/** Whether the address is one of the five that nothing in the subnet may have (semantics S4). */
export function isReservedAddress(subnet: Cidr, address: Ipv4): boolean {
  return address < subnet.first + RESERVED_AT_FRONT || address === lastOf(subnet);
}

/** A subnet's IPv4 block, as a list: empty for a subnet of IPv6 only. */
export function ipv4BlocksOf({ cidrBlock }: Subnet): Cidr[] {
  return cidrBlock === undefined ? [] : [cidrOf(cidrBlock)];
}

/** How many private addresses of the subnet nothing has yet; none where it has IPv6 only. */
export function countFreeAddresses(world: World, subnet: Subnet): number {
  const [block] = ipv4BlocksOf(subnet);
  if (block === undefined) return 0;
  const used = world.networkInterfaces
    .where('subnetId', subnet.subnetId)
    .reduce((count, { privateIpAddresses }) => count + privateIpAddresses.length, 0);
  return sizeOf(block) - RESERVED_ADDRESSES - used;
}

const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(cidrOf);

/** Used by AWS itself: no VPC may add it, except to one that is of it. */
const RESERVED_RANGE = cidrOf('198.19.0.0/16');

/** Ranges that may not be added to a VPC of a block: AWS's table of restrictions (semantics S14). */
const RESTRICTIONS: readonly { readonly has: Cidr; readonly refuses: Cidr }[] = [
  { has: cidrOf('10.0.0.0/15'), refuses: cidrOf('10.0.0.0/16') },
  { has: cidrOf('172.16.0.0/12'), refuses: cidrOf('172.31.0.0/16') },
];

/** Whether AWS's table of restrictions forbids a VPC of block `primary` to add the block `added` (semantics S14). */
export function isRestricted(primary: Cidr, present: readonly Cidr[], added: Cidr): boolean {
  const family = PRIVATE_RANGES.find((range) => contains(range, primary));
  const isReservedVpc = contains(RESERVED_RANGE, primary);
  if (!isReservedVpc && overlaps(RESERVED_RANGE, added)) return true;
  if (PRIVATE_RANGES.some((range) => range !== family && overlaps(range, added))) return true;
  return RESTRICTIONS.some(
    ({ has, refuses }) => present.some((block) => contains(has, block)) && overlaps(refuses, added),
  );
}
