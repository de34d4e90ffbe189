import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { given } from '../../../test/support/ec2.ts';
import { PLACEMENT } from '../../../test/support/type-bench.ts';
import { Tables } from '../../region/dynamodb/tables.ts';
import { openHarness, type S3Harness } from '../../region/s3/harness.fixture.ts';
import type { ValueMap } from '../../template/value.ts';
import { checkProperties } from '../properties.ts';
import type { AskRemote, Placement, RemotePlace, RemoteType } from '../resource-type.ts';
import { resourceTypes } from './index.ts';

const [account, region] = ['123456789012', 'us-east-1'];

function remoteType(name: string): RemoteType {
  const type = resourceTypes.get(name);
  if (type?.kind !== 'remote') throw new Error(`${name} is no type of remote resources`);
  return type;
}

function placeOf(ask: AskRemote, placement: Partial<Placement> = {}): RemotePlace {
  return { account, region, ask, placement: { ...PLACEMENT, ...placement } };
}

/** Makes one as the engine does: the name first, and the whole again, as after a crash. */
async function create(place: RemotePlace, name: string, properties: ValueMap): Promise<string> {
  const type = remoteType(name);
  checkProperties(type, properties);
  const id = type.nameOf(place.placement, properties);
  await type.create(place, id, properties);
  await type.create(place, id, properties);
  return id;
}

const update = (place: RemotePlace, name: string, id: string, before: ValueMap, after: ValueMap) =>
  given(remoteType(name).update)(place, id, before, after);

/** Deletes one, twice. */
async function remove(place: RemotePlace, name: string, id: string, properties: ValueMap): Promise<void> {
  await remoteType(name).delete(place, id, properties);
  await remoteType(name).delete(place, id, properties);
}

