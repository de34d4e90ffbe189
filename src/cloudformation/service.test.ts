import { expect, test } from 'vitest';
import { refusalIn, StackBench, templateOf } from '../../test/support/stacks.ts';

const ONE = templateOf({ A: { Value: 'a' } });
const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x' } };

/** Text of the first element of a name. */
function textIn(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? `no ${name}`;
}

/** Texts of all elements of a name. */
function textsIn(xml: string, name: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g')), ([, text = '']) => text);
}

test.each([
  [
    'CreateStack',
    { StackName: 's' },
    'ValidationError: Either Template URL or Template Body must be specified.',
  ],
  [
    'CreateStack',
    { StackName: 'a_b', TemplateBody: ONE },
    "ValidationError: 1 validation error detected: Value 'a_b' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
  ],
  [
    'CreateStack',
    { StackName: 's', TemplateBody: JSON.stringify({ Resources: { X: { Type: 'AWS::No::Such' } } }) },
    'ValidationError: Template format error: Unrecognized resource types: [AWS::No::Such]',
  ],
  [
    'CreateStack',
    { StackName: 's', TemplateBody: templateOf({ A: {}, B: { Value: { 'Fn::GetAtt': ['A', 'Nope'] } } }) },
    'ValidationError: Template error: resource A does not support attribute type Nope in Fn::GetAtt',
  ],
  [
    'CreateStack',
    { StackName: 's', TemplateBody: ONE, Nonsense: '1' },
    'ValidationError: Cloudcroft does not support Nonsense of CreateStack.',
  ],
  [
    'CreateStack',
    { StackName: 's', TemplateBody: ONE, OnFailure: 'DELETE', DisableRollback: 'true' },
    'ValidationError: Only one of the parameters DisableRollback and OnFailure can be specified.',
  ],
  [
    'CreateStack',
    { StackName: 's', TemplateBody: ONE, TemplateURL: 'https://example.com/x' },
    "ValidationError: TemplateURL must be a supported URL: an object of Cloudcroft's S3, such as https://s3.us-east-1.amazonaws.com/BUCKET/KEY, not 'https://example.com/x'.",
  ],
  ['UpdateStack', { StackName: 'none', TemplateBody: ONE }, 'ValidationError: Stack [none] does not exist'],
  ['DescribeStacks', { StackName: 'none' }, 'ValidationError: Stack with id none does not exist'],
  ['DescribeStackEvents', { StackName: 'none' }, 'ValidationError: Stack with id none does not exist'],
  ['DeleteStack', { StackName: 'none' }, 'done'],
  [
    'CreateChangeSet',
    { StackName: 's', ChangeSetName: 'c', ChangeSetType: 'IMPORT', TemplateBody: ONE },
    'ValidationError: Cloudcroft does not support ChangeSetType IMPORT: a stack has the resources that it made itself. Use CREATE or UPDATE.',
  ],
  [
    'CreateChangeSet',
    { StackName: 's', ChangeSetName: 'c', TemplateBody: ONE },
    'ValidationError: Stack [s] does not exist',
  ],
])('%s with %j: %s', async (action, parameters, refusal) => {
  const bench = new StackBench();
  expect(refusalIn(await bench.do(action, parameters))).toBe(refusal);
  expect([...bench.region.world.stacks.values()]).toEqual([]);
  expect([...bench.region.world.stackTemplates.values()]).toEqual([]);
});

test('what CloudFormation does not have here is refused with what it has', async () => {
  const refusal = refusalIn(await new StackBench().ask('SignalResource', {}));
  expect(refusal).toMatch(
    /^UnsupportedOperation: The action SignalResource is not supported by Cloudcroft's CloudFormation. It has CreateStack, UpdateStack, /,
  );
});

