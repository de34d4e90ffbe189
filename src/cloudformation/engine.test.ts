import { expect, test } from 'vitest';
import { remoteThing, StackBench, templateOf } from '../../test/support/stacks.ts';

const CHAIN = {
  A: { Value: 'a' },
  B: { Value: { 'Fn::Sub': 'b-${A.Value}' } },
  C: { Value: { 'Fn::GetAtt': ['B', 'Value'] } },
};

type Things = Parameters<typeof templateOf>[0];

async function made(things: Things = CHAIN, more: object = {}) {
  const bench = new StackBench();
  await bench.do('CreateStack', { StackName: 's', TemplateBody: templateOf(things, more) });
  return bench;
}

/** What a stack went through since it had gone through `before`. */
function since(bench: StackBench, before: number): string[] {
  return bench.events('s').slice(before);
}

const REFUSED = (act: string) =>
  `Resource handler returned message: "a thing refuses to ${act} (Service: Thing, Status Code: 400, Request ID: UUID)" (RequestToken: UUID, HandlerErrorCode: GeneralServiceException)`;

test('resources are made each after those it needs, and told in the order of CloudFormation', async () => {
  const bench = await made();
  expect(bench.events('s')).toEqual([
    's CREATE_IN_PROGRESS User Initiated',
    'A CREATE_IN_PROGRESS',
    'A CREATE_IN_PROGRESS Resource creation Initiated',
    'A CREATE_COMPLETE',
    'B CREATE_IN_PROGRESS',
    'B CREATE_IN_PROGRESS Resource creation Initiated',
    'B CREATE_COMPLETE',
    'C CREATE_IN_PROGRESS',
    'C CREATE_IN_PROGRESS Resource creation Initiated',
    'C CREATE_COMPLETE',
    's CREATE_COMPLETE',
  ]);
  expect(bench.things()).toEqual(['a', 'b-a', 'b-a']);
});

test('a creation that fails leaves nothing behind, and says why', async () => {
  const bench = await made({ ...CHAIN, D: { Value: { Ref: 'B' }, Refuses: 'create' } });
  expect(bench.status('s')).toBe('ROLLBACK_COMPLETE');
  expect(bench.things()).toEqual([]);
  expect(bench.events('s').slice(7)).toEqual([
    'C CREATE_IN_PROGRESS',
    'C CREATE_IN_PROGRESS Resource creation Initiated',
    'C CREATE_COMPLETE',
    'D CREATE_IN_PROGRESS',
    `D CREATE_FAILED ${REFUSED('create')}`,
    's ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [D]. Rollback requested by user.',
    'C DELETE_IN_PROGRESS',
    'C DELETE_COMPLETE',
    'B DELETE_IN_PROGRESS',
    'B DELETE_COMPLETE',
    'A DELETE_IN_PROGRESS',
    'A DELETE_COMPLETE',
    's ROLLBACK_COMPLETE',
  ]);
});

test.each([
  ['DO_NOTHING', 'CREATE_FAILED', ['a']],
  ['DELETE', 'DELETE_COMPLETE', []],
  ['ROLLBACK', 'ROLLBACK_COMPLETE', []],
])('OnFailure %s ends in %s', async (OnFailure, status, things) => {
  const bench = new StackBench();
  const TemplateBody = templateOf({ A: { Value: 'a' }, B: { Value: { Ref: 'A' }, Refuses: 'create' } });
  await bench.do('CreateStack', { StackName: 's', TemplateBody, OnFailure });
  expect([bench.status('s'), bench.things()]).toEqual([status, things]);
});

test('what is slow is waited for until the world says that it is done; what fails beside it cancels it', async () => {
  const bench = await made({ A: { Value: 'a', Slow: true }, B: { Value: { 'Fn::GetAtt': ['A', 'Value'] } } });
  expect(bench.status('s')).toBe('CREATE_IN_PROGRESS');
  expect(bench.events('s').at(-1)).toBe('A CREATE_IN_PROGRESS Resource creation Initiated');
  bench.finish('a');
  await bench.idle();
  expect(bench.status('s')).toBe('CREATE_COMPLETE');

  const other = await made({ A: { Value: 'a', Slow: true }, B: { Refuses: 'create' } });
  expect(other.events('s')).toContain('A CREATE_FAILED Resource creation cancelled');
  expect([other.status('s'), other.things()]).toEqual(['ROLLBACK_COMPLETE', []]);
});

