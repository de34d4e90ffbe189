import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ForgeryTally, forgeryIsStopped } from '../proof/forgery-proof.ts';
import { FORGERY_MUTANTS, IPV6_MUTANTS } from '../proof/mutants.ts';
import { agreement, type FlowTally } from '../proof/rules-proof.ts';
import { IPV6_SUBJECT } from '../proof/subject.ts';

/** How many flows at least; `CROFT_CASES` asks for more. */
const CASES = Number(process.env['CROFT_CASES'] ?? 20_000);

/** The first of the seeds, one for each thousand worlds. */
const SEED = Number(process.env['CROFT_SEED'] ?? 1);

test('the model says of every flow of IPv6 what the rules do with its packets', { timeout: 600_000 }, () => {
  const tally: FlowTally = { allowed: 0, refused: 0 };
  for (let part = 0; tally.allowed + tally.refused < CASES; part++) {
    fc.assert(agreement(IPV6_SUBJECT, tally), { numRuns: 1000, seed: SEED + part });
  }
  // A generator that shuts everything, or nothing, would prove nothing.
  expect(Math.min(tally.allowed, tally.refused) / (tally.allowed + tally.refused)).toBeGreaterThan(0.1);
});

test.each(IPV6_MUTANTS)(
  'the comparison notices in the rules of IPv6: %s',
  { timeout: 600_000 },
  (_name, mutate) => {
    const result = fc.check(agreement(IPV6_SUBJECT, { allowed: 0, refused: 0 }, mutate), {
      numRuns: 5_000,
      endOnFailure: true,
    });
    expect(result.failed).toBe(true);
  },
);

test('nobody gets what an instance sends under an address that is not its own', { timeout: 600_000 }, () => {
  const tally: ForgeryTally = { checked: 0, unchecked: 0, received: 0 };
  fc.assert(forgeryIsStopped(tally), { numRuns: 200, seed: SEED });
  // Where no check stops it, enough of it comes through: the check is what stops the rest.
  expect(tally.checked).toBeGreaterThan(500);
  expect(tally.received / tally.unchecked).toBeGreaterThan(0.05);
});

test.each(FORGERY_MUTANTS)('the forgery is noticed: %s', { timeout: 600_000 }, (_name, mutate) => {
  const tally: ForgeryTally = { checked: 0, unchecked: 0, received: 0 };
  const result = fc.check(forgeryIsStopped(tally, mutate), { numRuns: 5_000, endOnFailure: true });
  expect(result.failed).toBe(true);
});
