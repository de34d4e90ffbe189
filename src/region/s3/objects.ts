import { constants, copyFile, type FileHandle, open } from 'node:fs/promises';
import { checkReadConditions, checkWriteConditions, findRange } from './conditions.ts';
import { refusals, S3Error } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext, xmlReply } from './operation.ts';
import { receiveContent, receiveXml } from './receive.ts';
import type { ObjectAttributes, ObjectRecord, StoredContent } from './records.ts';
import { parseCopySource, type S3Reply, type S3Request } from './request.ts';
import { element, findElements, findText, textElement, xmlDocument } from './xml.ts';

/** Headers of an object that are kept and given back. */
const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];
/** All of a client's own headers of an object together. */
const MAX_METADATA_BYTES = 2048;
/** Most keys of one deletion. */
const MAX_DELETIONS = 1000;
const DEFAULT_TYPE = 'binary/octet-stream';

/** `PUT /BUCKET/KEY`. */
export async function putObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const bucket = demandBucket(store, bucketName);
  const attributes = readAttributes(request);
  // Told before a large content comes; held again when it is there.
  checkWriteConditions(request, key, bucket.object(key));
  const content = await receiveContent(store, bucketName, request);
  await keep(context, bucketName, key, { ...content, ...attributes });
  return emptyReply(200, { etag: `"${content.etag}"`, ...checksumHeaders(content) });
}

/** `PUT /BUCKET/KEY` with `x-amz-copy-source`. */
export async function copyObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const source = parseCopySource(request.header('x-amz-copy-source') ?? '');
  demandBucket(store, bucketName);
  const object = demandBucket(store, source.bucket).object(source.key);
  if (object === undefined) throw refusals.noSuchKey(source.key);
  checkCopyConditions(request, object);
  const isReplaced = request.header('x-amz-metadata-directive')?.toUpperCase() === 'REPLACE';
  if (source.bucket === bucketName && source.key === key && !isReplaced) {
    throw refusals.invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const dataFile = store.newDataFile();
  const copied = store.dataPath(bucketName, dataFile);
  await copyFile(store.dataPath(source.bucket, object.dataFile), copied, constants.COPYFILE_EXCL);
  const attributes = isReplaced ? readAttributes(request) : { headers: object.headers };
  const { size, etag, checksum } = object;
  const content = { dataFile, size, etag, ...(checksum === undefined ? {} : { checksum }) };
  const kept = await keep(context, bucketName, key, { ...content, ...attributes });
  return xmlReply(
    xmlDocument(
      'CopyObjectResult',
      textElement('LastModified', kept.lastModified),
      textElement('ETag', `"${etag}"`),
    ),
  );
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

/** `GET` and `HEAD /BUCKET/KEY`. */
export async function getObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { request } = context;
  const { object, file } = await openObject(context, bucketName, key);
  try {
    checkReadConditions(request, object);
    const range = findRange(request.header('range'), object.size);
    const { first, last } = range ?? { first: 0, last: object.size - 1 };
    const isChecked =
      range === undefined && request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
    const headers = {
      ...object.headers,
      ...overriddenHeaders(request),
      ...(isChecked ? checksumHeaders(object) : {}),
      'accept-ranges': 'bytes',
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.lastModified).toUTCString(),
      'content-length': String(last - first + 1),
      ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${object.size}` }),
    };
    const status = range === undefined ? 200 : 206;
    if (request.method === 'HEAD' || object.size === 0) {
      await file.close();
      return { status, headers, body: '' };
    }
    return { status, headers, body: file.createReadStream({ start: first, end: last, autoClose: true }) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The object with its content open: it stays readable whatever becomes of the object. */
async function openObject(
  { store }: OperationContext,
  bucketName: string,
  key: string,
): Promise<{ object: ObjectRecord; file: FileHandle }> {
  for (;;) {
    const object = demandBucket(store, bucketName).object(key);
    if (object === undefined) throw refusals.noSuchKey(key);
    try {
      return { object, file: await open(store.dataPath(bucketName, object.dataFile), 'r') };
    } catch (error) {
      // Replaced or removed meanwhile: look again. The same object without its content is another matter.
      if (store.bucket(bucketName)?.object(key) === object) throw error;
    }
  }
}

/** `DELETE /BUCKET/KEY`. */
export async function deleteObject(
  { store }: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  await store.deleteObject(bucketName, key);
  return emptyReply(204);
}

/** `POST /BUCKET?delete`. */
export async function deleteObjects(
  { store, request }: OperationContext,
  bucketName: string,
): Promise<S3Reply> {
  demandBucket(store, bucketName);
  const xml = await receiveXml(request);
  const keys = findElements(xml, 'Object').map((object) => findText(object, 'Key'));
  if (keys.length === 0 || keys.length > MAX_DELETIONS) throw refusals.malformedXml();
  const isQuiet = findText(xml, 'Quiet') === 'true';
  const deleted: string[] = [];
  for (const key of keys) {
    if (key === undefined || key === '') throw refusals.malformedXml();
    await store.deleteObject(bucketName, key);
    if (!isQuiet) deleted.push(element('Deleted', textElement('Key', key)));
  }
  return xmlReply(xmlDocument('DeleteResult', ...deleted));
}

/** Puts content that is on disk under its key; it is removed when that is refused. */
export async function keep(
  { store, request, now }: OperationContext,
  bucketName: string,
  key: string,
  content: StoredContent & ObjectAttributes,
): Promise<ObjectRecord> {
  // HTTP's dates hold whole seconds: the listing must say the same.
  const lastModified = `${now.toISOString().slice(0, 19)}.000Z`;
  const object = { ...content, key, lastModified };
  try {
    await store.putObject(bucketName, object, (current) => checkWriteConditions(request, key, current));
  } catch (error) {
    await store.discardData(bucketName, content.dataFile);
    throw error;
  }
  return object;
}

/** The headers of a request that belong to the object. */
export function readAttributes(request: S3Request): ObjectAttributes {
  const headers: Record<string, string> = { 'content-type': DEFAULT_TYPE };
  let metadataBytes = 0;
  for (const name of request.headerNames) {
    const value = request.header(name);
    if (value === undefined) continue;
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
      headers[name] = value;
    } else if (KEPT_HEADERS.includes(name)) {
      headers[name] = value;
    } else if (name === 'content-encoding') {
      const codings = value.split(',').map((coding) => coding.trim());
      const kept = codings.filter((coding) => coding !== 'aws-chunked' && coding !== '');
      if (kept.length > 0) headers[name] = kept.join(',');
    }
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      400,
      'Your metadata headers exceed the maximum allowed metadata size',
    );
  }
  return { headers };
}

/** `x-amz-checksum-…` of a content, where the client gave one. */
export function checksumHeaders({ checksum }: StoredContent): Record<string, string> {
  if (checksum === undefined) return {};
  return { [`x-amz-checksum-${checksum.name}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function overriddenHeaders({ query }: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of [...KEPT_HEADERS, 'content-encoding']) {
    const value = query.get(`response-${name}`);
    // A header cannot hold a line's end.
    if (value !== null && /^[\x20-\x7e]*$/.test(value)) headers[name] = value;
  }
  return headers;
}
