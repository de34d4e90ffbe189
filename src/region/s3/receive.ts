import { createHash, type Hash } from 'node:crypto';
import {
  CHECKSUM_NAMES,
  type Checksum,
  type ChecksumName,
  checksumNameOf,
  startChecksum,
} from './checksum.ts';
import { decodeChunks } from './chunked.ts';
import { refusals } from './errors.ts';
import type { OperationContext } from './operation.ts';
import type { StoredChecksum, StoredContent } from './records.ts';
import type { S3Request } from './request.ts';
import { writeDown } from './write-down.ts';

/** The largest object of one request, and the largest part: 5 GiB. */
const MAX_CONTENT_BYTES = 5 * 1024 ** 3;
/** The largest XML that S3's clients send: the list of 10,000 parts, or 1,000 keys of 1,024 bytes. */
const MAX_XML_BYTES = 4 * 1024 ** 2;

/** What a request needs to be received. */
type Received = Pick<OperationContext, 'request' | 'caller'>;

/**
 * Writes a request's content into the store's data folder, on disk when this resolves. Throws an S3Error, the file being
 * gone, when the content is not what the client said: its length, MD5, SHA-256, checksum or signatures.
 */
export async function receiveContent(
  { store, request, caller }: Pick<OperationContext, 'store' | 'request' | 'caller'>,
  bucket: string,
): Promise<StoredContent> {
  const check = new ContentCheck(request, MAX_CONTENT_BYTES);
  const dataFile = store.newDataFile();
  try {
    await writeDown(store.dataPath(bucket, dataFile), openBody({ request, caller }, check));
    const content = check.end();
    return { ...content, pieces: [{ dataFile, size: content.size }] };
  } catch (error) {
    await store.discard(bucket, [dataFile]);
    throw error;
  }
}

/** A request's body as text, for those that are XML or JSON. Throws an S3Error when it is too long or not what was said. */
export async function receiveText(received: Received): Promise<string> {
  const check = new ContentCheck(received.request, MAX_XML_BYTES);
  const chunks: Uint8Array[] = [];
  for await (const chunk of openBody(received, check)) chunks.push(chunk);
  check.end();
  return Buffer.concat(chunks).toString('utf8');
}

/** The content's bytes, out of their chunks if it comes in such, each passed through the check. */
async function* openBody({ request, caller }: Received, check: ContentCheck): AsyncGenerator<Uint8Array> {
  const isSigned = request.header('x-amz-content-sha256')?.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  const seal = isSigned === true ? caller?.seal : undefined;
  const source = isChunked(request) ? decodeChunks(request.body, check.trailers, seal) : request.body;
  for await (const chunk of source) {
    check.update(chunk);
    yield chunk;
  }
}

/** Holds a content against what the client said of it. */
class ContentCheck {
  readonly trailers = new Map<string, string>();
  readonly #request: S3Request;
  readonly #limit: number;
  readonly #promises: Promises;
  readonly #md5: Hash = createHash('md5');
  readonly #sha256: Hash | undefined;
  readonly #checksums: readonly { readonly name: ChecksumName; readonly state: Checksum }[];
  #size = 0;

  constructor(request: S3Request, limit: number) {
    this.#request = request;
    this.#limit = limit;
    this.#promises = readPromises(request, limit);
    this.#sha256 = this.#promises.sha256 === undefined ? undefined : createHash('sha256');
    this.#checksums = this.#promises.checksumNames.map((name) => ({ name, state: startChecksum(name) }));
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size > this.#limit) throw refusals.entityTooLarge();
    this.#md5.update(chunk);
    this.#sha256?.update(chunk);
    for (const { state } of this.#checksums) state.update(chunk);
  }

  /** Throws an S3Error where something is not as it was said. */
  end(): { readonly size: number; readonly etag: string; readonly checksum?: StoredChecksum } {
    const { length, md5, sha256 } = this.#promises;
    if (length !== undefined && length !== this.#size) throw refusals.incompleteBody();
    const digest = this.#md5.digest();
    if (md5 !== undefined && md5 !== digest.toString('base64')) throw refusals.badDigest('Content-MD5');
    if (this.#sha256 !== undefined && this.#sha256.digest('hex') !== sha256) throw refusals.sha256Mismatch();
    const content = { size: this.#size, etag: digest.toString('hex') };
    for (const { name, state } of this.#checksums) {
      const value = state.digest();
      const header = `x-amz-checksum-${name}`;
      const said = this.#request.header(header) ?? this.trailers.get(header);
      if (said !== value) throw refusals.badDigest(name.toUpperCase());
      return { ...content, checksum: { name, value } };
    }
    return content;
  }
}

/** What the client says of its content. */
interface Promises {
  readonly md5?: string;
  readonly sha256?: string;
  readonly length?: number;
  readonly checksumNames: readonly ChecksumName[];
}

function readPromises(request: S3Request, limit: number): Promises {
  const md5 = request.header('content-md5');
  if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(md5)) throw refusals.invalidDigest(md5);
  const sha256 = request.header('x-amz-content-sha256');
  const stated = request.header(isChunked(request) ? 'x-amz-decoded-content-length' : 'content-length');
  const length = stated === undefined ? undefined : Number(stated);
  if (length !== undefined && (!Number.isSafeInteger(length) || length < 0)) throw refusals.incompleteBody();
  if (length !== undefined && length > limit) throw refusals.entityTooLarge();
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
