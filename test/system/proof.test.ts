import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyChange } from '../proof/changes.ts';
import { KernelNetwork } from '../proof/kernel-network.ts';
import { KernelProof } from '../proof/kernel-proof.ts';
import { MUTANTS } from '../proof/mutants.ts';
import { agreement } from '../proof/rules-proof.ts';
import { findSystemObstacle } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: model, rules and kernel compared: ${obstacle}`);

/** A hundred worlds: each is tried, changed while connections stand, and tried again. `./dev proof` does more. */
const CHANGES = 50;
const LEAST_FLOWS = 2000;

/** A mistake that is meant need not be doubted for long. */
const SHORT_PATIENCE = 100;

describe.skipIf(obstacle !== undefined)('model, rules and kernel', () => {
  let network: KernelNetwork;

  beforeAll(async () => {
    network = await KernelNetwork.start();
  });

  afterAll(async () => {
    await network?.end();
  });

  test('say the same of every flow, and of connections that stand when the rules change', {
    timeout: 600_000,
  }, async () => {
    const proof = new KernelProof(network);
    const agree = fc.asyncProperty(anyChange, async ({ before, after, flows }) => {
      expect(await proof.try(before, after, flows)).toEqual([]);
    });
    await fc.assert(agree, { numRuns: CHANGES });
    const { flows, allowed, connections, cut } = proof.tally;
    console.log(
      `${flows} flows in ${2 * CHANGES} worlds, ${connections} connections of which ${cut} were cut`,
    );
    expect(flows).toBeGreaterThan(LEAST_FLOWS);
    // What shuts everything, or nothing, would prove nothing.
    expect(Math.min(allowed, flows - allowed) / flows).toBeGreaterThan(0.1);
    expect(cut).toBeGreaterThan(0);
    expect(connections - cut).toBeGreaterThan(0);
  });

  test.each(MUTANTS)('the comparison notices in the kernel: %s', async (_name, mutate) => {
    // Where the mistake matters is found by the rules, which is quick.
    const found = fc.check(agreement({ allowed: 0, refused: 0 }, mutate), { numRuns: 5_000 });
    if (found.counterexample === null) throw new Error('no world shows the mistake');
    const [choices, flows] = found.counterexample;
    expect(await new KernelProof(network, mutate, SHORT_PATIENCE).try(choices, choices, flows)).not.toEqual(
      [],
    );
    expect(await new KernelProof(network).try(choices, choices, flows)).toEqual([]);
  });
});
