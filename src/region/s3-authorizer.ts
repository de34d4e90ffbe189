import type { Principal } from '../model/policy/evaluate.ts';
import type { Attribution } from './api.ts';
import type { PolicyGuard } from './guard.ts';
import { refusals, type S3Error } from './s3/errors.ts';
import { findScope } from './s3/request.ts';
import type { S3Asked } from './s3/service.ts';

/** Operations whose permission has another name than they (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html). */
const ACTIONS: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBuckets',
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  DeleteObjects: 'DeleteObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  ListParts: 'ListMultipartUploadParts',
  ListMultipartUploads: 'ListBucketMultipartUploads',
};

/** What the authorizer is made of. */
export interface S3AuthorizerOptions {
  readonly guard: PolicyGuard;
  /** Whose an access key is; undefined for one that nobody has. */
  readonly principalOf: (accessKeyId: string) => Principal | undefined;
  /** The policy of an endpoint that requests come by. */
  readonly endpointPolicyOf: (vpcEndpointId: string) => string | undefined;
  /** Told of each denial, with the statement. */
  readonly onDenial: (asked: S3Asked, reason: string) => void;
}

/** Asks the endpoint's policy and the bucket's, in the order in which a request meets them. */
export function authorizeS3(options: S3AuthorizerOptions): (asked: S3Asked) => S3Error | undefined {
  return (asked) => {
    const { request, target, operation, bucketPolicy } = asked;
    const attribution: Attribution = request.attribution ?? { sourceAddress: '' };
    const scope = findScope(request);
    const principal = scope === undefined ? undefined : options.principalOf(scope.accessKeyId);
    const guarded = {
      action: `s3:${ACTIONS[operation] ?? operation}`,
      resource: resourceOf(target.bucket, target.key),
      principal,
      attribution,
      context: { 's3:prefix': request.query.get('prefix') ?? undefined },
    };
    const { vpcEndpointId } = attribution;
    const endpointPolicy = vpcEndpointId === undefined ? undefined : options.endpointPolicyOf(vpcEndpointId);
    const denial =
      (endpointPolicy === undefined ? undefined : options.guard.askEndpoint(endpointPolicy, guarded)) ??
      options.guard.askBucket(bucketPolicy, guarded);
    if (denial === undefined) return undefined;
    // Whoever asks for buckets without a signature is a person with a browser.
    if (operation === 'ListBuckets' && scope === undefined) return refusals.seeOther();
    options.onDenial(asked, denial.reason);
    return refusals.accessDenied(denial.message);
  };
}

function resourceOf(bucket: string | undefined, key: string | undefined): string {
  if (bucket === undefined) return '*';
  return key === undefined ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
}
