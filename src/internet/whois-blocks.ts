import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { cidrOf, lastOf } from '../net/cidr.ts';
import { formatIpv6, isIpv6, lastOfIpv6, parseIpv6, parseIpv6Cidr } from '../net/ipv6.ts';

/** The address that a query asks about, of either family, by itself or as a block's; undefined when it names none. */
export function readSubject(text: string): string | undefined {
  const [, address = ''] = /^([^/]*)(?:\/[0-9]{1,3})?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(address);
  if (ipv4 !== undefined) return formatIpv4(ipv4);
  const ipv6 = isIpv6(address) ? parseIpv6(address) : undefined;
  return ipv6 === undefined ? undefined : formatIpv6(ipv6);
}

/** The first address of a block. */
export function firstOf(cidrBlock: string): string {
  return cidrBlock.split('/')[0] ?? '';
}

/** A block from its first address to its last, as registries write it: `8.8.8.0 - 8.8.8.255`. */
export function rangeOf(cidrBlock: string): string {
  return `${firstOf(cidrBlock)} - ${lastAddressOf(cidrBlock)}`;
}

function lastAddressOf(cidrBlock: string): string {
  const ipv6 = parseIpv6Cidr(cidrBlock);
  if (ipv6 === undefined) return formatIpv4(lastOf(cidrOf(cidrBlock)));
  return formatIpv6(lastOfIpv6(ipv6));
}
