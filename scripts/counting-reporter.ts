import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestModule, TestSpecification } from 'vitest/node';

/** What one run of a suite came to. A file that could not be loaded counts as one failed test. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** Full name and reason of each skipped test. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Says why each skipped test was skipped, and writes a `TestCount` to the file `CROFT_TEST_REPORT` names. */
export class CountingReporter implements Reporter {
  #planned = 0;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#planned = specifications.length;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = countTests(modules);
    for (const { name, reason } of count.skipped) console.log(`skipped: ${name}: ${reason}`);
    const report = process.env.CROFT_TEST_REPORT;
    if (report === undefined) return;
    const lost = Math.max(0, this.#planned - modules.length);
    const failed = count.failed + unhandledErrors.length + lost;
    mkdirSync(dirname(report), { recursive: true });
    writeFileSync(report, JSON.stringify({ ...count, failed }));
  }
}

function countTests(modules: readonly TestModule[]): TestCount {
  let passed = 0;
  let failed = 0;
  const skipped: { name: string; reason: string }[] = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') passed += 1;
      else if (result.state === 'failed') failed += 1;
      else if (result.state === 'skipped') {
        const reason = result.note ?? 'no reason given (skip with context.skip(reason))';
        skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason });
      }
    }
  }
  return { passed, failed, skipped };
}
