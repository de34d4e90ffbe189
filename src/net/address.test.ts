import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIpv4, parseIpv4 } from './address.ts';

const texts: readonly (readonly [text: string, expected: number | undefined])[] = [
  ['0.0.0.0', 0],
  ['0.0.0.1', 1],
  ['10.0.0.1', 0x0a000001],
  ['128.0.0.0', 0x80000000],
  ['255.255.255.255', 0xffffffff],
  ['256.0.0.0', undefined],
  ['10.0.0', undefined],
  ['10.0.0.0.0', undefined],
  ['010.0.0.1', undefined],
  ['10.0.0.', undefined],
  ['10.0.0.-1', undefined],
  ['10.0.0.1 ', undefined],
  ['0x0a.0.0.1', undefined],
  ['', undefined],
];

test.each(texts)('the address %j is the number %j', (text, expected) => {
  expect(parseIpv4(text)).toBe(expected);
});

test('formatting and parsing are each other undone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (address) => {
      expect(parseIpv4(formatIpv4(address))).toBe(address);
    }),
  );
});
