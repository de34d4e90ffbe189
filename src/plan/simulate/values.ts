import { formatIpv4, parseIpv4 } from '../../net/address.ts';
import { lastOf, parseCidr } from '../../net/cidr.ts';
import { formatIpv6, lastOfIpv6, parseIpv6, parseIpv6Cidr } from '../../net/ipv6.ts';

/** An address of IPv4, or of IPv6. */
export type Address = number | bigint;

/** What a field of a packet holds: a number, an address, or a name of a link or a state. */
export type Value = Address | string;

/** Numbers or addresses, both ends included. */
export interface ValueRange {
  readonly first: Address;
  readonly last: Address;
}

/** One value of a set or a map's key, ready to be compared: numbers are ranges, names are themselves. */
export type Pattern = ValueRange | { readonly name: string };

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

/** Reads a value as nft writes it: `"vabc"`, `10.0.0.0/24`, `10.0.0.4-10.0.0.9`, `80`, `1024-65535`, `icmp`. */
export function parsePattern(text: string): Pattern {
  if (text.startsWith('"')) return { name: text.slice(1, -1) };
  const protocol = PROTOCOLS[text];
  if (protocol !== undefined) return { first: protocol, last: protocol };
  const block = text.includes('/') ? parseBlock(text) : undefined;
  if (block !== undefined) return block;
  const [first = '', last = first] = text.split('-').map(parseNumber);
  return typeof first === 'string' || typeof last === 'string' ? { name: text } : { first, last };
}

/** The addresses of a block of either family; undefined when the text is none. */
function parseBlock(text: string): ValueRange | undefined {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return { first: cidr.first, last: lastOf(cidr) };
  const ipv6 = parseIpv6Cidr(text);
  return ipv6 === undefined ? undefined : { first: ipv6.first, last: lastOfIpv6(ipv6) };
}

/** Reads a set's element or a map's key: one pattern for each field of the concatenation. */
export function parseKey(text: string): Pattern[] {
  return text.split(' . ').map(parsePattern);
}

/** Whether the values of a packet are what a key says. */
export function isKeyMatched(key: readonly Pattern[], values: readonly Value[]): boolean {
  return key.length === values.length && key.every((pattern, i) => isMatched(pattern, values[i]));
}

/** Whether a value is what the pattern says. */
export function isMatched(pattern: Pattern, value: Value | undefined): boolean {
  if ('name' in pattern) return pattern.name === value;
  return isAddress(value) && isWithin(pattern, value);
}

/** The text of an address. */
export function formatAddress(address: Address): string {
  return typeof address === 'bigint' ? formatIpv6(address) : formatIpv4(address);
}

/** The addresses of a block of either family. Throws when the text is none. */
export function blockOf(text: string): ValueRange {
  const block = parseBlock(text);
  if (block === undefined) throw new Error(`not a CIDR block: ${text}`);
  return block;
}

/** Whether an address lies in a block, or between two others. */
export function isWithin({ first, last }: ValueRange, address: Address): boolean {
  // A block of the other family, as wide as it may be, holds no address of this one.
  return typeof first === typeof address && first <= address && address <= last;
}

/** Whether a value is a number or an address. */
export function isAddress(value: Value | undefined): value is Address {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** The number or address of a text; the text itself where it is neither. */
function parseNumber(text: string): Value {
  if (/^\d+$/.test(text)) return Number(text);
  return parseIpv4(text) ?? parseIpv6(text) ?? text;
}
