import { expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import { SCOPE } from '../../test/worlds.ts';
import { tableNames } from '../model/world.ts';
import { parseDump, renderDump } from './dump.ts';
import { Journal } from './journal.ts';
import { Store } from './store.ts';

function storeOf(journal = Journal.open(':memory:')): Store {
  return new Store(journal);
}

/** The walk-through's world, as if made by actions. */
async function filled(): Promise<Store> {
  const store = storeOf();
  const entries = tableNames.flatMap((table) =>
    BASTION_WORLD[table].map((record) => ({
      scope: `${SCOPE.account}/${SCOPE.region}`,
      table,
      id: '',
      body: JSON.stringify(record),
    })),
  );
  await store.replace(entries);
  return store;
}

test('what was exported is there again after the import, in the same order', async () => {
  const text = renderDump(await filled());
  const store = storeOf();
  await store.replace(parseDump(text));
  const boots = /"bootsWanted":\d+/g;
  expect(renderDump(store).replaceAll(boots, '')).toBe(text.replaceAll(boots, ''));
});

test('instances that ran boot anew', async () => {
  const first = await filled();
  const before = first.world(SCOPE)?.instances.get('i-b')?.bootsWanted ?? 0;
  await first.replace(parseDump(renderDump(first)));
  expect(first.world(SCOPE)?.instances.get('i-b')?.bootsWanted).toBe(before + 1);
});

test('ordinals of imported records are not given again', async () => {
  const store = storeOf();
  await store.replace(parseDump(renderDump(await filled())));
  const known = [...(store.world(SCOPE)?.subnets.values() ?? [])].map(({ ordinal }) => ordinal);
  const given = store.rehearse(SCOPE, (tx) => tx.takeOrdinal());
  expect(given).toBeGreaterThan(Math.max(...known));
});

test.each([
  ['another file', () => 'resource "aws_vpc" "main" {}', 'no state of Cloudcroft'],
  ['nothing', () => '', 'no state of Cloudcroft'],
  ['one cut short', (text: string) => text.split('\n').slice(0, -3).join('\n'), 'cut short'],
  ['a damaged line', (text: string) => text.replace('{"scope"', '{scope'), 'is no record'],
  ['a later format', (text: string) => text.replace('"format":"', '"format":"9'), 'of format 9'],
])('%s is refused with a sentence', async (_name, spoil, sentence) => {
  const text = spoil(renderDump(await filled()));
  expect(() => parseDump(text)).toThrow(sentence);
});

test('a record of an unknown kind is refused, and what was there stays', async () => {
  const store = await filled();
  const before = renderDump(store);
  const strange = { scope: 'a/b', table: 'dragons', id: '', body: '{}' };
  await expect(store.replace([strange])).rejects.toThrow('dragons');
  expect(renderDump(store)).toBe(before);
});
