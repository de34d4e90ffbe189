import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findNamedItems, itemsIn, judgeItems } from '../scripts/named-items.ts';

const ROOT = join(import.meta.dirname, '..');

// Put together, so that this file itself names nothing.
const label = (...numbers: readonly number[]) => numbers.map((number) => `S${number}`).join(' ');

test('each behaviour of AWS is named by a test, or there is a reason why not', () => {
  expect(judgeItems(findNamedItems(ROOT))).toEqual([]);
});

test('a number that is lost is told, and one that is no item, and a reason that is none any more', () => {
  const named = findNamedItems(ROOT);
  const without = new Map([...named].filter(([number]) => number !== 63));
  expect(judgeItems(without)).toEqual([
    `${label(63)} is named by no test: name it, or say in WITHOUT_TEST of scripts/semantics.ts why not.`,
  ]);
  expect(judgeItems(new Map([...named, [126, ['a.test.ts']]]))).toEqual([
    `${label(126)}, named by a.test.ts, is no item.`,
  ]);
  expect(judgeItems(new Map([...named, [26, ['a.test.ts']]]))).toEqual([
    `${label(26)} is named by a.test.ts: take it out of WITHOUT_TEST.`,
  ]);
});

test.each([
  [`test('${label(1, 2)} a VPC of …', () => {});`, [1, 2]],
  [`test("${label(98)} a region’s lists; ${label(99)} too");`, [98, 99]],
  [`['${label(3)} a subnet of …']`, [3]],
  [`test('${label(103)} what ${label(3)} is asked');`, [103]],
  [`test('what ${label(3)} keeps'); // ${label(20)}`, []],
  [`describe('${label(3)}’s own chunks');`, []],
])('%s', (text, numbers) => {
  expect([...itemsIn(text)]).toEqual(numbers);
});
