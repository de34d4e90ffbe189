import type { Bucket } from './bucket.ts';
import { refusals } from './errors.ts';
import { encoderOf, encodingElement } from './listing.ts';
import { storageClassOf } from './object-headers.ts';
import { demandBucket, type OperationContext, ownerIdOf, readCount, xmlReply } from './operation.ts';
import { compareNames } from './paging.ts';
import { isDeleteMarker, type ObjectVersion } from './records.ts';
import type { S3Reply } from './request.ts';
import { versionIdOf } from './versions.ts';
import { element, textElement, xmlDocument } from './xml.ts';

/** Most entries of one page. */
const MAX_KEYS = 1000;

/** An entry of the listing: a version, or a prefix that many keys have in common. */
type Entry =
  | { readonly version: ObjectVersion; readonly isLatest: boolean }
  | { readonly commonPrefix: string };

interface Wish {
  readonly prefix: string;
  readonly delimiter: string;
  /** Entries up to this key are left out, and of this key the versions up to `versionId`. */
  readonly after: { readonly key: string; readonly versionId: string };
}

/** `GET /BUCKET?versions`: every version and delete marker, by key and newest first. */
export function listObjectVersions({ store, request }: OperationContext, name: string): S3Reply {
  const bucket = demandBucket(store, name);
  const { query } = request;
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('version-id-marker') ?? ''];
  if (idMarker !== '' && keyMarker === '') {
    throw refusals.invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      idMarker,
    );
  }
  const wish = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: { key: keyMarker, versionId: idMarker },
  };
  const limit = readCount(request, 'max-keys', MAX_KEYS, MAX_KEYS);
  const page: Entry[] = [];
  let hasMore = false;
  for (const entry of entriesOf(bucket, wish)) {
    hasMore = page.length === limit;
    if (hasMore) break;
    page.push(entry);
  }
  const encode = encoderOf(request);
  return xmlReply(
    xmlDocument(
      'ListVersionsResult',
      textElement('Name', name),
      textElement('Prefix', encode(wish.prefix)),
      textElement('KeyMarker', encode(keyMarker)),
      textElement('VersionIdMarker', idMarker),
      ...(hasMore ? renderNext(page.at(-1), encode) : []),
      textElement('MaxKeys', limit),
      wish.delimiter === '' ? '' : textElement('Delimiter', encode(wish.delimiter)),
      encodingElement(request),
      textElement('IsTruncated', hasMore && page.length > 0),
      ...page.map((entry) => renderEntry(entry, encode, bucket.record.account)),
    ),
  );
}

function* entriesOf(bucket: Bucket, { prefix, delimiter, after }: Wish): Generator<Entry> {
  let last: string | undefined;
  for (const key of bucket.keysFrom(after.key, prefix)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end !== -1) {
      const commonPrefix = key.slice(0, end + delimiter.length);
      if (commonPrefix === last || compareNames(commonPrefix, after.key) <= 0) continue;
      last = commonPrefix;
      yield { commonPrefix };
      continue;
    }
    const isMarked = key === after.key;
    if (isMarked && after.versionId === '') continue;
    const versions = bucket.versions(key);
    const marked = isMarked ? versions.findIndex((each) => versionIdOf(each) === after.versionId) : -1;
    for (const [index, version] of versions.entries()) {
      if (index > marked) yield { version, isLatest: index === 0 };
    }
  }
}

function renderNext(entry: Entry | undefined, encode: (text: string) => string): string[] {
  if (entry === undefined) return [];
  if ('commonPrefix' in entry) return [textElement('NextKeyMarker', encode(entry.commonPrefix))];
  const { version } = entry;
  return [
    textElement('NextKeyMarker', encode(version.key)),
    textElement('NextVersionIdMarker', versionIdOf(version)),
  ];
}

function renderEntry(entry: Entry, encode: (text: string) => string, account: string): string {
  if ('commonPrefix' in entry) {
    return element('CommonPrefixes', textElement('Prefix', encode(entry.commonPrefix)));
  }
  const { version, isLatest } = entry;
  const owner = element('Owner', textElement('ID', ownerIdOf(account)));
  const common = [
    textElement('Key', encode(version.key)),
    textElement('VersionId', versionIdOf(version)),
    textElement('IsLatest', isLatest),
    textElement('LastModified', version.lastModified),
  ];
  if (isDeleteMarker(version)) return element('DeleteMarker', ...common, owner);
  return element(
    'Version',
    ...common,
    textElement('ETag', `"${version.etag}"`),
    textElement('Size', version.size),
    textElement('StorageClass', storageClassOf(version)),
    owner,
  );
}
