import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHarness, type S3Harness } from './harness.fixture.ts';

const KEYS = ['a', 'a b+c', 'b/1', 'b/2', 'b/c/3', 'd', 'é', '\u{1f600}', '\uff5e'];
let s3: S3Harness;
beforeAll(async () => {
  s3 = await openHarness();
  await s3.ask('PUT /bucket');
  for (const key of KEYS) await s3.ask(`PUT /bucket/${encodeURIComponent(key)}`, { body: 'x' });
});
afterAll(() => s3.remove());

function read(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
}
async function list(query: string): Promise<{ keys: string[]; prefixes: string[]; xml: string }> {
  const { body: xml } = await s3.ask(`GET /bucket?${query}`);
  const prefixes = xml.match(/<CommonPrefixes>.*<\/CommonPrefixes>/)?.[0] ?? '';
  return { keys: read(xml, 'Key'), prefixes: read(prefixes, 'Prefix'), xml };
}

describe('a listing', () => {
  test.each([
    ['list-type=2', KEYS.slice(0, 7).concat('\uff5e', '\u{1f600}'), []],
    ['', KEYS.slice(0, 7).concat('\uff5e', '\u{1f600}'), []],
    ['list-type=2&prefix=b/', ['b/1', 'b/2', 'b/c/3'], []],
    ['list-type=2&prefix=b/&delimiter=/', ['b/1', 'b/2'], ['b/c/']],
    ['list-type=2&delimiter=/&max-keys=3', ['a', 'a b+c'], ['b/']],
    ['list-type=2&start-after=b/2&max-keys=2', ['b/c/3', 'd'], []],
    ['marker=b/&delimiter=/&max-keys=1', ['d'], []],
    ['list-type=2&max-keys=0', [], []],
    ['list-type=2&prefix=nothing', [], []],
    ['list-type=2&encoding-type=url&prefix=a', ['a', 'a%20b%2Bc'], []],
  ])('%s', async (query, keys, prefixes) => {
    expect(await list(query)).toMatchObject({ keys, prefixes });
  });

  test.each([
    ['max-keys=x', 'InvalidArgument'],
    ['list-type=2&continuation-token=%21', 'InvalidArgument'],
    ['list-type=2&encoding-type=base64', 'InvalidArgument'],
  ])('%s: %s', async (query, code) => expect((await s3.ask(`GET /bucket?${query}`)).code).toBe(code));

  test('its pages together are the whole', async () => {
    const whole = await list('list-type=2');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.constantFrom('', '/'), async (size, delimiter) => {
        const wish = `list-type=2&delimiter=${encodeURIComponent(delimiter)}`;
        const unpaged = await list(wish);
        const keys: string[] = [];
        const prefixes: string[] = [];
        let token: string | undefined;
        do {
          const next = token === undefined ? '' : `&continuation-token=${encodeURIComponent(token)}`;
          const page = await list(`${wish}&max-keys=${size}${next}`);
          keys.push(...page.keys);
          prefixes.push(...page.prefixes);
          [token] = read(page.xml, 'NextContinuationToken');
        } while (token !== undefined);
        expect({ keys, prefixes }).toEqual({ keys: unpaged.keys, prefixes: unpaged.prefixes });
      }),
      { numRuns: 20 },
    );
    expect(whole.keys.length).toBe(KEYS.length);
  });
});

test('ten thousand keys are listed, in pages and by their common prefixes', async () => {
  const many = await openHarness();
  await many.ask('PUT /bucket');
  const keys = Array.from({ length: 10_000 }, (_, number) => `${number % 7}/${number}`);
  // As the store itself writes them, without waiting for the disk ten thousand times.
  for (const key of keys) {
    const pieces = [{ dataFile: '00', size: 0 }];
    const object = { key, pieces, size: 0, etag: 'e', lastModified: '2026-11-23T12:00:00.000Z', headers: {} };
    const name = createHash('sha256').update(key).digest('hex');
    writeFileSync(join(many.directory, 'bucket', 'objects', `${name}.json`), JSON.stringify([object]));
  }
  await many.reopen();
  const listed: string[] = [];
  let next = '';
  let pages = 0;
  do {
    const { body } = await many.ask(`GET /bucket?list-type=2${next}`);
    listed.push(...read(body, 'Key'));
    const [token] = read(body, 'NextContinuationToken');
    next = token === undefined ? '' : `&continuation-token=${encodeURIComponent(token)}`;
    pages++;
  } while (next !== '');
  expect(pages).toBe(10);
  expect(listed).toEqual(keys.toSorted());
  const { body } = await many.ask('GET /bucket?list-type=2&delimiter=/');
  expect(read(body, 'KeyCount')).toEqual(['7']);
  const versions = await many.ask('GET /bucket?versions&max-keys=1000&key-marker=6/999');
  expect(read(versions.body, 'Key')).toEqual(keys.toSorted().filter((key) => key > '6/999'));
  await many.remove();
}, 60_000);
