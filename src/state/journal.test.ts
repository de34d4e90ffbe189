import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal, JournalError } from './journal.ts';
import { LogFile } from './log-file.ts';
import { Store } from './store.ts';

const SCOPE = { account: '123456789012', region: 'us-east-1' };

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'croft-journal-'));
  path = join(directory, 'state.sqlite');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Opens the journal, uses it, and closes it. */
async function withStore<R>(use: (store: Store, journal: Journal) => R | Promise<R>): Promise<R> {
  const journal = Journal.open(path);
  try {
    return await use(new Store(journal), journal);
  } finally {
    await journal.close();
  }
}

function put(store: Store, ...ids: string[]): Promise<void> {
  return store.transact(SCOPE, (tx) => {
    for (const id of ids) tx.internetGateways.put({ internetGatewayId: id, tags: [] });
  }).durable;
}

/** What is in the file, seen by another connection: needs the journal closed, which holds the file alone. */
function rowsOnDisk(): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare('SELECT id FROM record ORDER BY key')
      .all()
      .map((row) => row['id']);
  } finally {
    database.close();
  }
}

test('records are there again after a restart, in order, without those deleted', async () => {
  await withStore(async (store) => {
    await put(store, 'igw-c', 'igw-a', 'igw-b');
    await store.transact(SCOPE, (tx) => tx.internetGateways.delete('igw-a')).durable;
    await put(store, 'igw-c');
  });
  await withStore((store) => {
    const ids = [...(store.world(SCOPE)?.internetGateways.values() ?? [])].map(
      (each) => each.internetGatewayId,
    );
    expect(ids).toEqual(['igw-c', 'igw-b']);
  });
});

test('a rehearsed or refused transaction leaves nothing on disk', async () => {
  await withStore(async (store) => {
    await put(store, 'igw-a');
    store.rehearse(SCOPE, (tx) => tx.internetGateways.delete('igw-a'));
    expect(() =>
      store.transact(SCOPE, (tx) => {
        tx.internetGateways.put({ internetGatewayId: 'igw-b', tags: [] });
        throw new Error('refused');
      }),
    ).toThrow('refused');
    await store.settled();
  });
  expect(rowsOnDisk()).toEqual(['igw-a']);
});

test('commits of one turn are written together, and each is durable only then', async () => {
  await withStore(async (store) => {
    const done: string[] = [];
    const first = put(store, 'igw-a').then(() => done.push('a'));
    const second = put(store, 'igw-b').then(() => done.push('b'));
    expect(done).toEqual([]);
    await Promise.all([first, second]);
    expect(done).toEqual(['a', 'b']);
  });
  expect(rowsOnDisk()).toEqual(['igw-a', 'igw-b']);
});

/** A log whose syncs end when the test says so. */
class HeldLog extends LogFile {
  readonly syncs: PromiseWithResolvers<void>[] = [];
  readonly alone: boolean[] = [];

  override sync(isAlone: boolean): Promise<void> {
    const held = Promise.withResolvers<void>();
    this.syncs.push(held);
    this.alone.push(isAlone);
    return held.promise;
  }

  /** Resolves with the sync of that number, from 0, when it has begun. */
  async begun(number: number): Promise<PromiseWithResolvers<void>> {
    for (let turn = 0; turn < 1000; turn++) {
      const found = this.syncs[number];
      if (found !== undefined) return found;
      await nextTurn();
    }
    throw new Error(`there is no sync ${number}`);
  }
}

function openHeld(): { readonly journal: Journal; readonly store: Store; readonly log: HeldLog } {
  const log: HeldLog[] = [];
  const journal = Journal.open(path, (own) => {
    const made = new HeldLog(own);
    log.push(made);
    return made;
  });
  const [made] = log;
  if (made === undefined) throw new Error('the journal opened no log');
  return { journal, store: new Store(journal), log: made };
}

