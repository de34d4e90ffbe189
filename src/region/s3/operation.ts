import type { Bucket } from './bucket.ts';
import { refusals, type S3Error } from './errors.ts';
import type { ObjectRecord } from './records.ts';
import { isDeleteMarker } from './records.ts';
import type { S3Caller, S3Reply, S3Request } from './request.ts';
import type { ObjectStore } from './store.ts';
import { NULL_VERSION, versionIdOf } from './versions.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly store: ObjectStore;
  readonly request: S3Request;
  /** Undefined for a request that nobody has signed. */
  readonly caller: S3Caller | undefined;
  /** The region of the endpoint or else of the signature. */
  readonly region: string;
  readonly now: Date;
  /** Whether the caller may do something to another object than the request's own: the refusal, or undefined. */
  readonly authorize: (permission: string, bucket: string, key: string) => S3Error | undefined;
}

/** Answers a request about a bucket or one of its keys; what it is not about is empty. */
export type RunOperation = (
  context: OperationContext,
  bucket: string,
  key: string,
) => S3Reply | Promise<S3Reply>;

/** An operation: what it answers, and what a caller must be allowed. */
export interface Operation {
  /** AWS's own: `PutObject` */
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** The query parameter that asks for it: `policy`, `list-type=2`. */
  readonly query?: string;
  /** The header that asks for it. */
  readonly header?: string;
  /** The action in policies, without `s3:`, where it has another name than the operation. */
  readonly permission?: string;
  /** The same where a version is named. */
  readonly versionPermission?: string;
  /** Absent where Cloudcroft does not provide it. */
  readonly run?: RunOperation;
}

/** An account's canonical user, as owner of what it has: some 64 hexadecimal digits that are its own. */
export function ownerIdOf(account: string): string {
  return `75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c${account}`;
}

/** A bucket that must be there. */
export function demandBucket(store: ObjectStore, name: string): Bucket {
  const bucket = store.bucket(name);
  if (bucket === undefined) throw refusals.noSuchBucket(name);
  return bucket;
}

/** What a key holds in the named version, or now. Throws NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker. */
export function demandObject(
  store: ObjectStore,
  bucketName: string,
  key: string,
  versionId: string | null,
): ObjectRecord {
  const bucket = demandBucket(store, bucketName);
  const versions = bucket.versions(key);
  const version = versionId === null ? versions[0] : versions.find((one) => versionIdOf(one) === versionId);
  if (version === undefined) {
    throw versionId === null ? refusals.noSuchKey(key) : refusals.noSuchVersion(key, versionId);
  }
  if (!isDeleteMarker(version)) return version;
  throw versionId === null
    ? refusals.noSuchKey(key, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionIdOf(version) })
    : refusals.isDeleteMarker(versionId);
}

/** `x-amz-version-id`, in a bucket that keeps or has kept versions. */
export function versionHeaders(
  { record: { versioning } }: Bucket,
  { versionId = NULL_VERSION }: { readonly versionId?: string },
): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': versionId };
}

/** Now, in whole seconds: HTTP's dates hold no more, and the listing must say the same. */
export function wholeSeconds(now: Date): string {
  return `${now.toISOString().slice(0, 19)}.000Z`;
}

/** A reply with XML. */
export function xmlReply(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): S3Reply {
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

/** A reply without content. */
export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): S3Reply {
  return { status, headers, body: '' };
}

/** A whole number of a query parameter from 0 to `limit`; the default where it is not given. Throws InvalidArgument. */
export function readCount(request: S3Request, name: string, fallback: number, limit: number): number {
  const text = request.query.get(name);
  if (text === null || text === '') return fallback;
  if (!/^[0-9]{1,10}$/.test(text)) {
    throw refusals.invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  return Math.min(Number(text), limit);
}
