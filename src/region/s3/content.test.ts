import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKSUM_NAMES, startChecksum } from './checksum.ts';
import { decodeChunks } from './chunked.ts';
import { openHarness, type S3Harness } from './harness.fixture.ts';

let s3: S3Harness;
beforeEach(async () => {
  s3 = await openHarness();
  await s3.ask('PUT /bucket');
});
afterEach(async () => {
  expect(s3.bugs).toEqual([]);
  await s3.remove();
});

/** Base64 of the check value that each algorithm's definition gives for "123456789". */
const CHECKS = {
  crc32: Buffer.from('cbf43926', 'hex'),
  crc32c: Buffer.from('e3069283', 'hex'),
  crc64nvme: Buffer.from('ae8b14860a799888', 'hex'),
  sha1: Buffer.from('f7c3bc1d808e04732adf679965ccc34ca7ae3441', 'hex'),
  sha256: Buffer.from('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225', 'hex'),
};

describe('checksums', () => {
  test.each(CHECKSUM_NAMES)('%s, in any pieces', (name) => {
    const checksum = startChecksum(name);
    for (const piece of ['1234', '', '56789']) checksum.update(Buffer.from(piece));
    expect(checksum.digest()).toBe(CHECKS[name].toString('base64'));
  });

  test.each(CHECKSUM_NAMES)('%s is held, kept and given back', async (name) => {
    const value = CHECKS[name].toString('base64');
    const header = `x-amz-checksum-${name}`;
    const told = await s3.ask('PUT /bucket/key', { body: '123456789', headers: { [header]: value } });
    expect([told.status, told.headers[header]]).toEqual([200, value]);
    const wrong = await s3.ask('PUT /bucket/key', { body: '12345678', headers: { [header]: value } });
    expect([wrong.status, wrong.code]).toEqual([400, 'BadDigest']);
    const read = await s3.ask('HEAD /bucket/key', { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    expect(read.headers[header]).toBe(value);
    expect((await s3.ask('HEAD /bucket/key')).headers[header]).toBeUndefined();
  });
});

describe('what the client says of its content is held', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['nothing', {}, undefined],
    ['its MD5', { 'content-md5': 'JfnnlDI7RTiF9RgfG2JNCw==' }, undefined],
    ['another MD5', { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['no MD5 at all', { 'content-md5': 'hello' }, 'InvalidDigest'],
    ['its SHA-256', { 'x-amz-content-sha256': CHECKS.sha256.toString('hex') }, undefined],
    ['another SHA-256', { 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    ['no SHA-256', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, undefined],
    ['its length', { 'content-length': '9' }, undefined],
    ['another length', { 'content-length': '10' }, 'IncompleteBody'],
    ['more than there may be', { 'content-length': String(6 * 1024 ** 3) }, 'EntityTooLarge'],
    ['two checksums', { 'x-amz-checksum-crc32': 'a', 'x-amz-checksum-sha1': 'b' }, 'InvalidRequest'],
  ])('%s', async (_, headers, code) => {
    const told = await s3.ask('PUT /bucket/key', { body: '123456789', headers });
    expect([told.status, told.code]).toEqual([code === undefined ? 200 : 400, code]);
    expect((await readdir(join(s3.directory, 'bucket', 'data'))).length).toBe(code === undefined ? 1 : 0);
  });
});

describe('S3’s own chunks', () => {
  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '9',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'content-encoding': 'aws-chunked',
  };
  const crc32 = CHECKS.crc32.toString('base64');

  test.each([
    ['with a trailer', `4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:${crc32}\r\n\r\n`, undefined],
    [
      'with signatures',
      `9;chunk-signature=${'0'.repeat(64)}\r\n123456789\r\n0;chunk-signature=0\r\nx-amz-checksum-crc32:${crc32}\r\n`,
      undefined,
    ],
    ['with a wrong trailer', '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', 'BadDigest'],
    ['without its trailer', '9\r\n123456789\r\n0\r\n\r\n', 'BadDigest'],
    ['too short', `8\r\n12345678\r\n0\r\nx-amz-checksum-crc32:${crc32}\r\n\r\n`, 'IncompleteBody'],
    ['cut off', '9\r\n1234', 'IncompleteBody'],
    ['of no size', 'xyz\r\n', 'IncompleteBody'],
    ['not framed', '123456789', 'IncompleteBody'],
    ['without an end of the chunk', '9\r\n123456789x\r\n0\r\n\r\n', 'IncompleteBody'],
    ['a line without end', 'a'.repeat(10_000), 'IncompleteBody'],
  ])('%s', async (_, body, code) => {
    const told = await s3.ask('PUT /bucket/key', { body, headers });
    expect(told.code).toBe(code);
    if (code !== undefined) return;
    const read = await s3.ask('GET /bucket/key');
    expect([read.body, read.headers['content-encoding']]).toEqual(['123456789', undefined]);
  });

  test('in whatever pieces they come', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 40 }), async (contents, size) => {
        const framed = Buffer.concat([
          ...contents.flatMap((content) => [
            Buffer.from(`${content.length.toString(16)}\r\n`),
            content,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\na: 1\r\n\r\n'),
        ]);
        const source = (async function* () {
          for (let start = 0; start < framed.length; start += size)
            yield framed.subarray(start, start + size);
        })();
        const trailers = new Map<string, string>();
        const decoded: Uint8Array[] = [];
        for await (const piece of decodeChunks(source, trailers)) decoded.push(piece);
        expect(Buffer.concat(decoded)).toEqual(Buffer.concat(contents));
        expect([...trailers]).toEqual([['a', '1']]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('after a crash', () => {
  test('contents that no object took are gone, and objects are whole', async () => {
    await s3.ask('PUT /bucket/key', { body: 'hello' });
    await writeFile(join(s3.directory, 'bucket', 'data', 'orphan'), 'half');
    await writeFile(join(s3.directory, 'bucket', 'objects', 'x.json.123.new'), '{"ke');
    await s3.reopen();
    expect((await readdir(join(s3.directory, 'bucket', 'data'))).length).toBe(1);
    expect((await s3.ask('GET /bucket/key')).body).toBe('hello');
  });

  test('a bucket half removed is no bucket', async () => {
    await mkdir(join(s3.directory, 'half', 'data'), { recursive: true });
    await mkdir(join(s3.directory, 'bucket', 'uploads', 'half'));
    await s3.reopen();
    expect(await readdir(s3.directory)).toEqual(['bucket']);
    expect(await readdir(join(s3.directory, 'bucket', 'uploads'))).toEqual([]);
  });

  test('a damaged description is named, not overlooked', async () => {
    await writeFile(join(s3.directory, 'bucket', 'objects', 'x.json'), '{"ke');
    await expect(s3.reopen()).rejects.toThrow(/x\.json of the S3 store is damaged/);
  });
});
