import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeTurn } from './turn.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'croft-turn-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than Linux gives: no process has it. */
const NOBODY = 2 ** 22 + 1;

test('of several that come at once one works, and the others wait until it is done', async () => {
  const path = join(folder, 'several');
  const seen = { worked: 0, waited: 0 };
  const come = () =>
    takeTurn(
      path,
      () => seen.worked > 0,
      () => seen.waited++,
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.worked++;
      },
    );
  await Promise.all([come(), come(), come()]);
  expect(seen).toEqual({ worked: 1, waited: 2 });
  expect(existsSync(path)).toBe(false);
});

test('after one that failed the next has its turn', async () => {
  const path = join(folder, 'failed');
  const fail = takeTurn(
    path,
    () => false,
    () => {},
    () => Promise.reject(new Error('no disk')),
  );
  await expect(fail).rejects.toThrow('no disk');
  let hasWorked = false;
  await takeTurn(
    path,
    () => hasWorked,
    () => {},
    async () => {
      hasWorked = true;
    },
  );
  expect(hasWorked).toBe(true);
});

test.each([
  ['of a process that died', `${NOBODY}`, 0],
  ['that took too long', `${process.pid}`, 16 * 60],
])('a turn %s is over', async (_name, text, age) => {
  const path = join(folder, text);
  writeFileSync(path, text);
  const time = Date.now() / 1000 - age;
  utimesSync(path, time, time);
  let hasWorked = false;
  await takeTurn(
    path,
    () => hasWorked,
    () => {},
    async () => {
      hasWorked = true;
    },
  );
  expect(hasWorked).toBe(true);
});
