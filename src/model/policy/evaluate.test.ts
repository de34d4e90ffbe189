import { describe, expect, test } from 'vitest';
import { parsePolicy } from './document.ts';
import { describeDenial, evaluatePolicy, type PolicyRequest } from './evaluate.ts';

const ACCOUNT = '123456789012';
const REQUEST: PolicyRequest = {
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::lake/raw/a.csv',
  principal: { account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/i-1` },
  context: {
    'aws:SourceVpce': 'vpce-1',
    'aws:VpcSourceIp': '10.0.1.7',
    's3:prefix': 'raw/',
    's3:max-keys': '10',
    'aws:CurrentTime': '2026-11-24T00:00:00Z',
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/reader`,
    'aws:username': 'raw',
  },
};

/** What one statement, an Allow unless it says otherwise, makes of the request. */
function ask(statement: object, request: Partial<PolicyRequest> = {}): string {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...statement },
  });
  return evaluatePolicy(parsePolicy(text), { ...REQUEST, ...request }).outcome;
}

describe('S103 what a statement is about', () => {
  test.each([
    ['everything', {}, 'allowed'],
    ['the action', { Action: 's3:GetObject' }, 'allowed'],
    ['the action in another case', { Action: 'S3:getobject' }, 'allowed'],
    ['another action', { Action: 's3:PutObject' }, 'not-allowed'],
    ['actions by a star', { Action: ['s3:Put*', 's3:Get*'] }, 'allowed'],
    ['actions by a question mark', { Action: 's3:GetObjec?' }, 'allowed'],
    ['all actions but it', { Action: undefined, NotAction: 's3:GetObject' }, 'not-allowed'],
    ['all actions but another', { Action: undefined, NotAction: 's3:PutObject' }, 'allowed'],
    ['the resource', { Resource: 'arn:aws:s3:::lake/raw/*' }, 'allowed'],
    ['a resource in another case', { Resource: 'arn:aws:s3:::Lake/raw/*' }, 'not-allowed'],
    ['the bucket alone', { Resource: 'arn:aws:s3:::lake' }, 'not-allowed'],
    ['all but it', { Resource: undefined, NotResource: 'arn:aws:s3:::lake/*' }, 'not-allowed'],
    ['a variable', { Resource: 'arn:aws:s3:::lake/${aws:username}/*' }, 'allowed'],
    ['a variable with a default', { Resource: "arn:aws:s3:::lake/${aws:userid, 'raw'}/*" }, 'allowed'],
    ['a variable that is not there', { Resource: 'arn:aws:s3:::lake/${aws:userid}*' }, 'not-allowed'],
    ['a star that is itself', { Resource: 'arn:aws:s3:::lake/raw/${*}' }, 'not-allowed'],
    ['the account', { Principal: { AWS: ACCOUNT } }, 'allowed'],
    ['its root', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }, 'allowed'],
    ['the role', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/reader` } }, 'allowed'],
    ['another role', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/writer` } }, 'not-allowed'],
    ['a service', { Principal: { Service: 'ec2.amazonaws.com' } }, 'not-allowed'],
    ['all but the account', { Principal: undefined, NotPrincipal: { AWS: ACCOUNT } }, 'not-allowed'],
  ])('%s', (_name, statement, outcome) => {
    expect(ask(statement)).toBe(outcome);
  });

  test('a star of a name that has one is found as itself', () => {
    const resource = 'arn:aws:s3:::lake/raw/*';
    expect(ask({ Resource: 'arn:aws:s3:::lake/raw/${*}' }, { resource })).toBe('allowed');
  });

  test('who has not signed is nobody, but everybody includes it', () => {
    const nobody = { principal: undefined };
    expect([ask({}, nobody), ask({ Principal: { AWS: ACCOUNT } }, nobody)]).toEqual([
      'allowed',
      'not-allowed',
    ]);
  });
});

