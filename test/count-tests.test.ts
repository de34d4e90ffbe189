import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCount } from '../scripts/counting-reporter.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'croft-count-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const skipped = [{ name: 'a', reason: 'no crun' }];

/** A suite is its count, or null where it left no report. */
test.each<[string, string, (TestCount | null)[], string, number]>([
  ['all is well', '0', [{ passed: 2, failed: 0, skipped: [] }], '2 passed, 0 failed, 0 skipped', 0],
  [
    'two suites',
    '0',
    [
      { passed: 2, failed: 0, skipped },
      { passed: 3, failed: 0, skipped },
    ],
    '5 passed, 0 failed, 2 skipped',
    0,
  ],
  ['a failure', '1', [{ passed: 2, failed: 1, skipped: [] }], '2 passed, 1 failed, 0 skipped', 1],
  [
    'a failure the runner hid',
    '0',
    [{ passed: 2, failed: 1, skipped: [] }],
    '2 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a suite that crashed',
    '1',
    [{ passed: 2, failed: 0, skipped: [] }, null],
    '2 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a suite without files',
    '0',
    [{ passed: 2, failed: 0, skipped: [] }, null],
    '2 passed, 0 failed, 0 skipped',
    0,
  ],
  ['no test at all', '0', [null, null], '0 passed, 0 failed, 0 skipped', 1],
  ['only skipped tests', '0', [{ passed: 0, failed: 0, skipped }], '0 passed, 0 failed, 1 skipped', 1],
])('%s', (_what, runnerStatus, suites, line, exitCode) => {
  const reports = suites.map((count, index) => {
    const path = join(folder, `${index}.json`);
    rmSync(path, { force: true });
    if (count !== null) writeFileSync(path, JSON.stringify(count));
    return path;
  });
  const script = join(import.meta.dirname, '..', 'scripts', 'count-tests.ts');
  const { status, stdout } = spawnSync(process.execPath, [script, runnerStatus, ...reports], {
    encoding: 'utf8',
  });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(status).toBe(exitCode);
});
