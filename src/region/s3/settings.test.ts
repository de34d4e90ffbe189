import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHarness, type S3Harness } from './harness.fixture.ts';
import { isPublicPolicy } from './public-policy.ts';

let s3: S3Harness;
beforeEach(async () => {
  s3 = await openHarness();
  await s3.ask('PUT /bucket');
});
afterEach(async () => {
  expect(s3.bugs).toEqual([]);
  await s3.remove();
});

const CORS =
  '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>';
const KMS =
  '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>';

describe('settings of a bucket that nobody has set', () => {
  test.each([
    ['accelerate', 200, '<AccelerateConfiguration xmlns'],
    ['acl', 200, '<Permission>FULL_CONTROL</Permission>'],
    ['cors', 404, 'NoSuchCORSConfiguration'],
    ['encryption', 200, '<SSEAlgorithm>AES256</SSEAlgorithm>'],
    ['lifecycle', 404, 'NoSuchLifecycleConfiguration'],
    ['logging', 200, '<BucketLoggingStatus xmlns'],
    ['notification', 200, '<NotificationConfiguration xmlns'],
    ['object-lock', 404, 'ObjectLockConfigurationNotFoundError'],
    ['ownershipControls', 200, '<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>'],
    ['policy', 404, 'NoSuchBucketPolicy'],
    ['policyStatus', 404, 'NoSuchBucketPolicy'],
    ['publicAccessBlock', 200, '<BlockPublicPolicy>true</BlockPublicPolicy>'],
    ['replication', 404, 'ReplicationConfigurationNotFoundError'],
    ['requestPayment', 200, '<Payer>BucketOwner</Payer>'],
    ['tagging', 404, 'NoSuchTagSet'],
    ['versioning', 200, '<VersioningConfiguration xmlns'],
    ['website', 404, 'NoSuchWebsiteConfiguration'],
  ])('?%s: %i %s', async (query, status, text) => {
    const told = await s3.ask(`GET /bucket?${query}`);
    expect([told.status, told.body]).toEqual([status, expect.stringContaining(text)]);
    expect((await s3.ask(`GET /nobodys?${query}`)).code).toBe('NoSuchBucket');
  });
});

