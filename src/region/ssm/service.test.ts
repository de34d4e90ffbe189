import { expect, test } from 'vitest';
import { imageParametersOf } from '../../ec2/catalogue/image-parameters.ts';
import { Journal } from '../../state/journal.ts';
import { Store } from '../../state/store.ts';
import { createSsm } from './service.ts';

const REGION = 'us-east-1';
const AL2023 = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** A Parameter Store of its own: `ask('GetParameter', …)` answers with the output, or with `Code: message`. */
function newStore(account = '123456789012') {
  const store = new Store(Journal.open(':memory:'));
  const ssm = createSsm({
    write: async (scope, act) => store.transact(scope, act).value,
    publicParametersOf: imageParametersOf,
  });
  return async (operation: string, input: object | string): Promise<unknown> => {
    const { status, body } = await ssm.handle({
      header: () => `AmazonSSM.${operation}`,
      body: Buffer.from(typeof input === 'string' ? input : JSON.stringify(input)),
      caller: { account },
      region: REGION,
      now: new Date('2026-01-02T03:04:05.000Z'),
    });
    const reply: unknown = JSON.parse(body);
    if (status === 200) return reply;
    const refusal = reply as { readonly __type: string; readonly message: string };
    return `${refusal.__type}: ${refusal.message}`;
  };
}

const HELLO = { Name: '/app/hello', Type: 'String', Value: 'world' };

test('put, get, overwritten, described, tagged and deleted', async () => {
  const ask = newStore();
  expect(await ask('PutParameter', { ...HELLO, Tags: [{ Key: 'a', Value: 'b' }] })).toEqual({
    Version: 1,
    Tier: 'Standard',
  });
  expect(await ask('PutParameter', HELLO)).toMatch(/^ParameterAlreadyExists: The parameter already exists/);
  expect(await ask('PutParameter', { ...HELLO, Value: 'again', Overwrite: true })).toMatchObject({
    Version: 2,
  });
  expect(await ask('GetParameter', { Name: '/app/hello' })).toEqual({
    Parameter: {
      Name: '/app/hello',
      Type: 'String',
      Value: 'again',
      Version: 2,
      LastModifiedDate: 1767323045,
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/hello',
      DataType: 'text',
    },
  });
  expect(await ask('ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/app/hello' })).toEqual({
    TagList: [{ Key: 'a', Value: 'b' }],
  });
  const filter = { Key: 'Name', Option: 'Equals', Values: ['/app/hello'] };
  expect(await ask('DescribeParameters', { ParameterFilters: [filter] })).toMatchObject({
    Parameters: [{ Name: '/app/hello', Version: 2, Tier: 'Standard' }],
  });
  expect(await ask('DeleteParameter', { Name: '/app/hello' })).toEqual({});
  expect(await ask('GetParameter', { Name: '/app/hello' })).toBe(
    'ParameterNotFound: Parameter /app/hello not found.',
  );
});

test('AWS’s own names lead to the catalogue’s images, in a path too', async () => {
  const ask = newStore();
  const image = imageParametersOf(REGION).get(AL2023);
  expect(image).toMatch(/^ami-0[0-9a-f]{16}$/);
  expect(await ask('GetParameter', { Name: AL2023 })).toMatchObject({
    Parameter: { Value: image, DataType: 'aws:ec2:image', ARN: `arn:aws:ssm:us-east-1::parameter${AL2023}` },
  });
  const path = { Path: '/aws/service/ami-amazon-linux-latest', MaxResults: 4 };
  const first = (await ask('GetParametersByPath', path)) as { Parameters: unknown[]; NextToken: string };
  expect(first.Parameters).toHaveLength(4);
  expect(await ask('GetParametersByPath', { ...path, NextToken: first.NextToken })).toMatchObject({
    Parameters: [{ Type: 'String' }, {}, {}, {}],
  });
});

test('several at once, a version, a secret', async () => {
  const ask = newStore();
  await ask('PutParameter', HELLO);
  await ask('PutParameter', { Name: 'secret', Type: 'SecureString', Value: 'hush' });
  expect(await ask('GetParameters', { Names: ['/app/hello:1', '/app/hello:2', 'none'] })).toMatchObject({
    Parameters: [{ Name: '/app/hello' }],
    InvalidParameters: ['/app/hello:2', 'none'],
  });
  expect(JSON.stringify(await ask('GetParameter', { Name: 'secret' }))).not.toContain('hush');
  expect(await ask('GetParameter', { Name: 'secret', WithDecryption: true })).toMatchObject({
    Parameter: { Value: 'hush' },
  });
});

test.each([
  ['PutParameter', '{', /^ValidationException: The request is not valid JSON/],
  ['PutParameter', '[]', /not a JSON object/],
  ['PutParameter', { Type: 'String', Value: 'x' }, /Value null at 'name'/],
  ['PutParameter', { Name: 'a' }, /A parameter type is required/],
  ['PutParameter', { Name: 'a', Type: 'String' }, /Value null at 'value'/],
  ['PutParameter', { Name: 'a', Type: 'Number', Value: '1' }, /Member must satisfy enum value set/],
  ['PutParameter', { Name: 'a b', Type: 'String', Value: '1' }, /Parameter name: can't be prefixed/],
  ['PutParameter', { Name: 'ssm-a', Type: 'String', Value: '1' }, /Parameter name: can't be prefixed/],
  ['PutParameter', { Name: '/aws/a', Type: 'String', Value: '1' }, /Parameter name: can't be prefixed/],
  ['PutParameter', { Name: 'a', Type: 'String', Value: 'x'.repeat(4097) }, /maximum parameter value of 4096/],
  ['PutParameter', { Name: 'a', Type: 'String', Value: 'x', AllowedPattern: '\\d+' }, /cannot be validated/],
  ['PutParameter', { Name: 7, Type: 'String', Value: '1' }, /Name must be a string/],
  ['GetParameters', { Names: [] }, /from 1 to 10 members/],
  ['GetParametersByPath', { Path: 'a' }, /must begin with a forward slash/],
  ['GetParametersByPath', { Path: '/', MaxResults: 11 }, /from 1 to 10/],
  ['GetParametersByPath', { Path: '/', NextToken: '!' }, /^InvalidNextToken/],
  ['DescribeParameters', { ParameterFilters: [{ Key: 'Colour' }] }, /The filter key Colour/],
  ['DeleteParameter', { Name: 'none' }, /^ParameterNotFound/],
  ['ListTagsForResource', { ResourceType: 'Parameter', ResourceId: 'none' }, /^InvalidResourceId/],
  ['GetInventory', {}, /^UnknownOperationException: .*does not have the operation GetInventory/],
])('%s %j is refused', async (operation, input, reason) => {
  expect(await newStore()(operation, input)).toMatch(reason);
});