test.each([
  [role, [], 'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]'],
  [
    role,
    ['CAPABILITY_IAM'],
    'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]',
  ],
  [
    { ...role, Properties: {} },
    [],
    'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]',
  ],
  [{ ...role, Properties: {} }, ['CAPABILITY_IAM'], 'done'],
  [role, ['CAPABILITY_NAMED_IAM'], 'done'],
])('%j acknowledged by %j: %s', async (resource, capabilities, refusal) => {
  const iam = { kind: 'record', name: 'AWS::IAM::Role', properties: {}, attributes: [] } as const;
  const bench = new StackBench({ types: [{ ...iam, create: () => 'role', delete: () => {} }] });
  const given = Object.fromEntries(
    capabilities.map((each, index) => [`Capabilities.member.${index + 1}`, each]),
  );
  const TemplateBody = JSON.stringify({ Resources: { Role: resource } });
  expect(refusalIn(await bench.ask('CreateStack', { StackName: 's', TemplateBody, ...given }))).toBe(refusal);
});

test('a stack is shown in the words of AWS; secrets are not', async () => {
  const bench = new StackBench();
  const TemplateBody = templateOf(
    { A: { Value: { Ref: 'Secret' } } },
    {
      Description: 'one thing',
      Parameters: { Secret: { Type: 'String', NoEcho: true }, Size: { Type: 'Number', Default: 3 } },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['A', 'Value'] }, Description: 'd', Export: { Name: 'e' } } },
    },
  );
  const secret = {
    'Parameters.member.1.ParameterKey': 'Secret',
    'Parameters.member.1.ParameterValue': 'hush',
  };
  const reply = await bench.do('CreateStack', { StackName: 's', TemplateBody, ...secret });
  const id = textIn(reply, 'StackId');
  expect(await bench.ask('DescribeStacks', { StackName: 's' })).toBe(
    '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>' +
      `<StackId>${id}</StackId><StackName>s</StackName><Description>one thing</Description>` +
      '<Parameters><member><ParameterKey>Secret</ParameterKey><ParameterValue>****</ParameterValue></member>' +
      '<member><ParameterKey>Size</ParameterKey><ParameterValue>3</ParameterValue></member></Parameters>' +
      '<CreationTime>2026-01-02T03:04:05.000Z</CreationTime><RollbackConfiguration></RollbackConfiguration>' +
      '<StackStatus>CREATE_COMPLETE</StackStatus><DisableRollback>false</DisableRollback>' +
      '<NotificationARNs></NotificationARNs><Capabilities></Capabilities>' +
      '<Outputs><member><OutputKey>Out</OutputKey><OutputValue>hush</OutputValue><Description>d</Description>' +
      '<ExportName>e</ExportName></member></Outputs><Tags></Tags>' +
      '<EnableTerminationProtection>false</EnableTerminationProtection>' +
      '<DriftInformation><StackDriftStatus>NOT_CHECKED</StackDriftStatus></DriftInformation></member></Stacks>' +
      '</DescribeStacksResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId>' +
      '</ResponseMetadata></DescribeStacksResponse>',
  );
  expect(textIn(await bench.ask('GetTemplate', { StackName: id }), 'TemplateBody')).toContain(
    '&quot;one thing&quot;',
  );
  expect(textsIn(await bench.ask('ListStackResources', { StackName: 's' }), 'LogicalResourceId')).toEqual([
    'A',
  ]);
  expect(textsIn(await bench.ask('GetTemplateSummary', { StackName: 's' }), 'ParameterKey')).toEqual([
    'Secret',
    'Size',
  ]);
});

test('a request that is sent again does nothing the second time', async () => {
  const bench = new StackBench();
  const create = { StackName: 's', TemplateBody: ONE, ClientRequestToken: 't1' };
  const first = await bench.do('CreateStack', create);
  expect(await bench.do('CreateStack', create)).toBe(first);
  expect(refusalIn(await bench.do('CreateStack', { ...create, ClientRequestToken: 't2' }))).toBe(
    'AlreadyExistsException: Stack [s] already exists',
  );
  const update = {
    StackName: 's',
    TemplateBody: templateOf({ A: { Value: 'b' } }),
    ClientRequestToken: 't3',
  };
  const updated = await bench.do('UpdateStack', update);
  expect(await bench.do('UpdateStack', update)).toBe(updated);
  expect(refusalIn(await bench.do('UpdateStack', { ...update, ClientRequestToken: 't4' }))).toBe(
    'ValidationError: No updates are to be performed.',
  );
  expect(bench.events('s').filter((line) => line.includes('User Initiated'))).toHaveLength(2);
});

