import { deleteBucketPolicy, getBucketPolicy, putBucketPolicy } from './bucket-policy.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import { refusals, S3Error } from './errors.ts';
import { listObjects, listObjectsV2 } from './listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart.ts';
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './objects.ts';
import type { OperationContext } from './operation.ts';
import { findScopeRegion, findTarget, type S3Reply, type S3Request, type S3Target } from './request.ts';
import type { ObjectStore } from './store.ts';
import { errorDocument } from './xml.ts';

/** What S3 is made of. */
export interface S3Options {
  readonly store: ObjectStore;
  readonly clock: () => Date;
  /** The region of requests that name none. */
  readonly defaultRegion: string;
  /**
   * Says who asks, and whether they may: returns the refusal, or undefined to let the request in. Default: everyone may,
   * signed or not.
   */
  readonly authenticate?: (
    request: S3Request,
    target: S3Target,
  ) => S3Error | undefined | Promise<S3Error | undefined>;
  /** Asks the policies on the way whether an operation may go on: the refusal, or undefined. Default: all may. */
  readonly authorize?: (asked: S3Asked) => S3Error | undefined;
  /** Told of every failure that is a bug of ours, or the disk's. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** An operation that is about to run. */
export interface S3Asked {
  readonly request: S3Request;
  readonly target: S3Target;
  /** `PutObject` */
  readonly operation: string;
  /** The policy of the bucket that it is about. */
  readonly bucketPolicy: string | undefined;
}

/** A reply with what it was an answer to, for the access log. */
export interface S3Outcome {
  readonly reply: S3Reply;
  /** `PutObject`; undefined when the request was none. */
  readonly operation?: string;
  readonly target: S3Target;
}

type BucketOperation = (context: OperationContext, bucket: string) => S3Reply | Promise<S3Reply>;
type ObjectOperation = (context: OperationContext, bucket: string, key: string) => S3Reply | Promise<S3Reply>;

/** Query parameters that name another matter than the bucket or the object itself, and are not provided. */
const FOREIGN_MATTERS = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'versions',
  'website',
];

/** Answers a request. Never rejects: what goes wrong becomes S3's XML. */
export async function answerS3(options: S3Options, request: S3Request): Promise<S3Outcome> {
  let target: S3Target = {};
  let operation: string | undefined;
  try {
    target = findTarget(request);
    const refusal = await options.authenticate?.(request, target);
    if (refusal !== undefined) throw refusal;
    const region = target.endpointRegion ?? findScopeRegion(request) ?? options.defaultRegion;
    const context = { store: options.store, request, region, now: options.clock() };
    const found = findOperation(request, target);
    operation = found.name;
    const bucketPolicy =
      target.bucket === undefined ? undefined : options.store.bucket(target.bucket)?.record.policy;
    const denial = options.authorize?.({ request, target, operation, bucketPolicy });
    if (denial !== undefined) throw denial;
    if (operation !== 'CreateBucket') checkRegion(options.store, target);
    const reply = await found.run(context);
    return { reply, operation, target };
  } catch (error) {
    const isOwn = error instanceof S3Error;
    // A client that went away in the middle is no bug.
    if (!isOwn && !isAbort(error)) options.onBug(error, request.requestId);
    const reply = renderRefusal(isOwn ? error : refusals.internalError(), request);
    return { reply, target, ...(operation === undefined ? {} : { operation }) };
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

function findOperation(
  request: S3Request,
  { bucket, key }: S3Target,
): { name: string; run: (context: OperationContext) => S3Reply | Promise<S3Reply> } {
  const foreign = FOREIGN_MATTERS.find((matter) => request.query.has(matter));
  if (foreign !== undefined) throw refusals.notImplemented(`"?${foreign}"`);
  if (bucket === undefined) {
    if (request.method !== 'GET') throw refusals.methodNotAllowed();
    return { name: 'ListBuckets', run: listBuckets };
  }
  if (key === undefined) {
    const [name, run] = findBucketOperation(request);
    return { name, run: (context) => run(context, bucket) };
  }
  const [name, run] = findObjectOperation(request);
  return { name, run: (context) => run(context, bucket, key) };
}

function findBucketOperation({ method, query }: S3Request): [string, BucketOperation] {
  if (query.has('policy')) return findPolicyOperation(method);
  switch (method) {
    case 'PUT':
      return ['CreateBucket', createBucket];
    case 'HEAD':
      return ['HeadBucket', headBucket];
    case 'DELETE':
      return ['DeleteBucket', deleteBucket];
    case 'POST':
      if (query.has('delete')) return ['DeleteObjects', deleteObjects];
      break;
    case 'GET':
      if (query.has('location')) return ['GetBucketLocation', getBucketLocation];
      if (query.has('uploads')) return ['ListMultipartUploads', listMultipartUploads];
      return query.get('list-type') === '2' ? ['ListObjectsV2', listObjectsV2] : ['ListObjects', listObjects];
  }
  throw refusals.methodNotAllowed();
}

function findPolicyOperation(method: string): [string, BucketOperation] {
  switch (method) {
    case 'PUT':
      return ['PutBucketPolicy', putBucketPolicy];
    case 'GET':
      return ['GetBucketPolicy', getBucketPolicy];
    case 'DELETE':
      return ['DeleteBucketPolicy', deleteBucketPolicy];
    default:
      throw refusals.methodNotAllowed();
  }
}

function findObjectOperation({ method, query, header }: S3Request): [string, ObjectOperation] {
  const hasUpload = query.has('uploadId');
  switch (method) {
    case 'PUT': {
      const isCopy = header('x-amz-copy-source') !== undefined;
      if (hasUpload && isCopy) throw refusals.notImplemented('UploadPartCopy');
      if (hasUpload) return ['UploadPart', uploadPart];
      return isCopy ? ['CopyObject', copyObject] : ['PutObject', putObject];
    }
    case 'GET':
      return hasUpload ? ['ListParts', listParts] : ['GetObject', getObject];
    case 'HEAD':
      return ['HeadObject', getObject];
    case 'DELETE':
      return hasUpload ? ['AbortMultipartUpload', abortMultipartUpload] : ['DeleteObject', deleteObject];
    case 'POST':
      if (query.has('uploads')) return ['CreateMultipartUpload', createMultipartUpload];
      if (hasUpload) return ['CompleteMultipartUpload', completeMultipartUpload];
      break;
  }
  throw refusals.methodNotAllowed();
}

/** A bucket is reached through its own region's endpoint only: the address of another one leads elsewhere. */
function checkRegion(store: ObjectStore, { bucket, endpointRegion }: S3Target): void {
  const region = bucket === undefined ? undefined : store.bucket(bucket)?.record.region;
  if (bucket === undefined || region === undefined || endpointRegion === undefined) return;
  if (region !== endpointRegion) throw refusals.permanentRedirect(bucket, region);
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ABORT_ERR')
  );
}
