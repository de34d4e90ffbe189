import type { JournalEntry } from './journal.ts';

/** The format of the records on disk. A change that an older Cloudcroft could not read gets the next number. */
export const FORMAT = '3';

/** By format: what makes a record of it one of the next. */
const MIGRATIONS: Readonly<Record<string, (entry: JournalEntry) => JournalEntry>> = {
  1: addLists,
  // Format 3 keeps the same records in other rows.
  2: (entry) => entry,
};

/** Fields of lists that format 2 added, by table. */
const ADDED_LISTS: Readonly<Record<string, string>> = {
  vpcs: 'ipv6CidrBlockAssociations',
  subnets: 'ipv6CidrBlockAssociations',
  networkInterfaces: 'ipv6Addresses',
  routeTables: 'propagatingVpnGatewayIds',
};

/** Format 1 knew no IPv6 and no VPN: what it holds has no such block, address or gateway. */
function addLists(entry: JournalEntry): JournalEntry {
  const field = ADDED_LISTS[entry.table];
  if (field === undefined || entry.body === undefined) return entry;
  return { ...entry, body: JSON.stringify({ ...JSON.parse(entry.body), [field]: [] }) };
}

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
