import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Upload } from './bucket.ts';
import { refusals } from './errors.ts';
import { checksumHeaders, keep, readAttributes } from './objects.ts';
import { demandBucket, emptyReply, type OperationContext, OWNER_ID, xmlReply } from './operation.ts';
import { receiveContent, receiveXml } from './receive.ts';
import type { PartRecord, StoredContent } from './records.ts';
import type { S3Reply } from './request.ts';
import { element, findElements, findText, textElement, xmlDocument } from './xml.ts';

const MAX_PART_NUMBER = 10_000;
/** Every part but the last has at least this. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** `POST /BUCKET/KEY?uploads`. */
export async function createMultipartUpload(
  { store, request, now }: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  demandBucket(store, bucketName);
  const algorithm = request.header('x-amz-checksum-algorithm');
  const uploadId = randomBytes(24).toString('base64url');
  await store.createUpload(bucketName, {
    uploadId,
    key,
    initiated: now.toISOString(),
    ...readAttributes(request),
    ...(algorithm === undefined ? {} : { checksumAlgorithm: algorithm }),
  });
  return xmlReply(
    xmlDocument(
      'InitiateMultipartUploadResult',
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('UploadId', uploadId),
    ),
    algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm },
  );
}

/** `PUT /BUCKET/KEY?partNumber=N&uploadId=ID`. */
export async function uploadPart(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request, now } = context;
  const { record } = demandUpload(context, bucketName, key);
  const text = request.query.get('partNumber') ?? '';
  const partNumber = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
    const message = `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`;
    throw refusals.invalidArgument(message, 'partNumber', text);
  }
  const content = await receiveContent(store, bucketName, request);
  try {
    await store.putPart(bucketName, record.uploadId, {
      ...content,
      partNumber,
      lastModified: now.toISOString(),
    });
  } catch (error) {
    await store.discardData(bucketName, content.dataFile);
    throw error;
  }
  const { 'x-amz-checksum-type': _type, ...checksums } = checksumHeaders(content);
  return emptyReply(200, { etag: `"${content.etag}"`, ...checksums });
}

/** `POST /BUCKET/KEY?uploadId=ID`. */
export async function completeMultipartUpload(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const upload = demandUpload(context, bucketName, key);
  const parts = readParts(await receiveXml(request), upload);
  const content = await joinParts(context, bucketName, parts);
  await keep(context, bucketName, key, { ...content, headers: upload.record.headers });
  await store.removeUpload(bucketName, upload.record.uploadId);
  return xmlReply(
    xmlDocument(
      'CompleteMultipartUploadResult',
      textElement('Location', `http://${request.host}/${bucketName}/${encodeURIComponent(key)}`),
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('ETag', `"${content.etag}"`),
    ),
  );
}

/** `DELETE /BUCKET/KEY?uploadId=ID`. */
export async function abortMultipartUpload(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { record } = demandUpload(context, bucketName, key);
  await context.store.removeUpload(bucketName, record.uploadId);
  return emptyReply(204);
}

/** `GET /BUCKET/KEY?uploadId=ID`: all parts, on one page. */
export function listParts(context: OperationContext, bucketName: string, key: string): S3Reply {
  const { record, parts } = demandUpload(context, bucketName, key);
  const sorted = [...parts.values()].sort((one, other) => one.partNumber - other.partNumber);
  return xmlReply(
    xmlDocument(
      'ListPartsResult',
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('UploadId', record.uploadId),
      element('Initiator', textElement('ID', OWNER_ID)),
      element('Owner', textElement('ID', OWNER_ID)),
      textElement('StorageClass', 'STANDARD'),
      textElement('MaxParts', MAX_PART_NUMBER),
      textElement('IsTruncated', false),
      ...sorted.map((part) =>
        element(
          'Part',
          textElement('PartNumber', part.partNumber),
          textElement('LastModified', part.lastModified),
          textElement('ETag', `"${part.etag}"`),
          textElement('Size', part.size),
        ),
      ),
    ),
  );
}

/** `GET /BUCKET?uploads`: all uploads under way, on one page. */
export function listMultipartUploads({ store, request }: OperationContext, bucketName: string): S3Reply {
  const prefix = request.query.get('prefix') ?? '';
  const uploads = demandBucket(store, bucketName)
    .uploads()
    .filter(({ record }) => record.key.startsWith(prefix));
  return xmlReply(
    xmlDocument(
      'ListMultipartUploadsResult',
      textElement('Bucket', bucketName),
      textElement('Prefix', prefix),
      textElement('IsTruncated', false),
      ...uploads.map(({ record }) =>
        element(
          'Upload',
          textElement('Key', record.key),
          textElement('UploadId', record.uploadId),
          element('Owner', textElement('ID', OWNER_ID)),
          textElement('StorageClass', 'STANDARD'),
          textElement('Initiated', record.initiated),
        ),
      ),
    ),
  );
}

function demandUpload({ store, request }: OperationContext, bucketName: string, key: string): Upload {
  const upload = demandBucket(store, bucketName).upload(request.query.get('uploadId') ?? '');
  if (upload === undefined || upload.record.key !== key) throw refusals.noSuchUpload();
  return upload;
}

/** The parts that a completion names, as they were uploaded, in order. */
function readParts(xml: string, { parts }: Upload): PartRecord[] {
  const named = findElements(xml, 'Part');
  if (named.length === 0 || named.length > MAX_PART_NUMBER) throw refusals.malformedXml();
  let previous = 0;
  return named.map((part, index) => {
    const partNumber = Number(findText(part, 'PartNumber'));
    const etag = findText(part, 'ETag')?.replaceAll('"', '');
    const found = parts.get(partNumber);
    if (found === undefined || found.etag !== etag) throw refusals.invalidPart();
    if (partNumber <= previous) throw refusals.invalidPartOrder();
    if (index < named.length - 1 && found.size < MIN_PART_BYTES) throw refusals.entityTooSmall();
    previous = partNumber;
    return found;
  });
}

/** One content of all parts, on disk. Its ETag is the digest of the parts' digests, and their count. */
async function joinParts(
  { store }: OperationContext,
  bucketName: string,
  parts: readonly PartRecord[],
): Promise<StoredContent> {
  const dataFile = store.newDataFile();
  const digests = createHash('md5');
  let size = 0;
  try {
    const file = await open(store.dataPath(bucketName, dataFile), 'wx');
    try {
      for (const part of parts) {
        digests.update(part.etag, 'hex');
        size += part.size;
        const source = await open(store.dataPath(bucketName, part.dataFile), 'r');
        for await (const chunk of source.createReadStream()) await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await store.discardData(bucketName, dataFile);
    throw error;
  }
  return { dataFile, size, etag: `${digests.digest('hex')}-${parts.length}` };
}
