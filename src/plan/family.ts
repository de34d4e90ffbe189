import { ipv4BlocksOf, ipv6BlocksOfList } from '../model/prefix-lists.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { cidrOf, lastOf } from '../net/cidr.ts';
import { formatIpv6, ipv6CidrOf, lastOfIpv6 } from '../net/ipv6.ts';
import type { Range } from './boxes.ts';
import type { NftFamily } from './ruleset.ts';

/** Addresses as whole numbers, in their order: what a gate's blocks are made disjoint in. */
export interface AddressAxis {
  rangeOf(cidrBlock: string): Range;
  /** As nft writes it: `10.0.0.4`, `10.0.0.0-10.0.0.255`. */
  render(range: Range): string;
}

/** What differs between the rules about IPv4 and those about IPv6 (decision 0008). */
export interface AddressFamily {
  readonly nft: NftFamily;
  readonly addressType: 'ipv4_addr' | 'ipv6_addr';
  /** The family's ICMP: IANA's number, and nft's word. */
  readonly icmp: { readonly number: number; readonly word: string };
  readonly everywhere: '0.0.0.0/0' | '::/0';
  axisOf(cidrBlocks: readonly string[]): AddressAxis;
  /** The addresses of an interface that the VPC knows it by. */
  addressesOf(eni: NetworkInterface): readonly string[];
  blocksOfPrefixList(world: World, prefixListId: string): string[];
}

const IPV4_AXIS: AddressAxis = {
  rangeOf(cidrBlock) {
    const cidr = cidrOf(cidrBlock);
    return { first: cidr.first, last: lastOf(cidr) };
  },
  render: ({ first, last }) =>
    first === last ? formatIpv4(first) : `${formatIpv4(first)}-${formatIpv4(last)}`,
};

export const IPV4: AddressFamily = {
  nft: 'ip',
  addressType: 'ipv4_addr',
  icmp: { number: 1, word: 'icmp' },
  everywhere: '0.0.0.0/0',
  axisOf: () => IPV4_AXIS,
  addressesOf: ({ privateIpAddresses }) => privateIpAddresses,
  blocksOfPrefixList: ipv4BlocksOf,
};

export const IPV6: AddressFamily = {
  nft: 'ip6',
  addressType: 'ipv6_addr',
  icmp: { number: 58, word: 'ipv6-icmp' },
  everywhere: '::/0',
  axisOf: ipv6AxisOf,
  addressesOf: ({ ipv6Addresses }) => ipv6Addresses,
  blocksOfPrefixList: ipv6BlocksOfList,
};

/**
 * An IPv6 address is too large for a plain number: the blocks' ends cut all addresses into as many pieces as there are
 * ends, and a piece's number stands for the addresses in it.
 */
function ipv6AxisOf(cidrBlocks: readonly string[]): AddressAxis {
  const cidrs = cidrBlocks.map(ipv6CidrOf);
  const cuts = [...new Set(cidrs.flatMap((cidr) => [cidr.first, lastOfIpv6(cidr) + 1n]))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const pieceFrom = new Map(cuts.map((cut, index) => [cut, index]));
  const pieceOf = (cut: bigint): number => {
    const piece = pieceFrom.get(cut);
    if (piece === undefined) throw new Error(`${formatIpv6(cut)} is no end of a block of this axis`);
    return piece;
  };
  const cutAt = (piece: number): bigint => cuts[piece] ?? 0n;
  return {
    rangeOf(cidrBlock) {
      const cidr = ipv6CidrOf(cidrBlock);
      return { first: pieceOf(cidr.first), last: pieceOf(lastOfIpv6(cidr) + 1n) - 1 };
    },
    render(range) {
      const [first, last] = [cutAt(range.first), cutAt(range.last + 1) - 1n];
      return first === last ? formatIpv6(first) : `${formatIpv6(first)}-${formatIpv6(last)}`;
    },
  };
}
