import type { BucketRecord, ObjectRecord, ObjectVersion, PartRecord } from './records.ts';

/** How a content was described when it was always one file. */
type OfOneFile<T> = Omit<T, 'pieces'> & { readonly dataFile: string };

/** The account of buckets that were made when there was only one. */
const FIRST_ACCOUNT = '123456789012';

/** A bucket as it is kept now, of one as it was kept ever. */
export function readBucket(
  record: Omit<BucketRecord, 'account'> & { readonly account?: string },
): BucketRecord {
  return { ...record, account: record.account ?? FIRST_ACCOUNT };
}

/** The same of a part. */
export function readPart(part: PartRecord | OfOneFile<PartRecord>): PartRecord {
  if ('pieces' in part) return part;
  const { dataFile, size } = part;
  return { ...part, pieces: [{ dataFile, size }] };
}

/** The same of what a key holds, which was one object. */
export function readVersions(
  content: readonly ObjectVersion[] | OfOneFile<ObjectRecord>,
): readonly ObjectVersion[] {
  if (!('dataFile' in content)) return content;
  const { dataFile, size } = content;
  return [{ ...content, pieces: [{ dataFile, size }] }];
}
