import { parseIpv4 } from '../../net/address.ts';
import { lastOf, parseCidr } from '../../net/cidr.ts';

/** What a field of a packet holds: a number, or a name of a link or a state. */
export type Value = number | string;

/** One value of a set or a map's key, ready to be compared: numbers are ranges, names are themselves. */
export type Pattern = { readonly first: number; readonly last: number } | { readonly name: string };

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

/** Reads a value as nft writes it: `"vabc"`, `10.0.0.0/24`, `10.0.0.4-10.0.0.9`, `80`, `1024-65535`, `icmp`. */
export function parsePattern(text: string): Pattern {
  if (text.startsWith('"')) return { name: text.slice(1, -1) };
  const protocol = PROTOCOLS[text];
  if (protocol !== undefined) return { first: protocol, last: protocol };
  const cidr = text.includes('/') ? parseCidr(text) : undefined;
  if (cidr !== undefined) return { first: cidr.first, last: lastOf(cidr) };
  const [first = '', last = first] = text.split('-');
  const range = { first: parseNumber(first), last: parseNumber(last) };
  return Number.isNaN(range.first) || Number.isNaN(range.last) ? { name: text } : range;
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
  return typeof value === 'number' && pattern.first <= value && value <= pattern.last;
}

function parseNumber(text: string): number {
  return parseIpv4(text) ?? (/^\d+$/.test(text) ? Number(text) : Number.NaN);
}
