import type { InstanceIpv6Address } from '@aws-sdk/client-ec2';
import { findFreeIpv6Addresses, findIpv6AddressObstacle } from '../model/ipv6-addressing.ts';
import type { Subnet } from '../model/records.ts';
import { formatIpv6, parseIpv6 } from '../net/ipv6.ts';
import type { ActionContext } from './action.ts';
import * as errors from './errors.ts';

/** How a request says which IPv6 addresses a new interface is to have. */
export interface Ipv6Input {
  readonly Ipv6Addresses?: readonly InstanceIpv6Address[] | undefined;
  readonly Ipv6AddressCount?: number | undefined;
}

/** IPv6 addresses: some by name, or as many as `count` says; what the subnet gives by itself when neither is said. */
export interface Ipv6Wish {
  readonly named: readonly string[];
  readonly count: number | undefined;
}

/** The IPv6 addresses a request asks for. Throws when it asks in both ways, or for less than none. */
export function readIpv6Wish({ Ipv6Addresses, Ipv6AddressCount: count }: Ipv6Input): Ipv6Wish {
  return readIpv6Names(
    (Ipv6Addresses ?? []).map(({ Ipv6Address }) => Ipv6Address ?? ''),
    count,
  );
}

/** As `readIpv6Wish`, for a request that names the addresses as they are. */
export function readIpv6Names(named: readonly string[], count: number | undefined): Ipv6Wish {
  if (named.length > 0 && count !== undefined) {
    throw errors.invalidParameterCombination(
      'The parameters Ipv6Addresses and Ipv6AddressCount cannot be used together',
    );
  }
  if (count !== undefined && count < 0) {
    throw errors.invalidValue(count, 'ipv6AddressCount', 'The number must not be negative.');
  }
  return { named: [...new Set(named.map(canonicalOf))], count };
}

/** The wished addresses, canonical and free. Throws when the subnet has no IPv6 block, or an address is not to be had. */
export function chooseIpv6Addresses(
  { tx, randomBelow }: ActionContext,
  subnet: Subnet,
  { named, count = 0 }: Ipv6Wish,
): readonly string[] {
  if (named.length === 0 && count === 0) return [];
  const free = findFreeIpv6Addresses(tx, subnet, count, randomBelow);
  if (free === undefined) {
    throw errors.invalidParameterValue(`The subnet ${subnet.subnetId} has no IPv6 CIDR block.`);
  }
  for (const address of named) checkIpv6Address(tx, subnet, address);
  return [...named, ...free];
}

function checkIpv6Address(tx: ActionContext['tx'], subnet: Subnet, address: string): void {
  switch (findIpv6AddressObstacle(tx, subnet, address)) {
    case undefined:
      return;
    case 'not an address':
      throw notAnAddress(address);
    case 'not in the subnet':
      throw errors.invalidParameterValue("Address does not fall within the subnet's address range");
    case 'reserved':
      throw errors.invalidParameterValue("Address is in subnet's reserved address range");
    case 'in use':
      throw errors.addressInUse(`Address ${address} is in use.`);
  }
}

/** The address as records have it. Throws when it is none. */
export function canonicalOf(text: string): string {
  const address = parseIpv6(text);
  if (address === undefined) throw notAnAddress(text);
  return formatIpv6(address);
}

function notAnAddress(text: string): errors.AwsError {
  return errors.invalidValue(text, 'ipv6Address', 'The address is not a valid IPv6 address.');
}
