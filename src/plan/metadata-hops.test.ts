import { expect, test } from 'vitest';
import { metadataHops, typeOfServiceFor } from './metadata-hops.ts';

test.each([
  [1, 4],
  [2, 8],
  [63, 252],
  // As many as any packet has: no rule is needed.
  [64, 0],
])('S96 %i hops are told by the type of service %i', (hops, typeOfService) => {
  expect(typeOfServiceFor(hops)).toBe(typeOfService);
});

test('S96 a reply arrives with as many hops as it may go, the router’s own not counted', () => {
  const [limits, replies] = metadataHops().chains;
  expect(limits?.rules).toHaveLength(63);
  expect(limits?.rules[0]).toBe('ip dscp 1 ip ttl set 2 ip dscp set 0');
  expect(limits?.rules[62]).toBe('ip dscp 63 ip ttl set 64 ip dscp set 0');
  expect(replies?.rules).toEqual(['ip saddr 169.254.169.254 ip dscp != 0 jump hop_limit']);
});
