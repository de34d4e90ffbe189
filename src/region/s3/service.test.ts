import { cp, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Error } from './errors.ts';
import { OWNER, openHarness, type S3Harness } from './harness.fixture.ts';

let s3: S3Harness;
beforeEach(async () => {
  s3 = await openHarness();
  await s3.ask('PUT /bucket');
});
afterEach(async () => {
  expect(s3.bugs).toEqual([]);
  await s3.remove();
});

const dataFiles = () => readdir(join(s3.directory, 'bucket', 'data'));

describe('buckets', () => {
  test.each([
    ['PUT /new-bucket', 200, undefined],
    ['PUT /Upper', 400, 'InvalidBucketName'],
    ['PUT /ab', 400, 'InvalidBucketName'],
    ['PUT /a..b', 400, 'InvalidBucketName'],
    ['PUT /10.0.0.1', 400, 'InvalidBucketName'],
    [`PUT /${'a'.repeat(64)}`, 400, 'InvalidBucketName'],
    ['PUT /..%2f..%2fetc', 400, 'InvalidBucketName'],
    ['PUT /bucket', 200, undefined],
    ['HEAD /bucket', 200, undefined],
    ['HEAD /nobodys', 404, undefined],
    ['DELETE /bucket', 204, undefined],
    ['DELETE /nobodys', 404, 'NoSuchBucket'],
    ['GET /bucket?location', 200, undefined],
    ['GET /bucket?policy', 404, 'NoSuchBucketPolicy'],
    ['GET /bucket?acl', 200, undefined],
    ['GET /bucket?inventory', 501, 'NotImplemented'],
    ['PUT /bucket?replication', 501, 'NotImplemented'],
    ['PATCH /bucket?acl', 405, 'MethodNotAllowed'],
    ['POST /bucket', 405, 'MethodNotAllowed'],
    ['PUT /', 405, 'MethodNotAllowed'],
    ['GET /%E0%A4%A', 400, 'InvalidURI'],
  ])('%s: %i %s', async (line, status, code) => {
    const told = await s3.ask(line);
    expect([told.status, told.code]).toEqual([status, code]);
  });

  test('are listed by name, with their regions', async () => {
    const body =
      '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>';
    await s3.ask('PUT /a-bucket', { body });
    const { body: xml } = await s3.ask('GET /');
    expect(xml.replace(/<Owner>.*<\/Owner>/, '')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets>' +
        '<Bucket><Name>a-bucket</Name><CreationDate>2026-11-23T12:00:00.250Z</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket>' +
        '<Bucket><Name>bucket</Name><CreationDate>2026-11-23T12:00:00.250Z</CreationDate><BucketRegion>us-east-1</BucketRegion></Bucket>' +
        '</Buckets></ListAllMyBucketsResult>',
    );
  });

  test('with objects stay', async () => {
    await s3.ask('PUT /bucket/key', { body: 'x' });
    expect((await s3.ask('DELETE /bucket')).code).toBe('BucketNotEmpty');
  });

  test('belong to the region of their endpoint', async () => {
    const seoul = 's3.ap-northeast-2.amazonaws.com';
    const location = (region: string) =>
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    expect((await s3.ask('PUT /seoul', { host: seoul })).code).toBe('IllegalLocationConstraintException');
    expect((await s3.ask('PUT /seoul', { host: seoul, body: location('eu-west-1') })).status).toBe(400);
    expect((await s3.ask('PUT /seoul', { host: seoul, body: location('ap-northeast-2') })).status).toBe(200);
    expect((await s3.ask('GET /', { host: `seoul.${seoul}` })).status).toBe(200);
    const elsewhere = await s3.ask('GET /', { host: 'seoul.s3.eu-west-1.amazonaws.com' });
    expect([elsewhere.status, elsewhere.code]).toEqual([301, 'PermanentRedirect']);
    expect(elsewhere.headers['x-amz-bucket-region']).toBe('ap-northeast-2');
    expect((await s3.ask('PUT /seoul', { host: seoul, body: location('ap-northeast-2') })).code).toBe(
      'BucketAlreadyOwnedByYou',
    );
  });
});

