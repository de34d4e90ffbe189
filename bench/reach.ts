import { explainFlow } from '../src/analyze/explain.ts';
import { ReachMatrix } from '../src/analyze/reach/matrix.ts';
import { portCuts } from '../src/analyze/reach/walk.ts';
import { endAt } from '../src/model/flow-endpoints.ts';
import { tracePath } from '../src/model/path.ts';
import type { SecurityGroupRule } from '../src/model/records.ts';
import { rule } from '../test/worlds.ts';
import { type LargeWorld, makeLargeWorld } from './large-world.ts';
import { type Benchmark, median } from './row.ts';

const SMALL = { interfaces: 10, groups: 4, subnets: 2 };
const MEDIUM = { interfaces: 1000, groups: 200, subnets: 40 };
const LARGE = { interfaces: 10_000, groups: 2000, subnets: 200 };
const ROUNDS = 5;
const QUESTIONS = 200;
const CHANGES = 200;
/** Pairs that are asked one flow after the other: all of them would take hours. */
const NAIVE_PAIRS = 300;

/** Answers about many: one question, all pairs of classes, and all of them again after one rule changed. */
export const reach: Benchmark = {
  name: 'reach',
  summary: 'one explained flow of 1,000 interfaces, all pairs of 10,000 by classes, and again after a change',
  run: async () => {
    const [few, many] = [makeLargeWorld(SMALL), makeLargeWorld(MEDIUM)];
    const [fewTimes, manyTimes]: [number[], number[]] = [[], []];
    for (let number = 0; number < QUESTIONS; number++) {
      fewTimes.push(timeOf(() => explainOne(few, number, SMALL.interfaces)));
      manyTimes.push(timeOf(() => explainOne(many, number, MEDIUM.interfaces)));
    }
    const large = makeLargeWorld(LARGE);
    const all: number[] = [];
    let matrix = new ReachMatrix([large.world]);
    for (let round = 0; round < ROUNDS; round++) {
      all.push(
        timeOf(() => {
          matrix = new ReachMatrix([large.world]);
          for (const index of matrix.classes.keys()) matrix.row(index);
        }),
      );
    }
    const naive = naiveMilliseconds(large, matrix);
    const again = upTo(CHANGES).map((number) => timeOf(changeOne(large, matrix, number)));
    const pairs = matrix.classes.length ** 2;
    return [
      {
        name: 'reach.explain.1000',
        value: median(manyTimes),
        unit: 'ms',
        ratio: median(manyTimes) / median(fewTimes),
        target: { of: 'value', is: 'at most', limit: 10 },
      },
      { name: 'reach.classes.10000', value: matrix.classes.length, unit: 'classes' },
      {
        name: 'reach.all-pairs.10000',
        value: median(all),
        unit: 'ms',
        ratio: median(all) / (naive * pairs),
        target: { of: 'value', is: 'at most', limit: 1000 },
      },
      {
        name: 'reach.change.10000',
        value: median(again),
        unit: 'ms',
        ratio: median(again) / median(all),
        target: { of: 'value', is: 'at most', limit: 1 },
      },
      { name: 'reach.change.slowest', value: Math.max(...again), unit: 'ms' },
    ];
  },
};

function timeOf(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

function explainOne({ world }: LargeWorld, number: number, interfaces: number): void {
  const [source, destination] = [(number * 7) % interfaces, (number * 13 + 1) % interfaces];
  if (source === destination) return;
  const question = { source: `i-${source}`, destination: `i-${destination}`, port: 22, protocol: 'tcp' };
  explainFlow([world], question);
}

/** What one pair costs when each of its flows is asked of the model: one of every kind of port. */
function naiveMilliseconds({ world }: LargeWorld, matrix: ReachMatrix): number {
  const cuts = portCuts([world]);
  const { classes } = matrix;
  const start = performance.now();
  for (let number = 0; number < NAIVE_PAIRS; number++) {
    const [one] = classes[(number * 37) % classes.length]?.members ?? [];
    const [other] = classes[(number * 101 + 1) % classes.length]?.members ?? [];
    if (one === undefined || other === undefined) continue;
    for (const port of cuts) {
      tracePath({
        source: endAt(world, one, 'name'),
        destination: endAt(world, other, 'name'),
        protocol: 6,
        ports: { first: port, last: port },
        publicHosts: undefined,
        worlds: [world],
      });
    }
  }
  return (performance.now() - start) / NAIVE_PAIRS;
}

/** A rule that comes, becomes another, or goes; by turns one that names a group, and one that names a block. */
function changeOne({ world, rules }: LargeWorld, matrix: ReachMatrix, number: number): () => void {
  const groupId = `sg-${(number * 31) % LARGE.groups}`;
  const peer = number % 2 === 0 ? `sg-${(number * 17) % LARGE.groups}` : '0.0.0.0/0';
  const id = `sgr-bench-${Math.floor(number / 2)}`;
  const before: SecurityGroupRule | undefined = rules.get(id);
  const after = number % 3 === 2 ? undefined : rule(id, before?.groupId ?? groupId, false, 443, peer);
  return () => {
    if (after === undefined) rules.delete(id);
    else rules.put(after);
    if (!matrix.update(world, { before, after })) throw new Error('the change needed a new matrix');
  };
}

function upTo(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
