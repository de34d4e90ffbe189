import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { FORMAT, isReadable, migrateEntry } from './formats.ts';

/** One record as it is on disk now, or gone. */
export interface JournalEntry {
  /** `account/region` */
  readonly scope: string;
  readonly table: string;
  readonly id: string;
  /** The record as JSON; undefined when it was deleted. */
  readonly body: string | undefined;
}

/** The journal cannot be used; the message says what is wrong and what to do. */
export class JournalError extends Error {}

/**
 * The state on disk: one row a record, in SQLite. Its write-ahead log is the journal, so what is read at start-up does
 * not grow with history. Appends are grouped: all that came in one turn of the event loop are one transaction, synced to
 * disk before any of their promises resolves.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #setMeta: StatementSync;
  #queue: JournalEntry[] = [];
  #nextOrdinal: number;
  #isOrdinalDirty = false;
  #flush: Promise<void> | undefined;
  readonly #failure = Promise.withResolvers<Error>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#upsert = database.prepare(
      'INSERT INTO record(scope, name, id, body) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
    );
    this.#delete = database.prepare('DELETE FROM record WHERE scope = ? AND name = ? AND id = ?');
    this.#setMeta = database.prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#nextOrdinal = Number(readMeta(database, 'nextOrdinal') ?? '1');
  }

  /**
   * Opens the journal at `path` (`:memory:` for one that is forgotten). Throws a JournalError when the file is damaged
   * or of a format this version does not read: it is never silently emptied.
   */
  static open(path: string): Journal {
    try {
      const database = new DatabaseSync(path);
      // FULL: what was acknowledged survives a power cut, not only the death of the process.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE;');
      const check = database.prepare('PRAGMA quick_check(1)').get();
      if (check?.['quick_check'] !== 'ok') throw new Error(String(check?.['quick_check']));
      database.exec(`CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS record(scope TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
          body TEXT NOT NULL, UNIQUE(scope, name, id));`);
      const format = readMeta(database, 'format');
      if (format === undefined) {
        database.prepare('INSERT INTO meta VALUES (?, ?)').run('format', FORMAT);
      } else if (!isReadable(format)) {
        throw new Error(`it is of format ${format}, and this version of Cloudcroft reads format ${FORMAT}`);
      }
      const journal = new Journal(database);
      if (format !== undefined && format !== FORMAT) journal.#migrate(format, path);
      return journal;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new JournalError(
        `The state in ${path} cannot be read: ${reason}. Nothing was changed. Restore the file from a backup, ` +
          'or start afresh with `croft down --purge`.',
      );
    }
  }

  /** Every record on disk, oldest first. */
  *load(): Iterable<JournalEntry> {
    for (const row of this.#database
      .prepare('SELECT scope, name, id, body FROM record ORDER BY rowid')
      .iterate()) {
      yield {
        scope: String(row['scope']),
        table: String(row['name']),
        id: String(row['id']),
        body: String(row['body']),
      };
    }
  }

  /** A small integer that was never given before. It is on disk with the append that follows. */
  takeOrdinal(): number {
    this.#isOrdinalDirty = true;
    return this.#nextOrdinal++;
  }

  /** No ordinal up to this one is given any more. */
  reserveOrdinals(last: number): void {
    if (last < this.#nextOrdinal) return;
    this.#nextOrdinal = last + 1;
    this.#isOrdinalDirty = true;
  }

  /**
   * Resolves with the error when a write has failed: memory then holds what the disk does not, so nothing more may be
   * acknowledged and the process has to end.
   */
  get failed(): Promise<Error> {
    return this.#failure.promise;
  }

  /** Resolves when the entries, and all appended before, are on disk. */
  append(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) this.#queue.push(entry);
    return this.settled();
  }

  /** Resolves when everything appended so far is on disk; at once when nothing waits. */
  settled(): Promise<void> {
    if (this.#queue.length === 0) return this.#flush ?? Promise.resolve();
    this.#flush ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#flush = undefined;
        try {
          this.#write();
          resolve();
        } catch (error) {
          const failure = error instanceof Error ? error : new Error(String(error));
          this.#failure.resolve(failure);
          reject(failure);
        }
      });
    });
    return this.#flush;
  }

  /** Writes what waits and closes the file. */
  close(): void {
    this.#write();
    this.#database.close();
  }

  /** Rewrites every record in the present format, in one transaction, after a copy of the file was put beside it. */
  #migrate(format: string, path: string): void {
    const copy = `${path}.format-${format}`;
    if (path !== ':memory:') {
      rmSync(copy, { force: true });
      this.#database.prepare('VACUUM INTO ?').run(copy);
    }
    this.#queue = [...this.load()].map((entry) => migrateEntry(format, entry));
    this.#write();
    this.#setMeta.run('format', FORMAT);
  }

  #write(): void {
    const entries = this.#queue;
    // Closing has written them already.
    if (entries.length === 0) return;
    this.#queue = [];
    this.#database.exec('BEGIN');
    for (const { scope, table, id, body } of entries) {
      if (body === undefined) this.#delete.run(scope, table, id);
      else this.#upsert.run(scope, table, id, body);
    }
    if (this.#isOrdinalDirty) this.#setMeta.run('nextOrdinal', String(this.#nextOrdinal));
    this.#isOrdinalDirty = false;
    this.#database.exec('COMMIT');
  }
}

function readMeta(database: DatabaseSync, key: string): string | undefined {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? undefined : String(row['value']);
}
