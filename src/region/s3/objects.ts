import { checkReadConditions, checkWriteConditions, findRange } from './conditions.ts';
import type { ByteRange } from './content.ts';
import { refusals } from './errors.ts';
import { checksumHeaders, encryptionHeaders, overriddenHeaders, readAttributes } from './object-headers.ts';
import {
  demandBucket,
  demandObject,
  emptyReply,
  type OperationContext,
  versionHeaders,
  wholeSeconds,
} from './operation.ts';
import { receiveContent } from './receive.ts';
import { isMultipart, type ObjectAttributes, type ObjectRecord, type StoredContent } from './records.ts';
import type { S3Reply, S3Request } from './request.ts';
import { parseTagHeader } from './tags.ts';
import { pieceFilesOf } from './versions.ts';

/** `PUT /BUCKET/KEY`. */
export async function putObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const bucket = demandBucket(store, bucketName);
  const attributes = { ...readAttributes(request, bucket.record), ...readTags(request) };
  // Told before a large content comes; held again when it is there.
  checkWriteConditions(request, key, bucket.object(key));
  const content = await receiveContent(context, bucketName);
  const kept = await keep(context, bucketName, key, { ...content, ...attributes });
  return emptyReply(200, {
    etag: `"${content.etag}"`,
    ...checksumHeaders(content),
    ...encryptionHeaders(attributes),
    ...versionHeaders(bucket, kept),
  });
}

/** `GET` and `HEAD /BUCKET/KEY`. */
export function getObject({ store, request }: OperationContext, bucketName: string, key: string): S3Reply {
  const object = demandObject(store, bucketName, key, request.query.get('versionId'));
  checkReadConditions(request, object);
  const part = findPart(request, object);
  const range = part ?? findRange(request.header('range'), object.size);
  const whole = { first: 0, last: object.size - 1 };
  const isChecked = range === undefined && request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const tagCount = Object.keys(object.tags ?? {}).length;
  const { first, last } = range ?? whole;
  const headers = {
    ...object.headers,
    ...overriddenHeaders(request),
    ...(isChecked ? checksumHeaders(object) : {}),
    ...(tagCount === 0 ? {} : { 'x-amz-tagging-count': String(tagCount) }),
    ...versionHeaders(demandBucket(store, bucketName), object),
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'content-length': String(last - first + 1),
    ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${object.size}` }),
    ...(part !== undefined && isMultipart(object)
      ? { 'x-amz-mp-parts-count': String(object.pieces.length) }
      : {}),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || object.size === 0) return { status, headers, body: '' };
  return { status, headers, body: store.reading(bucketName, object, { first, last }) };
}

/** The bytes of the part that `partNumber` asks for; an object of one piece is its own only part. */
function findPart({ query }: S3Request, { size, pieces }: ObjectRecord): ByteRange | undefined {
  const text = query.get('partNumber');
  if (text === null || size === 0) return undefined;
  const piece = pieces[Number(text) - 1];
  if (!/^[1-9][0-9]{0,4}$/.test(text) || piece === undefined) throw refusals.invalidPartNumber(text);
  const first = pieces.slice(0, Number(text) - 1).reduce((sum, each) => sum + each.size, 0);
  return { first, last: first + piece.size - 1 };
}

/** Puts content that is on disk under its key; it is removed when that is refused. */
export async function keep(
  { store, request, now }: OperationContext,
  bucketName: string,
  key: string,
  content: StoredContent & ObjectAttributes & Pick<ObjectRecord, 'tags'>,
): Promise<ObjectRecord> {
  const object = { ...content, key, lastModified: wholeSeconds(now) };
  try {
    return await store.putObject(bucketName, object, (current) =>
      checkWriteConditions(request, key, current),
    );
  } catch (error) {
    await store.discard(bucketName, pieceFilesOf(content));
    throw error;
  }
}

/** The tags that a write gives its object. */
export function readTags({ header }: S3Request): Pick<ObjectRecord, 'tags'> {
  const given = header('x-amz-tagging');
  if (given === undefined || given === '') return {};
  return { tags: parseTagHeader(given) };
}