describe('what S3 keeps', () => {
  let s3: S3Harness;
  let place: RemotePlace;
  beforeEach(async () => {
    s3 = await openHarness();
    place = placeOf((request) => s3.ask(`${request.method} ${request.path}`, request));
  });
  afterEach(async () => {
    expect(s3.bugs).toEqual([]);
    await s3.remove();
  });

  const BUCKET = 'AWS::S3::Bucket';
  const read = async (path: string) =>
    (await s3.ask(`GET /${path}`)).body.replace(/^.*?\n<\w+ xmlns="[^"]*">/, '');

  it('a bucket has the name, the settings and the tags of its properties, and loses what they say no more', async () => {
    const properties: ValueMap = {
      AccessControl: 'Private',
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: 'true' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
      LifecycleConfiguration: {
        Rules: [{ Id: 'old', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: '30' } }],
      },
      CorsConfiguration: { CorsRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], MaxAge: 60 }] },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LoggingConfiguration: { DestinationBucketName: 'logs', LogFilePrefix: 'a/' },
      AccelerateConfiguration: { AccelerationStatus: 'Enabled' },
      WebsiteConfiguration: { IndexDocument: 'index.html', ErrorDocument: 'error.html' },
      Tags: [{ Key: 'Name', Value: 'a & b' }],
    };
    const id = await create(place, BUCKET, properties);
    expect(id).toBe('net-thing-1a2b3c4d5e6f');
    expect(await read(`${id}?versioning`)).toContain('<Status>Enabled</Status>');
    expect(await read(`${id}?publicAccessBlock`)).toBe(
      '<BlockPublicAcls>true</BlockPublicAcls><BlockPublicPolicy>false</BlockPublicPolicy><IgnorePublicAcls>false</IgnorePublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>',
    );
    expect(await read(`${id}?encryption`)).toContain('<SSEAlgorithm>aws:kms</SSEAlgorithm>');
    expect(await read(`${id}?lifecycle`)).toBe(
      '<Rule><ID>old</ID><Status>Enabled</Status><Filter></Filter><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>',
    );
    expect(await read(`${id}?cors`)).toContain('<MaxAgeSeconds>60</MaxAgeSeconds>');
    expect(await read(`${id}?logging`)).toContain('<TargetBucket>logs</TargetBucket>');
    expect(await read(`${id}?accelerate`)).toContain('<Status>Enabled</Status>');
    expect(await read(`${id}?website`)).toContain('<Suffix>index.html</Suffix>');
    expect(await read(`${id}?tagging`)).toContain('<Key>Name</Key><Value>a &amp; b</Value>');
    expect(remoteType(BUCKET).attributesOf?.(place, id, properties)).toEqual({
      Arn: 'arn:aws:s3:::net-thing-1a2b3c4d5e6f',
      DomainName: 'net-thing-1a2b3c4d5e6f.s3.amazonaws.com',
      DualStackDomainName: 'net-thing-1a2b3c4d5e6f.s3.dualstack.us-east-1.amazonaws.com',
      RegionalDomainName: 'net-thing-1a2b3c4d5e6f.s3.us-east-1.amazonaws.com',
      WebsiteURL: 'http://net-thing-1a2b3c4d5e6f.s3-website-us-east-1.amazonaws.com',
    });
    await update(place, BUCKET, id, properties, { Tags: [] });
    expect(await read(`${id}?versioning`)).toContain('<Status>Suspended</Status>');
    expect(await read(`${id}?cors`)).toContain('NoSuchCORSConfiguration');
    expect(await read(`${id}?logging`)).not.toContain('TargetBucket');
    expect(await read(`${id}?accelerate`)).toContain('<Status>Suspended</Status>');
    expect(await read(`${id}?website`)).toContain('NoSuchWebsiteConfiguration');
    expect(await read(`${id}?tagging`)).not.toContain('Name');
    await remove(place, BUCKET, id, {});
    expect((await s3.ask(`HEAD /${id}`)).status).toBe(404);
  });

  it.each([
    ['a user’s own', async () => void (await s3.ask('PUT /taken'))],
    [
      'another resource’s',
      async () => {
        const other = placeOf(place.ask, { logicalId: 'Other' });
        await create(other, BUCKET, { BucketName: 'taken' });
      },
    ],
  ])(
    'a bucket that is %s is not taken, and not deleted when the creation is rolled back',
    async (_, make) => {
      await make();
      await expect(create(place, BUCKET, { BucketName: 'taken' })).rejects.toThrow('taken already exists');
      await remove(place, BUCKET, 'taken', { BucketName: 'taken' });
      expect((await s3.ask('HEAD /taken')).status).toBe(200);
    },
  );

  it('a bucket with an object in it stays', async () => {
    const id = await create(place, BUCKET, {});
    await s3.ask(`PUT /${id}/key`, { body: 'x' });
    await expect(remove(place, BUCKET, id, {})).rejects.toThrow(
      'The bucket you tried to delete is not empty',
    );
  });

  it('what S3 does not do is refused', async () => {
    await expect(create(place, BUCKET, { AccessControl: 'LogDeliveryWrite' })).rejects.toThrow(
      'The bucket does not allow ACLs',
    );
    await expect(create(place, BUCKET, { OwnershipControls: { Rules: [{ Owner: 'x' }] } })).rejects.toThrow(
      'Encountered unsupported property OwnershipControls.Rules[0].Owner',
    );
  });

  it('a policy is put, changed and taken away', async () => {
    await s3.ask('PUT /bbb');
    const policyFor = (Effect: string): ValueMap => ({
      Bucket: 'bbb',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect,
            Principal: { AWS: '*' },
            Action: 's3:*',
            Resource: ['arn:aws:s3:::bbb', 'arn:aws:s3:::bbb/*'],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
    const deny = policyFor('Deny');
    expect(await create(place, 'AWS::S3::BucketPolicy', deny)).toBe('bbb');
    expect(JSON.parse((await s3.ask('GET /bbb?policy')).body)).toEqual(deny['PolicyDocument']);
    await expect(update(place, 'AWS::S3::BucketPolicy', 'bbb', deny, policyFor('Allow'))).rejects.toThrow(
      'because public policies are prevented by the BlockPublicPolicy setting',
    );
    await remove(place, 'AWS::S3::BucketPolicy', 'bbb', deny);
    expect((await s3.ask('GET /bbb?policy')).code).toBe('NoSuchBucketPolicy');
  });

  it.each([
    ['with CDK’s tag is emptied, versions and all', 'true', 204],
    ['without it stays as it is', 'false', 409],
  ])('a bucket %s when its custom resource is deleted', async (_, Value, status) => {
    const properties: ValueMap = {
      VersioningConfiguration: { Status: 'Enabled' },
      Tags: [{ Key: 'aws-cdk:auto-delete-objects', Value }],
    };
    const id = await create(place, BUCKET, properties);
    for (const key of ['one', 'one', 'a/two']) await s3.ask(`PUT /${id}/${key}`, { body: 'x' });
    await s3.ask(`DELETE /${id}/one`);
    const custom = { ServiceToken: 'f', BucketName: id };
    const name = await create(place, 'Custom::S3AutoDeleteObjects', custom);
    await remove(place, 'Custom::S3AutoDeleteObjects', name, custom);
    expect((await s3.ask(`DELETE /${id}`)).status).toBe(status);
  });
});

