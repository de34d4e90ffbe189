import { expect, test } from 'vitest';
import { parsePolicy } from './document.ts';

const GOOD = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/*' };
const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [statement] });

test('what may be one or a list is read as a list, and the version that is not said is the first', () => {
  expect(parsePolicy(JSON.stringify({ Statement: GOOD }))).toEqual({
    version: '2008-10-17',
    statements: [
      {
        effect: 'Allow',
        principals: '*',
        isNotPrincipal: false,
        actions: ['s3:GetObject'],
        isNotAction: false,
        resources: ['arn:aws:s3:::lake/*'],
        isNotResource: false,
        conditions: [],
      },
    ],
  });
});

test.each([
  ['no JSON', '{', 'This policy contains invalid Json'],
  ['a list', '[]', 'Policy must be an object'],
  ['no statement', '{"Version":"2012-10-17"}', 'Missing required field Statement'],
  ['an empty list of them', '{"Statement":[]}', 'Missing required field Statement'],
  [
    'another version',
    '{"Version":"2020-01-01","Statement":[]}',
    'The policy must contain a valid version string',
  ],
  ['a field that is none', '{"Statment":[]}', 'Unknown field Statment in the policy'],
  ['a statement that is text', '{"Statement":["x"]}', 'Statement must be an object'],
  ['an effect that is none', policy({ ...GOOD, Effect: 'allow' }), 'Invalid effect: allow'],
  ['no principal', policy({ ...GOOD, Principal: undefined }), 'Missing required field Principal'],
  [
    'a principal of another kind',
    policy({ ...GOOD, Principal: { Aws: '*' } }),
    'Invalid principal in policy: Aws',
  ],
  ['a principal that is none', policy({ ...GOOD, Principal: { AWS: 'me' } }), 'Invalid principal in policy'],
  ['no action', policy({ ...GOOD, Action: undefined }), 'Missing required field Action'],
  [
    'an action without a service',
    policy({ ...GOOD, Action: 'GetObject' }),
    'Policy has invalid action: GetObject',
  ],
  [
    'both kinds of action',
    policy({ ...GOOD, NotAction: 's3:*' }),
    'Policy statement must contain Action or NotAction, not both',
  ],
  ['a resource that is no ARN', policy({ ...GOOD, Resource: 'lake' }), 'Policy has invalid resource: lake'],
  [
    'an operator that is none',
    policy({ ...GOOD, Condition: { StringIs: {} } }),
    'Invalid Condition type : StringIs',
  ],
  ['a condition that is text', policy({ ...GOOD, Condition: 'x' }), 'Condition must be an object'],
  [
    'one Sid twice',
    JSON.stringify({
      Statement: [
        { ...GOOD, Sid: 'a' },
        { ...GOOD, Sid: 'a' },
      ],
    }),
    'Statement IDs (SID) in a single policy must be unique.',
  ],
  ['too long', ' '.repeat(20_481), 'Policy is longer than 20480 characters'],
])('S103 refused: %s', (_name, text, message) => {
  expect(() => parsePolicy(text)).toThrow(message);
});

test('as long as a policy may be, it is read', () => {
  expect(parsePolicy(policy(GOOD).padEnd(20_480)).statements).toHaveLength(1);
});