test('what is told to have failed after it was made is ended as well', async () => {
  const bench = await made({ A: { Value: 'a', Refuses: 'progress' } });
  expect(bench.events('s')[3]).toBe(
    'A CREATE_FAILED Resource handler returned message: "it broke" (RequestToken: UUID, HandlerErrorCode: NotStabilized)',
  );
  expect([bench.status('s'), bench.things()]).toEqual(['ROLLBACK_COMPLETE', []]);
});

test('an update changes in place what it can, and only what differs', async () => {
  const bench = await made();
  const before = bench.events('s').length;
  await bench.do('UpdateStack', {
    StackName: 's',
    TemplateBody: templateOf({ ...CHAIN, A: { Value: 'x' } }),
  });
  expect(since(bench, before)).toEqual([
    's UPDATE_IN_PROGRESS User Initiated',
    'A UPDATE_IN_PROGRESS',
    'A UPDATE_COMPLETE',
    'B UPDATE_IN_PROGRESS',
    'B UPDATE_COMPLETE',
    'C UPDATE_IN_PROGRESS',
    'C UPDATE_COMPLETE',
    's UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    's UPDATE_COMPLETE',
  ]);
  expect(bench.things()).toEqual(['b-x', 'b-x', 'x']);
});

test('a replacement is made first, then those that need it are changed, and the old one goes last', async () => {
  const things = (name: string) => ({ A: { Name: name, Value: name }, B: { Value: { Ref: 'A' } } });
  const bench = await made(things('one'));
  const before = bench.events('s').length;
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: templateOf(things('two')) });
  expect(since(bench, before)).toEqual([
    's UPDATE_IN_PROGRESS User Initiated',
    'A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
    'A UPDATE_IN_PROGRESS Resource creation Initiated',
    'A UPDATE_COMPLETE',
    'B UPDATE_IN_PROGRESS',
    'B UPDATE_COMPLETE',
    's UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'A DELETE_IN_PROGRESS',
    'A DELETE_COMPLETE',
    's UPDATE_COMPLETE',
  ]);
  expect(
    [...bench.region.world.stackResources.values()].map((each) => [each.logicalId, each.generation]),
  ).toEqual([
    ['B', 1],
    ['A', 2],
  ]);
  expect(bench.things()).toContain('two');
  expect(bench.things()).not.toContain('one');
});

test('an update that fails is as before: what was replaced, changed, added and removed', async () => {
  const before = {
    Replaced: { Name: 'one', Value: 'replaced' },
    Changed: { Value: 'changed' },
    Removed: { Value: 'removed' },
  };
  const after = {
    Replaced: { Name: 'two', Value: 'replaced' },
    Changed: { Value: 'other' },
    Added: { Value: 'added' },
    Bad: { Refuses: 'create', Value: { 'Fn::Sub': '${Replaced}${Changed}${Added}' } },
  };
  const bench = await made(before);
  const physical = () =>
    [...bench.region.world.stackResources.values()]
      .filter(({ stage }) => stage === 'ready')
      .map(({ logicalId, physicalId, properties }) => [logicalId, physicalId, properties]);
  const [then, count] = [physical(), bench.events('s').length];
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: templateOf(after) });
  expect(bench.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(bench.things()).toEqual(['changed', 'removed', 'replaced']);
  expect(physical()).toEqual(then);
  expect(since(bench, count).slice(-9)).toEqual([
    's UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad].',
    'Changed UPDATE_IN_PROGRESS',
    'Changed UPDATE_COMPLETE',
    's UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'Added DELETE_IN_PROGRESS',
    'Added DELETE_COMPLETE',
    'Replaced DELETE_IN_PROGRESS',
    'Replaced DELETE_COMPLETE',
    's UPDATE_ROLLBACK_COMPLETE',
  ]);
});

