import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { AcknowledgedMark } from './acknowledged-mark.ts';
import { FORMAT, isReadable, migrateEntry } from './formats.ts';
import type { JournalEntry } from './journal.ts';

/** Where a journal stands: what its last commit left. */
export interface Position {
  /** How many commits there were. */
  sequence: number;
  /** How many records there are. */
  records: number;
  nextOrdinal: number;
}

/**
 * A row's key is a number of our own, in order of creation: new rows are appended, so that a commit touches the last page
 * and not one for each id, and the oldest comes first.
 */
const TABLES = `
  CREATE TABLE position(sequence INTEGER NOT NULL, records INTEGER NOT NULL, nextOrdinal INTEGER NOT NULL);
  CREATE TABLE record(key INTEGER PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT NOT NULL, checksum INTEGER NOT NULL);`;

export const INSERT = 'INSERT INTO record(key, scope, name, id, body, checksum) VALUES (?, ?, ?, ?, ?, ?)';

/** A commit as SQLite writes it: all of `write`, or nothing. */
export function commit(database: DatabaseSync, write: () => void): void {
  database.exec('BEGIN');
  write();
  database.exec('COMMIT');
}

/** Of everything that a row says, as a signed number never is: SQLite keeps it whole. */
export function checksumOf({ scope, table, id, body = '' }: JournalEntry): number {
  return crc32(body, crc32(`${scope} ${table} ${id} `));
}

/** A row of the table `record` as the entry that made it. */
export function readEntry(row: Readonly<Record<string, unknown>>): JournalEntry & { readonly body: string } {
  return {
    scope: String(row['scope']),
    table: String(row['name']),
    id: String(row['id']),
    body: String(row['body']),
  };
}

export function readPosition(database: DatabaseSync): Position {
  const row = database.prepare('SELECT sequence, records, nextOrdinal FROM position').get();
  if (row === undefined) throw new Error('it does not say where it ends');
  return {
    sequence: Number(row['sequence']),
    records: Number(row['records']),
    nextOrdinal: Number(row['nextOrdinal']),
  };
}

/**
 * Throws a sentence when the journal lacks a commit that was acknowledged. It is read by a connection that may not write:
 * another would tidy the log away and, with it, what can still be saved.
 */
export function checkAcknowledged(path: string): void {
  const acknowledged = AcknowledgedMark.read(path);
  if (acknowledged === undefined) return;
  const goOn = `To go on with what is there, remove ${path}-acknowledged`;
  if (!existsSync(path)) throw new Error(`it is gone, with ${acknowledged} acknowledged commits. ${goOn}`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const isEmpty =
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'position'").get() === undefined;
    const sequence = isEmpty ? 0 : readPosition(database).sequence;
    if (sequence >= acknowledged) return;
    throw new Error(
      `it ends with commit ${sequence}, and ${acknowledged} were acknowledged: its log (${path}-wal) is torn, ` +
        `corrupt or gone, or the file is an older one. ${goOn}`,
    );
  } finally {
    database.close();
  }
}

/**
 * Makes the tables of a new file, and brings those of an older format into the present one, in one transaction, after a
 * copy was put beside it. Throws a sentence for a format that is not readable.
 */
export function prepareLayout(database: DatabaseSync, path: string): void {
  database.exec('CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  const format = readMeta(database, 'format');
  if (format === FORMAT) return;
  if (format === undefined) {
    commit(database, () => {
      database.exec(`${TABLES} INSERT INTO position VALUES (0, 0, 1)`);
      database.prepare('INSERT INTO meta VALUES (?, ?)').run('format', FORMAT);
    });
    return;
  }
  if (!isReadable(format)) {
    throw new Error(`it is of format ${format}, and this version of Cloudcroft reads format ${FORMAT}`);
  }
  const copy = `${path}.format-${format}`;
  if (path !== ':memory:') {
    rmSync(copy, { force: true });
    database.prepare('VACUUM INTO ?').run(copy);
  }
  commit(database, () => rewrite(database, format));
}

/** Formats 1 and 2 kept rows in the order of SQLite's own row ids, with no checksum and no count. */
function rewrite(database: DatabaseSync, format: string): void {
  database.exec(`ALTER TABLE record RENAME TO older; ${TABLES}`);
  const insert = database.prepare(INSERT);
  let records = 0;
  for (const row of database.prepare('SELECT scope, name, id, body FROM older ORDER BY rowid').all()) {
    const entry = migrateEntry(format, readEntry(row));
    insert.run(++records, entry.scope, entry.table, entry.id, entry.body ?? '', checksumOf(entry));
  }
  const nextOrdinal = Number(readMeta(database, 'nextOrdinal') ?? '1');
  database.prepare('INSERT INTO position VALUES (1, ?, ?)').run(records, nextOrdinal);
  database.exec("DROP TABLE older; DELETE FROM meta WHERE key = 'nextOrdinal'");
  database.prepare("UPDATE meta SET value = ? WHERE key = 'format'").run(FORMAT);
}

function readMeta(database: DatabaseSync, key: string): string | undefined {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? undefined : String(row['value']);
}
