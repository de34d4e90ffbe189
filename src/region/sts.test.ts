import { describe, expect, test } from 'vitest';
import { type AssumableRole, createSts } from './sts.ts';

const ACCOUNT = '111111111111';
const caller = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/a&b`, userId: 'AIDAEXAMPLE' };
const now = new Date('2026-01-01T00:00:00.500Z');

const trusting = (statement: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }],
  });

const role = (trustPolicy: string, maxSessionSeconds?: number): AssumableRole => ({
  roleId: 'AROAROLE',
  trustPolicy,
  maxSessionSeconds,
});

const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

const ROLES: Readonly<Record<string, AssumableRole>> = {
  deploy: role(trusting({ Principal: ROOT })),
  long: role(trusting({ Principal: { AWS: ACCOUNT } }), 43_200),
  secret: role(trusting({ Principal: ROOT, Condition: { StringEquals: { 'sts:ExternalId': 'ours' } } })),
  machine: role(trusting({ Principal: { Service: 'ec2.amazonaws.com' } })),
  broken: role('{"Statement": {"Effect": "Perhaps"}}'),
};

const sts = createSts({
  findRole: (account, name) => (account === ACCOUNT ? ROLES[name] : undefined),
  makeSession: ({ arn, userId, account, expiresAt }) => ({
    accessKeyId: 'ASIA',
    secretAccessKey: 'secret',
    sessionToken: `${account} ${arn} ${userId} ${expiresAt.toISOString()}`,
  }),
});

function send(form: string, by = caller, method = 'POST') {
  const body = new TextEncoder().encode(method === 'POST' ? form : '');
  const query = method === 'GET' ? form : '';
  return sts.handle({ method, query, body, caller: by, requestId: 'request-1', now });
}

const IDENTITY =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::111111111111:user/a&amp;b</Arn><UserId>AIDAEXAMPLE</UserId><Account>111111111111</Account>' +
  '</GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>' +
  '</GetCallerIdentityResponse>';

test.each(['POST', 'GET'])('GetCallerIdentity by %s', async (method) => {
  const reply = await send('Action=GetCallerIdentity&Version=2011-06-15', caller, method);
  expect(reply).toEqual({ status: 200, body: IDENTITY });
});

test.each([
  ['Action=GetCallerIdentity&Version=2016-11-15', 'InvalidAction'],
  ['Action=AssumeRoleWithWebIdentity&Version=2011-06-15', 'InvalidAction'],
  ['Action=%3C%00&Version=2011-06-15', 'InvalidAction'],
  ['Version=2011-06-15', 'MissingAction'],
  ['', 'MissingAction'],
])('%s: %s', async (form, code) => {
  const { status, body } = await send(form);
  expect(status).toBe(400);
  expect(body).toContain(`<Code>${code}</Code>`);
  expect(body).not.toContain('\u0000');
});

const session = { ...caller, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/me`, userId: 'AROAROLE:me' };
const stranger = { account: '222222222222', arn: 'arn:aws:iam::222222222222:root', userId: '222222222222' };

const assume = (role: string, more = '') =>
  `Action=AssumeRole&Version=2011-06-15&RoleSessionName=me&RoleArn=arn:aws:iam::${ACCOUNT}:role/${role}${more}`;

