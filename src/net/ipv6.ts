import { parseIpv4 } from './address.ts';

const GROUPS = 8;
const BITS = 128;

/** The number of an IPv6 address, or undefined when the text is not one. */
export function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(splitIpv4)));
  if (front === undefined) return undefined;
  const missing = GROUPS - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = back === undefined ? front : [...front, ...Array<string>(missing).fill('0'), ...back];
  let value = 0n;
  for (const group of groups) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** Whether a text that is an address is one of IPv6. */
export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** The two groups that an embedded dotted IPv4 address stands for; anything else as it is. */
function splitIpv4(group: string): string[] {
  const address = parseIpv4(group);
  return address === undefined ? [group] : [(address >>> 16).toString(16), (address & 0xffff).toString(16)];
}

/** The shortest text of an IPv6 address (RFC 5952). */
export function formatIpv6(address: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    ((address >> BigInt(16 * (GROUPS - 1 - index))) & 0xffffn).toString(16),
  );
  const zeros = groups.join(':').match(/\b0(:0)+\b/g) ?? [];
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups.join(':');
  const runs = longest.split(':').length;
  const start = groups.findIndex((_, index) => groups.slice(index, index + runs).join(':') === longest);
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + runs).join(':')}`;
}

/** An IPv6 block: its first address and the length of its prefix in bits. Always canonical: no host bits are set. */
export interface Ipv6Cidr {
  readonly first: bigint;
  readonly prefixLength: number;
}

/** The block a text such as `2001:db8::/32` names, its host bits cleared; undefined when the text is not one. */
export function parseIpv6Cidr(text: string): Ipv6Cidr | undefined {
  const match = /^([0-9a-f:.]+)\/(0|[1-9][0-9]{0,2})$/i.exec(text);
  const address = parseIpv6(match?.[1] ?? '');
  const prefixLength = Number(match?.[2]);
  if (match === null || address === undefined || prefixLength > BITS) return undefined;
  const hostBits = BigInt(BITS - prefixLength);
  return { first: (address >> hostBits) << hostBits, prefixLength };
}

/** The block of a text that is known to be one, such as one stored in a record. Throws when it is not. */
export function ipv6CidrOf(text: string): Ipv6Cidr {
  const cidr = parseIpv6Cidr(text);
  if (cidr === undefined) throw new Error(`not an IPv6 CIDR block: ${text}`);
  return cidr;
}

/** The last address of the block. */
export function lastOfIpv6({ first, prefixLength }: Ipv6Cidr): bigint {
  return first + (1n << BigInt(BITS - prefixLength)) - 1n;
}

/** The text of a block: `2001:db8::/32`. */
export function formatIpv6Cidr({ first, prefixLength }: Ipv6Cidr): string {
  return `${formatIpv6(first)}/${prefixLength}`;
}

/** The canonical text of an IPv6 CIDR block, its host bits cleared; undefined when the text is not one. */
export function canonicalIpv6Cidr(text: string): string | undefined {
  const cidr = parseIpv6Cidr(text);
  return cidr === undefined ? undefined : formatIpv6Cidr(cidr);
}

/** Whether the whole of `inner` lies in `outer`, both as texts (a block lies in itself); false when one is no block. */
export function containsIpv6(outer: string, inner: string): boolean {
  const out = parseIpv6Cidr(outer);
  const own = parseIpv6Cidr(inner);
  if (out === undefined || own === undefined || own.prefixLength < out.prefixLength) return false;
  const hostBits = BigInt(BITS - out.prefixLength);
  return own.first >> hostBits === out.first >> hostBits;
}

/** Whether two blocks, as texts, share an address. */
export function overlapsIpv6(one: string, other: string): boolean {
  return containsIpv6(one, other) || containsIpv6(other, one);
}
