import { formatIpv6 } from './ipv6.ts';

/** `fe80::/64`, as a number of its first half. */
const LINK_LOCAL = 0xfe80n << 48n;

/** The link-local IPv6 address that a kernel makes of a link's MAC address (EUI-64, RFC 4291 appendix A). */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(':').map((byte) => BigInt(`0x${byte}`));
  const [first = 0n, second = 0n, third = 0n, ...rest] = bytes;
  const identifier = [first ^ 2n, second, third, 0xffn, 0xfen, ...rest];
  return formatIpv6(identifier.reduce((number, byte) => (number << 8n) | byte, LINK_LOCAL));
}
