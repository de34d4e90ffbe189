import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MUTANTS } from '../proof/mutants.ts';
import { agreement, type FlowTally } from '../proof/rules-proof.ts';
import { IPV4_SUBJECT } from '../proof/subject.ts';

/** How many flows at least; `CROFT_CASES` asks for more. */
const CASES = Number(process.env['CROFT_CASES'] ?? 100_000);

/** The first of the seeds, one for each thousand worlds. */
const SEED = Number(process.env['CROFT_SEED'] ?? 1);

test('the model says of every flow what the rules do with its packets', { timeout: 600_000 }, () => {
  const tally: FlowTally = { allowed: 0, refused: 0 };
  for (let part = 0; tally.allowed + tally.refused < CASES; part++) {
    fc.assert(agreement(IPV4_SUBJECT, tally), { numRuns: 1000, seed: SEED + part });
  }
  // A generator that shuts everything, or nothing, would prove nothing.
  expect(Math.min(tally.allowed, tally.refused) / (tally.allowed + tally.refused)).toBeGreaterThan(0.1);
});

test.each(MUTANTS)('the comparison notices: %s', { timeout: 600_000 }, (_name, mutate) => {
  const result = fc.check(agreement(IPV4_SUBJECT, { allowed: 0, refused: 0 }, mutate), {
    numRuns: 5_000,
    endOnFailure: true,
  });
  expect(result.failed).toBe(true);
});
