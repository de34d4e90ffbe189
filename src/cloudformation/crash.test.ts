import { expect, test } from 'vitest';
import { remoteThing, StackBench, templateOf } from '../../test/support/stacks.ts';

const REMOTE = { $: { Type: 'Test::Remote' }, Value: { 'Fn::GetAtt': ['A', 'Value'] } };
const BEFORE = {
  A: { Name: 'one', Value: 'a' },
  B: { Value: { 'Fn::Sub': 'b-${A.Value}' } },
  Gone: { Value: { 'Fn::GetAtt': ['B', 'Value'] } },
  R: REMOTE,
};
const AFTER = {
  A: { Name: 'two', Value: 'x' },
  B: { Value: { 'Fn::Sub': 'b-${A.Value}' } },
  New: { Value: { 'Fn::GetAtt': ['B', 'Value'] } },
  R: REMOTE,
};
const BAD = { ...AFTER, Bad: { Refuses: 'create', Value: { Ref: 'New' } } };

/** Each scenario: what is asked in turn, and in which status it ends. */
const SCENARIOS: readonly (readonly [string, readonly (readonly [string, object?])[], string])[] = [
  ['a creation', [['CreateStack', BEFORE]], 'CREATE_COMPLETE'],
  ['a creation that fails', [['CreateStack', BAD]], 'ROLLBACK_COMPLETE'],
  [
    'an update',
    [
      ['CreateStack', BEFORE],
      ['UpdateStack', AFTER],
    ],
    'UPDATE_COMPLETE',
  ],
  [
    'an update that fails',
    [
      ['CreateStack', BEFORE],
      ['UpdateStack', BAD],
    ],
    'UPDATE_ROLLBACK_COMPLETE',
  ],
  ['a deletion', [['CreateStack', BEFORE], ['DeleteStack']], 'DELETE_COMPLETE'],
];

/** Asks for all, and kills the engine after so many commits of the last. Returns what is there in the end. */
async function play(steps: readonly (readonly [string, object?])[], commits: number) {
  const kept = new Map<string, string>();
  const bench = new StackBench({ types: [remoteThing(kept)] });
  for (const [index, [action, things]] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (isLast) bench.commitsLeft = commits;
    const body = things === undefined ? {} : { TemplateBody: templateOf(things as typeof BEFORE) };
    await bench.ask(action, { StackName: 's', ...body });
    if (isLast) await bench.untilKilled();
    else await bench.idle();
  }
  const wasKilled = bench.commitsLeft < 0;
  if (wasKilled) bench.restart();
  await bench.idle();
  const [stack] = bench.region.world.stacks.values();
  return {
    wasKilled,
    end: {
      status: bench.status('s'),
      things: bench.things(),
      remote: [...kept.values()],
      events: bench.events('s').toSorted(),
      resources: [...bench.region.world.stackResources.values()]
        .map(({ logicalId, stage, properties }) => [logicalId, stage, properties['Value'] ?? ''].join(' '))
        .toSorted(),
      outputs: stack?.outputs,
      bugs: bench.bugs,
    },
  };
}

test.each(SCENARIOS)(
  '%s that is killed after any commit ends as if it never was',
  async (_, steps, status) => {
    const { end: undisturbed } = await play(steps, Number.POSITIVE_INFINITY);
    expect(undisturbed.status).toBe(status);
    expect(undisturbed.bugs).toEqual([]);
    let commits = 0;
    for (; commits < 200; commits++) {
      const { wasKilled, end } = await play(steps, commits);
      if (!wasKilled) break;
      expect({ commits, ...end }).toEqual({ commits, ...undisturbed });
    }
    // As many as it takes to make four resources one by one.
    expect(commits).toBeGreaterThan(5);
  },
);
