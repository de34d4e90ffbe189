import { tableNames } from '../model/world.ts';
import { FORMAT, migrateEntry } from './formats.ts';
import { type JournalEntry, JournalError } from './journal.ts';
import type { Store } from './store.ts';

/** The first line of a dump, by which it is known again. */
interface Header {
  readonly cloudcroft: 'state';
  readonly format: string;
  readonly records: number;
}

/** All worlds as JSON, a header and then one line a record, oldest first within each kind. */
export function renderDump(store: Store): string {
  const lines: string[] = [];
  for (const world of store.worlds()) {
    const scope = `${world.scope.account}/${world.scope.region}`;
    for (const table of tableNames) {
      for (const record of world[table].values()) lines.push(JSON.stringify({ scope, table, record }));
    }
  }
  const header: Header = { cloudcroft: 'state', format: FORMAT, records: lines.length };
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

/**
 * The records of a dump, in the present format. Throws a JournalError with a sentence for people where the text is none,
 * is cut short, or is of a format that this version does not read.
 */
export function parseDump(text: string): JournalEntry[] {
  const [first = '', ...lines] = text.trimEnd().split('\n');
  const header = headerOf(first);
  if (header === undefined)
    throw new JournalError('That is no state of Cloudcroft: its first line is another.');
  if (lines.length !== header.records) {
    throw new JournalError(
      `The file is cut short or changed: it says ${header.records} records and holds ${lines.length}.`,
    );
  }
  return lines.map((line, index) => {
    const entry = entryOf(line);
    if (entry === undefined) throw new JournalError(`Line ${index + 2} of the file is no record.`);
    return migrateEntry(header.format, entry);
  });
}

function headerOf(line: string): Header | undefined {
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('cloudcroft' in value) || value.cloudcroft !== 'state') return undefined;
  if (!('format' in value) || !('records' in value)) return undefined;
  return { cloudcroft: 'state', format: String(value.format), records: Number(value.records) };
}

function entryOf(line: string): JournalEntry | undefined {
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('scope' in value) || !('table' in value) || !('record' in value)) return undefined;
  const { scope, table, record } = value;
  if (typeof scope !== 'string' || typeof table !== 'string') return undefined;
  if (typeof record !== 'object' || record === null) return undefined;
  return { scope, table, id: '', body: JSON.stringify(record) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
