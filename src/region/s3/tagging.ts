import { refusals } from './errors.ts';
import {
  demandBucket,
  demandObject,
  emptyReply,
  type OperationContext,
  versionHeaders,
  xmlReply,
} from './operation.ts';
import { receiveText } from './receive.ts';
import type { ObjectRecord, Tags } from './records.ts';
import type { S3Reply } from './request.ts';
import { MAX_BUCKET_TAGS, MAX_OBJECT_TAGS, parseTagging, renderTagging } from './tags.ts';

/** `PUT /BUCKET?tagging`. */
export async function putBucketTagging(context: OperationContext, name: string): Promise<S3Reply> {
  demandBucket(context.store, name);
  const tags = parseTagging(await receiveText(context), MAX_BUCKET_TAGS);
  await context.store.changeBucket(name, (record) => ({ ...record, tags }));
  return emptyReply(204);
}

/** `GET /BUCKET?tagging`. */
export function getBucketTagging({ store }: OperationContext, name: string): S3Reply {
  const { tags } = demandBucket(store, name).record;
  if (tags === undefined) throw refusals.noSuchTagSet(name);
  return xmlReply(renderTagging(tags));
}

/** `DELETE /BUCKET?tagging`; there need be none. */
export async function deleteBucketTagging({ store }: OperationContext, name: string): Promise<S3Reply> {
  await store.changeBucket(name, ({ tags: _gone, ...bare }) => bare);
  return emptyReply(204);
}

/** `PUT /BUCKET/KEY?tagging`. */
export async function putObjectTagging(
  context: OperationContext,
  bucket: string,
  key: string,
): Promise<S3Reply> {
  const object = findObject(context, bucket, key);
  const tags = parseTagging(await receiveText(context), MAX_OBJECT_TAGS);
  return keepTags(context, bucket, object, tags, 200);
}

/** `GET /BUCKET/KEY?tagging`. */
export function getObjectTagging(context: OperationContext, bucket: string, key: string): S3Reply {
  const object = findObject(context, bucket, key);
  const headers = versionHeaders(demandBucket(context.store, bucket), object);
  return xmlReply(renderTagging(object.tags ?? {}), headers);
}

/** `DELETE /BUCKET/KEY?tagging`. */
export async function deleteObjectTagging(
  context: OperationContext,
  bucket: string,
  key: string,
): Promise<S3Reply> {
  return keepTags(context, bucket, findObject(context, bucket, key), {}, 204);
}

function findObject({ store, request }: OperationContext, bucket: string, key: string): ObjectRecord {
  return demandObject(store, bucket, key, request.query.get('versionId'));
}

async function keepTags(
  { store }: OperationContext,
  bucket: string,
  object: ObjectRecord,
  tags: Tags,
  status: number,
): Promise<S3Reply> {
  await store.changeObject(bucket, object, ({ tags: _old, ...bare }) =>
    Object.keys(tags).length === 0 ? bare : { ...bare, tags },
  );
  return emptyReply(status, versionHeaders(demandBucket(store, bucket), object));
}
