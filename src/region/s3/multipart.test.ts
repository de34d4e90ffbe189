import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHarness, type S3Harness } from './harness.fixture.ts';

let s3: S3Harness;
let uploadId: string;

beforeEach(async () => {
  s3 = await openHarness();
  await s3.ask('PUT /bucket');
  const { body } = await s3.ask('POST /bucket/key?uploads');
  uploadId = /<UploadId>(.*)<\/UploadId>/.exec(body)?.[1] ?? '';
});
afterEach(async () => {
  expect(s3.bugs).toEqual([]);
  await s3.remove();
});

const putPart = (number: number, body: string) =>
  s3.ask(`PUT /bucket/key?partNumber=${number}&uploadId=${uploadId}`, { body });
const dataFiles = () => readdir(join(s3.directory, 'bucket', 'data'));

async function listParts(): Promise<string[]> {
  const { body } = await s3.ask(`GET /bucket/key?uploadId=${uploadId}`);
  return [...body.matchAll(/<PartNumber>(\d+)<.*?<Size>(\d+)</g)].map(
    ([, number, size]) => `${number}: ${size}`,
  );
}

test('parts that come at once are all there, now and after a restart', async () => {
  const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
  const told = await Promise.all(numbers.map((number) => putPart(number, 'x'.repeat(number))));
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([200]));
  const expected = numbers.map((number) => `${number}: ${number}`);
  expect(await listParts()).toEqual(expected);
  await s3.reopen();
  expect(await listParts()).toEqual(expected);
  expect(await dataFiles()).toHaveLength(30);
});

test('of many with one number one stays, the same after a restart, and its content', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => putPart(1, 'x'.repeat(index + 1))));
  const before = await listParts();
  expect(before).toHaveLength(1);
  const files = await dataFiles();
  expect(files).toHaveLength(1);
  await s3.reopen();
  expect(await listParts()).toEqual(before);
  expect(await dataFiles()).toEqual(files);
});

test('an upload that is given up while parts come leaves nothing', async () => {
  const parts = Array.from({ length: 20 }, (_, index) => putPart(index + 1, 'x'));
  const first = await parts[0];
  expect(first?.status).toBe(200);
  expect((await s3.ask(`DELETE /bucket/key?uploadId=${uploadId}`)).status).toBe(204);
  const rest = await Promise.all(parts);
  for (const { status, code } of rest)
    expect([
      [200, undefined],
      [404, 'NoSuchUpload'],
    ]).toContainEqual([status, code]);
  expect(await dataFiles()).toEqual([]);
  expect(await readdir(join(s3.directory, 'bucket', 'uploads'))).toEqual([]);
});
