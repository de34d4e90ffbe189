import type { ChunkSeal } from './chunked.ts';
import { refusals } from './errors.ts';

/** Who a connection is from: in the world, an interface is known by the unique address its packets carry. */
export interface S3Attribution {
  /** The private address in a VPC when it came through an endpoint, else the public one. */
  readonly sourceAddress: string;
  readonly vpcEndpointId?: string;
  readonly vpcId?: string;
  readonly eniId?: string;
}

/** Who has signed a request. */
export interface S3Caller {
  readonly accessKeyId: string;
  readonly account: string;
  readonly arn: string;
  /** What the chunks of a signed stream must be signed with; absent where any access key is accepted. */
  readonly seal?: ChunkSeal;
}

/** A request, whatever carried it. */
export interface S3Request {
  readonly method: string;
  /** The `host` header, with its port. */
  readonly host: string;
  /** As it was sent, not decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was sent, without its mark. */
  readonly rawQuery: string;
  /** A header's value; `name` in small letters. */
  readonly header: (name: string) => string | undefined;
  /** All headers' names, in small letters. */
  readonly headerNames: readonly string[];
  /** Who asks, by the way the request came; absent where nobody knows. */
  readonly attribution?: S3Attribution;
  /** Can be read once. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly requestId: string;
}

/** A reply. Chunks are lent, each until the next is asked for; the reading ends when the client goes away. */
export interface S3Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
}

/** What a request is about. */
export interface S3Target {
  readonly bucket?: string;
  /** Absent, never empty, where it is about the bucket. */
  readonly key?: string;
  /** The region whose endpoint was called, where the host name says so. */
  readonly endpointRegion?: string;
}

/** The longest key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * Finds bucket and key: by host (`BUCKET.s3.REGION.amazonaws.com`, `BUCKET.localhost`) or, for any other host, by path.
 * Throws an S3Error for what is no path or too long a key.
 */
export function findTarget({ host, path }: Pick<S3Request, 'host' | 'path'>): S3Target {
  const name = host.toLowerCase().replace(/:[0-9]+$/, '');
  const endpoint = /^(?:(.+)\.)?s3(?:[.-]([a-z]+(?:-[a-z]+)+-[0-9]+))?\.amazonaws\.com$/.exec(name);
  const bucketByHost = endpoint?.[1] ?? /^(.+)\.localhost$/.exec(name)?.[1];
  const region = endpoint?.[2] === undefined ? {} : { endpointRegion: endpoint[2] };
  const rest = path.replace(/^\//, '');
  const slash = rest.indexOf('/');
  const [first, after] = slash === -1 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash + 1)];
  const bucket = bucketByHost ?? decode(first);
  const key = decode(bucketByHost === undefined ? after : rest);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw refusals.keyTooLong();
  return { ...region, ...(bucket === '' ? {} : { bucket }), ...(key === '' ? {} : { key }) };
}

/** What a copy is made of. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  /** Null for the newest. */
  readonly versionId: string | null;
}

/** A copy's source, `BUCKET/KEY[?versionId=ID]` with or without a slash before, percent-encoded. */
export function parseCopySource(header: string): CopySource {
  const [path = '', versionId = null] = header.replace(/^\//, '').split('?versionId=');
  // Unlike in a path, a plus is a space here.
  const decoded = decode(path.replaceAll('+', ' '));
  const slash = decoded.indexOf('/');
  const [bucket, key] = [decoded.slice(0, slash), decoded.slice(slash + 1)];
  if (slash < 1 || key === '') {
    throw refusals.invalidArgument(
      'Copy Source must mention the source bucket and key',
      'x-amz-copy-source',
      header,
    );
  }
  return { bucket, key, versionId };
}

/** The region of the signature's scope, in the header or of a presigned URL. */
export function findScopeRegion(request: Pick<S3Request, 'header' | 'query'>): string | undefined {
  return findScope(request)?.region;
}

/** Access key and region of the signature's scope. They are what the client says, not what is proved. */
export function findScope({
  header,
  query,
}: Pick<S3Request, 'header' | 'query'>): { accessKeyId: string; region: string } | undefined {
  const authorization = header('authorization') ?? '';
  const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const [accessKeyId, , region, service] = credential.split('/');
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return { accessKeyId, region };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusals.invalidUri();
  }
}
