import { createHash, type Hash } from 'node:crypto';
import { checkReadConditions } from './conditions.ts';
import { refusals, S3Error } from './errors.ts';
import { encryptionHeaders, readAttributes } from './object-headers.ts';
import { keep, readTags } from './objects.ts';
import { demandBucket, demandObject, type OperationContext, versionHeaders, xmlReply } from './operation.ts';
import type { ObjectRecord, StoredContent } from './records.ts';
import { type CopySource, parseCopySource, type S3Reply, type S3Request } from './request.ts';
import { writeDown } from './write-down.ts';
import { textElement, xmlDocument } from './xml.ts';

/** The most bytes that one copy moves: 5 GiB. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** `PUT /BUCKET/KEY` with `x-amz-copy-source`. */
export async function copyObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const bucket = demandBucket(store, bucketName);
  const source = readSource(context);
  const isReplaced = readDirective(request, 'x-amz-metadata-directive');
  const isSame = source.bucket === bucketName && source.key === key && source.versionId === null;
  if (isSame && !isReplaced && request.header('x-amz-server-side-encryption') === undefined) {
    throw refusals.invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const given = readAttributes(request, bucket.record);
  const { object, content } = await copyContent(context, source, bucketName);
  const attributes = isReplaced ? given : { headers: { ...object.headers, ...encryptionHeaders(given) } };
  const isRetagged = readDirective(request, 'x-amz-tagging-directive');
  const tags = isRetagged ? readTags(request) : object.tags === undefined ? {} : { tags: object.tags };
  const kept = await keep(context, bucketName, key, { ...content, ...attributes, ...tags });
  return xmlReply(
    xmlDocument(
      'CopyObjectResult',
      textElement('LastModified', kept.lastModified),
      textElement('ETag', `"${kept.etag}"`),
    ),
    {
      ...encryptionHeaders(attributes),
      ...versionHeaders(bucket, kept),
      ...sourceVersionHeaders(context, source, object),
    },
  );
}

/** Copies the source, or the range of it that is asked for, into a content of its own. */
export async function copyContent(
  { store, request }: OperationContext,
  source: CopySource,
  bucketName: string,
): Promise<{ readonly object: ObjectRecord; readonly content: StoredContent }> {
  const object = demandObject(store, source.bucket, source.key, source.versionId);
  checkCopyConditions(request, object);
  const range = findCopyRange(request, object.size);
  const size = range.last - range.first + 1;
  if (size > MAX_COPY_BYTES) throw refusals.entityTooLarge();
  const dataFile = store.newDataFile();
  const md5 = createHash('md5');
  try {
    const bytes = size === 0 ? [] : store.reading(source.bucket, object, range);
    await writeDown(store.dataPath(bucketName, dataFile), hashing(bytes, md5));
  } catch (error) {
    await store.discard(bucketName, [dataFile]);
    throw error;
  }
  // Like S3's, the copy of an object made of parts is one piece, with a digest of its own.
  const content = { pieces: [{ dataFile, size }], size, etag: md5.digest('hex') };
  const { checksum } = object;
  const isWhole = size === object.size && checksum !== undefined;
  return { object, content: isWhole ? { ...content, checksum } : content };
}

async function* hashing(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    // It is lent, and is written together with those that follow.
    yield Buffer.from(chunk);
  }
}

/** What is to be copied, which the caller must be allowed to read. */
export function readSource({ request, authorize }: OperationContext): CopySource {
  const source = parseCopySource(request.header('x-amz-copy-source') ?? '');
  const permission = source.versionId === null ? 'GetObject' : 'GetObjectVersion';
  const denial = authorize(permission, source.bucket, source.key);
  if (denial !== undefined) throw denial;
  return source;
}

/** `x-amz-copy-source-version-id`, where the source's bucket keeps versions. */
export function sourceVersionHeaders(
  { store }: OperationContext,
  source: CopySource,
  object: ObjectRecord,
): Record<string, string> {
  const { 'x-amz-version-id': id } = versionHeaders(demandBucket(store, source.bucket), object);
  return id === undefined ? {} : { 'x-amz-copy-source-version-id': id };
}

function checkCopyConditions(request: S3Request, object: ObjectRecord): void {
  const header = (name: string): string | undefined => request.header(`x-amz-copy-source-${name}`);
  try {
    checkReadConditions({ ...request, header }, object);
  } catch (error) {
    // Of a copy, "not modified" is a condition that failed.
    if (error instanceof S3Error && error.status === 304) throw refusals.preconditionFailed('If-None-Match');
    throw error;
  }
}

function findCopyRange({ header }: S3Request, size: number): { first: number; last: number } {
  const text = header('x-amz-copy-source-range');
  if (text === undefined) return { first: 0, last: size - 1 };
  const match = /^bytes=([0-9]{1,15})-([0-9]{1,15})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || last < first) {
    throw refusals.invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      text,
    );
  }
  if (last >= size) throw refusals.invalidRange(text, size);
  return { first, last };
}

/** Whether what the source says of itself is replaced. Throws InvalidArgument for another word than S3's two. */
function readDirective({ header }: S3Request, name: string): boolean {
  const value = header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value === 'REPLACE';
  throw refusals.invalidArgument('Unknown directive.', name, value);
}
