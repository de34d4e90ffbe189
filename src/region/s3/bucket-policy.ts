import { PolicyError, parsePolicy } from '../../model/policy/document.ts';
import { refusals } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext, xmlReply } from './operation.ts';
import { isPublicPolicy } from './public-policy.ts';
import { receiveText } from './receive.ts';
import type { BucketRecord } from './records.ts';
import type { S3Reply } from './request.ts';
import { isBlocking } from './settings.ts';
import { textElement, xmlDocument } from './xml.ts';

/** `PUT /BUCKET?policy`. Refused where it gives something to the public and the bucket blocks that. */
export async function putBucketPolicy(context: OperationContext, name: string): Promise<S3Reply> {
  const { record } = demandBucket(context.store, name);
  const policy = await receiveText(context);
  checkPolicy(policy, name);
  if (isBlocking(record, 'BlockPublicPolicy') && isPublicPolicy(policy)) {
    throw refusals.accessDenied(
      `User: ${context.caller?.arn ?? 'anonymous'} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${name}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    );
  }
  await context.store.changeBucket(name, (current) => ({ ...current, policy }));
  return emptyReply(204);
}

/** `GET /BUCKET?policy`. */
export function getBucketPolicy({ store }: OperationContext, name: string): S3Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: demandPolicy(demandBucket(store, name).record),
  };
}

/** `GET /BUCKET?policyStatus`. */
export function getBucketPolicyStatus({ store }: OperationContext, name: string): S3Reply {
  const isPublic = isPublicPolicy(demandPolicy(demandBucket(store, name).record));
  return xmlReply(xmlDocument('PolicyStatus', textElement('IsPublic', isPublic)));
}

/** `DELETE /BUCKET?policy`; there need not be one. */
export async function deleteBucketPolicy({ store }: OperationContext, name: string): Promise<S3Reply> {
  await store.changeBucket(name, ({ policy: _gone, ...bare }) => bare);
  return emptyReply(204);
}

function demandPolicy({ policy, name }: BucketRecord): string {
  if (policy === undefined) throw refusals.noSuchBucketPolicy(name);
  return policy;
}

/** A bucket's policy is about the bucket and its objects, and says whom it means. */
function checkPolicy(text: string, bucket: string): void {
  try {
    for (const { resources } of parsePolicy(text).statements) {
      const own = `arn:aws:s3:::${bucket}`;
      if (!resources.every((resource) => resource === own || resource.startsWith(`${own}/`))) {
        throw new PolicyError('Policy has invalid resource');
      }
    }
  } catch (error) {
    if (error instanceof PolicyError) throw refusals.malformedPolicy(error.message);
    throw error;
  }
}
