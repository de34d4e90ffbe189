import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { CHECKSUM_NAMES, type ChecksumName, checksumNameOf, startChecksum } from './checksum.ts';
import { decodeChunks } from './chunked.ts';
import { refusals } from './errors.ts';
import type { StoredContent } from './records.ts';
import type { S3Request } from './request.ts';
import type { ObjectStore } from './store.ts';

/** The largest object of one request, and the largest part: 5 GiB. */
const MAX_CONTENT_BYTES = 5 * 1024 ** 3;
/** The largest XML that S3's clients send: the list of 10,000 parts, or 1,000 keys of 1,024 bytes. */
const MAX_XML_BYTES = 4 * 1024 ** 2;

/** What the client says of its content. */
interface Promises {
  readonly md5?: string;
  readonly sha256?: string;
  readonly length?: number;
  readonly checksumNames: readonly ChecksumName[];
}

/**
 * Writes a request's content into the store's data folder, on disk when this resolves. Throws an S3Error, the file being
 * gone, when the content is not what the client said: its length, MD5, SHA-256 or checksum.
 */
export async function receiveContent(
  store: ObjectStore,
  bucket: string,
  request: S3Request,
): Promise<StoredContent> {
  const promises = readPromises(request);
  const trailers = new Map<string, string>();
  const source = isChunked(request) ? decodeChunks(request.body, trailers) : request.body;
  const dataFile = store.newDataFile();
  try {
    return await write(
      store.dataPath(bucket, dataFile),
      dataFile,
      source,
      promises,
      (header) => request.header(header) ?? trailers.get(header),
    );
  } catch (error) {
    await store.discardData(bucket, dataFile);
    throw error;
  }
}

async function write(
  path: string,
  dataFile: string,
  source: AsyncIterable<Uint8Array>,
  promises: Promises,
  findHeader: (name: string) => string | undefined,
): Promise<StoredContent> {
  const md5 = createHash('md5');
  const sha256 = promises.sha256 === undefined ? undefined : createHash('sha256');
  const checksums = promises.checksumNames.map((name) => ({ name, state: startChecksum(name) }));
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > MAX_CONTENT_BYTES) throw refusals.entityTooLarge();
      md5.update(chunk);
      sha256?.update(chunk);
      for (const { state } of checksums) state.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (promises.length !== undefined && promises.length !== size) throw refusals.incompleteBody();
  const digest = md5.digest();
  if (promises.md5 !== undefined && promises.md5 !== digest.toString('base64'))
    throw refusals.badDigest('Content-MD5');
  if (sha256 !== undefined && sha256.digest('hex') !== promises.sha256) throw refusals.sha256Mismatch();
  const content = { dataFile, size, etag: digest.toString('hex') };
  for (const { name, state } of checksums) {
    const value = state.digest();
    if (findHeader(`x-amz-checksum-${name}`) !== value) throw refusals.badDigest(name.toUpperCase());
    return { ...content, checksum: { name, value } };
  }
  return content;
}

function readPromises(request: S3Request): Promises {
  const md5 = request.header('content-md5');
  if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(md5)) throw refusals.invalidDigest(md5);
  const sha256 = request.header('x-amz-content-sha256');
  const stated = request.header(isChunked(request) ? 'x-amz-decoded-content-length' : 'content-length');
  const length = stated === undefined ? undefined : Number(stated);
  if (length !== undefined && (!Number.isSafeInteger(length) || length < 0)) throw refusals.incompleteBody();
  if (length !== undefined && length > MAX_CONTENT_BYTES) throw refusals.entityTooLarge();
  const checksumNames = CHECKSUM_NAMES.filter(
    (name) => request.header(`x-amz-checksum-${name}`) !== undefined,
  );
  const trailer = checksumNameOf((request.header('x-amz-trailer') ?? '').trim());
  if (checksumNames.length + (trailer === undefined ? 0 : 1) > 1) {
    throw refusals.invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  return {
    checksumNames: trailer === undefined ? checksumNames : [trailer],
    ...(md5 === undefined ? {} : { md5 }),
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
    ...(length === undefined ? {} : { length }),
  };
}

function isChunked(request: S3Request): boolean {
  return (
    request.header('x-amz-content-sha256')?.startsWith('STREAMING-') === true ||
    request
      .header('content-encoding')
      ?.split(',')
      .some((coding) => coding.trim() === 'aws-chunked') === true
  );
}

/** A request's body as text, for those that are XML. Throws an S3Error when it is too long. */
export async function receiveXml(request: S3Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = isChunked(request) ? decodeChunks(request.body, new Map()) : request.body;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > MAX_XML_BYTES) throw refusals.malformedXml();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