test('events come newest first, in pages that new events do not move', async () => {
  const bench = new StackBench();
  const things = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`T${index}`, { Value: 'x' }]));
  await bench.do('CreateStack', { StackName: 's', TemplateBody: templateOf(things) });
  const first = await bench.ask('DescribeStackEvents', { StackName: 's' });
  const NextToken = textIn(first, 'NextToken');
  await bench.do('DeleteStack', { StackName: 's' });
  const StackName = textIn(first, 'StackId');
  const second = await bench.ask('DescribeStackEvents', { StackName, NextToken });
  const all = [...textsIn(first, 'EventId'), ...textsIn(second, 'EventId')];
  expect([textsIn(first, 'EventId').length, new Set(all).size, textIn(second, 'NextToken')]).toEqual([
    100,
    122,
    'no NextToken',
  ]);
  expect(textIn(first, 'ResourceStatus')).toBe('CREATE_COMPLETE');
});

test('an export is unique, and stays as it is while another stack imports it', async () => {
  const bench = new StackBench();
  const exporting = (value: string, more: object = {}) =>
    templateOf({ A: { Value: value } }, { Outputs: { O: { Value: value, Export: { Name: 'x' } } }, ...more });
  await bench.do('CreateStack', { StackName: 'one', TemplateBody: exporting('1') });
  await bench.do('CreateStack', { StackName: 'two', TemplateBody: exporting('2') });
  expect(bench.events('two')).toContain(
    'two ROLLBACK_IN_PROGRESS Export with name x is already exported by stack one. Rollback requested by user.',
  );
  const importing = templateOf({ B: { Value: { 'Fn::ImportValue': 'x' } } });
  await bench.do('CreateStack', { StackName: 'user', TemplateBody: importing });
  expect(bench.things()).toEqual(['1', '1']);
  expect(textsIn(await bench.ask('ListImports', { ExportName: 'x' }), 'member')).toEqual(['user']);
  expect(textIn(await bench.ask('ListExports'), 'Name')).toBe('x');
  await bench.do('UpdateStack', { StackName: 'one', TemplateBody: exporting('3') });
  expect(bench.events('one')).toContain(
    'one UPDATE_ROLLBACK_IN_PROGRESS Export x cannot be updated as it is in use by user.',
  );
  expect(refusalIn(await bench.do('DeleteStack', { StackName: 'one' }))).toBe(
    'ValidationError: Export x cannot be deleted as it is in use by user',
  );
  await bench.do('DeleteStack', { StackName: 'user' });
  await bench.do('DeleteStack', { StackName: 'one' });
  expect([bench.status('one'), bench.things()]).toEqual(['DELETE_COMPLETE', []]);
});

test('a protected stack is not deleted', async () => {
  const bench = new StackBench();
  await bench.do('CreateStack', { StackName: 's', TemplateBody: ONE, EnableTerminationProtection: 'true' });
  expect(refusalIn(await bench.do('DeleteStack', { StackName: 's' }))).toBe(
    'ValidationError: Stack [s] cannot be deleted while TerminationProtection is enabled',
  );
  await bench.ask('UpdateTerminationProtection', { StackName: 's', EnableTerminationProtection: 'false' });
  await bench.do('DeleteStack', { StackName: 's' });
  expect(bench.status('s')).toBe('DELETE_COMPLETE');
});

