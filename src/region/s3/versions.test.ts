import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

const dataFiles = () => readdir(join(s3.directory, 'bucket', 'data'));
const set = (status: string) =>
  s3.ask('PUT /bucket?versioning', {
    body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
  });
const put = async (body: string) =>
  (await s3.ask('PUT /bucket/key', { body })).headers['x-amz-version-id'] ?? 'none';
const get = async (id: string) => (await s3.ask(`GET /bucket/key?versionId=${id}`)).body;

/** `key/VERSION size latest`, with the ids numbered as `ids` has them; `marker` in the place of the size. */
async function list(query = '', ids: readonly string[] = []): Promise<string[]> {
  const { body } = await s3.ask(`GET /bucket?versions${query}`);
  return [...body.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/g)].map(([, kind, xml = '']) => {
    const text = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1] ?? '';
    const id = text('VersionId');
    const number = ids.indexOf(id);
    const size = kind === 'Version' ? text('Size') : 'marker';
    return `${text('Key')}/${number === -1 ? id : number} ${size}${text('IsLatest') === 'true' ? ' latest' : ''}`;
  });
}

describe('a bucket that keeps versions', () => {
  test('says so', async () => {
    expect((await s3.ask('GET /bucket?versioning')).body).not.toContain('Status');
    expect(await put('x')).toBe('none');
    await set('Enabled');
    expect((await s3.ask('GET /bucket?versioning')).body).toContain('<Status>Enabled</Status>');
    await s3.reopen();
    await set('Suspended');
    expect((await s3.ask('GET /bucket?versioning')).body).toContain('<Status>Suspended</Status>');
    expect((await set('Off')).code).toBe('IllegalVersioningConfigurationException');
  });

  test('has them all, newest first, and the one from before as null', async () => {
    await put('before');
    await set('Enabled');
    const ids = [await put('one'), await put('three')];
    expect(await list('', ids)).toEqual(['key/1 5 latest', 'key/0 3', 'key/null 6']);
    await s3.reopen();
    expect(await list('', ids)).toEqual(['key/1 5 latest', 'key/0 3', 'key/null 6']);
    expect(await Promise.all([...ids, 'null'].map(get))).toEqual(['one', 'three', 'before']);
    expect((await s3.ask('GET /bucket/key')).body).toBe('three');
    expect((await s3.ask('GET /bucket/key?versionId=nothing')).code).toBe('NoSuchVersion');
    expect((await dataFiles()).length).toBe(3);
  });

  test('hides what is deleted behind a marker, and shows it again without', async () => {
    await set('Enabled');
    const id = await put('one');
    const deleted = await s3.ask('DELETE /bucket/key');
    const marker = deleted.headers['x-amz-version-id'] ?? '';
    expect(deleted.headers['x-amz-delete-marker']).toBe('true');
    const hidden = await s3.ask('GET /bucket/key');
    expect([hidden.code, hidden.headers['x-amz-delete-marker']]).toEqual(['NoSuchKey', 'true']);
    expect((await s3.ask(`GET /bucket/key?versionId=${marker}`)).code).toBe('MethodNotAllowed');
    expect((await s3.ask('GET /bucket?list-type=2')).body).toContain('<KeyCount>0<');
    expect(await list('', [id, marker])).toEqual(['key/1 marker latest', 'key/0 3']);
    expect((await s3.ask('DELETE /bucket')).code).toBe('BucketNotEmpty');
    await s3.ask(`DELETE /bucket/key?versionId=${marker}`);
    expect((await s3.ask('GET /bucket/key')).body).toBe('one');
    await s3.ask(`DELETE /bucket/key?versionId=${id}`);
    expect([await list(), await dataFiles()]).toEqual([[], []]);
    expect((await s3.ask('DELETE /bucket')).status).toBe(204);
  });

  test('suspended, replaces its null version only', async () => {
    await set('Enabled');
    const id = await put('kept');
    await set('Suspended');
    expect([await put('a'), await put('bb')]).toEqual(['null', 'null']);
    expect(await list('', [id])).toEqual(['key/null 2 latest', 'key/0 4']);
    await s3.ask('DELETE /bucket/key');
    expect(await list('', [id])).toEqual(['key/null marker latest', 'key/0 4']);
    expect((await dataFiles()).length).toBe(1);
  });

  test('gives an older version up for a copy', async () => {
    await set('Enabled');
    const id = await put('old');
    await put('new');
    const headers = { 'x-amz-copy-source': `bucket/key?versionId=${id}` };
    const copied = await s3.ask('PUT /bucket/restored', { headers });
    expect(copied.headers['x-amz-copy-source-version-id']).toBe(id);
    expect((await s3.ask('GET /bucket/restored')).body).toBe('old');
  });

  test('deletes many, and says which are hidden and which are gone', async () => {
    await set('Enabled');
    const id = await put('one');
    const body = `<Delete><Object><Key>key</Key></Object><Object><Key>key</Key><VersionId>${id}</VersionId></Object></Delete>`;
    const told = await s3.ask('POST /bucket?delete', { body });
    expect(told.body).toMatch(
      /<Deleted><Key>key<\/Key><DeleteMarker>true<.*<Deleted><Key>key<\/Key><VersionId>/,
    );
    expect((await list()).length).toBe(1);
  });

  test('lists in pages, by prefix and with common prefixes', async () => {
    await set('Enabled');
    const ids: string[] = [];
    for (const key of ['a', 'b/1', 'b/2', 'c', 'c']) {
      ids.push((await s3.ask(`PUT /bucket/${key}`, { body: key })).headers['x-amz-version-id'] ?? '');
    }
    const all = ['a/0 1 latest', 'b/1/1 3 latest', 'b/2/2 3 latest', 'c/4 1 latest', 'c/3 1'];
    expect(await list('', ids)).toEqual(all);
    expect(await list('&prefix=b/', ids)).toEqual(all.slice(1, 3));
    const { body } = await s3.ask('GET /bucket?versions&delimiter=/&max-keys=3');
    expect(body).toContain('<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>');
    expect(body).toContain(`<NextKeyMarker>c</NextKeyMarker><NextVersionIdMarker>${ids[4]}<`);
    expect(await list(`&delimiter=/&key-marker=c&version-id-marker=${ids[4]}`, ids)).toEqual(['c/3 1']);
    expect(await list('&key-marker=b/1', ids)).toEqual(all.slice(2));
    expect((await s3.ask('GET /bucket?versions&version-id-marker=x')).code).toBe('InvalidArgument');
  });
});