test('a rollback that fails waits to be continued, without what is to be skipped', async () => {
  const bench = await made({ A: { Value: 'a', Refuses: 'update' }, B: { Value: 'b' } });
  const TemplateBody = templateOf({ A: { Value: 'x' }, B: { Value: { Ref: 'A' }, Refuses: 'update' } });
  await bench.do('UpdateStack', { StackName: 's', TemplateBody });
  expect(bench.status('s')).toBe('UPDATE_ROLLBACK_FAILED');
  await bench.do('ContinueUpdateRollback', { StackName: 's', 'ResourcesToSkip.member.1': 'A' });
  expect(bench.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  await bench.do('DeleteStack', { StackName: 's' });
  expect([bench.status('s'), bench.things()]).toEqual(['DELETE_COMPLETE', []]);
});

test('without rollback a failed update stays as it is, until it is rolled back or tried once more', async () => {
  const TemplateBody = templateOf({
    ...CHAIN,
    D: { Value: { Ref: 'C' }, Refuses: 'create' },
    A: { Value: 'x' },
  });
  const bench = await made();
  await bench.do('UpdateStack', { StackName: 's', TemplateBody, DisableRollback: 'true' });
  expect([bench.status('s'), bench.things()]).toEqual(['UPDATE_FAILED', ['b-x', 'b-x', 'x']]);
  await bench.do('RollbackStack', { StackName: 's' });
  expect([bench.status('s'), bench.things()]).toEqual(['UPDATE_ROLLBACK_COMPLETE', ['a', 'b-a', 'b-a']]);
  await bench.do('UpdateStack', { StackName: 's', TemplateBody, DisableRollback: 'true' });
  const mended = templateOf({ ...CHAIN, D: { Value: 'd' } });
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: mended });
  expect([bench.status('s'), bench.things()]).toEqual(['UPDATE_COMPLETE', ['a', 'b-a', 'b-a', 'd']]);
});

test('an update that is cancelled is rolled back', async () => {
  const bench = await made();
  const TemplateBody = templateOf({ ...CHAIN, A: { Value: 'x', Slow: true } });
  await bench.do('UpdateStack', { StackName: 's', TemplateBody });
  expect(bench.status('s')).toBe('UPDATE_IN_PROGRESS');
  await bench.do('CancelUpdateStack', { StackName: 's' });
  expect([bench.status('s'), bench.things()]).toEqual(['UPDATE_ROLLBACK_COMPLETE', ['a', 'b-a', 'b-a']]);
  expect(bench.events('s')).toContain('A UPDATE_FAILED Resource update cancelled');
});

test('a deletion goes backwards, keeps what is retained, and stops above what does not go', async () => {
  const bench = await made({
    A: { Value: 'a', Refuses: 'delete' },
    B: { Value: { 'Fn::GetAtt': ['A', 'Value'] } },
    Kept: { Value: 'kept', $: { DeletionPolicy: 'Retain' } },
    New: { Value: 'new', $: { DeletionPolicy: 'RetainExceptOnCreate' } },
  });
  const before = bench.events('s').length;
  await bench.do('DeleteStack', { StackName: 's' });
  expect(bench.status('s')).toBe('DELETE_FAILED');
  expect(since(bench, before)).toEqual([
    's DELETE_IN_PROGRESS User Initiated',
    'B DELETE_IN_PROGRESS',
    'B DELETE_COMPLETE',
    'New DELETE_SKIPPED',
    'Kept DELETE_SKIPPED',
    'A DELETE_IN_PROGRESS',
    `A DELETE_FAILED ${REFUSED('delete')}`,
    's DELETE_FAILED The following resource(s) failed to delete: [A].',
  ]);
  expect(bench.things()).toEqual(['a', 'kept', 'new']);
  await bench.do('DeleteStack', { StackName: 's', 'RetainResources.member.1': 'A' });
  expect([bench.status('s'), bench.things()]).toEqual(['DELETE_COMPLETE', ['a', 'kept', 'new']]);
});

test('RetainExceptOnCreate is no reason to keep what a failed creation made', async () => {
  const bench = await made({
    Kept: { Value: 'kept', $: { DeletionPolicy: 'Retain' } },
    New: { Value: 'new', $: { DeletionPolicy: 'RetainExceptOnCreate' } },
    Bad: { Refuses: 'create', Value: { 'Fn::Sub': '${Kept}${New}' } },
  });
  expect([bench.status('s'), bench.things()]).toEqual(['ROLLBACK_COMPLETE', ['kept']]);
});

