import type { Bucket } from './bucket.ts';
import { refusals } from './errors.ts';
import type { S3Reply, S3Request } from './request.ts';
import type { ObjectStore } from './store.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly store: ObjectStore;
  readonly request: S3Request;
  /** The region of the endpoint or else of the signature. */
  readonly region: string;
  readonly now: Date;
}

/** The one account's canonical user, as owner of everything. */
export const OWNER_ID = '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a';

/** A bucket that must be there. */
export function demandBucket(store: ObjectStore, name: string): Bucket {
  const bucket = store.bucket(name);
  if (bucket === undefined) throw refusals.noSuchBucket(name);
  return bucket;
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