describe('what DynamoDB keeps', () => {
  const TABLE = 'AWS::DynamoDB::Table';
  let directory: string;
  let server: Server;
  let place: RemotePlace;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudcroft-tables-'));
    const tables = new Tables(directory);
    server = createServer((incoming, response) => {
      void buffer(incoming).then((body) => {
        const { method = 'POST', url = '/', headers } = incoming;
        tables.answer({ account, region }, { method, url, headers, body }, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    place = placeOf(async ({ method, path, headers = {}, body = '' }) => {
      const signed = {
        'x-amz-date': '20260102T030405Z',
        authorization: `AWS4-HMAC-SHA256 Credential=K/20260102/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...headers, ...signed },
        body,
      });
      return { status: answer.status, body: await answer.text() };
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  const call = async (operation: string, input: object): Promise<string> => {
    const headers = {
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    };
    const body = JSON.stringify(input);
    return (
      await place.ask({ service: 'dynamodb', account, region, method: 'POST', path: '/', headers, body })
    ).body;
  };
  const properties: ValueMap = {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    ProvisionedThroughput: { ReadCapacityUnits: '1', WriteCapacityUnits: 1 },
    Tags: [{ Key: 'Name', Value: 'a' }],
  };

  it('a table is made, changed and deleted', async () => {
    const id = await create(place, TABLE, properties);
    expect(id).toBe('Net-Thing-1A2B3C4D5E6F');
    expect(await call('DescribeTable', { TableName: id })).toContain('"TableStatus":"ACTIVE"');
    expect(remoteType(TABLE).attributesOf?.(place, id, properties)).toEqual({
      Arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/Net-Thing-1A2B3C4D5E6F',
    });
    const after = {
      ...properties,
      ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 1 },
      Tags: [],
    };
    await update(place, TABLE, id, properties, after);
    expect(await call('DescribeTable', { TableName: id })).toContain('"ReadCapacityUnits":2');
    await remove(place, TABLE, id, after);
    expect(await call('DescribeTable', { TableName: id })).toContain('ResourceNotFoundException');
  });

  it('a table of another under this name is not taken, and not deleted', async () => {
    await create(placeOf(place.ask, { logicalId: 'Other' }), TABLE, { ...properties, TableName: 'taken' });
    const own = { ...properties, TableName: 'taken' };
    await expect(create(place, TABLE, own)).rejects.toThrow('Table already exists: taken');
    await remove(place, TABLE, 'taken', own);
    expect(await call('DescribeTable', { TableName: 'taken' })).toContain('"TableStatus":"ACTIVE"');
  });

  it('a table protected against deletion stays', async () => {
    const kept = { ...properties, DeletionProtectionEnabled: 'true' };
    const id = await create(place, TABLE, kept);
    await expect(remove(place, TABLE, id, kept)).rejects.toThrow('protected against deletion');
  });
});
