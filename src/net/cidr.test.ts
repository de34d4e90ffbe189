import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIpv4 } from './address.ts';
import {
  blockAround,
  type Cidr,
  cidrOf,
  contains,
  formatCidr,
  hasAddress,
  isSameCidr,
  lastOf,
  overlaps,
  parseCidr,
  sizeOf,
} from './cidr.ts';

const texts: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ['10.0.0.0/16', '10.0.0.0/16'],
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['255.255.255.255/1', '128.0.0.0/1'],
  ['1.2.3.4/0', '0.0.0.0/0'],
  ['1.2.3.4/32', '1.2.3.4/32'],
  ['1.2.3.4/33', undefined],
  ['1.2.3.4/016', undefined],
  ['1.2.3.4/-1', undefined],
  ['1.2.3.4/', undefined],
  ['1.2.3.4', undefined],
  ['1.2.3/24', undefined],
  ['10.0.0.0/16 ', undefined],
  ['::/0', undefined],
  ['', undefined],
];

test.each(texts)('S2 the block %j is canonically %j', (text, canonical) => {
  const cidr = parseCidr(text);
  expect(cidr && formatCidr(cidr)).toBe(canonical);
});

test('a stored text that is no block is an error of ours', () => {
  expect(() => cidrOf('nonsense')).toThrow('not an IPv4 CIDR block: nonsense');
});

test('two texts name the same block whatever their host bits', () => {
  expect(isSameCidr('10.0.0.7/24', '10.0.0.0/24')).toBe(true);
  expect(isSameCidr('10.0.0.0/24', '10.0.0.0/25')).toBe(false);
  expect(isSameCidr('nonsense', 'nonsense')).toBe(false);
});

const address = fc.integer({ min: 0, max: 0xffffffff });
const cidr = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([first, prefixLength]) => blockAround(first, prefixLength));

/** The bits of an address as a text: what a prefix is by definition. */
function bitsOf(number: number): string {
  return number.toString(2).padStart(32, '0');
}

function hasPrefix({ first, prefixLength }: Cidr, number: number): boolean {
  return bitsOf(number).startsWith(bitsOf(first).slice(0, prefixLength));
}

test('an address lies in a block exactly when it begins with its prefix', () => {
  fc.assert(
    fc.property(cidr, address, (block, number) => {
      expect(hasAddress(block, number)).toBe(hasPrefix(block, number));
    }),
  );
});

test('the block around an address has it, begins on its boundary and has its size', () => {
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), (number, prefixLength) => {
      const block = blockAround(number, prefixLength);
      expect(hasAddress(block, number)).toBe(true);
      expect(block.first % sizeOf(block)).toBe(0);
      expect(lastOf(block) - block.first + 1).toBe(2 ** (32 - prefixLength));
      expect(parseCidr(`${formatIpv4(number)}/${prefixLength}`)).toEqual(block);
    }),
  );
});

test('containing and overlapping are what they are of the first and last addresses', () => {
  fc.assert(
    fc.property(cidr, cidr, (one, other) => {
      expect(contains(one, other)).toBe(one.first <= other.first && lastOf(other) <= lastOf(one));
      expect(overlaps(one, other)).toBe(one.first <= lastOf(other) && other.first <= lastOf(one));
    }),
  );
});
