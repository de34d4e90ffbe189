import { refusals } from './errors.ts';
import type { ObjectRecord } from './records.ts';
import type { S3Request } from './request.ts';

/** Holds the conditions of a read (RFC 9110 section 13.2.2). Throws PreconditionFailed or NotModified. */
export function checkReadConditions(request: S3Request, object: ObjectRecord): void {
  const match = request.header('if-match');
  const noneMatch = request.header('if-none-match');
  const modified = Date.parse(object.lastModified);
  if (match !== undefined) {
    if (!hasTag(match, object.etag)) throw refusals.preconditionFailed('If-Match');
  } else if (isBefore(request.header('if-unmodified-since'), modified)) {
    throw refusals.preconditionFailed('If-Unmodified-Since');
  }
  if (noneMatch !== undefined) {
    if (hasTag(noneMatch, object.etag)) throw refusals.notModified();
    return;
  }
  const since = Date.parse(request.header('if-modified-since') ?? '');
  if (!Number.isNaN(since) && modified <= since) throw refusals.notModified();
}

/** Holds the conditions of a write: `If-None-Match: *`, `If-Match: ETAG`. Throws PreconditionFailed or NoSuchKey. */
export function checkWriteConditions(
  request: S3Request,
  key: string,
  current: ObjectRecord | undefined,
): void {
  const noneMatch = request.header('if-none-match');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') throw refusals.notImplemented('If-None-Match with another value than *');
    if (current !== undefined) throw refusals.preconditionFailed('If-None-Match');
  }
  const match = request.header('if-match');
  if (match === undefined) return;
  if (current === undefined) throw refusals.noSuchKey(key);
  if (!hasTag(match, current.etag)) throw refusals.preconditionFailed('If-Match');
}

/** The first and last byte a `range` header asks for; undefined for the whole. Throws InvalidRange. */
export function findRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | undefined {
  const match = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '');
  // What is no single range of bytes is not heeded, as S3 has it.
  if (header === undefined || match === null) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first >= size || (from === '' && Number(to) === 0)) throw refusals.invalidRange(header, size);
  return { first, last };
}

function hasTag(header: string, etag: string): boolean {
  return header.split(',').some((tag) => ['*', etag, `"${etag}"`, `W/"${etag}"`].includes(tag.trim()));
}

function isBefore(header: string | undefined, modified: number): boolean {
  const until = Date.parse(header ?? '');
  return !Number.isNaN(until) && modified > until;
}