describe('AssumeRole', () => {
  test('says who the session is, and until when its credentials are good', async () => {
    const { status, body } = await send(assume('deploy'));
    expect({ status, body }).toEqual({
      status: 200,
      body:
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>' +
        '<AssumedRoleUser><AssumedRoleId>AROAROLE:me</AssumedRoleId>' +
        '<Arn>arn:aws:sts::111111111111:assumed-role/deploy/me</Arn></AssumedRoleUser>' +
        '<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>' +
        '<SessionToken>111111111111 arn:aws:sts::111111111111:assumed-role/deploy/me AROAROLE:me ' +
        '2026-01-01T01:00:00.000Z</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials>' +
        '</AssumeRoleResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></AssumeRoleResponse>',
    });
  });

  test.each([
    ['an hour is the usual', assume('deploy'), '01:00:00'],
    ['the least', assume('deploy', '&DurationSeconds=900'), '00:15:00'],
    ['the most of a role that allows it', assume('long', '&DurationSeconds=43200'), '12:00:00'],
    ['a role below a path', assume('a/b/deploy'), '01:00:00'],
    ['with the external id that the role wants', assume('secret', '&ExternalId=ours'), '01:00:00'],
  ])('%s', async (_, form, time) => {
    expect((await send(form)).body).toContain(`<Expiration>2026-01-01T${time}Z</Expiration>`);
  });

  const notAuthorized = (role: string, by = caller.arn.replace('&', '&amp;')) =>
    `User: ${by} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${ACCOUNT}:role/${role}`;
  test.each([
    ['no such role', assume('nobody'), caller, 403, notAuthorized('nobody')],
    ['a role that trusts a service', assume('machine'), caller, 403, notAuthorized('machine')],
    ['a policy that cannot be read', assume('broken'), caller, 403, notAuthorized('broken')],
    ['without the external id', assume('secret'), caller, 403, notAuthorized('secret')],
    ['with another', assume('secret', '&ExternalId=x'), caller, 403, notAuthorized('secret')],
    ['another account', assume('deploy'), stranger, 403, notAuthorized('deploy', stranger.arn)],
    ['no role’s ARN', assume('').replace('role/', 'user/abc'), caller, 400, 'user/abc is invalid'],
    ['no ARN', assume('').replace(/&RoleArn.*/, ''), caller, 400, 'Value null at &apos;roleArn&apos;'],
    ['no session name', assume('deploy').replace('SessionName', ''), caller, 400, 'roleSessionName'],
    ['a bad session name', assume('deploy').replace('=me', '=m%20e'), caller, 400, 'Value &apos;m e&apos;'],
    ['too short', assume('deploy', '&DurationSeconds=899'), caller, 400, 'greater than or equal to 900'],
    ['too long', assume('long', '&DurationSeconds=43201'), caller, 400, 'less than or equal to 43200'],
    ['no number', assume('long', '&DurationSeconds=1h'), caller, 400, 'Member must be a number'],
    [
      'longer than the role allows',
      assume('deploy', '&DurationSeconds=3601'),
      caller,
      400,
      'MaxSessionDuration',
    ],
    ['chained, longer than an hour', assume('long', '&DurationSeconds=3601'), session, 400, 'role chaining'],
  ])('refused: %s', async (_, form, by, status, message) => {
    const reply = await send(form, by);
    expect(reply.status).toBe(status);
    expect(reply.body.replaceAll("'", '&apos;')).toContain(message);
    expect(reply.body).toContain(`<Code>${status === 403 ? 'AccessDenied' : 'ValidationError'}</Code>`);
  });
});

describe('GetSessionToken', () => {
  const form = 'Action=GetSessionToken&Version=2011-06-15';

  test('gives the caller’s own credentials, for half a day', async () => {
    const { body } = await send(form);
    expect(body).toContain('<SessionToken>111111111111 arn:aws:iam::111111111111:user/a&b AIDAEXAMPLE');
    expect(body).toContain('<Expiration>2026-01-01T12:00:00Z</Expiration>');
  });

  test('not to whoever has temporary ones', async () => {
    expect((await send(form, session)).body).toContain(
      '<Code>AccessDenied</Code><Message>Cannot call GetSessionToken with session credentials</Message>',
    );
  });
});

test('errors are in the form of the query protocol', () => {
  expect(sts.refuse({ code: 'X', message: 'a < b', status: 403 }, 'request-1').body).toBe(
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>X</Code>' +
      '<Message>a &lt; b</Message></Error><RequestId>request-1</RequestId></ErrorResponse>',
  );
});