describe('objects', () => {
  test.each([
    '/bucket/key',
    '/bucket/a/b/c.txt',
    '/bucket/..%2f..%2fescape',
    '/bucket/%20%2B%26%3C%C3%A9',
    '/bucket/%00%01',
    `/bucket/${'k'.repeat(1024)}`,
    '/bucket//slashes//',
  ])('come back as they went in: %s', async (path) => {
    const headers = {
      'content-type': 'text/plain',
      'x-amz-meta-colour': 'blue',
      'content-encoding': 'gzip',
      accept: '*/*',
    };
    expect((await s3.ask(`PUT ${path}`, { body: 'hello', headers })).headers['etag']).toBe(
      '"5d41402abc4b2a76b9719d911017c592"',
    );
    await s3.reopen();
    const told = await s3.ask(`GET ${path}`);
    expect([told.status, told.body]).toEqual([200, 'hello']);
    expect(told.headers).toEqual({
      'content-type': 'text/plain',
      'x-amz-meta-colour': 'blue',
      'content-encoding': 'gzip',
      'x-amz-server-side-encryption': 'AES256',
      'accept-ranges': 'bytes',
      etag: '"5d41402abc4b2a76b9719d911017c592"',
      'last-modified': 'Mon, 23 Nov 2026 12:00:00 GMT',
      'content-length': '5',
    });
    expect(await readdir(s3.directory)).toEqual(['bucket']);
  });

  test('by the bucket’s own host name', async () => {
    const host = 'bucket.s3.us-east-1.amazonaws.com';
    await s3.ask('PUT /a/key', { body: 'x', host });
    expect((await s3.ask('GET /bucket/a/key')).body).toBe('x');
    expect((await s3.ask('GET /a/key', { host: 'bucket.localhost:4747' })).body).toBe('x');
  });

  test.each([
    ['GET /bucket/nothing', 404, 'NoSuchKey'],
    ['HEAD /bucket/nothing', 404, undefined],
    ['GET /nobodys/key', 404, 'NoSuchBucket'],
    ['DELETE /bucket/nothing', 204, undefined],
    [`PUT /bucket/${'k'.repeat(1025)}`, 400, 'KeyTooLongError'],
    ['GET /bucket/nothing?acl', 404, 'NoSuchKey'],
    ['GET /bucket/nothing?torrent', 501, 'NotImplemented'],
    ['PUT /bucket/key?versioning', 405, 'MethodNotAllowed'],
    ['POST /bucket/key', 405, 'MethodNotAllowed'],
    ['PATCH /bucket/key', 405, 'MethodNotAllowed'],
    ['GET /bucket/key?uploadId=x', 404, 'NoSuchUpload'],
  ])('%s: %i %s', async (line, status, code) => {
    const told = await s3.ask(line);
    expect([told.status, told.code]).toEqual([status, code]);
  });

  test.each([
    ['bytes=0-0', 206, 'h', 'bytes 0-0/5'],
    ['bytes=1-3', 206, 'ell', 'bytes 1-3/5'],
    ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=3-99', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-99', 206, 'hello', 'bytes 0-4/5'],
    ['bytes=0-1,3-4', 200, 'hello', undefined],
    ['bytes=3-1', 200, 'hello', undefined],
    ['lines=1-2', 200, 'hello', undefined],
    ['bytes=5-', 416, expect.stringContaining('InvalidRange'), 'bytes */5'],
    ['bytes=-0', 416, expect.stringContaining('InvalidRange'), 'bytes */5'],
  ])('%s: %i', async (range, status, body, contentRange) => {
    await s3.ask('PUT /bucket/key', { body: 'hello' });
    const told = await s3.ask('GET /bucket/key', { headers: { range } });
    expect([told.status, told.body, told.headers['content-range']]).toEqual([status, body, contentRange]);
  });

  const ETAG = '"5d41402abc4b2a76b9719d911017c592"';
  test.each<[string, Record<string, string>, number]>([
    ['GET', { 'if-match': ETAG }, 200],
    ['GET', { 'if-match': '*' }, 200],
    ['GET', { 'if-match': '"other"' }, 412],
    ['GET', { 'if-none-match': ETAG }, 304],
    ['HEAD', { 'if-none-match': ETAG }, 304],
    ['GET', { 'if-none-match': '"other"' }, 200],
    ['GET', { 'if-modified-since': 'Mon, 23 Nov 2026 12:00:00 GMT' }, 304],
    ['GET', { 'if-modified-since': 'Mon, 23 Nov 2026 11:59:59 GMT' }, 200],
    ['GET', { 'if-unmodified-since': 'Mon, 23 Nov 2026 11:59:59 GMT' }, 412],
    ['PUT', { 'if-none-match': '*' }, 412],
    ['PUT', { 'if-match': ETAG }, 200],
    ['PUT', { 'if-match': '"other"' }, 412],
  ])('%s with %j: %i', async (method, headers, status) => {
    await s3.ask('PUT /bucket/key', { body: 'hello' });
    expect((await s3.ask(`${method} /bucket/key`, { headers })).status).toBe(status);
  });

  test('are copied, with their headers or with new ones', async () => {
    await s3.ask('PUT /bucket/a', { body: 'hello', headers: { 'x-amz-meta-n': '1' } });
    const source = { 'x-amz-copy-source': '/bucket/a' };
    expect((await s3.ask('PUT /bucket/b', { headers: source })).body).toContain('CopyObjectResult');
    await s3.ask('PUT /bucket/c', {
      headers: { ...source, 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-n': '2' },
    });
    await s3.ask('PUT /bucket/two%20words%2B', { headers: source });
    const spaced = { 'x-amz-copy-source': 'bucket/two+words%2B' };
    expect((await s3.ask('PUT /bucket/e', { headers: spaced })).status).toBe(200);
    await s3.ask('DELETE /bucket/a');
    expect((await s3.ask('GET /bucket/b')).headers['x-amz-meta-n']).toBe('1');
    expect(await s3.ask('GET /bucket/c')).toMatchObject({ body: 'hello', headers: { 'x-amz-meta-n': '2' } });
    expect((await s3.ask('PUT /bucket/b', { headers: { 'x-amz-copy-source': 'bucket/b' } })).code).toBe(
      'InvalidRequest',
    );
    expect((await s3.ask('PUT /bucket/d', { headers: source })).code).toBe('NoSuchKey');
    expect((await s3.ask('PUT /bucket/d', { headers: { 'x-amz-copy-source': 'bucket' } })).code).toBe(
      'InvalidArgument',
    );
  });

  test('are deleted by many, and leave nothing', async () => {
    for (const key of ['a', 'b%26c', 'd']) await s3.ask(`PUT /bucket/${key}`, { body: 'x' });
    const body =
      '<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object><Object><Key>none</Key></Object></Delete>';
    const told = await s3.ask('POST /bucket?delete', { body });
    expect(told.body).toContain('<Deleted><Key>b&amp;c</Key></Deleted>');
    expect((await s3.ask('GET /bucket?list-type=2')).body).toContain('<KeyCount>1</KeyCount>');
    expect((await dataFiles()).length).toBe(1);
    expect((await s3.ask('POST /bucket?delete', { body: '<Delete>' })).code).toBe('MalformedXML');
  });

  test('one that is replaced leaves nothing of its old content', async () => {
    await s3.ask('PUT /bucket/key', { body: 'old' });
    await s3.ask('PUT /bucket/key', { body: 'new' });
    expect((await s3.ask('GET /bucket/key')).body).toBe('new');
    expect((await dataFiles()).length).toBe(1);
  });

  test('of two writers at once one wins, whole', async () => {
    await Promise.all(['one', 'two', 'three'].map((body) => s3.ask('PUT /bucket/key', { body })));
    const { body } = await s3.ask('GET /bucket/key');
    expect(['one', 'two', 'three']).toContain(body);
    await s3.reopen();
    expect((await s3.ask('GET /bucket/key')).body).toBe(body);
    expect((await dataFiles()).length).toBe(1);
  });
});

