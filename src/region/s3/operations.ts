import { getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl } from './access-lists.ts';
import { getObjectAttributes } from './attributes.ts';
import {
  deleteBucketPolicy,
  getBucketPolicy,
  getBucketPolicyStatus,
  putBucketPolicy,
} from './bucket-policy.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import { copyObject } from './copy.ts';
import { deleteObject, deleteObjects } from './deletions.ts';
import { refusals, S3Error } from './errors.ts';
import { listObjects, listObjectsV2 } from './listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart.ts';
import { getObject, putObject } from './objects.ts';
import { demandBucket, demandObject, type Operation, type RunOperation } from './operation.ts';
import { SETTING_OPERATIONS } from './settings.ts';
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from './tagging.ts';
import { listObjectVersions } from './version-listing.ts';
import { getBucketVersioning, putBucketVersioning } from './versioning.ts';

/** What a request may be about. */
export type Level = 'service' | 'bucket' | 'object';

/** Refuses what AWS refuses of a bucket without the feature. */
const absent =
  (code: string, message: string): RunOperation =>
  ({ store }, bucket) => {
    demandBucket(store, bucket);
    throw new S3Error(code, 404, message, { BucketName: bucket });
  };

/** Locks are of buckets that were made with them; none of ours is. */
const withoutLock: RunOperation = ({ store, request }, bucket, key) => {
  demandObject(store, bucket, key, request.query.get('versionId'));
  throw refusals.noObjectLock();
};

/**
 * Every operation of S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html) by
 * what it is about; of those that one request could mean, the first. Permissions are those of the service authorization reference.
 */
