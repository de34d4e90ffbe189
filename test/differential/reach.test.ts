import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeAgreement, matrixAgreement } from '../proof/reach-proof.ts';
import type { FlowTally } from '../proof/rules-proof.ts';

/** Worlds a run; `CROFT_WORLDS` asks for more. */
const WORLDS = Number(process.env['CROFT_WORLDS'] ?? 400);

test('classes and sets of services say what the model says of every flow', { timeout: 300_000 }, () => {
  const tally: FlowTally = { allowed: 0, refused: 0 };
  fc.assert(matrixAgreement(tally), { numRuns: WORLDS });
  // What shuts everything, or nothing, would prove nothing.
  expect(Math.min(tally.allowed, tally.refused) / (tally.allowed + tally.refused)).toBeGreaterThan(0.1);
});

test('a matrix that is told of a change says what one made anew does', { timeout: 300_000 }, () => {
  let taken = 0;
  const agreement = changeAgreement({ allowed: 0, refused: 0 }, () => taken++);
  fc.assert(agreement, { numRuns: WORLDS });
  expect(taken).toBeGreaterThan(WORLDS / 2);
});
