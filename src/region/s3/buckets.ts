import { refusals } from './errors.ts';
import { refuseAccessLists } from './object-headers.ts';
import {
  demandBucket,
  emptyReply,
  type OperationContext,
  ownerIdOf,
  readCount,
  xmlReply,
} from './operation.ts';
import { pageOf } from './paging.ts';
import { receiveText } from './receive.ts';
import type { S3Reply } from './request.ts';
import { INITIAL_SETTINGS } from './settings.ts';
import { MAX_BUCKET_TAGS, readTagElements } from './tags.ts';
import { element, textElement, xmlDocument } from './xml.ts';
import { parseXml } from './xml-parser.ts';

/** The one region that has no location constraint. */
const FIRST_REGION = 'us-east-1';

/** Most buckets of one page. */
const MAX_BUCKETS = 10_000;

/** `GET /`: the caller's buckets, by name. */
export function listBuckets({ store, request, caller }: OperationContext): S3Reply {
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const region = query.get('bucket-region');
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString();
  const limit = readCount(request, 'max-buckets', MAX_BUCKETS, MAX_BUCKETS);
  const account = caller?.account ?? '';
  const found = store
    .buckets()
    .map(({ record }) => record)
    .filter((record) => record.account === account && record.name.startsWith(prefix) && record.name > after)
    .filter((record) => region === null || record.region === region);
  const { page, hasMore } = pageOf(found, limit);
  const next = hasMore ? page.at(-1)?.name : undefined;
  const buckets = page.map((record) =>
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
      element('Owner', textElement('ID', ownerIdOf(account))),
      element('Buckets', ...buckets),
      next === undefined ? '' : textElement('ContinuationToken', Buffer.from(next).toString('base64')),
      prefix === '' ? '' : textElement('Prefix', prefix),
    ),
  );
}

/** `PUT /BUCKET`. In us-east-1 making one's own bucket again is no fault, as AWS has it. */
export async function createBucket(context: OperationContext, name: string): Promise<S3Reply> {
  const { store, request, caller, region, now } = context;
  if (caller === undefined) throw refusals.accessDenied('Access Denied');
  if (!isBucketName(name)) throw refusals.invalidBucketName(name);
  refuseAccessLists(request);
  if (request.header('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') {
    throw refusals.notImplemented('object lock');
  }
  const body = await receiveText(context);
  const configuration = body.trim() === '' ? undefined : parseXml(body, 'CreateBucketConfiguration');
  const constraint = configuration?.textOf('LocationConstraint') || undefined;
  if (constraint !== undefined && constraint !== region && region !== FIRST_REGION) {
    throw refusals.illegalLocation(constraint, region);
  }
  if (constraint === undefined && region !== FIRST_REGION) {
    throw refusals.illegalLocation('unspecified', region);
  }
  const location = { location: `/${name}` };
  const existing = store.bucket(name)?.record;
  if (existing !== undefined && existing.account !== caller.account) throw refusals.bucketAlreadyExists(name);
  if (existing?.region === FIRST_REGION && region === FIRST_REGION) return emptyReply(200, location);
  const tags = configuration?.first('Tags')?.all('Tag') ?? [];
  await store.createBucket({
    name,
    account: caller.account,
    region: constraint ?? region,
    creationDate: now.toISOString(),
    settings: INITIAL_SETTINGS,
    ...(tags.length === 0 ? {} : { tags: readTagElements(tags, MAX_BUCKET_TAGS) }),
  });
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
