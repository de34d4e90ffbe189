import { expect, test } from 'vitest';
import { refusalIn, StackBench, templateOf } from '../../test/support/stacks.ts';

type Things = Parameters<typeof templateOf>[0];

const BEFORE: Things = {
  A: { Name: 'one', Value: 'a' },
  B: { Value: { Ref: 'A' } },
  C: { Name: { Ref: 'A' } },
  Gone: { Value: 'gone' },
};

async function planned(after: Things, more: object = {}) {
  const bench = new StackBench();
  await bench.do('CreateStack', { StackName: 's', TemplateBody: templateOf(BEFORE) });
  const TemplateBody = templateOf(after, more);
  const reply = await bench.do('CreateChangeSet', { StackName: 's', ChangeSetName: 'c', TemplateBody });
  expect(refusalIn(reply)).toBe('done');
  return bench;
}

/** One line a change: what happens to what, whether it is replaced, and why. */
function linesOf(bench: StackBench): string[] {
  const [changeSet] = bench.region.world.changeSets.values();
  return (changeSet?.changes ?? []).map(({ action, logicalId, replacement, details }) => {
    const why = details.map(({ attribute, name, evaluation, changeSource, causingEntity }) =>
      [name ?? attribute, evaluation, changeSource, causingEntity].filter(Boolean).join(' '),
    );
    return [action, logicalId, replacement, ...why].filter(Boolean).join(', ');
  });
}

test.each<readonly [string, Things, readonly string[]]>([
  ['nothing', BEFORE, []],
  [
    'a value',
    { ...BEFORE, A: { Name: 'one', Value: 'x' } },
    ['Modify, A, False, Value Static DirectModification'],
  ],
  [
    'a replacement, and what follows from it',
    { ...BEFORE, A: { Name: 'two', Value: 'a' } },
    [
      'Modify, A, True, Name Static DirectModification',
      'Modify, B, False, Value Dynamic ResourceReference A',
      'Modify, C, Conditional, Name Dynamic ResourceReference A',
    ],
  ],
  [
    'one more, one less',
    { A: BEFORE['A'] ?? {}, B: BEFORE['B'] ?? {}, C: BEFORE['C'] ?? {}, New: { Value: { Ref: 'B' } } },
    ['Add, New', 'Remove, Gone'],
  ],
  [
    'metadata',
    { ...BEFORE, Gone: { Value: 'gone', $: { Metadata: { 'aws:cdk:path': 'x' } } } },
    ['Modify, Gone, False, Metadata Static DirectModification'],
  ],
])('a change set tells of %s', async (_, after, lines) => {
  const bench = await planned(after);
  expect(linesOf(bench)).toEqual(lines);
});

test('a change set without changes has failed, and cannot be executed', async () => {
  const bench = await planned(BEFORE);
  const shown = await bench.ask('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c' });
  expect(shown).toContain(
    "<ExecutionStatus>UNAVAILABLE</ExecutionStatus><Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason>",
  );
  expect(refusalIn(await bench.do('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' }))).toMatch(
    /^InvalidChangeSetStatus: ChangeSet \[arn:.*\] cannot be executed in its current status of \[FAILED\]$/,
  );
});

test('a change of outputs alone is a change', async () => {
  const bench = await planned(BEFORE, { Outputs: { O: { Value: { Ref: 'A' } } } });
  await bench.do('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
  expect(bench.status('s')).toBe('UPDATE_COMPLETE');
  expect([...bench.region.world.stacks.values()][0]?.outputs).toHaveLength(1);
});

test('what is executed is what was told, and other change sets are then obsolete', async () => {
  const bench = await planned({ ...BEFORE, A: { Name: 'one', Value: 'x' } });
  const TemplateBody = templateOf({ ...BEFORE, A: { Name: 'one', Value: 'y' } });
  await bench.do('CreateChangeSet', { StackName: 's', ChangeSetName: 'd', TemplateBody });
  await bench.do('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
  expect(bench.things()).toContain('x');
  const states = [...bench.region.world.changeSets.values()].map((each) => each.executionStatus);
  expect(states).toEqual(['EXECUTE_COMPLETE', 'OBSOLETE']);
});

test('a change set for a stack that is not there makes its name, and a stack once it is executed', async () => {
  const bench = new StackBench();
  const wish = {
    StackName: 's',
    ChangeSetName: 'c',
    ChangeSetType: 'CREATE',
    TemplateBody: templateOf(BEFORE),
  };
  const first = await bench.do('CreateChangeSet', { ...wish, ClientToken: 't' });
  expect(await bench.do('CreateChangeSet', { ...wish, ClientToken: 't' })).toBe(first);
  expect(refusalIn(await bench.do('CreateChangeSet', wish))).toMatch(/^AlreadyExistsException: ChangeSet c /);
  expect([bench.status('s'), linesOf(bench)]).toEqual([
    'REVIEW_IN_PROGRESS',
    ['Add, A', 'Add, B', 'Add, C', 'Add, Gone'],
  ]);
  expect(await bench.ask('DescribeStacks')).toContain('<StackStatus>REVIEW_IN_PROGRESS</StackStatus>');
  expect(await bench.ask('GetTemplate', { StackName: 's' })).toContain('<TemplateBody>{}</TemplateBody>');
  await bench.do('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
  expect(bench.status('s')).toBe('CREATE_COMPLETE');
  expect(bench.events('s').slice(0, 2)).toEqual([
    's REVIEW_IN_PROGRESS User Initiated',
    's CREATE_IN_PROGRESS User Initiated',
  ]);
});

test('a change set that was deleted, with the name of its stack, leaves nothing', async () => {
  const bench = new StackBench();
  const wish = {
    StackName: 's',
    ChangeSetName: 'c',
    ChangeSetType: 'CREATE',
    TemplateBody: templateOf(BEFORE),
  };
  await bench.do('CreateChangeSet', wish);
  await bench.do('DeleteChangeSet', { StackName: 's', ChangeSetName: 'c' });
  expect(refusalIn(await bench.ask('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c' }))).toBe(
    'ChangeSetNotFound: ChangeSet [c] does not exist',
  );
  expect(refusalIn(await bench.ask('DeleteChangeSet', { StackName: 's', ChangeSetName: 'c' }))).toBe('done');
  await bench.do('DeleteStack', { StackName: 's' });
  expect([bench.status('s'), bench.region.world.stackTemplates.size]).toEqual(['DELETE_COMPLETE', 0]);
});

test('values are told where they are asked for', async () => {
  const bench = await planned({ ...BEFORE, A: { Name: 'one', Value: 'x' } });
  const ask = (more: object) =>
    bench.ask('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c', ...more });
  expect(await ask({ IncludePropertyValues: 'true' })).toContain(
    '<Path>/Properties/Value</Path><BeforeValue>a</BeforeValue><AfterValue>x</AfterValue>',
  );
  expect(await ask({})).not.toContain('BeforeValue');
});