describe('tags of an object', () => {
  const tagging = (...tags: readonly (readonly [string, string])[]) =>
    `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`;

  test('come with it, are counted, changed, copied and removed', async () => {
    await s3.ask('PUT /bucket/key', { headers: { 'x-amz-tagging': 'a=1&b=x%20y' }, body: 'x' });
    expect((await s3.ask('HEAD /bucket/key')).headers['x-amz-tagging-count']).toBe('2');
    await s3.reopen();
    expect((await s3.ask('GET /bucket/key?tagging')).body).toContain(
      '<TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>x y</Value></Tag></TagSet>',
    );
    await s3.ask('PUT /bucket/key?tagging', { body: tagging(['c', '3']) });
    await s3.ask('PUT /bucket/copy', { headers: { 'x-amz-copy-source': 'bucket/key' } });
    expect((await s3.ask('GET /bucket/copy?tagging')).body).toContain(tagging(['c', '3']).slice(9, -10));
    expect((await s3.ask('DELETE /bucket/key?tagging')).status).toBe(204);
    expect((await s3.ask('GET /bucket/key?tagging')).body).toContain('<TagSet></TagSet>');
    expect((await s3.ask('HEAD /bucket/key')).headers['x-amz-tagging-count']).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['a key twice', tagging(['a', '1'], ['a', '2']), 'InvalidTag'],
    ['no key', tagging(['', '1']), 'InvalidTag'],
    ['a long key', tagging(['k'.repeat(129), '1']), 'InvalidTag'],
    ['a long value', tagging(['a', 'v'.repeat(257)]), 'InvalidTag'],
    ['a key of AWS', tagging(['aws:x', '1']), 'InvalidTag'],
    ['eleven', tagging(...Array.from({ length: 11 }, (_, n) => [`k${n}`, ''] as const)), 'BadRequest'],
    ['no XML', 'tags', 'MalformedXML'],
  ])('are refused: %s', async (_, body, code) => {
    await s3.ask('PUT /bucket/key', { body: 'x' });
    expect((await s3.ask('PUT /bucket/key?tagging', { body })).code).toBe(code);
  });
});

test('attributes of an object are those that are asked for', async () => {
  await s3.ask('PUT /bucket/key', { body: 'hello', headers: { 'x-amz-storage-class': 'STANDARD_IA' } });
  const headers = { 'x-amz-object-attributes': 'ETag,ObjectSize, StorageClass' };
  expect((await s3.ask('GET /bucket/key?attributes', { headers })).body).toContain(
    '><ETag>5d41402abc4b2a76b9719d911017c592</ETag><ObjectSize>5</ObjectSize><StorageClass>STANDARD_IA</StorageClass></',
  );
  const wrong = { 'x-amz-object-attributes': 'Colour' };
  expect((await s3.ask('GET /bucket/key?attributes', { headers: wrong })).code).toBe('InvalidArgument');
});