describe('settings that are set', () => {
  test.each([
    [
      'accelerate',
      '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>',
      405,
      undefined,
    ],
    ['cors', CORS, 204, 'NoSuchCORSConfiguration'],
    ['encryption', KMS, 204, undefined],
    [
      'lifecycle',
      '<LifecycleConfiguration><Rule><Status>Enabled</Status></Rule></LifecycleConfiguration>',
      204,
      'NoSuchLifecycleConfiguration',
    ],
    ['logging', '<BucketLoggingStatus/>', 405, undefined],
    [
      'ownershipControls',
      '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>',
      204,
      'OwnershipControlsNotFoundError',
    ],
    ['publicAccessBlock', '<PublicAccessBlockConfiguration/>', 204, 'NoSuchPublicAccessBlockConfiguration'],
    [
      'tagging',
      '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>',
      204,
      'NoSuchTagSet',
    ],
    ['website', '<WebsiteConfiguration/>', 204, 'NoSuchWebsiteConfiguration'],
  ])('?%s come back over a restart, and are removed', async (query, body, removed, after) => {
    expect([200, 204]).toContain((await s3.ask(`PUT /bucket?${query}`, { body })).status);
    await s3.reopen();
    const inner = body.replace(/^<\w+>?|<\/\w+>$/g, '').replace('/>', '');
    expect((await s3.ask(`GET /bucket?${query}`)).body).toContain(inner);
    expect((await s3.ask(`DELETE /bucket?${query}`)).status).toBe(removed);
    if (removed === 204) expect((await s3.ask(`GET /bucket?${query}`)).code).toBe(after);
  });

  test.each([
    ['accelerate', '<AccelerateConfiguration><Status>Maybe</Status></AccelerateConfiguration>'],
    ['cors', '<CORSConfiguration/>'],
    ['cors', CORS.replace('AllowedMethod>GET</AllowedMethod', 'X/')],
    ['cors', '<Other/>'],
    ['encryption', KMS.replace('aws:kms', 'rot13')],
    ['lifecycle', '<LifecycleConfiguration><Rule/></LifecycleConfiguration>'],
    ['ownershipControls', '<OwnershipControls/>'],
    ['requestPayment', '<RequestPaymentConfiguration><Payer>Me</Payer></RequestPaymentConfiguration>'],
    ['versioning', 'x'],
    ['website', ''],
  ])('?%s %s is refused', async (query, body) => {
    const before = await s3.ask(`GET /bucket?${query}`);
    const told = await s3.ask(`PUT /bucket?${query}`, { body });
    expect([told.status, told.code]).toEqual([400, 'MalformedXML']);
    expect(await s3.ask(`GET /bucket?${query}`)).toEqual(before);
  });

  test('encryption is told of the objects', async () => {
    const sse = 'x-amz-server-side-encryption';
    expect((await s3.ask('PUT /bucket/a', { body: 'x' })).headers[sse]).toBe('AES256');
    await s3.ask('PUT /bucket?encryption', { body: KMS });
    expect((await s3.ask('PUT /bucket/b', { body: 'x' })).headers[sse]).toBe('aws:kms');
    expect((await s3.ask('HEAD /bucket/a')).headers[sse]).toBe('AES256');
    const headers = { [sse]: 'AES256' };
    expect((await s3.ask('PUT /bucket/c', { body: 'x', headers })).headers[sse]).toBe('AES256');
  });

  test.each<[Record<string, string>, string | undefined]>([
    [{ 'x-amz-acl': 'private' }, undefined],
    [{ 'x-amz-acl': 'bucket-owner-full-control' }, undefined],
    [{ 'x-amz-acl': 'public-read' }, 'AccessControlListNotSupported'],
    [{ 'x-amz-grant-read': 'id=x' }, 'AccessControlListNotSupported'],
    [{ 'x-amz-object-lock-mode': 'GOVERNANCE' }, 'InvalidRequest'],
    [{ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, 'NotImplemented'],
    [{ 'x-amz-storage-class': 'MARBLE' }, 'InvalidStorageClass'],
  ])('an object with %j: %s', async (headers, code) => {
    expect((await s3.ask('PUT /bucket/key', { body: 'x', headers })).code).toBe(code);
  });
});

const policy = (statement: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::bucket/*',
        ...statement,
      },
    ],
  });

describe('a policy is public', () => {
  test.each<[object, boolean]>([
    [{}, true],
    [{ Principal: { AWS: '*' } }, true],
    [{ Principal: { AWS: ['111122223333', '*'] } }, true],
    [{ Principal: { AWS: '111122223333' } }, false],
    [{ Effect: 'Deny' }, false],
    [{ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-01' } } }, false],
    [{ Condition: { StringEquals: { 'AWS:sourcevpc': ['vpc-01', 'vpc-02'] } } }, false],
    [{ Condition: { StringLike: { 'aws:SourceVpce': 'vpce-*' } } }, true],
    [{ Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-01' } } }, true],
    [{ Condition: { StringEqualsIfExists: { 'aws:SourceVpce': 'vpce-01' } } }, true],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }, false],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }, true],
    [{ Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
  ])('%j: %s', (statement, isPublic) => {
    expect(isPublicPolicy(policy(statement))).toBe(isPublic);
  });
});

test('public policies are refused as long as the bucket blocks them', async () => {
  const told = await s3.ask('PUT /bucket?policy', { body: policy({}) });
  expect([told.status, told.code]).toEqual([403, 'AccessDenied']);
  expect(told.body).toContain('prevented by the BlockPublicPolicy setting');
  await s3.ask('DELETE /bucket?publicAccessBlock');
  expect((await s3.ask('PUT /bucket?policy', { body: policy({}) })).status).toBe(204);
  expect((await s3.ask('GET /bucket?policyStatus')).body).toContain('<IsPublic>true</IsPublic>');
});