test('nothing is acknowledged before its sync has ended; what comes meanwhile is written together, and synced after', async () => {
  const { journal, store, log } = openHeld();
  const done: string[] = [];
  const note = (name: string) => () => done.push(name);
  void put(store, 'igw-a').then(note('a'));
  const first = await log.begun(0);
  void put(store, 'igw-b').then(note('b'));
  void put(store, 'igw-c').then(note('c'));
  // A reader is shown what is not on disk yet, and is answered when it is.
  void store.transact(SCOPE, (tx) => tx.internetGateways.size).durable.then(note('read'));
  await nextTurn();
  expect([done, log.syncs.length]).toEqual([[], 1]);
  expect(readFileSync(`${path}-acknowledged`, 'utf8')).toBe('0000000000000000\n');
  first.resolve();
  const second = await log.begun(1);
  await nextTurn();
  expect([done, log.alone]).toEqual([['a'], [true, false]]);
  expect(readFileSync(`${path}-acknowledged`, 'utf8')).toBe('0000000000000001\n');
  second.resolve();
  await journal.close();
  expect(done).toEqual(['a', 'b', 'c', 'read']);
  expect(readFileSync(`${path}-acknowledged`, 'utf8')).toBe('0000000000000002\n');
});

test('a sync that fails is told, and neither it nor what follows is acknowledged or written', async () => {
  const { journal, store, log } = openHeld();
  const first = put(store, 'igw-a');
  const failed = await log.begun(0);
  const second = put(store, 'igw-b');
  failed.reject(new Error('EIO: i/o error, fdatasync'));
  await expect(first).rejects.toThrow('EIO');
  await expect(second).rejects.toThrow('EIO');
  await expect(put(store, 'igw-c')).rejects.toThrow('EIO');
  expect((await journal.failed).message).toContain('EIO');
  await journal.close();
  expect(readFileSync(`${path}-acknowledged`, 'utf8')).toBe('0000000000000000\n');
  expect(rowsOnDisk()).toEqual(['igw-a']);
});

test('what nobody awaited is written at closing', async () => {
  const journal = Journal.open(path);
  const durable = put(new Store(journal), 'igw-a');
  await journal.close();
  expect(rowsOnDisk()).toEqual(['igw-a']);
  await expect(durable).resolves.toBeUndefined();
});

test('an ordinal is never given twice, not after a restart either', async () => {
  const take = (): Promise<number> =>
    withStore(async (store) => {
      const commit = store.transact(SCOPE, (tx) => {
        tx.internetGateways.put({ internetGatewayId: 'igw-a', tags: [] });
        return tx.takeOrdinal();
      });
      await commit.durable;
      return commit.value;
    });
  const ordinals = [await take(), await take(), await take()];
  expect(new Set(ordinals).size).toBe(3);
});

test('an ordinal of an undone transaction is not given again', async () => {
  await withStore((store) => {
    const one = store.rehearse(SCOPE, (tx) => tx.takeOrdinal());
    const other = store.rehearse(SCOPE, (tx) => tx.takeOrdinal());
    expect(other).toBeGreaterThan(one);
  });
});

test('a damaged file is told, not emptied', () => {
  writeFileSync(path, 'this was a database once, believe me');
  expect(() => Journal.open(path)).toThrow(JournalError);
  expect(() => Journal.open(path)).toThrow(/cannot be read.*Nothing was changed.*croft down --purge/);
  expect(readFileSync(path, 'utf8')).toBe('this was a database once, believe me');
});

test('a file of a newer format is told, not read', async () => {
  await withStore((store) => put(store, 'igw-a'));
  const database = new DatabaseSync(path);
  database.exec("UPDATE meta SET value = '99' WHERE key = 'format'");
  database.close();
  expect(() => Journal.open(path)).toThrow('format 99');
  expect(rowsOnDisk()).toEqual(['igw-a']);
});

test('a record of a table this version does not know stops the start', async () => {
  await withStore(async (_, journal) => {
    const entry = { scope: '123456789012/us-east-1', table: 'dragons', id: 'igw-a', body: '{}' };
    await journal.append([entry]);
  });
  await expect(withStore(() => undefined)).rejects.toThrow('123456789012/us-east-1 dragons igw-a');
});

