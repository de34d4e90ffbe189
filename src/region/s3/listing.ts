import type { Bucket } from './bucket.ts';
import { refusals } from './errors.ts';
import { storageClassOf } from './object-headers.ts';
import { demandBucket, type OperationContext, ownerIdOf, readCount, xmlReply } from './operation.ts';
import type { ObjectRecord } from './records.ts';
import type { S3Reply, S3Request } from './request.ts';
import { element, textElement, xmlDocument } from './xml.ts';

/** Most entries of one page. */
const MAX_KEYS = 1000;

interface Page {
  readonly objects: readonly ObjectRecord[];
  readonly commonPrefixes: readonly string[];
  /** The last key or prefix of the page, where there is more. */
  readonly next?: string;
}

interface Wish {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Entries up to this one are left out; a common prefix, with all that begins with it. */
  readonly after: string;
}

/** `GET /BUCKET?list-type=2`. */
export function listObjectsV2({ store, request }: OperationContext, name: string): S3Reply {
  const bucket = demandBucket(store, name);
  const { query } = request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const wish = readWish(request, token === null ? startAfter : decodeToken(token));
  const page = findPage(bucket, wish);
  const encode = encoderOf(request);
  const owner = query.get('fetch-owner') === 'true' ? bucket.record.account : undefined;
  return xmlReply(
    xmlDocument(
      'ListBucketResult',
      textElement('Name', name),
      textElement('Prefix', encode(wish.prefix)),
      token === null ? '' : textElement('ContinuationToken', token),
      startAfter === '' ? '' : textElement('StartAfter', encode(startAfter)),
      textElement('KeyCount', page.objects.length + page.commonPrefixes.length),
      textElement('MaxKeys', wish.maxKeys),
      wish.delimiter === '' ? '' : textElement('Delimiter', encode(wish.delimiter)),
      encodingElement(request),
      textElement('IsTruncated', page.next !== undefined),
      page.next === undefined ? '' : textElement('NextContinuationToken', encodeToken(page.next)),
      renderEntries(page, encode, owner),
    ),
  );
}

/** `GET /BUCKET`: the first version of the listing. */
export function listObjects({ store, request }: OperationContext, name: string): S3Reply {
  const bucket = demandBucket(store, name);
  const wish = readWish(request, request.query.get('marker') ?? '');
  const page = findPage(bucket, wish);
  const encode = encoderOf(request);
  const hasNextMarker = page.next !== undefined && wish.delimiter !== '';
  return xmlReply(
    xmlDocument(
      'ListBucketResult',
      textElement('Name', name),
      textElement('Prefix', encode(wish.prefix)),
      textElement('Marker', encode(wish.after)),
      hasNextMarker ? textElement('NextMarker', encode(page.next ?? '')) : '',
      textElement('MaxKeys', wish.maxKeys),
      wish.delimiter === '' ? '' : textElement('Delimiter', encode(wish.delimiter)),
      encodingElement(request),
      textElement('IsTruncated', page.next !== undefined),
      renderEntries(page, encode, bucket.record.account),
    ),
  );
}

function readWish(request: S3Request, after: string): Wish {
  const { query } = request;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: readCount(request, 'max-keys', MAX_KEYS, MAX_KEYS),
    after,
  };
}

function findPage(bucket: Bucket, { prefix, delimiter, maxKeys, after }: Wish): Page {
  const objects: ObjectRecord[] = [];
  const commonPrefixes: string[] = [];
  const isAfterPrefix = delimiter !== '' && after.endsWith(delimiter);
  let last: string | undefined;
  if (maxKeys === 0) return { objects, commonPrefixes };
  for (const key of bucket.keysFrom(after, prefix)) {
    const object = bucket.object(key);
    if (object === undefined || key === after) continue;
    if (isAfterPrefix && key.startsWith(after)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = end === -1 ? key : key.slice(0, end + delimiter.length);
    // Keys that share a prefix stand together.
    if (entry === last && end !== -1) continue;
    if (objects.length + commonPrefixes.length === maxKeys) {
      return last === undefined ? { objects, commonPrefixes } : { objects, commonPrefixes, next: last };
    }
    last = entry;
    if (end === -1) objects.push(object);
    else commonPrefixes.push(entry);
  }
  return { objects, commonPrefixes };
}

function renderEntries(page: Page, encode: (text: string) => string, owner: string | undefined): string {
  const objects = page.objects.map((object) =>
    element(
      'Contents',
      textElement('Key', encode(object.key)),
      textElement('LastModified', object.lastModified),
      textElement('ETag', `"${object.etag}"`),
      textElement('Size', object.size),
      owner === undefined ? '' : element('Owner', textElement('ID', ownerIdOf(owner))),
      textElement('StorageClass', storageClassOf(object)),
    ),
  );
  const prefixes = page.commonPrefixes.map((prefix) =>
    element('CommonPrefixes', textElement('Prefix', encode(prefix))),
  );
  return [...objects, ...prefixes].join('');
}

/** Clients ask for names percent-encoded, since XML cannot hold every character. */
export function encoderOf({ query }: S3Request): (text: string) => string {
  const encoding = query.get('encoding-type');
  if (encoding === null) return (text) => text;
  if (encoding !== 'url') {
    throw refusals.invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encoding);
  }
  return (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/');
}

/** Says that names are encoded, where they are. */
export function encodingElement({ query }: S3Request): string {
  return query.has('encoding-type') ? textElement('EncodingType', 'url') : '';
}

function encodeToken(entry: string): string {
  return Buffer.from(entry).toString('base64');
}

function decodeToken(token: string): string {
  const entry = Buffer.from(token, 'base64').toString('utf8');
  if (token === '' || encodeToken(entry) !== token) {
    throw refusals.invalidArgument(
      'The continuation token provided is incorrect',
      'continuation-token',
      token,
    );
  }
  return entry;
}
