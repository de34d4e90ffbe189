import { describe, expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../test/walkthrough-world.ts';
import { change, worldOf } from '../../test/worlds.ts';
import { explainFlow } from './explain.ts';

const OBJECT = 'arn:aws:s3:::course/x';

function ask(statements: readonly object[] | string, action = 's3:GetObject', resource = OBJECT) {
  const policyDocument =
    typeof statements === 'string'
      ? statements
      : JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const world = change(ENDPOINT_WORLD, 'vpcEndpoints', 'vpce-1', { policyDocument });
  const question = { source: 'db', destination: 's3', port: undefined, protocol: undefined };
  return explainFlow([worldOf(world)], { ...question, request: { action, resource } });
}

const allow = (fields: object = {}) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
  ...fields,
});

describe('the policy of an endpoint on the way', () => {
  test.each<[string, readonly object[] | string, boolean, string]>([
    ['allows all', [allow()], true, 'statement 1 allows s3:GetObject on arn:aws:s3:::course/x.'],
    ['allows it by name', [allow({ Sid: 'Mine', Action: 's3:Get*' })], true, 'its statement Mine allows'],
    [
      'allows something else',
      [allow({ Action: 's3:PutObject' })],
      false,
      'no statement of it allows s3:GetObject',
    ],
    [
      'allows another bucket',
      [allow({ Resource: 'arn:aws:s3:::other/*' })],
      false,
      'no statement of it allows',
    ],
    [
      'denies it',
      [allow(), allow({ Sid: 'No', Effect: 'Deny' })],
      false,
      'its statement No denies s3:GetObject',
    ],
    [
      'asks for this endpoint',
      [allow({ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1', 'aws:SourceVpc': 'vpc-1' } } })],
      true,
      'statement 1 allows',
    ],
    [
      'asks for another address',
      [allow({ Condition: { IpAddress: { 'aws:VpcSourceIp': '10.0.0.0/24' } } })],
      false,
      'no statement of it allows',
    ],
    [
      'asks for another account',
      [allow({ Principal: { AWS: '999999999999' } })],
      false,
      'no statement of it allows',
    ],
    ['is none', 'x', false, 'the policy of vpce-1 is none: This policy contains invalid Json.'],
  ])('%s', (_, statements, isAllowed, sentence) => {
    const explained = ask(statements);
    expect(explained.isAllowed).toBe(isAllowed);
    expect(explained.result.hops.find(({ because }) => because.includes(sentence))).toMatchObject({
      stage: 'gateway_endpoint',
      isAllowed,
    });
    expect(explained.result.obstacles.map(({ disposition }) => disposition)).toEqual(
      isAllowed ? [] : ['endpoint-policy'],
    );
  });

  test('is told as people read it, with what mends it', () => {
    expect(ask([allow({ Action: 's3:PutObject' })]).brief).toEqual([
      'db cannot reach S3 (52.219.32.1) on TCP 443: 1 thing stands in the way.',
      '',
      '1. The policy of vpce-1: no statement of it allows s3:GetObject on arn:aws:s3:::course/x.',
      '   mend: aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-1 --reset-policy',
    ]);
  });

  test('is not asked where no endpoint is on the way', () => {
    const question = { source: 'bastion', destination: 'internet', port: 443, protocol: undefined };
    const request = { action: 's3:GetObject', resource: OBJECT };
    expect(explainFlow([worldOf(ENDPOINT_WORLD)], { ...question, request }).isAllowed).toBe(true);
  });
});
