/**
 * `count-tests.ts STATUS REPORT...` sums the reports of all suites and prints `N passed, N failed, N skipped`.
 * STATUS is 0 when every run of the test runner ended well. Exits 1 on a failure, on a suite that left no report,
 * and where no test ran (skipped ones did not).
 */
import { readFileSync } from 'node:fs';
import type { TestCount } from './counting-reporter.ts';

const [status, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const report of reports) {
  const count = readCount(report);
  passed += count?.passed ?? 0;
  failed += count?.failed ?? 0;
  skipped += count?.skipped.length ?? 0;
}
// The runner can fail without a failed test: a report that is missing, a crash, an error outside any test.
if (status !== '0' && failed === 0) failed = 1;
if (passed + failed === 0) console.error('No test ran.');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** A suite in which no file matched writes no report; one that crashed did not either, and has a bad STATUS. */
function readCount(path: string): TestCount | undefined {
  try {
    const count: TestCount = JSON.parse(readFileSync(path, 'utf8'));
    return count;
  } catch {
    return undefined;
  }
}
