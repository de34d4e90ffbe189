import { refusals, S3Error } from './errors.ts';
import type { Operation, OperationContext } from './operation.ts';
import { type Level, OPERATIONS } from './operations.ts';
import { isPublicPolicy } from './public-policy.ts';
import {
  findScopeRegion,
  findTarget,
  type S3Caller,
  type S3Reply,
  type S3Request,
  type S3Target,
} from './request.ts';
import { isBlocking } from './settings.ts';
import type { ObjectStore } from './store.ts';
import { errorDocument } from './xml.ts';

/** What S3 is made of. */
export interface S3Options {
  readonly store: ObjectStore;
  readonly clock: () => Date;
  /** The region of requests that name none. */
  readonly defaultRegion: string;
  /** Says who has signed a request, undefined where nobody has. Throws an S3Error for a signature that is not right. */
  readonly authenticate: (request: S3Request) => S3Caller | undefined;
  /** Asks the policies on the way whether an operation may go on: the refusal, or undefined. */
  readonly authorize: (asked: S3Asked) => S3Error | undefined;
  /** Told of every failure that is a bug of ours, or the disk's. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** Something that a caller is about to do. */
export interface S3Asked {
  readonly request: S3Request;
  readonly caller: S3Caller | undefined;
  readonly target: Pick<S3Target, 'bucket' | 'key'>;
  /** `PutObject` */
  readonly operation: string;
  /** Its action in policies: `s3:PutObject`. */
  readonly action: string;
  /** The policy of the bucket that it is about. */
  readonly bucketPolicy: string | undefined;
  /** The account whose bucket it is; undefined where there is none of that name. */
  readonly owner: string | undefined;
}

/** A reply with what it was an answer to, for the access log. */
export interface S3Outcome {
  readonly reply: S3Reply;
  /** `PutObject`; undefined when the request was none. */
  readonly operation?: string;
  readonly target: S3Target;
  readonly caller?: S3Caller;
}

/** Answers a request. Never rejects: what goes wrong becomes S3's XML. */
export async function answerS3(options: S3Options, request: S3Request): Promise<S3Outcome> {
  let told: Omit<S3Outcome, 'reply'> = { target: {} };
  try {
    const target = findTarget(request);
    told = { target };
    const caller = options.authenticate(request);
    if (caller !== undefined) told = { ...told, caller };
    const operation = findOperation(request, target);
    told = { ...told, operation: operation.name };
    const context: OperationContext = {
      store: options.store,
      request,
      caller,
      region: target.endpointRegion ?? findScopeRegion(request) ?? options.defaultRegion,
      now: options.clock(),
      authorize: (permission, bucket, key) =>
        ask(options, { request, caller, target: { bucket, key }, operation: permission, permission }),
    };
    // Of many keys each is asked about by itself.
    if (operation.name !== 'DeleteObjects') {
      const permission = permissionOf(operation, request);
      const denial = ask(options, { request, caller, target, operation: operation.name, permission });
      if (denial !== undefined) throw denial;
    }
    if (operation.name !== 'CreateBucket') checkRegion(options.store, target);
    if (operation.run === undefined) throw refusals.notImplemented(operation.name);
    const reply = await operation.run(context, target.bucket ?? '', target.key ?? '');
    return { ...told, reply };
  } catch (error) {
    const refusal = refusalOf(error);
    // A client that went away in the middle is no bug.
    if (refusal === undefined && !isAbort(error)) options.onBug(error, request.requestId);
    return { ...told, reply: renderRefusal(refusal ?? refusals.internalError(), request) };
  }
}

/** What a request asks for, as policies have it; undefined for what is no request of S3. */
export function describeS3(
  request: S3Request,
): { readonly action: string; readonly target: S3Target } | undefined {
  try {
    const target = findTarget(request);
    return { action: `s3:${permissionOf(findOperation(request, target), request)}`, target };
  } catch (error) {
    if (error instanceof S3Error) return undefined;
    throw error;
  }
}

/** An error as S3 writes it: nothing but headers to HEAD and for "not modified". */
export function renderRefusal(
  error: S3Error,
  request: Pick<S3Request, 'method' | 'path' | 'requestId'>,
): S3Reply {
  const { code, status, message, details, headers } = error;
  if (request.method === 'HEAD' || status === 304) return { status, headers, body: '' };
  const body = errorDocument({
    Code: code,
    Message: message,
    ...details,
    Resource: request.path,
    RequestId: request.requestId,
  });
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

/** A full disk is no bug: the client is told to try again, as of any service that has no room now. */
function refusalOf(error: unknown): S3Error | undefined {
  if (error instanceof S3Error) return error;
  return hasCode(error, ['ENOSPC', 'EDQUOT']) ? refusals.noRoom() : undefined;
}

interface Question {
  readonly request: S3Request;
  readonly caller: S3Caller | undefined;
  readonly target: Pick<S3Target, 'bucket' | 'key'>;
  readonly operation: string;
  readonly permission: string;
}

function ask({ store, authorize }: S3Options, { permission, ...question }: Question): S3Error | undefined {
  const { bucket } = question.target;
  // A name that is to be a bucket's is nobody's to guard: whether it is taken, the operation says.
  const isToBeMade = question.operation === 'CreateBucket';
  const record = bucket === undefined || isToBeMade ? undefined : store.bucket(bucket)?.record;
  // What would be given to the public is given to nobody but the owner's account, where the bucket restricts it.
  const isRestricted =
    record?.policy !== undefined &&
    question.caller?.account !== record.account &&
    isBlocking(record, 'RestrictPublicBuckets') &&
    isPublicPolicy(record.policy);
  return authorize({
    ...question,
    action: `s3:${permission}`,
    bucketPolicy: isRestricted ? undefined : record?.policy,
    owner: record?.account,
  });
}

function permissionOf({ name, permission = name, versionPermission }: Operation, request: S3Request): string {
  return request.query.has('versionId') ? (versionPermission ?? permission) : permission;
}

function findOperation(request: S3Request, { bucket, key }: S3Target): Operation {
  const level: Level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  const asked = OPERATIONS[level].filter(({ query }) => query === undefined || hasQuery(request, query));
  // A key cannot have what only buckets have: the object must not be taken for it.
  const isForeign = QUERIES.some((query) => hasQuery(request, query)) && asked.every(({ query }) => !query);
  if (isForeign) throw refusals.methodNotAllowed();
  // What names a matter is about that matter, whatever the method.
  const matter = asked.find(({ query }) => query !== undefined)?.query;
  const found = asked.find(
    ({ method, query, header }) =>
      method === request.method &&
      (matter === undefined || query !== undefined) &&
      (header === undefined || request.header(header) !== undefined),
  );
  if (found === undefined) throw refusals.methodNotAllowed();
  return found;
}

const QUERIES: readonly string[] = Object.values(OPERATIONS)
  .flat()
  .flatMap(({ query }) => query ?? []);

function hasQuery({ query }: S3Request, asked: string): boolean {
  const [name = '', value] = asked.split('=');
  return value === undefined ? query.has(name) : query.get(name) === value;
}

/** A bucket is reached through its own region's endpoint only: the address of another one leads elsewhere. */
function checkRegion(store: ObjectStore, { bucket, endpointRegion }: S3Target): void {
  const region = bucket === undefined ? undefined : store.bucket(bucket)?.record.region;
  if (bucket === undefined || region === undefined || endpointRegion === undefined) return;
  if (region !== endpointRegion) throw refusals.permanentRedirect(bucket, region);
}

function isAbort(error: unknown): boolean {
  return hasCode(error, ['ECONNRESET', 'ABORT_ERR']);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}
