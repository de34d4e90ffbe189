import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKSUM_NAMES, startChecksum } from './checksum.ts';
import { decodeChunks } from './chunked.ts';
import { openHarness, type S3Harness } from './harness.fixture.ts';
import { ObjectStore } from './store.ts';

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

describe('CRCs that zlib does not have', () => {
  const of = (name: 'crc32c' | 'crc64nvme', pieces: readonly Uint8Array[]): string => {
    const checksum = startChecksum(name);
    for (const piece of pieces) checksum.update(piece);
    return Buffer.from(checksum.digest(), 'base64').toString('hex');
  };

  test.each([
    ['crc32c', 32, 0x82f63b78n],
    ['crc64nvme', 64, 0x9a6c9329ac4bc9b5n],
  ] as const)('%s is what the polynomial says, of any bytes in any pieces', (name, bits, polynomial) => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
    fc.assert(
      fc.property(pieces, (contents) => {
        const expected = divide(Buffer.concat(contents), bits, polynomial);
        expect(of(name, contents)).toBe(expected);
      }),
    );
  });
});

/** A CRC bit by bit, in hexadecimal; the polynomial's bits are reversed. */
function divide(bytes: Uint8Array, bits: number, polynomial: bigint): string {
  const ones = (1n << BigInt(bits)) - 1n;
  let value = ones;
  for (const byte of bytes) {
    value ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
  }
  return (value ^ ones).toString(16).padStart(bits / 4, '0');
}

describe('a content read', () => {
  const MEBI = 1024 ** 2;
  /** Of three files: longer than a buffer, empty, and short. */
  const sizes = [MEBI, 0, 5];
  const whole = randomBytes(MEBI + 5);

  test.each([
    ['whole', 0, MEBI + 4],
    ['in its first file', 10, 300_000],
    ['its first byte', 0, 0],
    ['the last byte of a file', MEBI - 1, MEBI - 1],
    ['across files', MEBI - 3, MEBI + 1],
    ['in its last file', MEBI + 1, MEBI + 4],
  ])('%s', async (_, first, last) => {
    const store = await ObjectStore.open(s3.directory);
    const pieces = sizes.map((size, index) => ({ dataFile: `piece-${index}`, size }));
    let offset = 0;
    for (const { dataFile, size } of pieces) {
      await writeFile(store.dataPath('bucket', dataFile), whole.subarray(offset, offset + size));
      offset += size;
    }
    const read: Uint8Array[] = [];
    const range = { first, last };
    for await (const chunk of store.reading('bucket', { pieces, size: whole.length, etag: '' }, range)) {
      read.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(read).equals(whole.subarray(first, last + 1))).toBe(true);
  });

  test('that is cut short on the disk is an error, not a short object', async () => {
    await s3.ask('PUT /bucket/key', { body: '123456789' });
    const [file = ''] = await readdir(join(s3.directory, 'bucket', 'data'));
    await writeFile(join(s3.directory, 'bucket', 'data', file), '1234');
    await expect(s3.ask('GET /bucket/key')).rejects.toThrow(/shorter than the object/);
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
