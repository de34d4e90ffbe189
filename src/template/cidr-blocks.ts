import { formatIpv4 } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import { formatIpv6, parseIpv6Cidr } from '../net/ipv6.ts';
import { TemplateError } from './value.ts';

/** User guide, Fn::Cidr: "Valid range for count is between 1 and 256". */
const MOST_BLOCKS = 256;

/**
 * The first `count` blocks of a block, each with `bits` host bits (Fn::Cidr; "subnet bits" are the inverse of a subnet mask).
 * Throws a TemplateError where the block has no room for them.
 */
export function splitBlock(block: string, count: number, bits: number): string[] {
  const complain = (why: string) => new TemplateError(`Template error: Fn::Cidr ${why}`);
  if (!Number.isInteger(count) || count < 1 || count > MOST_BLOCKS) {
    throw complain(`count ${count} is not between 1 and ${MOST_BLOCKS}`);
  }
  const ipv4 = parseCidr(block);
  const ipv6 = ipv4 === undefined ? parseIpv6Cidr(block) : undefined;
  const outer = ipv4 ?? ipv6;
  if (outer === undefined) throw complain(`IP block ${block} is not a valid CIDR block`);
  const width = ipv4 === undefined ? 128 : 32;
  if (!Number.isInteger(bits) || bits < 1 || bits > width) {
    throw complain(`subnet bits ${bits} are not between 1 and ${width}`);
  }
  const prefixLength = width - bits;
  const room = 2n ** BigInt(Math.max(0, prefixLength - outer.prefixLength));
  if (prefixLength < outer.prefixLength || room < BigInt(count)) {
    throw complain(`cannot make ${count} blocks with ${bits} host bits out of ${block}`);
  }
  return Array.from({ length: count }, (_, index) => {
    const first = BigInt(outer.first) + (BigInt(index) << BigInt(bits));
    const address = ipv4 === undefined ? formatIpv6(first) : formatIpv4(Number(first));
    return `${address}/${prefixLength}`;
  });
}
