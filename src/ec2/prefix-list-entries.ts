import type { AddPrefixListEntry, RemovePrefixListEntry } from '@aws-sdk/client-ec2';
import type { PrefixList, PrefixListEntry } from '../model/records.ts';
import { formatCidr, parseCidr } from '../net/cidr.ts';
import { canonicalIpv6Cidr } from '../net/ipv6.ts';
import * as errors from './errors.ts';

/** Entries that one request may add, and remove. */
const MOST_CHANGES = 100;

const LONGEST_DESCRIPTION = 255;

type Family = PrefixList['addressFamily'];

/** The entries a request adds, canonical. Throws for a block that is none, or not of the list's family, or given twice. */
export function readAddedEntries(
  entries: readonly AddPrefixListEntry[] | undefined,
  family: Family,
): readonly PrefixListEntry[] {
  const added = (entries ?? []).map(({ Cidr, Description }) => ({
    cidr: readCidr(Cidr, family),
    ...(Description === undefined || Description === '' ? {} : { description: readDescription(Description) }),
  }));
  checkChanges(added.map(({ cidr }) => cidr));
  return added;
}

/** The blocks a request removes, canonical. Throws as `readAddedEntries`. */
export function readRemovedEntries(
  entries: readonly RemovePrefixListEntry[] | undefined,
  family: Family,
): readonly string[] {
  const removed = (entries ?? []).map(({ Cidr }) => readCidr(Cidr, family));
  checkChanges(removed);
  return removed;
}

/**
 * The list's entries after a change; one that is there already gets the new description. Throws for a block to remove
 * that is not in the list, and for one both added and removed.
 */
export function changeEntries(
  present: readonly PrefixListEntry[],
  added: readonly PrefixListEntry[],
  removed: readonly string[],
): readonly PrefixListEntry[] {
  for (const cidr of removed) {
    if (added.some((entry) => entry.cidr === cidr)) {
      throw errors.invalidParameterValue(
        `Request cannot contain Cidr ${cidr} in both AddPrefixListEntries and RemovePrefixListEntries`,
      );
    }
    if (!present.some((entry) => entry.cidr === cidr)) {
      throw new errors.AwsError('InvalidPrefixListModification', `The CIDR ${cidr} does not exist.`);
    }
  }
  const changed = new Map(present.map((entry) => [entry.cidr, entry]));
  for (const cidr of removed) changed.delete(cidr);
  for (const entry of added) changed.set(entry.cidr, entry);
  return [...changed.values()];
}

/** Throws when the entries are more than the list may have. */
export function checkEntryCount(entries: readonly PrefixListEntry[], maxEntries: number): void {
  if (entries.length <= maxEntries) return;
  throw errors.limitExceeded(
    'PrefixListMaxEntriesExceeded',
    `You've reached the maximum number of entries for the prefix list: ${maxEntries}.`,
  );
}

function readCidr(text: string | undefined, family: Family): string {
  if (text === undefined) throw errors.missingParameter('entry.cidr');
  const ipv4 = family === 'IPv4' ? parseCidr(text) : undefined;
  const cidr = ipv4 === undefined ? undefined : formatCidr(ipv4);
  const canonical = family === 'IPv4' ? cidr : canonicalIpv6Cidr(text);
  if (canonical === undefined) throw errors.invalidValue(text, 'cidr', `This is not a valid ${family} CIDR.`);
  return canonical;
}

function readDescription(description: string): string {
  if (description.length <= LONGEST_DESCRIPTION) return description;
  throw errors.invalidParameterValue(
    `The description of a prefix list entry has at most ${LONGEST_DESCRIPTION} characters.`,
  );
}

function checkChanges(cidrs: readonly string[]): void {
  if (cidrs.length > MOST_CHANGES) {
    throw errors.invalidParameterValue(
      `Request cannot contain more than ${MOST_CHANGES} entry additions or removals`,
    );
  }
  const [repeated] = cidrs.filter((cidr, index) => cidrs.indexOf(cidr) !== index);
  if (repeated === undefined) return;
  throw errors.invalidParameterValue(`The CIDR ${repeated} is specified more than once.`);
}