test('tags of the stack reach its resources, also when only they change', async () => {
  const bench = new StackBench();
  const tags = (value: string) => ({ 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': value });
  const TemplateBody = templateOf({ A: { Value: 'a' } });
  await bench.do('CreateStack', { StackName: 's', TemplateBody, ...tags('red') });
  const tagsOfThing = () =>
    [...bench.region.world.parameters.values()][0]?.tags.map(
      ({ key, value }) => `${key}=${value.split(':')[0]}`,
    );
  expect(tagsOfThing()).toEqual([
    'team=red',
    'aws:cloudformation:stack-name=s',
    'aws:cloudformation:stack-id=arn',
    'aws:cloudformation:logical-id=A',
  ]);
  await bench.do('UpdateStack', { StackName: 's', TemplateBody, ...tags('blue') });
  expect([bench.status('s'), tagsOfThing()?.[0]]).toEqual(['UPDATE_COMPLETE', 'team=blue']);
});

test('what another process keeps is asked for after its name is written, and is undone as well', async () => {
  const kept = new Map<string, string>();
  const bench = new StackBench({ types: [remoteThing(kept)] });
  const remote = (properties: object) => ({ Type: 'Test::Remote', Properties: properties });
  const body = (...resources: object[]) =>
    JSON.stringify({ Resources: Object.fromEntries(resources.map((each, index) => [`R${index}`, each])) });
  await bench.do('CreateStack', { StackName: 's', TemplateBody: body(remote({ Name: 'one', Value: '1' })) });
  expect([bench.status('s'), [...kept]]).toEqual(['CREATE_COMPLETE', [['one', '1']]]);
  const bad = body(remote({ Name: 'one', Value: '2' }), remote({ Refuses: 'create' }));
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: bad });
  expect([bench.status('s'), [...kept]]).toEqual(['UPDATE_ROLLBACK_COMPLETE', [['one', '1']]]);
  expect(bench.events('s')).toContain(
    'R1 CREATE_FAILED Resource handler returned message: "the other process refuses" (RequestToken: UUID, HandlerErrorCode: GeneralServiceException)',
  );
  await bench.do('DeleteStack', { StackName: 's' });
  expect([bench.status('s'), kept.size]).toEqual(['DELETE_COMPLETE', 0]);
});

test('a creation that takes longer than it may is rolled back', async () => {
  const bench = new StackBench();
  const TemplateBody = templateOf({ A: { Value: 'a', Slow: true } });
  await bench.do('CreateStack', { StackName: 's', TemplateBody, TimeoutInMinutes: '5' });
  bench.minutes = 4;
  bench.region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  await bench.idle();
  expect(bench.status('s')).toBe('CREATE_IN_PROGRESS');
  bench.minutes = 5;
  bench.region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  await bench.idle();
  expect([bench.status('s'), bench.things()]).toEqual(['ROLLBACK_COMPLETE', []]);
  expect(bench.events('s')).toContain(
    's ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified timeout. Rollback requested by user.',
  );
});

test('a CreationPolicy is passed over, and its history says so', async () => {
  const bench = await made({ A: { Value: 'a', $: { CreationPolicy: { ResourceSignal: { Count: 1 } } } } });
  expect(bench.status('s')).toBe('CREATE_COMPLETE');
  expect(bench.events('s')).toContain(
    'A CREATE_IN_PROGRESS Cloudcroft does not wait for the signals of the CreationPolicy: it has no SignalResource',
  );
});

test('a stack that was rolled back imports again what it imported before', async () => {
  const bench = new StackBench();
  const outputs = { Outputs: { O: { Value: 'v', Export: { Name: 'x' } } } };
  await bench.do('CreateStack', { StackName: 'one', TemplateBody: templateOf({ A: {} }, outputs) });
  const importing = templateOf({ B: { Value: { 'Fn::ImportValue': 'x' } } });
  await bench.do('CreateStack', { StackName: 's', TemplateBody: importing });
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: templateOf({ B: { Refuses: 'update' } }) });
  const stack = [...bench.region.world.stacks.values()].find(({ stackName }) => stackName === 's');
  expect([stack?.status, stack?.imports]).toEqual(['UPDATE_ROLLBACK_COMPLETE', ['x']]);
});
