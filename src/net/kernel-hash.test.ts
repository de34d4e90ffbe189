import { expect, test } from 'vitest';
import { parseIpv4 } from './address.ts';
import { chooseByHash, wordOfAddress, wordOfPort } from './kernel-hash.ts';

/** Seen in the kernel (6.18, nft 1.0.6) with `jhash ip saddr . udp sport mod 5 seed 0x5eed`; without a port `jhash ip saddr …`. */
const SEEN = [
  ['10.1.2.3', 40_000, 4],
  ['10.1.2.3', 1024, 0],
  ['10.1.2.3', 65_535, 3],
  ['10.1.2.3', 32_769, 1],
  ['10.1.2.3', 5353, 1],
  ['10.1.2.3', 256, 0],
  ['10.1.2.3', undefined, 4],
  ['192.168.7.9', 40_000, 1],
  ['192.168.7.9', 1024, 1],
  ['192.168.7.9', 65_535, 4],
  ['192.168.7.9', 32_769, 4],
  ['192.168.7.9', 255, 4],
  ['192.168.7.9', 256, 0],
  ['192.168.7.9', undefined, 0],
] as const;

test.each(SEEN)('%s and port %s give what they give in the kernel', (address, port, chosen) => {
  const word = wordOfAddress(parseIpv4(address) ?? 0);
  expect(chooseByHash(port === undefined ? [word] : [word, wordOfPort(port)], 5, 0x5eed)).toBe(chosen);
});
