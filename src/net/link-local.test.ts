import { expect, test } from 'vitest';
import { linkLocalOf } from './link-local.ts';

/** The seventh bit of the first byte is turned over, and `ff:fe` stands in the middle. */
test.each([
  ['0e:c0:0f:00:00:01', 'fe80::cc0:fff:fe00:1'],
  ['0e:c0:0f:00:00:02', 'fe80::cc0:fff:fe00:2'],
  ['02:00:00:00:00:00', 'fe80::ff:fe00:0'],
  ['00:00:00:00:00:0a', 'fe80::200:ff:fe00:a'],
  ['FF:FE:FD:FC:FB:FA', 'fe80::fdfe:fdff:fefc:fbfa'],
])('of %s it is %s', (mac, address) => {
  expect(linkLocalOf(mac)).toBe(address);
});
