import { refusals } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext, OWNER_ID, xmlReply } from './operation.ts';
import { receiveXml } from './receive.ts';
import type { S3Reply } from './request.ts';
import { element, findText, textElement, xmlDocument } from './xml.ts';

/** The one region that has no location constraint. */
const FIRST_REGION = 'us-east-1';

/** `GET /`: every bucket. */
export function listBuckets({ store }: OperationContext): S3Reply {
  const buckets = store
    .buckets()
    .map(({ record }) =>
      element(
        'Bucket',
        textElement('Name', record.name),
        textElement('CreationDate', record.creationDate),
        textElement('BucketRegion', record.region),
      ),
    );
  return xmlReply(
    xmlDocument(
      'ListAllMyBucketsResult',
      element('Owner', textElement('ID', OWNER_ID)),
      element('Buckets', ...buckets),
    ),
  );
}

/** `PUT /BUCKET`. In us-east-1 making one's own bucket again is no fault, as AWS has it. */
export async function createBucket(
  { store, request, region, now }: OperationContext,
  name: string,
): Promise<S3Reply> {
  if (!isBucketName(name)) throw refusals.invalidBucketName(name);
  const constraint = findText(await receiveXml(request), 'LocationConstraint') || undefined;
  if (constraint !== undefined && constraint !== region && region !== FIRST_REGION) {
    throw refusals.illegalLocation(constraint, region);
  }
  if (constraint === undefined && region !== FIRST_REGION)
    throw refusals.illegalLocation('unspecified', region);
  const location = { location: `/${name}` };
  if (store.bucket(name)?.record.region === FIRST_REGION && region === FIRST_REGION)
    return emptyReply(200, location);
  await store.createBucket({ name, region: constraint ?? region, creationDate: now.toISOString() });
  return emptyReply(200, location);
}

/** `HEAD /BUCKET`. */
export function headBucket({ store }: OperationContext, name: string): S3Reply {
  const { region } = demandBucket(store, name).record;
  return emptyReply(200, { 'x-amz-bucket-region': region, 'content-type': 'application/xml' });
}

/** `DELETE /BUCKET`. */
export async function deleteBucket({ store }: OperationContext, name: string): Promise<S3Reply> {
  await store.deleteBucket(name);
  return emptyReply(204);
}

/** `GET /BUCKET?location`. */
export function getBucketLocation({ store }: OperationContext, name: string): S3Reply {
  const { region } = demandBucket(store, name).record;
  return xmlReply(xmlDocument('LocationConstraint', region === FIRST_REGION ? '' : region));
}

/** Names that S3 gives to buckets: also fit to be a host name's label, or a folder's name. */
function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^[0-9]+(?:\.[0-9]+){3}$/.test(name) &&
    !/^(?:xn--|sthree-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name)
  );
}
