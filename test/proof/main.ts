import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { findSystemObstacle } from '../support/installation.ts';
import { KernelNetwork } from './kernel-network.ts';
import { KernelProof } from './kernel-proof.ts';
import { changeAgreement } from './reach-proof.ts';
import { agreement, type FlowTally } from './rules-proof.ts';
import { type AnyFlow, IPV4_SUBJECT, IPV6_SUBJECT, type Subject } from './subject.ts';

const HELP = `usage: ./dev proof [--worlds N] [--cases N] [--seed N]

Compares, in random worlds, what the model says of flows, what the rules made from it do with their packets (simulated),
what croft reach says of them, before and after a rule has changed, and what the kernel does with them (real packets, in
namespaces). IPv6 has worlds of its own, which reach says nothing about. The last line is the result.

  --cases N    flows to compare by model and rules, of IPv4 and of IPv6, and as many by model and reach (100000)
  --worlds N   worlds of each to compare in the kernel, too (400; 0 for none)
  --seed N     the first seed; each is printed, and repeats what it began
`;

/** Worlds that are begun with one seed: a seed repeats them in some seconds. */
const RUNS = { rules: 1000, reach: 400, kernel: 10 } as const;

/** A seed's worlds take some ten seconds; what takes longer is making a disagreement small, which then ends as small as it is. */
const LONGEST_MILLISECONDS = 120_000;

/** What it came to. */
interface Sum {
  cases: number;
  disagreements: number;
}

/** A whole number from the command line; throws with a sentence when it is none. */
function readCount(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, and "${text}" is none.`);
  return Number(text);
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Model and rules. */
function proveRules<Choices, Flow extends AnyFlow>(
  subject: Subject<Choices, Flow>,
  cases: number,
  firstSeed: number,
  sum: Sum,
): void {
  const tally: FlowTally = { allowed: 0, refused: 0 };
  const count = (): number => tally.allowed + tally.refused;
  for (let seed = firstSeed; count() < cases; seed++) {
    const result = fc.check(agreement(subject, tally), { numRuns: RUNS.rules, seed });
    tell(`model and rules of ${subject.name}, seed ${seed}: ${count()} flows, ${tally.allowed} allowed`);
    if (!result.failed) continue;
    sum.disagreements++;
    tell(fc.defaultReportMessage(result) ?? 'no report');
  }
  sum.cases += count();
}

/** Model, and the matrix of classes before and after a rule has changed. */
function proveReach(cases: number, firstSeed: number, sum: Sum): void {
  const tally: FlowTally = { allowed: 0, refused: 0 };
  let changes = 0;
  const count = (): number => tally.allowed + tally.refused;
  for (let seed = firstSeed; count() < cases; seed++) {
    const result = fc.check(
      changeAgreement(tally, () => changes++),
      { numRuns: RUNS.reach, seed },
    );
    tell(
      `model and reach, seed ${seed}: ${count()} flows, ${tally.allowed} allowed; ${changes} rules changed`,
    );
    if (!result.failed) continue;
    sum.disagreements++;
    tell(fc.defaultReportMessage(result) ?? 'no report');
  }
  sum.cases += count();
}

/** Model, rules and kernel. */
async function proveKernel<Choices, Flow extends AnyFlow>(
  subject: Subject<Choices, Flow>,
  worlds: number,
  firstSeed: number,
  sum: Sum,
): Promise<void> {
  const network = await KernelNetwork.start();
  const proof = new KernelProof(subject, network);
  try {
    // A change is two worlds.
    for (let done = 0; 2 * done < worlds; done += RUNS.kernel) {
      const seed = firstSeed + done / RUNS.kernel;
      const agree = fc.asyncProperty(subject.anyChange, async ({ before, after, flows }) => {
        const found = await proof.try(before, after, flows);
        if (found.length > 0) throw new Error(found.join('\n\n'));
      });
      const result = await fc.check(agree, {
        numRuns: Math.min(RUNS.kernel, Math.ceil(worlds / 2) - done),
        seed,
        interruptAfterTimeLimit: LONGEST_MILLISECONDS,
      });
      const { flows, allowed, packets, connections, cut } = proof.tally;
      tell(
        `kernel and ${subject.name}, seed ${seed}: ${flows} flows, ${allowed} allowed, by ${packets} packets; ${connections} connections kept on, ${cut} of them cut`,
      );
      if (!result.failed) continue;
      sum.disagreements++;
      tell(fc.defaultReportMessage(result) ?? 'no report');
    }
  } finally {
    await network.end();
  }
  sum.cases += proof.tally.flows + proof.tally.connections;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      worlds: { type: 'string', default: '400' },
      cases: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    tell(HELP.trimEnd());
    return 0;
  }
  const worlds = readCount('worlds', values.worlds);
  const seed = readCount('seed', values.seed);
  const sum: Sum = { cases: 0, disagreements: 0 };
  const cases = readCount('cases', values.cases);
  proveRules(IPV4_SUBJECT, cases, seed, sum);
  proveRules(IPV6_SUBJECT, cases, seed, sum);
  proveReach(cases, seed, sum);
  const obstacle = worlds === 0 ? '--worlds 0' : await findSystemObstacle();
  if (obstacle === undefined) {
    await proveKernel(IPV4_SUBJECT, worlds, seed, sum);
    await proveKernel(IPV6_SUBJECT, worlds, seed, sum);
  } else tell(`kernel: skipped: ${obstacle}`);
  tell(`${sum.cases} cases, ${sum.disagreements} disagreements`);
  return sum.disagreements === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`proof: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
