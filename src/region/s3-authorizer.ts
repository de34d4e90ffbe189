import type { Attribution } from './api.ts';
import type { PolicyGuard } from './guard.ts';
import { refusals, type S3Error } from './s3/errors.ts';
import type { S3Asked } from './s3/service.ts';

/** What the authorizer is made of. */
export interface S3AuthorizerOptions {
  readonly guard: PolicyGuard;
  /** The policy of an endpoint that requests come by. */
  readonly endpointPolicyOf: (vpcEndpointId: string) => string | undefined;
  /** Told of each denial, with the statement. */
  readonly onDenial: (asked: S3Asked, reason: string) => void;
}

/** Asks the endpoint's policy and the bucket's, in the order in which a request meets them. */
export function authorizeS3(options: S3AuthorizerOptions): (asked: S3Asked) => S3Error | undefined {
  return (asked) => {
    const { request, caller, target, operation, action, bucketPolicy, owner } = asked;
    const attribution: Attribution = request.attribution ?? { sourceAddress: '' };
    const guarded = {
      action,
      resource: resourceOf(target.bucket, target.key),
      principal: caller,
      attribution,
      context: {
        's3:prefix': request.query.get('prefix') ?? undefined,
        's3:delimiter': request.query.get('delimiter') ?? undefined,
        's3:VersionId': request.query.get('versionId') ?? undefined,
      },
    };
    const { vpcEndpointId } = attribution;
    const endpointPolicy = vpcEndpointId === undefined ? undefined : options.endpointPolicyOf(vpcEndpointId);
    const denial =
      (endpointPolicy === undefined ? undefined : options.guard.askEndpoint(endpointPolicy, guarded)) ??
      options.guard.askBucket(bucketPolicy, guarded, owner);
    if (denial === undefined) return undefined;
    // Whoever asks for buckets without a signature is a person with a browser.
    if (operation === 'ListBuckets' && caller === undefined) return refusals.seeOther();
    options.onDenial(asked, denial.reason);
    return refusals.accessDenied(denial.message);
  };
}

/** The ARN of a bucket or of an object in it; any, where it is about neither. */
export function resourceOf(bucket: string | undefined, key: string | undefined): string {
  if (bucket === undefined) return '*';
  return key === undefined ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
}
