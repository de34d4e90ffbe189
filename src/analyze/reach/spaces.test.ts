import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PortRange } from '../../net/flow.ts';
import { EVERYTHING, NOTHING, type SpaceId, Spaces } from './spaces.ts';

/** Small ports, so that ranges meet and touch. */
const anyRange: fc.Arbitrary<PortRange> = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 8 }))
  .map(([first, length]) => ({ first, last: first + length }));
const anyPorts = fc.record({
  tcp: fc.array(anyRange, { maxLength: 5 }),
  udp: fc.array(anyRange, { maxLength: 3 }),
});

const PROTOCOLS = [6, 17] as const;
const PORTS = Array.from({ length: 60 }, (_, port) => port);

function makeIn(
  spaces: Spaces,
  { tcp, udp }: { readonly tcp: PortRange[]; readonly udp: PortRange[] },
): SpaceId {
  return spaces.make((protocol) => (protocol === 6 ? tcp : protocol === 17 ? udp : []));
}

test('sets of services are what their members say, and equal sets are one number', () => {
  fc.assert(
    fc.property(anyPorts, anyPorts, (one, other) => {
      const spaces = new Spaces();
      const [a, b] = [makeIn(spaces, one), makeIn(spaces, other)];
      const [both, either] = [spaces.intersect(a, b), spaces.unite(a, b)];
      for (const protocol of PROTOCOLS) {
        for (const port of PORTS) {
          const [inA, inB] = [spaces.has(a, protocol, port), spaces.has(b, protocol, port)];
          const ranges = protocol === 6 ? one.tcp : one.udp;
          expect(inA).toBe(ranges.some(({ first, last }) => first <= port && port <= last));
          expect(spaces.has(both, protocol, port)).toBe(inA && inB);
          expect(spaces.has(either, protocol, port)).toBe(inA || inB);
        }
      }
      expect(spaces.intersect(b, a)).toBe(both);
      expect(spaces.unite(a, either)).toBe(either);
      expect(spaces.intersect(a, either)).toBe(a);
    }),
  );
});

test('nothing, everything, and what stands for all other protocols', () => {
  const spaces = new Spaces([47]);
  expect(spaces.describe(NOTHING)).toEqual([]);
  expect(spaces.protocols).toEqual([6, 17, 1, 47, 255]);
  expect(spaces.make(() => [{ first: 0, last: 65_535 }])).toBe(EVERYTHING);
  const gre = spaces.make((protocol) => (protocol === 47 ? [{ first: 0, last: 65_535 }] : []));
  expect([47, 253, 6].map((protocol) => spaces.has(gre, protocol, 0))).toEqual([true, false, false]);
  expect(spaces.has(EVERYTHING, 253, 0)).toBe(true);
  expect(spaces.describe(gre)).toEqual([{ protocol: 47, ports: [{ first: 0, last: 0 }] }]);
});
