import { describe, expect, test } from 'vitest';
import { instance, worldOf } from '../../test/worlds.ts';
import { findCredential, findRole } from './credentials.ts';
import { roleCredentialsOf } from './role-credentials.ts';
import { makeSession } from './session-credentials.ts';

const own = { accessKeyId: 'AKIAOWN', secretAccessKey: 'the installation’s', account: '123456789012' };

const machine = {
  ...instance('i-1', 'subnet-1', 'machine'),
  instanceProfile: {
    arn: 'arn:aws:iam::000000000000:instance-profile/machine',
    profileId: 'AIPA1',
    associationId: 'iip-assoc-1',
    associatedAt: '2026-01-01T00:00:00.000Z',
  },
};
const role = (name: string, properties: object) => ({
  keptResourceId: `AWS::IAM::Role ${name}`,
  type: 'AWS::IAM::Role',
  name,
  properties: JSON.stringify(properties),
});
const trust = { Version: '2012-10-17', Statement: [] };
const here = worldOf({
  instances: [machine],
  keptResources: [role('deploy', { AssumeRolePolicyDocument: trust })],
});
const elsewhere = worldOf(
  {
    keptResources: [
      role('global', { AssumeRolePolicyDocument: trust, MaxSessionDuration: '7200', Path: '/a/' }),
    ],
  },
  { account: '000000000000', region: 'us-east-1' },
);
const others = worldOf(
  { keptResources: [role('theirs', { AssumeRolePolicyDocument: trust })] },
  { account: '111111111111', region: 'ap-northeast-2' },
);
const worlds = [here, others, elsewhere];

describe('an access key', () => {
  const session = makeSession(own, {
    account: '000000000000',
    arn: 'arn:aws:sts::000000000000:assumed-role/deploy/me',
    userId: 'AROA:me',
    expiresAt: new Date('2026-01-01T00:00:00Z'),
  });
  const profile = roleCredentialsOf(own, '000000000000', machine);

  test.each<[string, string, string | undefined, object | undefined]>([
    ['the installation’s', 'AKIAOWN', undefined, { secret: 'the installation’s', account: '123456789012' }],
    ['an account’s', '111111111111', undefined, { account: '111111111111' }],
    [
      'an instance’s role’s',
      profile?.accessKeyId ?? '',
      undefined,
      { arn: 'arn:aws:sts::000000000000:assumed-role/machine/i-1', sessionToken: profile?.sessionToken },
    ],
    [
      'a session’s',
      session.accessKeyId,
      session.sessionToken,
      { arn: 'arn:aws:sts::000000000000:assumed-role/deploy/me', secret: session.secretAccessKey },
    ],
    ['a session’s without its token', session.accessKeyId, undefined, undefined],
    ['nobody’s', 'AKIANOBODY', undefined, undefined],
    ['nobody’s with a token', 'ASIANOBODY', session.sessionToken, undefined],
  ])('%s', (_, accessKeyId, token, expected) => {
    const found = findCredential(own, worlds, accessKeyId, token);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});

describe('a role', () => {
  test.each<[string, string, string, object | undefined]>([
    [
      'of the account',
      '000000000000',
      'deploy',
      { maxSessionSeconds: undefined, trustPolicy: JSON.stringify(trust) },
    ],
    ['made in another region', '000000000000', 'global', { maxSessionSeconds: 7200 }],
    ['of another account', '000000000000', 'theirs', undefined],
    ['by its own account', '111111111111', 'theirs', { roleId: expect.stringMatching(/^AROA[0-9A-F]{17}$/) }],
    ['that is not there', '000000000000', 'nobody', undefined],
  ])('%s', (_, account, name, expected) => {
    const found = findRole(worlds, account, name);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});
