import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelNetwork } from '../proof/kernel-network.ts';
import { KernelProof } from '../proof/kernel-proof.ts';
import { IPV6_MUTANTS, MUTANTS } from '../proof/mutants.ts';
import { agreement, type Mutate } from '../proof/rules-proof.ts';
import { type AnyFlow, IPV4_SUBJECT, IPV6_SUBJECT, type Subject } from '../proof/subject.ts';
import { findSystemObstacle } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: model, rules and kernel compared: ${obstacle}`);

/** Each change is two worlds: one is tried, changed while connections stand, and tried again. `./dev proof` does more. */
const CHANGES = 50;
const LEAST_FLOWS = 2000;
const IPV6_CHANGES = 20;
const LEAST_IPV6_FLOWS = 800;

/** Those of the mistakes with IPv6 that its own rules could have: the others' chains are the same as IPv4's. */
const OWN_IPV6_MUTANTS = IPV6_MUTANTS.filter(([name]) => name.includes('egress-only'));

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

  const expectAgreement = async <Choices, Flow extends AnyFlow>(
    subject: Subject<Choices, Flow>,
    changes: number,
    leastFlows: number,
  ): Promise<void> => {
    const proof = new KernelProof(subject, network);
    const agree = fc.asyncProperty(subject.anyChange, async ({ before, after, flows }) => {
      expect(await proof.try(before, after, flows)).toEqual([]);
    });
    await fc.assert(agree, { numRuns: changes });
    const { flows, allowed, connections, cut } = proof.tally;
    console.log(
      `${flows} flows of ${subject.name} in ${2 * changes} worlds, ${connections} connections of which ${cut} were cut`,
    );
    expect(flows).toBeGreaterThan(leastFlows);
    // What shuts everything, or nothing, would prove nothing.
    expect(Math.min(allowed, flows - allowed) / flows).toBeGreaterThan(0.1);
    expect(cut).toBeGreaterThan(0);
    expect(connections - cut).toBeGreaterThan(0);
  };

  const expectNotice = async <Choices, Flow extends AnyFlow>(
    subject: Subject<Choices, Flow>,
    mutate: Mutate,
  ): Promise<void> => {
    // Where the mistake matters is found by the rules, which is quick.
    const found = fc.check(agreement(subject, { allowed: 0, refused: 0 }, mutate), { numRuns: 5_000 });
    if (found.counterexample === null) throw new Error('no world shows the mistake');
    const [choices, flows] = found.counterexample;
    const spoiled = new KernelProof(subject, network, mutate, SHORT_PATIENCE);
    expect(await spoiled.try(choices, choices, flows)).not.toEqual([]);
    expect(await new KernelProof(subject, network).try(choices, choices, flows)).toEqual([]);
  };

  test('say the same of every flow, and of connections that stand when the rules change', {
    timeout: 600_000,
  }, async () => {
    await expectAgreement(IPV4_SUBJECT, CHANGES, LEAST_FLOWS);
  });

  test('say the same of every flow and connection of IPv6', { timeout: 600_000 }, async () => {
    await expectAgreement(IPV6_SUBJECT, IPV6_CHANGES, LEAST_IPV6_FLOWS);
  });

  test.each(MUTANTS)('the comparison notices in the kernel: %s', async (_name, mutate) => {
    await expectNotice(IPV4_SUBJECT, mutate);
  });

  test.each(OWN_IPV6_MUTANTS)('the comparison notices in the kernel’s IPv6: %s', async (_name, mutate) => {
    await expectNotice(IPV6_SUBJECT, mutate);
  });
});
