import { createHash, randomBytes } from 'node:crypto';
import type { Upload } from './bucket.ts';
import { checkWriteConditions } from './conditions.ts';
import { copyContent, readSource, sourceVersionHeaders } from './copy.ts';
import { refusals } from './errors.ts';
import { encoderOf, encodingElement } from './listing.ts';
import { checksumHeaders, encryptionHeaders, readAttributes } from './object-headers.ts';
import { readTags } from './objects.ts';
import {
  demandBucket,
  emptyReply,
  type OperationContext,
  ownerIdOf,
  readCount,
  versionHeaders,
  wholeSeconds,
  xmlReply,
} from './operation.ts';
import { compareNames, pageOf } from './paging.ts';
import { receiveContent, receiveText } from './receive.ts';
import type { PartRecord, StoredContent, UploadRecord } from './records.ts';
import type { S3Reply, S3Request } from './request.ts';
import { pieceFilesOf } from './versions.ts';
import { element, textElement, xmlDocument } from './xml.ts';
import { parseXml } from './xml-parser.ts';

const MAX_PART_NUMBER = 10_000;
/** Every part but the last has at least this. */
const MIN_PART_BYTES = 5 * 1024 ** 2;
/** Most entries of one page. */
const MAX_PAGE = 1000;

/** `POST /BUCKET/KEY?uploads`. */
export async function createMultipartUpload(
  { store, request, now }: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const bucket = demandBucket(store, bucketName);
  const attributes = readAttributes(request, bucket.record);
  const algorithm = request.header('x-amz-checksum-algorithm');
  const uploadId = randomBytes(24).toString('base64url');
  await store.createUpload(bucketName, {
    uploadId,
    key,
    initiated: now.toISOString(),
    ...attributes,
    ...readTags(request),
    ...(algorithm === undefined ? {} : { checksumAlgorithm: algorithm }),
  });
  return xmlReply(
    xmlDocument(
      'InitiateMultipartUploadResult',
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('UploadId', uploadId),
    ),
    {
      ...encryptionHeaders(attributes),
      ...(algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm }),
    },
  );
}

/** `PUT /BUCKET/KEY?partNumber=N&uploadId=ID`. */
export async function uploadPart(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { record } = demandUpload(context, bucketName, key);
  const partNumber = readPartNumber(context.request);
  const content = await receiveContent(context, bucketName);
  await keepPart(context, bucketName, record.uploadId, partNumber, content);
  const { 'x-amz-checksum-type': _type, ...checksums } = checksumHeaders(content);
  return emptyReply(200, { etag: `"${content.etag}"`, ...checksums, ...encryptionHeaders(record) });
}

/** `PUT /BUCKET/KEY?partNumber=N&uploadId=ID` with `x-amz-copy-source`. */
export async function uploadPartCopy(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { record } = demandUpload(context, bucketName, key);
  const partNumber = readPartNumber(context.request);
  const source = readSource(context);
  const { object, content } = await copyContent(context, source, bucketName);
  const part = await keepPart(context, bucketName, record.uploadId, partNumber, content);
  return xmlReply(
    xmlDocument(
      'CopyPartResult',
      textElement('LastModified', part.lastModified),
      textElement('ETag', `"${part.etag}"`),
    ),
    { ...encryptionHeaders(record), ...sourceVersionHeaders(context, source, object) },
  );
}

function readPartNumber({ query }: S3Request): number {
  const text = query.get('partNumber') ?? '';
  const partNumber = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && partNumber >= 1 && partNumber <= MAX_PART_NUMBER) return partNumber;
  const message = `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`;
  throw refusals.invalidArgument(message, 'partNumber', text);
}

async function keepPart(
  { store, now }: OperationContext,
  bucketName: string,
  uploadId: string,
  partNumber: number,
  content: StoredContent,
): Promise<PartRecord> {
  const part = { ...content, partNumber, lastModified: now.toISOString() };
  try {
    await store.putPart(bucketName, uploadId, part);
    return part;
  } catch (error) {
    await store.discard(bucketName, pieceFilesOf(content));
    throw error;
  }
}

