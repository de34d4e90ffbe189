import { hash } from 'node:crypto';

/** An HTTP request as far as a signature covers it. */
export interface SignableRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  /** A header's value, several joined by a comma; `name` in small letters. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

/** Path and raw query of a request's url. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** Percent-encodes all but the letters, digits and `-_.~` of RFC 3986. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decodes a percent-encoded text, or leaves it as it is where it is broken: then no signature fits it. */
export function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The canonical request of Signature Version 4, hashed. S3 encodes the path once, every other service twice.
 * `without` names a query parameter to leave out: the signature itself in a presigned one.
 */
export function hashCanonicalRequest(
  request: SignableRequest,
  service: string,
  signedHeaders: string,
  payloadHash: string,
  without?: string,
): string {
  const { path, query } = splitUrl(request.url);
  let headers = '';
  for (const name of signedHeaders.split(';')) {
    headers += `${name}:${(request.header(name) ?? '').trim().replace(/ {2,}/g, ' ')}\n`;
  }
  const canonicalPath = service === 's3' ? canonicalizeS3Path(path) : canonicalizePath(path);
  return hash(
    'sha256',
    `${request.method}\n${canonicalPath}\n${canonicalizeQuery(query, without)}\n${headers}\n${signedHeaders}\n${payloadHash}`,
  );
}

function canonicalizeS3Path(path: string): string {
  return path
    .split('/')
    .map((part) => encodeStrictly(decodeLeniently(part)))
    .join('/');
}

/** `.`, `..` and empty parts are resolved (RFC 3986, 6.2.2.3) before the second encoding. */
function canonicalizePath(path: string): string {
  if (path === '/') return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(encodeStrictly(part));
  }
  const isFolder = path.endsWith('/') && parts.length > 0;
  return `/${parts.join('/')}${isFolder ? '/' : ''}`;
}

function canonicalizeQuery(query: string, without: string | undefined): string {
  if (query === '') return '';
  const pairs: (readonly [string, string])[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeLeniently(equals < 0 ? part : part.slice(0, equals));
    if (name === without) continue;
    const value = equals < 0 ? '' : decodeLeniently(part.slice(equals + 1));
    pairs.push([encodeStrictly(name), encodeStrictly(value)]);
  }
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}