const DENIES = (action: string) =>
  JSON.stringify({
    Statement: [
      { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
      { Effect: 'Deny', Action: action, Principal: '*', Resource: 'LogicalResourceId/A' },
    ],
  });

test.each([
  [
    'Update:Modify',
    { A: { Value: 'x' } },
    'A UPDATE_FAILED Action denied by stack policy: a statement denies Update:Modify of A',
  ],
  [
    'Update:Replace',
    { A: { Name: 'x', Value: 'a' } },
    'A UPDATE_FAILED Action denied by stack policy: a statement denies Update:Replace of A',
  ],
  [
    'Update:Delete',
    { B: { Value: 'a' } },
    's UPDATE_ROLLBACK_IN_PROGRESS Action denied by stack policy: a statement denies Update:Delete of A',
  ],
  ['Update:Delete', { A: { Value: 'x' } }, 's UPDATE_COMPLETE'],
])('a stack policy that denies %s, and an update to %j: %s', async (action, things, event) => {
  const bench = new StackBench();
  await bench.do('CreateStack', { StackName: 's', TemplateBody: ONE, StackPolicyBody: DENIES(action) });
  await bench.do('UpdateStack', { StackName: 's', TemplateBody: templateOf(things) });
  expect(bench.events('s')).toContain(event);
});

const thousand = (count: number) =>
  templateOf(Object.fromEntries(Array.from({ length: count }, (_, index) => [`T${index}`, { Value: 'x' }])));
const CYCLE = templateOf({ A: { Value: { Ref: 'B' } }, B: { Value: { Ref: 'A' } } });

test.each([
  ['10,000 resources', thousand(10_000), /^ValidationError: Template format error: .*10000.*500/],
  [
    'more than a megabyte',
    `${ONE}${' '.repeat(1_048_577)}`,
    /^ValidationError: Template may not exceed 1048576 bytes/,
  ],
  ['a cycle', CYCLE, /^ValidationError: Circular dependency between resources: \[A, B\]/],
  ['what is there', ONE, /^done$/],
])('a TemplateURL that leads to %s', async (_, body, refusal) => {
  const asked: string[] = [];
  const bench = new StackBench({
    askRemote: async ({ path }) => {
      asked.push(path);
      return { status: 200, body };
    },
  });
  const TemplateURL = 'https://bucket.s3.us-east-1.amazonaws.com/a/key.json';
  expect(refusalIn(await bench.do('CreateStack', { StackName: 's', TemplateURL }))).toMatch(refusal);
  expect(asked).toEqual(['/bucket/a/key.json']);
});

test('a TemplateBody is limited as AWS limits it', async () => {
  const TemplateBody = thousand(1_000);
  expect(refusalIn(await new StackBench().do('CreateStack', { StackName: 's', TemplateBody }))).toBe(
    "ValidationError: 1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200. Put the template into S3, and give its TemplateURL.",
  );
});

test('a template that is not there is told with the words of S3', async () => {
  const body = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
  const bench = new StackBench({ askRemote: async () => ({ status: 403, body }) });
  const TemplateURL = 'http://127.0.0.1:4747/bucket/key';
  expect(refusalIn(await bench.do('ValidateTemplate', { TemplateURL }))).toBe(
    'ValidationError: S3 error: Access Denied\nTemplateURL: http://127.0.0.1:4747/bucket/key',
  );
});

test('a logical id keeps its type', async () => {
  const other = { kind: 'record', name: 'Test::Other', properties: {}, attributes: [] } as const;
  const bench = new StackBench({ types: [{ ...other, create: () => 'other', delete: () => {} }] });
  await bench.do('CreateStack', { StackName: 's', TemplateBody: ONE });
  const TemplateBody = JSON.stringify({ Resources: { A: { Type: 'Test::Other' } } });
  expect(refusalIn(await bench.do('UpdateStack', { StackName: 's', TemplateBody }))).toBe(
    'ValidationError: Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]',
  );
});

test('what failed is told in the form of operations, too, as CDK asks for it', async () => {
  const bench = new StackBench();
  await bench.do('CreateStack', { StackName: 's', TemplateBody: templateOf({ A: { Refuses: 'create' } }) });
  const failed = await bench.ask('DescribeEvents', { StackName: 's', 'Filters.FailedEvents': 'true' });
  expect([textsIn(failed, 'LogicalResourceId'), textIn(failed, 'ResourceStatus')]).toEqual([
    ['A'],
    'CREATE_FAILED',
  ]);
});