describe('S103 conditions', () => {
  test.each([
    ['StringEquals', 'aws:SourceVpce', 'vpce-1', true],
    ['StringEquals', 'AWS:sourcevpce', ['vpce-0', 'vpce-1'], true],
    ['StringEquals', 'aws:SourceVpce', 'vpce-2', false],
    ['StringEquals', 'aws:SourceVpce', 'vpce-*', false],
    ['StringEquals', 'aws:Missing', 'x', false],
    ['StringEqualsIfExists', 'aws:Missing', 'x', true],
    ['StringEqualsIfExists', 'aws:SourceVpce', 'x', false],
    ['StringNotEquals', 'aws:SourceVpce', 'vpce-2', true],
    ['StringNotEquals', 'aws:SourceVpce', ['vpce-2', 'vpce-1'], false],
    ['StringNotEquals', 'aws:Missing', 'x', true],
    ['StringEqualsIgnoreCase', 'aws:SourceVpce', 'VPCE-1', true],
    ['StringLike', 'aws:SourceVpce', 'vpce-?', true],
    ['StringLike', 's3:prefix', '${aws:username}/', true],
    ['StringNotLike', 's3:prefix', 'r*', false],
    ['ForAnyValue:StringLike', 's3:prefix', ['x*', 'r*'], true],
    ['ForAnyValue:StringLike', 'aws:Missing', '*', false],
    ['ForAllValues:StringLike', 'aws:Missing', '*', true],
    ['IpAddress', 'aws:VpcSourceIp', '10.0.0.0/16', true],
    ['IpAddress', 'aws:VpcSourceIp', '10.0.1.7', true],
    ['IpAddress', 'aws:VpcSourceIp', '10.1.0.0/16', false],
    ['IpAddress', 'aws:SourceIp', '0.0.0.0/0', false],
    ['NotIpAddress', 'aws:SourceIp', '198.18.0.0/15', true],
    ['NotIpAddress', 'aws:VpcSourceIp', ['10.1.0.0/16', '10.0.0.0/16'], false],
    ['Bool', 'aws:SecureTransport', true, true],
    ['Bool', 'aws:SecureTransport', 'False', false],
    ['NumericLessThanEquals', 's3:max-keys', 10, true],
    ['NumericLessThan', 's3:max-keys', '10', false],
    ['NumericEquals', 's3:max-keys', '', false],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', true],
    ['DateLessThan', 'aws:CurrentTime', '1767225600', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/r*', true],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam:*:role/r*', false],
    ['ArnNotEquals', 'aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:role/reader`, false],
    ['Null', 'aws:SourceVpce', 'true', false],
    ['Null', 'aws:SourceVpce', 'false', true],
    ['Null', 'aws:Missing', true, true],
  ])('%s %s %j: %s', (operator, key, value, isHeld) => {
    expect(ask({ Condition: { [operator]: { [key]: value } } })).toBe(isHeld ? 'allowed' : 'not-allowed');
  });

  test('all operators and keys of a statement must hold', () => {
    const good = {
      StringEquals: { 'aws:SourceVpce': 'vpce-1', 's3:prefix': 'raw/' },
      Bool: { 'aws:SecureTransport': true },
    };
    expect(ask({ Condition: good })).toBe('allowed');
    expect(ask({ Condition: { ...good, Bool: { 'aws:SecureTransport': false } } })).toBe('not-allowed');
  });

  test('variables are of version 2012-10-17 only', () => {
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: '*',
      Resource: 'arn:aws:s3:::lake/${aws:username}/*',
    };
    const policy = parsePolicy(JSON.stringify({ Version: '2008-10-17', Statement: [statement] }));
    expect(evaluatePolicy(policy, REQUEST).outcome).toBe('not-allowed');
  });
});

test('a denial wins wherever it stands, and names its statement', () => {
  const policy = parsePolicy(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
        {
          Sid: 'NotRaw',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: 'arn:aws:s3:::lake/raw/*',
        },
        { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' },
      ],
    }),
  );
  const verdict = evaluatePolicy(policy, REQUEST);
  expect(verdict).toEqual({ outcome: 'denied', statement: 1 });
  expect(describeDenial(policy, verdict, REQUEST)).toBe(
    'its statement NotRaw denies s3:GetObject on arn:aws:s3:::lake/raw/a.csv',
  );
  const other = { ...REQUEST, resource: 'arn:aws:s3:::lake/clean/a.csv' };
  expect(evaluatePolicy(policy, other)).toEqual({ outcome: 'allowed', statement: 0 });
});
