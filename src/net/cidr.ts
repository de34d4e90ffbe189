import { formatIpv4, type Ipv4, parseIpv4 } from './address.ts';

/** An IPv4 block: its first address and the length of its prefix in bits. Always canonical: no host bits are set. */
export interface Cidr {
  readonly first: Ipv4;
  readonly prefixLength: number;
}

/** How many addresses the block holds. */
export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefixLength);
}

/** The last address of the block. */
export function lastOf(cidr: Cidr): Ipv4 {
  return cidr.first + sizeOf(cidr) - 1;
}

/** The canonical block around an address: host bits are cleared (semantics S2). */
export function blockAround(address: Ipv4, prefixLength: number): Cidr {
  const size = 2 ** (32 - prefixLength);
  return { first: Math.floor(address / size) * size, prefixLength };
}

/** The block a text such as `10.0.0.0/16` names, canonicalised; undefined when the text is not an IPv4 CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([0-9.]+)\/(0|[1-9][0-9]?)$/.exec(text);
  if (match === null) return undefined;
  const address = parseIpv4(match[1] ?? '');
  const prefixLength = Number(match[2]);
  if (address === undefined || prefixLength > 32) return undefined;
  return blockAround(address, prefixLength);
}

/** The block of a text that is known to be a CIDR, such as one stored in a record. Throws when it is not. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`not an IPv4 CIDR block: ${text}`);
  return cidr;
}

/** The text of a block: `10.0.0.0/16`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.first)}/${cidr.prefixLength}`;
}

/** Whether the address lies in the block. */
export function hasAddress(cidr: Cidr, address: Ipv4): boolean {
  return address >= cidr.first && address <= lastOf(cidr);
}

/** Whether the whole of `inner` lies in `outer` (a block lies in itself). */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && hasAddress(outer, inner.first);
}

/** Whether the two blocks share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}

/** Whether two texts name the same block, whatever host bits they carry. */
export function isSameCidr(one: string, other: string): boolean {
  const a = parseCidr(one);
  const b = parseCidr(other);
  return a !== undefined && b !== undefined && a.first === b.first && a.prefixLength === b.prefixLength;
}

/** The length of a block's prefix, of either family, from its text. */
export function prefixLengthOf(block: string): number {
  return Number(block.slice(block.indexOf('/') + 1));
}