/** `POST /BUCKET/KEY?uploadId=ID`. The object takes the parts' files as they are. */
export async function completeMultipartUpload(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const { store, request } = context;
  const upload = demandUpload(context, bucketName, key);
  const { uploadId, headers, tags } = upload.record;
  const parts = readParts(await receiveText(context), upload);
  const content = joinParts(parts);
  const attributes = { headers, ...(tags === undefined ? {} : { tags }) };
  // Refused, it leaves the parts: the client may try again.
  const kept = await store.completeUpload(
    bucketName,
    uploadId,
    { ...content, ...attributes, key, lastModified: wholeSeconds(context.now) },
    (current) => checkWriteConditions(request, key, current),
  );
  return xmlReply(
    xmlDocument(
      'CompleteMultipartUploadResult',
      textElement('Location', `http://${request.host}/${bucketName}/${encodeURIComponent(key)}`),
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('ETag', `"${content.etag}"`),
    ),
    { ...encryptionHeaders(attributes), ...versionHeaders(demandBucket(store, bucketName), kept) },
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

/** `GET /BUCKET/KEY?uploadId=ID`. */
export function listParts(context: OperationContext, bucketName: string, key: string): S3Reply {
  const { record, parts } = demandUpload(context, bucketName, key);
  const { store, request } = context;
  const limit = readCount(request, 'max-parts', MAX_PAGE, MAX_PAGE);
  const marker = readCount(request, 'part-number-marker', 0, MAX_PART_NUMBER);
  const sorted = [...parts.values()]
    .filter(({ partNumber }) => partNumber > marker)
    .sort((one, other) => one.partNumber - other.partNumber);
  const { page, hasMore } = pageOf(sorted, limit);
  const owner = textElement('ID', ownerIdOf(demandBucket(store, bucketName).record.account));
  return xmlReply(
    xmlDocument(
      'ListPartsResult',
      textElement('Bucket', bucketName),
      textElement('Key', key),
      textElement('UploadId', record.uploadId),
      element('Initiator', owner),
      element('Owner', owner),
      textElement('StorageClass', 'STANDARD'),
      textElement('PartNumberMarker', marker),
      textElement('NextPartNumberMarker', page.at(-1)?.partNumber ?? 0),
      textElement('MaxParts', limit),
      textElement('IsTruncated', hasMore),
      ...page.map((part) =>
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

/** `GET /BUCKET?uploads`: those under way, by key and then by when they began. */
export function listMultipartUploads({ store, request }: OperationContext, bucketName: string): S3Reply {
  const bucket = demandBucket(store, bucketName);
  const prefix = request.query.get('prefix') ?? '';
  const keyMarker = request.query.get('key-marker') ?? '';
  const idMarker = request.query.get('upload-id-marker') ?? '';
  const limit = readCount(request, 'max-uploads', MAX_PAGE, MAX_PAGE);
  const sorted = bucket
    .uploads()
    .map(({ record }) => record)
    .filter(({ key }) => key.startsWith(prefix))
    .sort(compareUploads);
  const marked = sorted.findIndex(({ uploadId }) => uploadId === idMarker);
  const rest = sorted.filter(({ key }, index) =>
    marked === -1 ? compareNames(key, keyMarker) > 0 : index > marked,
  );
  const { page, hasMore } = pageOf(rest, limit);
  const encode = encoderOf(request);
  const last = page.at(-1);
  const owner = textElement('ID', ownerIdOf(bucket.record.account));
  return xmlReply(
    xmlDocument(
      'ListMultipartUploadsResult',
      textElement('Bucket', bucketName),
      textElement('KeyMarker', encode(keyMarker)),
      textElement('UploadIdMarker', idMarker),
      last === undefined ? '' : textElement('NextKeyMarker', encode(last.key)),
      last === undefined ? '' : textElement('NextUploadIdMarker', last.uploadId),
      textElement('Prefix', encode(prefix)),
      textElement('MaxUploads', limit),
      encodingElement(request),
      textElement('IsTruncated', hasMore),
      ...page.map(({ key, uploadId, initiated }) =>
        element(
          'Upload',
          textElement('Key', encode(key)),
          textElement('UploadId', uploadId),
          element('Initiator', owner),
          element('Owner', owner),
          textElement('StorageClass', 'STANDARD'),
          textElement('Initiated', initiated),
        ),
      ),
    ),
  );
}

function compareUploads(one: UploadRecord, other: UploadRecord): number {
  return compareNames(one.key, other.key) || compareNames(one.initiated, other.initiated);
}

function demandUpload({ store, request }: OperationContext, bucketName: string, key: string): Upload {
  const upload = demandBucket(store, bucketName).upload(request.query.get('uploadId') ?? '');
  if (upload === undefined || upload.record.key !== key) throw refusals.noSuchUpload();
  return upload;
}

/** The parts that a completion names, as they were uploaded, in order. */
function readParts(xml: string, { parts }: Upload): PartRecord[] {
  const named = parseXml(xml, 'CompleteMultipartUpload').all('Part');
  if (named.length === 0 || named.length > MAX_PART_NUMBER) throw refusals.malformedXml();
  let previous = 0;
  return named.map((part, index) => {
    const partNumber = Number(part.textOf('PartNumber'));
    const etag = part.textOf('ETag')?.replaceAll('"', '');
    const found = parts.get(partNumber);
    if (found === undefined || found.etag !== etag) throw refusals.invalidPart();
    if (partNumber <= previous) throw refusals.invalidPartOrder();
    if (index < named.length - 1 && found.size < MIN_PART_BYTES) throw refusals.entityTooSmall();
    previous = partNumber;
    return found;
  });
}

/** One content of all parts. Its ETag is the digest of the parts' digests, and their count. */
function joinParts(parts: readonly PartRecord[]): StoredContent {
  const digests = createHash('md5');
  for (const { etag } of parts) digests.update(etag, 'hex');
  return {
    pieces: parts.flatMap(({ pieces }) => pieces),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${digests.digest('hex')}-${parts.length}`,
  };
}
