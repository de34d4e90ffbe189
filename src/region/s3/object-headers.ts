import { refusals, S3Error } from './errors.ts';
import type { BucketRecord, ObjectAttributes, ObjectRecord, StoredContent } from './records.ts';
import type { S3Request } from './request.ts';
import { defaultEncryption } from './settings.ts';

/** Headers of an object that are kept and given back, and that a reader may have otherwise (`response-…`). */
const CONTENT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
];
/** Further headers that are kept and given back. */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  ...CONTENT_HEADERS,
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
]);
/** All of a client's own headers of an object together. */
const MAX_METADATA_BYTES = 2048;
const DEFAULT_TYPE = 'binary/octet-stream';
const STANDARD = 'STANDARD';
const STORAGE_CLASSES: ReadonlySet<string> = new Set([
  STANDARD,
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** The headers of a request that belong to the object. Throws an S3Error for those that ask for what is not there. */
export function readAttributes(request: S3Request, bucket: BucketRecord): ObjectAttributes {
  refuseForeignHeaders(request);
  const headers: Record<string, string> = {
    'content-type': DEFAULT_TYPE,
    'x-amz-server-side-encryption': defaultEncryption(bucket),
  };
  let metadataBytes = 0;
  for (const name of request.headerNames) {
    const value = request.header(name);
    if (value === undefined) continue;
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
      headers[name] = value;
    } else if (KEPT_HEADERS.has(name)) {
      headers[name] = value;
    } else if (name === 'content-encoding') {
      const codings = value.split(',').map((coding) => coding.trim());
      const kept = codings.filter((coding) => coding !== 'aws-chunked' && coding !== '');
      if (kept.length > 0) headers[name] = kept.join(',');
    }
  }
  const storageClass = headers['x-amz-storage-class'] ?? STANDARD;
  if (!STORAGE_CLASSES.has(storageClass)) {
    throw new S3Error('InvalidStorageClass', 400, 'The storage class you specified is not valid');
  }
  // S3 does not say it of the usual class.
  if (storageClass === STANDARD) delete headers['x-amz-storage-class'];
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      400,
      'Your metadata headers exceed the maximum allowed metadata size',
    );
  }
  return { headers };
}

/** Bucket owners own all objects and access lists are off, as in every bucket that AWS makes today. */
const ALLOWED_ACLS: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control']);

/** Access lists, locks and clients' own encryption keys: an object must not pass for having what it has not. */
function refuseForeignHeaders({ headerNames, header }: S3Request): void {
  refuseAccessLists({ headerNames, header });
  for (const name of headerNames) {
    if (name.startsWith('x-amz-object-lock-')) throw refusals.noObjectLock();
    if (name.startsWith('x-amz-server-side-encryption-customer-')) throw refusals.notImplemented('SSE-C');
  }
}

/** Throws AccessControlListNotSupported for any list that gives more than the owner has. */
export function refuseAccessLists({ headerNames, header }: Pick<S3Request, 'headerNames' | 'header'>): void {
  const acl = header('x-amz-acl');
  const isGranting = headerNames.some((name) => name.startsWith('x-amz-grant-'));
  if (isGranting || (acl !== undefined && !ALLOWED_ACLS.has(acl))) throw refusals.noAccessLists();
}

/** What a reply to a write says of the object's encryption. */
export function encryptionHeaders({ headers }: ObjectAttributes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-server-side-encryption')),
  );
}

/** `x-amz-checksum-…` of a content, where the client gave one. */
export function checksumHeaders({ checksum }: StoredContent): Record<string, string> {
  if (checksum === undefined) return {};
  return { [`x-amz-checksum-${checksum.name}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

/** The headers that a reader asks to have in place of the object's (`response-content-type=…`). */
export function overriddenHeaders({ query }: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of [...CONTENT_HEADERS, 'content-encoding']) {
    const value = query.get(`response-${name}`);
    // A header cannot hold a line's end.
    if (value !== null && /^[\x20-\x7e]*$/.test(value)) headers[name] = value;
  }
  return headers;
}

/** As listings name it. */
export function storageClassOf({ headers }: ObjectRecord): string {
  return headers['x-amz-storage-class'] ?? STANDARD;
}
