import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, type Decision, disjoin, intersects, type Range, subtract } from './boxes.ts';

const range = (first: number, last: number): Range => ({ first, last });

test.for<readonly [what: string, box: Box, hole: Box, pieces: readonly Box[]]>([
  ['beside', [range(0, 3)], [range(4, 9)], [[range(0, 3)]]],
  ['equal', [range(0, 3)], [range(0, 3)], []],
  ['covered', [range(1, 2)], [range(0, 3)], []],
  ['below', [range(0, 9)], [range(0, 4)], [[range(5, 9)]]],
  ['above', [range(0, 9)], [range(5, 9)], [[range(0, 4)]]],
  ['in the middle', [range(0, 9)], [range(4, 5)], [[range(0, 3)], [range(6, 9)]]],
  [
    'a hole in two dimensions',
    [range(0, 9), range(0, 9)],
    [range(4, 5), range(4, 5)],
    [
      [range(0, 3), range(0, 9)],
      [range(6, 9), range(0, 9)],
      [range(4, 5), range(0, 3)],
      [range(4, 5), range(6, 9)],
    ],
  ],
  [
    'beside in one dimension of two',
    [range(0, 9), range(0, 9)],
    [range(0, 9), range(10, 12)],
    [[range(0, 9), range(0, 9)]],
  ],
])('what is left of a box: %s', ([, box, hole, pieces]) => {
  expect(subtract(box, hole)).toEqual(pieces);
});

test.for<
  readonly [what: string, decisions: readonly Decision<string>[], disjoint: readonly Decision<string>[]]
>([
  ['nothing', [], []],
  [
    'the first decides',
    [
      { box: [range(2, 3)], decision: 'deny' },
      { box: [range(0, 9)], decision: 'allow' },
    ],
    [
      { box: [range(2, 3)], decision: 'deny' },
      { box: [range(0, 1)], decision: 'allow' },
      { box: [range(4, 9)], decision: 'allow' },
    ],
  ],
  [
    'what is never reached is not there',
    [
      { box: [range(0, 9)], decision: 'allow' },
      { box: [range(2, 3)], decision: 'deny' },
    ],
    [{ box: [range(0, 9)], decision: 'allow' }],
  ],
])('disjoint boxes of ordered rules: %s', ([, decisions, disjoint]) => {
  expect(disjoin(decisions)).toEqual(disjoint);
});

/** Small numbers, so that boxes meet often and at their edges. */
const anyRange = fc
  .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }))
  .map(([a, b]) => range(Math.min(a, b), Math.max(a, b)));
const anyDecisions = fc
  .array(fc.tuple(anyRange, anyRange, anyRange), { maxLength: 8 })
  .map((boxes) => boxes.map((box, decision): Decision<number> => ({ box, decision })));
const anyPoint = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 7 })));

const isIn = (box: Box, point: readonly number[]): boolean =>
  box.every(({ first, last }, i) => first <= (point[i] ?? -1) && (point[i] ?? -1) <= last);

test('every point is decided as by the ordered rules, by one box at most', () => {
  fc.assert(
    fc.property(anyDecisions, fc.array(anyPoint, { minLength: 20, maxLength: 20 }), (ordered, points) => {
      const disjoint = disjoin(ordered);
      for (const point of points) {
        const deciding = disjoint.filter(({ box }) => isIn(box, point));
        const first = ordered.find(({ box }) => isIn(box, point));
        expect(deciding.map(({ decision }) => decision)).toEqual(first === undefined ? [] : [first.decision]);
      }
    }),
  );
});

test('no two boxes meet, and none is empty', () => {
  fc.assert(
    fc.property(anyDecisions, (ordered) => {
      const disjoint = disjoin(ordered);
      for (const [i, { box }] of disjoint.entries()) {
        expect(box.every(({ first, last }) => first <= last)).toBe(true);
        for (const other of disjoint.slice(i + 1)) expect(intersects(box, other.box)).toBe(false);
      }
    }),
  );
});
