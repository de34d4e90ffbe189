import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AcknowledgedMark } from './acknowledged-mark.ts';
import {
  checkAcknowledged,
  checksumOf,
  commit,
  INSERT,
  type Position,
  prepareLayout,
  readEntry,
  readPosition,
} from './journal-layout.ts';
import { LogFile } from './log-file.ts';

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
 * The state on disk: one row a record, in SQLite. Its write-ahead log is the journal, folded into the rows as it grows,
 * so what is read at start-up does not grow with history. Appends are grouped: all that came in one turn of the event
 * loop, or while the disk was at those before, are one transaction, synced to disk before any of their promises resolves.
 *
 * SQLite takes a log that is torn or corrupt to end before the damage. Ours may not: the number of the last commit that was
 * acknowledged stands in a file beside it, each row has a checksum, and the rows are counted.
 */
export class Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #mark: AcknowledgedMark | undefined;
  readonly #log: LogFile | undefined;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #setPosition: StatementSync;
  /** By scope and table, then by id: the key of the record's row. */
  readonly #keys = new Map<string, Map<string, number>>();
  #nextKey = 1;
  #isLoaded = false;
  readonly #position: Position;
  /** What waits to be written, append by append. */
  #queue: (readonly JournalEntry[])[] = [];
  /** The write under way, or the last there was. */
  #current: Promise<void> = Promise.resolve();
  /** The write to follow it, of what waits in the queue. */
  #next: Promise<void> | undefined;
  readonly #failure = Promise.withResolvers<Error>();

  private constructor(path: string, database: DatabaseSync, openLog: (path: string) => LogFile) {
    this.#path = path;
    this.#database = database;
    this.#insert = database.prepare(INSERT);
    this.#update = database.prepare('UPDATE record SET body = ?, checksum = ? WHERE key = ?');
    this.#delete = database.prepare('DELETE FROM record WHERE key = ?');
    this.#setPosition = database.prepare('UPDATE position SET sequence = ?, records = ?, nextOrdinal = ?');
    this.#position = readPosition(database);
    if (path === ':memory:') return;
    this.#log = openLog(path);
    this.#mark = new AcknowledgedMark(path);
    this.#mark.write(this.#position.sequence);
  }

  /**
   * Opens the journal at `path` (`:memory:` for one that is forgotten). Throws a JournalError when the file is damaged, lacks
   * what was acknowledged, or is of a format this version does not read: it is never silently emptied or cut. `openLog` is for
   * tests, whose log may be slow or fail.
   */
  static open(path: string, openLog = (own: string): LogFile => new LogFile(own)): Journal {
    try {
      if (path !== ':memory:') checkAcknowledged(path);
      const database = new DatabaseSync(path);
      // FULL: what the layout takes is on disk when it stands.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE;');
      const check = database.prepare('PRAGMA quick_check(1)').get();
      if (check?.['quick_check'] !== 'ok') throw new Error(String(check?.['quick_check']));
      prepareLayout(database, path);
      // NORMAL: SQLite syncs its log before it folds it into the rows, but not at each commit, which is ours (`LogFile`).
      database.exec('PRAGMA synchronous = NORMAL');
      return new Journal(path, database, openLog);
    } catch (error) {
      throw unreadable(path, error instanceof Error ? error.message : String(error));
    }
  }

  /** Every record on disk, oldest first; to be asked for once, before the first append. Throws a JournalError at one that is damaged, and at the end if any is missing. */
  *load(): Iterable<JournalEntry> {
    let count = 0;
    const rows = this.#database.prepare(
      'SELECT key, scope, name, id, body, checksum FROM record ORDER BY key',
    );
    for (const row of rows.iterate()) {
      const entry = readEntry(row);
      if (row['checksum'] !== checksumOf(entry)) {
        throw unreadable(this.#path, `the record of ${entry.table} ${entry.id} is damaged`);
      }
      this.#nextKey = Number(row['key']) + 1;
      this.#keysOf(entry.scope, entry.table).set(entry.id, Number(row['key']));
      count++;
      yield entry;
    }
    const { records } = this.#position;
    if (count !== records) {
      throw unreadable(this.#path, `it should hold ${records} records and holds ${count}`);
    }
    this.#isLoaded = true;
  }

  /** A small integer that was never given before. It is on disk with the append that follows. */
  takeOrdinal(): number {
    return this.#position.nextOrdinal++;
  }

  /** No ordinal up to this one is given any more. */
  reserveOrdinals(last: number): void {
    if (last < this.#position.nextOrdinal) return;
    this.#position.nextOrdinal = last + 1;
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
    if (!this.#isLoaded) throw new Error('the journal is written before it was read');
    this.#queue.push(entries);
    return this.settled();
  }

  /** Resolves when everything appended so far is on disk; at once when nothing waits. */
  settled(): Promise<void> {
    if (this.#queue.length === 0) return this.#current;
    if (this.#next !== undefined) return this.#next;
    // A turn of the event loop takes the requests that have arrived: they are written together.
    const next = this.#current.then(nextTurn).then(() => {
      this.#current = next;
      this.#next = undefined;
      return this.#write();
    });
    this.#next = next;
    return next;
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    try {
      do await this.settled();
      while (this.#queue.length > 0);
    } catch {
      // Told by `failed`, and to whoever waited.
    }
    this.#database.close();
    this.#mark?.close();
    this.#log?.close();
  }

  async #write(): Promise<void> {
    try {
      const isAlone = this.#queue.length === 1;
      const sequence = this.#commit();
      await this.#log?.sync(isAlone);
      this.#mark?.write(sequence);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#failure.resolve(failure);
      throw failure;
    }
  }

  /** Has SQLite write what waits into its log; returns the number of the commit. */
  #commit(): number {
    const entries = this.#queue.flat();
    this.#queue = [];
    const position = this.#position;
    commit(this.#database, () => {
      for (const entry of entries) this.#writeEntry(entry);
      position.sequence++;
      this.#setPosition.run(position.sequence, position.records, position.nextOrdinal);
    });
    return position.sequence;
  }

  #writeEntry(entry: JournalEntry): void {
    const { scope, table, id, body } = entry;
    const keys = this.#keysOf(scope, table);
    const key = keys.get(id);
    if (body === undefined) {
      if (key === undefined) return;
      this.#delete.run(key);
      keys.delete(id);
      this.#position.records--;
    } else if (key === undefined) {
      this.#insert.run(this.#nextKey, scope, table, id, body, checksumOf(entry));
      keys.set(id, this.#nextKey++);
      this.#position.records++;
    } else {
      this.#update.run(body, checksumOf(entry), key);
    }
  }

  #keysOf(scope: string, table: string): Map<string, number> {
    const name = `${scope} ${table}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    this.#keys.set(name, made);
    return made;
  }
}

function unreadable(path: string, reason: string): JournalError {
  return new JournalError(
    `The state in ${path} cannot be read: ${reason}. Nothing was changed. Restore the directory from a backup, ` +
      'or start afresh with `croft down --purge`.',
  );
}
