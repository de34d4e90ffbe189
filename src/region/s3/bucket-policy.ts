import { PolicyError, parsePolicy } from '../../model/policy/document.ts';
import { refusals } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext } from './operation.ts';
import { receiveXml } from './receive.ts';
import type { S3Reply } from './request.ts';

/** `PUT /BUCKET?policy`. */
export async function putBucketPolicy({ store, request }: OperationContext, name: string): Promise<S3Reply> {
  demandBucket(store, name);
  const policy = await receiveXml(request);
  checkPolicy(policy, name);
  await store.changeBucket(name, (record) => ({ ...record, policy }));
  return emptyReply(204);
}

/** `GET /BUCKET?policy`. */
export function getBucketPolicy({ store }: OperationContext, name: string): S3Reply {
  const { policy } = demandBucket(store, name).record;
  if (policy === undefined) throw refusals.noSuchBucketPolicy(name);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
}

/** `DELETE /BUCKET?policy`; there need not be one. */
export async function deleteBucketPolicy({ store }: OperationContext, name: string): Promise<S3Reply> {
  demandBucket(store, name);
  await store.changeBucket(name, ({ policy: _gone, ...bare }) => bare);
  return emptyReply(204);
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