describe('multipart uploads', () => {
  const PART = 5 * 1024 ** 2;
  const start = async () => {
    const { body } = await s3.ask('POST /bucket/big?uploads', { headers: { 'content-type': 'text/plain' } });
    return /<UploadId>([^<]+)</.exec(body)?.[1] ?? '';
  };
  const put = async (id: string, number: number | string, body: string) =>
    s3.ask(`PUT /bucket/big?partNumber=${number}&uploadId=${id}`, { body });
  const complete = (id: string, parts: readonly (readonly [number, string | undefined])[]) =>
    s3.ask(`POST /bucket/big?uploadId=${id}`, {
      body: `<CompleteMultipartUpload>${parts
        .map(([number, etag]) => `<Part><ETag>${etag}</ETag><PartNumber>${number}</PartNumber></Part>`)
        .join('')}</CompleteMultipartUpload>`,
    });

  test('become one object, over a restart too', async () => {
    const id = await start();
    const first = (await put(id, 1, 'a'.repeat(PART))).headers['etag'];
    await s3.reopen();
    const second = (await put(id, 3, 'end')).headers['etag'];
    expect((await s3.ask(`GET /bucket/big?uploadId=${id}`)).body).toContain('<PartNumber>3</PartNumber>');
    expect((await s3.ask('GET /bucket?uploads')).body).toContain(id);
    const told = await complete(id, [
      [1, first],
      [3, second],
    ]);
    expect(told.body).toMatch(/<ETag>&quot;[0-9a-f]{32}-2&quot;<\/ETag>/);
    const object = await s3.ask('GET /bucket/big');
    expect([object.body.length, object.headers['content-type']]).toEqual([PART + 3, 'text/plain']);
    expect((await s3.ask(`GET /bucket/big?uploadId=${id}`)).code).toBe('NoSuchUpload');
    expect((await s3.ask('GET /bucket/big', { headers: { range: `bytes=${PART - 1}-` } })).body).toBe('aend');
    const part = await s3.ask('GET /bucket/big?partNumber=2');
    expect([part.status, part.body, part.headers['x-amz-mp-parts-count']]).toEqual([206, 'end', '2']);
    expect((await s3.ask('GET /bucket/big?partNumber=3')).code).toBe('InvalidPartNumber');
    await s3.reopen();
    expect((await s3.ask('GET /bucket/big')).body.length).toBe(PART + 3);
    await s3.ask('DELETE /bucket/big');
    expect(await dataFiles()).toEqual([]);
  });

  test('that are completed twice at once make one object', async () => {
    const id = await start();
    const etag = (await put(id, 1, 'whole')).headers['etag'];
    const told = await Promise.all([complete(id, [[1, etag]]), complete(id, [[1, etag]])]);
    expect(told.map(({ code }) => code).sort()).toEqual(['NoSuchUpload', undefined]);
    expect((await s3.ask('GET /bucket/big')).body).toBe('whole');
  });

  test('completed but not ended before a crash are ended after it', async () => {
    const id = await start();
    const etag = (await put(id, 1, 'whole')).headers['etag'];
    const folder = join(s3.directory, 'bucket', 'uploads', id);
    await cp(folder, `${folder}.kept`, { recursive: true });
    await complete(id, [[1, etag]]);
    await rename(`${folder}.kept`, folder);
    await s3.reopen();
    expect((await s3.ask('GET /bucket/big')).body).toBe('whole');
    expect((await s3.ask(`DELETE /bucket/big?uploadId=${id}`)).code).toBe('NoSuchUpload');
    expect((await dataFiles()).length).toBe(1);
  });

  test('take parts of objects that are there', async () => {
    await s3.ask('PUT /bucket/source', { body: '0123456789' });
    const id = await start();
    const headers = { 'x-amz-copy-source': 'bucket/source', 'x-amz-copy-source-range': 'bytes=2-4' };
    const copied = await s3.ask(`PUT /bucket/big?partNumber=1&uploadId=${id}`, { headers });
    const etag = /<ETag>&quot;(.*)&quot;<\/ETag>/.exec(copied.body)?.[1];
    expect((await complete(id, [[1, etag]])).status).toBe(200);
    expect((await s3.ask('GET /bucket/big')).body).toBe('234');
    for (const [range, code] of [
      ['bytes=2-10', 'InvalidRange'],
      ['bytes=4-2', 'InvalidArgument'],
      ['bytes=2-', 'InvalidArgument'],
    ] as const) {
      const other = await start();
      const wrong = { ...headers, 'x-amz-copy-source-range': range };
      const told = await s3.ask(`PUT /bucket/big?partNumber=1&uploadId=${other}`, { headers: wrong });
      expect([range, told.code]).toEqual([range, code]);
    }
  });

  test('are listed in pages', async () => {
    const id = await start();
    for (const number of [3, 1, 2]) await put(id, number, `${number}`);
    const first = await s3.ask(`GET /bucket/big?uploadId=${id}&max-parts=2`);
    expect(first.body).toMatch(/<NextPartNumberMarker>2<.*<IsTruncated>true</);
    const second = await s3.ask(`GET /bucket/big?uploadId=${id}&max-parts=2&part-number-marker=2`);
    expect(second.body).toMatch(/<IsTruncated>false<\/IsTruncated><Part><PartNumber>3</);
    await s3.ask('POST /bucket/another?uploads');
    const uploads = await s3.ask('GET /bucket?uploads&max-uploads=1');
    expect(uploads.body).toMatch(/<NextKeyMarker>another<.*<IsTruncated>true</);
    const rest = await s3.ask('GET /bucket?uploads&key-marker=another');
    expect(rest.body).toMatch(/<IsTruncated>false<.*<Key>big</);
  });

  test('are refused when their parts are not right', async () => {
    const id = await start();
    const small = (await put(id, 1, 'a')).headers['etag'];
    const last = (await put(id, 2, 'b')).headers['etag'];
    expect(
      (
        await complete(id, [
          [1, small],
          [2, last],
        ])
      ).code,
    ).toBe('EntityTooSmall');
    expect(
      (
        await complete(id, [
          [2, last],
          [1, small],
        ])
      ).code,
    ).toBe('EntityTooSmall');
    expect((await complete(id, [[1, '"other"']])).code).toBe('InvalidPart');
    expect((await complete(id, [[7, small]])).code).toBe('InvalidPart');
    expect((await complete(id, [])).code).toBe('MalformedXML');
    expect((await put(id, 0, 'x')).code).toBe('InvalidArgument');
    expect((await put(id, 10_001, 'x')).code).toBe('InvalidArgument');
    expect((await put('nothing', 1, 'x')).code).toBe('NoSuchUpload');
    expect((await s3.ask(`PUT /bucket/other?partNumber=1&uploadId=${id}`, { body: 'x' })).code).toBe(
      'NoSuchUpload',
    );
  });

  test('that are aborted leave nothing', async () => {
    const id = await start();
    await put(id, 1, 'a');
    await put(id, 1, 'b');
    expect((await s3.ask(`DELETE /bucket/big?uploadId=${id}`)).status).toBe(204);
    expect(await dataFiles()).toEqual([]);
    expect(await readdir(join(s3.directory, 'bucket', 'uploads'))).toEqual([]);
  });
});

test('who may not is refused, in S3’s words', async () => {
  const guarded = await openHarness({
    authenticate: ({ header }) => (header('authorization') === undefined ? undefined : OWNER),
    authorize: ({ caller, target }) =>
      caller === undefined ? new S3Error('AccessDenied', 403, `Not ${target.bucket}.`) : undefined,
  });
  const told = await guarded.ask('GET /bucket');
  expect([told.status, told.code]).toEqual([403, 'AccessDenied']);
  expect((await guarded.ask('GET /', { headers: { authorization: 'x' } })).status).toBe(200);
  await guarded.remove();
});
