import { ipv6BlocksOf, VPC_IPV6_PREFIX_LENGTH } from '../model/ipv6-addressing.ts';
import type { Subnet, Vpc } from '../model/records.ts';
import { containsIpv6, parseIpv6Cidr } from '../net/ipv6.ts';

/** Where in its VPC's IPv6 block a subnet's is: the VPC may get another block, of the same length, elsewhere. */
export interface Ipv6Place {
  readonly prefixLength: number;
  /** How many bits longer the subnet's prefix is. */
  readonly newBits: number;
  /** Which of the blocks of that length it is, from 0. */
  readonly number: number;
}

/** The place of a subnet's IPv6 block; undefined without one, or in a VPC that has none around it. */
export function ipv6PlaceOf(vpc: Vpc | undefined, subnet: Subnet): Ipv6Place | undefined {
  const [own] = ipv6BlocksOf(subnet);
  if (vpc === undefined || own === undefined) return undefined;
  const whole = ipv6BlocksOf(vpc).find((block) => containsIpv6(block, own));
  const [outer, inner] = [parseIpv6Cidr(whole ?? ''), parseIpv6Cidr(own)];
  if (outer === undefined || inner === undefined) return undefined;
  const { prefixLength } = inner;
  return {
    prefixLength,
    newBits: prefixLength - VPC_IPV6_PREFIX_LENGTH,
    number: Number((inner.first - outer.first) >> BigInt(128 - prefixLength)),
  };
}