test.each([
  [
    'changed',
    "UPDATE record SET body = replace(body, 'tags', 'togs') WHERE id = 'igw-b'",
    'igw-b is damaged',
  ],
  ['lost', "DELETE FROM record WHERE id = 'igw-b'", 'it should hold 3 records and holds 2'],
  ['of another id', "UPDATE record SET id = 'igw-x' WHERE id = 'igw-b'", 'igw-x is damaged'],
])('a row that is %s stops the start', async (_, statement, sentence) => {
  await withStore((store) => put(store, 'igw-a', 'igw-b', 'igw-c'));
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
  await expect(withStore(() => undefined)).rejects.toThrow(sentence);
  expect(rowsOnDisk()).toHaveLength(statement.startsWith('DELETE') ? 2 : 3);
});

test('an older file in the place of the journal is told, and taken when the mark beside it is removed', async () => {
  await withStore((store) => put(store, 'igw-a'));
  copyFileSync(path, `${path}.older`);
  await withStore((store) => put(store, 'igw-b'));
  copyFileSync(`${path}.older`, path);
  await expect(withStore(() => undefined)).rejects.toThrow(
    /it ends with commit 1, and 2 were acknowledged.*remove .*state\.sqlite-acknowledged/,
  );
  rmSync(`${path}-acknowledged`);
  await withStore((store) => expect(store.world(SCOPE)?.internetGateways.size).toBe(1));
});

test('a journal that is gone is told', async () => {
  await withStore((store) => put(store, 'igw-a'));
  rmSync(path);
  await expect(withStore(() => undefined)).rejects.toThrow('it is gone, with 1 acknowledged commits');
});

test('a file of format 2 is read, in its order, and kept beside', async () => {
  const older = new DatabaseSync(path);
  older.exec(`CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE record(scope TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
      UNIQUE(scope, name, id));
    INSERT INTO meta VALUES ('format', '2'), ('nextOrdinal', '7');`);
  const insert = older.prepare(
    "INSERT INTO record VALUES ('123456789012/us-east-1', 'internetGateways', ?, ?)",
  );
  for (const id of ['igw-b', 'igw-a']) insert.run(id, JSON.stringify({ internetGatewayId: id, tags: [] }));
  older.close();
  await withStore(async (store) => {
    const ids = [...(store.world(SCOPE)?.internetGateways.values() ?? [])].map(
      (each) => each.internetGatewayId,
    );
    expect(ids).toEqual(['igw-b', 'igw-a']);
    expect(store.rehearse(SCOPE, (tx) => tx.takeOrdinal())).toBe(7);
    await put(store, 'igw-c');
  });
  expect(rowsOnDisk()).toEqual(['igw-b', 'igw-a', 'igw-c']);
  expect(existsSync(`${path}.format-2`)).toBe(true);
});

test('what is read at the start does not grow with history: a record written often is one row', async () => {
  const bytesAfter = async (times: number): Promise<number> => {
    await withStore(async (store) => {
      for (let index = 0; index < times; index++) {
        await store.transact(SCOPE, (tx) => {
          const tags = [{ key: 'time', value: String(index % 10) }];
          tx.internetGateways.put({ internetGatewayId: 'igw-a', tags });
          tx.internetGateways.put({ internetGatewayId: 'igw-gone', tags });
          tx.internetGateways.delete('igw-gone');
        }).durable;
      }
    });
    expect(rowsOnDisk()).toEqual(['igw-a']);
    return statSync(path).size;
  };
  const once = await bytesAfter(10);
  expect(await bytesAfter(1_000)).toBe(once);
});

test('the log is folded into the rows while it is written, not only at the end', async () => {
  await withStore(async (store) => {
    // SQLite folds its log when that has a thousand pages; these commits write three times as many.
    const most = 1_100 * 4_120;
    for (let index = 0; index < 1_000; index++) {
      await put(store, ...Array.from({ length: 12 }, (_, at) => `igw-${(index * 12 + at) % 480}`));
      expect(statSync(`${path}-wal`).size).toBeLessThan(most);
    }
  });
});
