import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIpv6Cidr, formatIpv6, parseIpv6 } from './ipv6.ts';

const blocks: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ['::/0', '::/0'],
  ['::1/128', '::1/128'],
  ['2001:DB8::1/32', '2001:db8::/32'],
  ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'],
  ['2001:db8:1:2:3:4:5:6/56', '2001:db8:1::/56'],
  ['::ffff:10.0.0.1/128', '::ffff:a00:1/128'],
  ['1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7:8/128'],
  ['1:0:3:4:5:6:7:8/128', '1:0:3:4:5:6:7:8/128'],
  ['::/129', undefined],
  ['1::2::3/64', undefined],
  ['1:2:3/64', undefined],
  ['1:2:3:4:5:6:7:8:9/64', undefined],
  ['12345::/16', undefined],
  ['10.0.0.0/8', undefined],
  ['::', undefined],
  ['', undefined],
];

test.each(blocks)('the block %j is canonically %j', (text, canonical) => {
  expect(canonicalIpv6Cidr(text)).toBe(canonical);
});

test('formatting and parsing are each other undone', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (address) => {
      expect(parseIpv6(formatIpv6(address))).toBe(address);
    }),
  );
});
