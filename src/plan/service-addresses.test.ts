import { expect, test } from 'vitest';
import { eni } from '../../test/worlds.ts';
import { serviceAddressesOf } from './service-addresses.ts';

const NUMBERS = Array.from({ length: 20 }, (_, index) => index + 10);

function addressesOf(ordinal: number, count: number): string[] {
  const addresses = NUMBERS.slice(0, count).map((number) => `10.0.0.${number}`);
  const made = {
    ...eni('eni-1', ordinal, 'subnet-1', '10.0.0.10', [], 'i-1'),
    privateIpAddresses: addresses,
  };
  return serviceAddressesOf(made).map((each) => `${each.privateAddress} ${each.serviceAddress}`);
}

test('each private address of an interface has a service address of its own', () => {
  expect(addressesOf(3, 1)).toEqual(['10.0.0.10 100.64.0.3']);
  expect(addressesOf(3, 3)).toEqual([
    '10.0.0.10 100.64.0.3',
    '10.0.0.11 100.96.0.48',
    '10.0.0.12 100.96.0.49',
  ]);
  expect(addressesOf(4, 2)).toEqual(['10.0.0.10 100.64.0.4', '10.0.0.11 100.96.0.64']);
});

test('no two have one: what has no room has none', () => {
  expect(addressesOf(3, 20)).toHaveLength(17);
  expect(addressesOf(131_071, 17).at(-1)).toBe('10.0.0.26 100.127.255.255');
  expect(addressesOf(131_072, 17)).toEqual(['10.0.0.10 100.66.0.0']);
});