export const OPERATIONS: Readonly<Record<Level, readonly Operation[]>> = {
  service: [{ name: 'ListBuckets', method: 'GET', permission: 'ListAllMyBuckets', run: listBuckets }],
  bucket: [
    ...SETTING_OPERATIONS,
    { name: 'GetBucketPolicy', method: 'GET', query: 'policy', run: getBucketPolicy },
    { name: 'PutBucketPolicy', method: 'PUT', query: 'policy', run: putBucketPolicy },
    { name: 'DeleteBucketPolicy', method: 'DELETE', query: 'policy', run: deleteBucketPolicy },
    { name: 'GetBucketPolicyStatus', method: 'GET', query: 'policyStatus', run: getBucketPolicyStatus },
    { name: 'GetBucketAcl', method: 'GET', query: 'acl', run: getBucketAcl },
    { name: 'PutBucketAcl', method: 'PUT', query: 'acl', run: putBucketAcl },
    { name: 'GetBucketTagging', method: 'GET', query: 'tagging', run: getBucketTagging },
    { name: 'PutBucketTagging', method: 'PUT', query: 'tagging', run: putBucketTagging },
    {
      name: 'DeleteBucketTagging',
      method: 'DELETE',
      query: 'tagging',
      permission: 'PutBucketTagging',
      run: deleteBucketTagging,
    },
    { name: 'GetBucketVersioning', method: 'GET', query: 'versioning', run: getBucketVersioning },
    { name: 'PutBucketVersioning', method: 'PUT', query: 'versioning', run: putBucketVersioning },
    {
      name: 'ListObjectVersions',
      method: 'GET',
      query: 'versions',
      permission: 'ListBucketVersions',
      run: listObjectVersions,
    },
    { name: 'GetBucketLocation', method: 'GET', query: 'location', run: getBucketLocation },
    {
      name: 'GetBucketReplication',
      method: 'GET',
      query: 'replication',
      permission: 'GetReplicationConfiguration',
      run: absent('ReplicationConfigurationNotFoundError', 'The replication configuration was not found'),
    },
    { name: 'PutBucketReplication', method: 'PUT', query: 'replication' },
    { name: 'DeleteBucketReplication', method: 'DELETE', query: 'replication' },
    {
      name: 'GetObjectLockConfiguration',
      method: 'GET',
      query: 'object-lock',
      permission: 'GetBucketObjectLockConfiguration',
      run: absent(
        'ObjectLockConfigurationNotFoundError',
        'Object Lock configuration does not exist for this bucket',
      ),
    },
    { name: 'PutObjectLockConfiguration', method: 'PUT', query: 'object-lock' },
    {
      name: 'ListMultipartUploads',
      method: 'GET',
      query: 'uploads',
      permission: 'ListBucketMultipartUploads',
      run: listMultipartUploads,
    },
    {
      name: 'DeleteObjects',
      method: 'POST',
      query: 'delete',
      permission: 'DeleteObject',
      run: deleteObjects,
    },
    ...notProvided('analytics', 'BucketAnalyticsConfiguration'),
    ...notProvided('intelligent-tiering', 'BucketIntelligentTieringConfiguration'),
    ...notProvided('inventory', 'BucketInventoryConfiguration'),
    ...notProvided('metrics', 'BucketMetricsConfiguration'),
    ...notProvided('abac', 'BucketAbac').filter(({ method }) => method !== 'DELETE'),
    { name: 'CreateBucketMetadataConfiguration', method: 'POST', query: 'metadataConfiguration' },
    { name: 'GetBucketMetadataConfiguration', method: 'GET', query: 'metadataConfiguration' },
    { name: 'DeleteBucketMetadataConfiguration', method: 'DELETE', query: 'metadataConfiguration' },
    { name: 'CreateBucketMetadataTableConfiguration', method: 'POST', query: 'metadataTable' },
    { name: 'GetBucketMetadataTableConfiguration', method: 'GET', query: 'metadataTable' },
    { name: 'DeleteBucketMetadataTableConfiguration', method: 'DELETE', query: 'metadataTable' },
    {
      name: 'UpdateBucketMetadataInventoryTableConfiguration',
      method: 'PUT',
      query: 'metadataInventoryTable',
    },
    { name: 'UpdateBucketMetadataJournalTableConfiguration', method: 'PUT', query: 'metadataJournalTable' },
    { name: 'CreateSession', method: 'GET', query: 'session' },
    {
      name: 'ListObjectsV2',
      method: 'GET',
      query: 'list-type=2',
      permission: 'ListBucket',
      run: listObjectsV2,
    },
    { name: 'ListObjects', method: 'GET', permission: 'ListBucket', run: listObjects },
    { name: 'HeadBucket', method: 'HEAD', permission: 'ListBucket', run: headBucket },
    { name: 'CreateBucket', method: 'PUT', run: createBucket },
    { name: 'DeleteBucket', method: 'DELETE', run: deleteBucket },
  ],
  object: [
    {
      name: 'GetObjectAcl',
      method: 'GET',
      query: 'acl',
      versionPermission: 'GetObjectVersionAcl',
      run: getObjectAcl,
    },
    {
      name: 'PutObjectAcl',
      method: 'PUT',
      query: 'acl',
      versionPermission: 'PutObjectVersionAcl',
      run: putObjectAcl,
    },
    {
      name: 'GetObjectTagging',
      method: 'GET',
      query: 'tagging',
      versionPermission: 'GetObjectVersionTagging',
      run: getObjectTagging,
    },
    {
      name: 'PutObjectTagging',
      method: 'PUT',
      query: 'tagging',
      versionPermission: 'PutObjectVersionTagging',
      run: putObjectTagging,
    },
    {
      name: 'DeleteObjectTagging',
      method: 'DELETE',
      query: 'tagging',
      versionPermission: 'DeleteObjectVersionTagging',
      run: deleteObjectTagging,
    },
    {
      name: 'GetObjectAttributes',
      method: 'GET',
      query: 'attributes',
      versionPermission: 'GetObjectVersionAttributes',
      run: getObjectAttributes,
    },
    { name: 'GetObjectLegalHold', method: 'GET', query: 'legal-hold', run: withoutLock },
    { name: 'PutObjectLegalHold', method: 'PUT', query: 'legal-hold', run: withoutLock },
    { name: 'GetObjectRetention', method: 'GET', query: 'retention', run: withoutLock },
    { name: 'PutObjectRetention', method: 'PUT', query: 'retention', run: withoutLock },
    { name: 'GetObjectTorrent', method: 'GET', query: 'torrent' },
    { name: 'RestoreObject', method: 'POST', query: 'restore' },
    { name: 'SelectObjectContent', method: 'POST', query: 'select' },
    { name: 'RenameObject', method: 'PUT', query: 'renameObject' },
    { name: 'UpdateObjectEncryption', method: 'PUT', query: 'encryption' },
    {
      name: 'CreateMultipartUpload',
      method: 'POST',
      query: 'uploads',
      permission: 'PutObject',
      run: createMultipartUpload,
    },
    {
      name: 'UploadPartCopy',
      method: 'PUT',
      query: 'uploadId',
      header: 'x-amz-copy-source',
      permission: 'PutObject',
      run: uploadPartCopy,
    },
    { name: 'UploadPart', method: 'PUT', query: 'uploadId', permission: 'PutObject', run: uploadPart },
    {
      name: 'CompleteMultipartUpload',
      method: 'POST',
      query: 'uploadId',
      permission: 'PutObject',
      run: completeMultipartUpload,
    },
    { name: 'AbortMultipartUpload', method: 'DELETE', query: 'uploadId', run: abortMultipartUpload },
    {
      name: 'ListParts',
      method: 'GET',
      query: 'uploadId',
      permission: 'ListMultipartUploadParts',
      run: listParts,
    },
    {
      name: 'CopyObject',
      method: 'PUT',
      header: 'x-amz-copy-source',
      permission: 'PutObject',
      run: copyObject,
    },
    { name: 'PutObject', method: 'PUT', run: putObject },
    { name: 'GetObject', method: 'GET', versionPermission: 'GetObjectVersion', run: getObject },
    {
      name: 'HeadObject',
      method: 'HEAD',
      permission: 'GetObject',
      versionPermission: 'GetObjectVersion',
      run: getObject,
    },
    {
      name: 'DeleteObject',
      method: 'DELETE',
      versionPermission: 'DeleteObjectVersion',
      run: deleteObject,
    },
  ],
};

/** Get or list, put and delete of a configuration that Cloudcroft does not have. */
function notProvided(query: string, subject: string): Operation[] {
  return [
    { name: `Get${subject}`, method: 'GET', query },
    { name: `Put${subject}`, method: 'PUT', query },
    { name: `Delete${subject}`, method: 'DELETE', query },
  ];
}
