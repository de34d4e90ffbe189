import type { JournalEntry } from './journal.ts';

/** The format of the records on disk. A change that an older Cloudcroft could not read gets the next number. */
export const FORMAT = '1';

/** By format: what makes a record of it one of the next. Empty as long as there is one format only. */
const MIGRATIONS: Readonly<Record<string, (entry: JournalEntry) => JournalEntry>> = {};

/** Whether records of a format can be read: it is the present one, or leads to it step by step. */
export function isReadable(format: string): boolean {
  return format === FORMAT || Object.hasOwn(MIGRATIONS, format);
}

/** A record of an older format in the present one. Throws for a format that is not readable. */
export function migrateEntry(format: string, entry: JournalEntry): JournalEntry {
  let migrated = entry;
  for (let step = format; step !== FORMAT; step = String(Number(step) + 1)) {
    const migrate = MIGRATIONS[step];
    if (migrate === undefined) {
      throw new Error(`it is of format ${format}, and this version of Cloudcroft reads format ${FORMAT}`);
    }
    migrated = migrate(migrated);
  }
  return migrated;
}
