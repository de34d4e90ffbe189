import type { PrivateIpAddressSpecification } from '@aws-sdk/client-ec2';
import * as errors from './errors.ts';
import type { SecondaryAddresses } from './interfaces.ts';

/** How a request says which private addresses a new interface is to have. */
export interface AddressInput {
  readonly PrivateIpAddress?: string | undefined;
  readonly PrivateIpAddresses?: readonly PrivateIpAddressSpecification[] | undefined;
  readonly SecondaryPrivateIpAddressCount?: number | undefined;
}

/** The private addresses that a new interface is to have: the primary one, or any when absent, and the others. */
export interface AddressWish {
  readonly primary: string | undefined;
  readonly secondary: SecondaryAddresses;
}

/** The addresses a request asks for. Throws when its parameters contradict each other. */
export function readAddressWish(input: AddressInput): AddressWish {
  const { PrivateIpAddress, PrivateIpAddresses: listed = [], SecondaryPrivateIpAddressCount: count } = input;
  const primaries = listed.filter(({ Primary }) => Primary === true);
  if (primaries.length > 1) {
    throw errors.invalidParameterValue('Only one primary private IP address can be specified.');
  }
  const named = listed.filter(({ Primary }) => Primary !== true).map(readAddress);
  if (count !== undefined && named.length > 0) {
    throw errors.invalidParameterCombination(
      'secondaryPrivateIpAddressCount and secondary privateIpAddresses may not be specified on the same request.',
    );
  }
  const [marked] = primaries.map(readAddress);
  if (PrivateIpAddress !== undefined && marked !== undefined && marked !== PrivateIpAddress) {
    throw errors.invalidParameterValue('Only one primary private IP address can be specified.');
  }
  const primary = PrivateIpAddress ?? marked;
  const all = [...(primary === undefined ? [] : [primary]), ...named];
  if (new Set(all).size < all.length) {
    throw errors.invalidParameterValue('The same private IP address may not be specified more than once.');
  }
  return { primary, secondary: { named, count: readAddressCount(count) ?? 0 } };
}

/** A number of addresses to assign. Throws when it is not positive. */
export function readAddressCount(count: number | undefined): number | undefined {
  if (count === undefined || count > 0) return count;
  throw errors.invalidValue(count, 'secondaryPrivateIpAddressCount', 'The number must be greater than zero.');
}

function readAddress({ PrivateIpAddress }: PrivateIpAddressSpecification): string {
  if (PrivateIpAddress === undefined) throw errors.missingParameter('privateIpAddresses.privateIpAddress');
  return PrivateIpAddress;
}
