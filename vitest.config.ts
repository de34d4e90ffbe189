import { defineConfig } from 'vitest/config';
import { CountingReporter } from './scripts/counting-reporter.ts';

/** Loading and starting is most of a unit test's cost: shared module graph, threads (10 times faster, measured). */
const shared = {
  pool: 'threads',
  isolate: false,
  environment: 'node',
  setupFiles: ['test/support/seed.ts'],
};

/** A suite of its own, so that it can run beside the others: clients that mostly wait, each for a world of its own. */
const BESIDE = ['test/system/terraform.test.ts', 'test/system/examples.test.ts', 'test/system/cdk.test.ts'];

export default defineConfig({
  cacheDir: '.cache/vite',
  test: {
    reporters: ['default', new CountingReporter()],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/system/**'],
          // A bound on what hangs; a machine that is busy must not look like a fault.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: BESIDE,
          // Two worlds at a time: they mostly wait for packets, and more of them on two cores would wait for each other.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { ...shared, name: 'beside', include: BESIDE, fileParallelism: false } },
    ],
  },
});
