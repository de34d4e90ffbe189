import { element, textElement, xmlDocument } from '../../region/s3/xml.ts';
import { parseXml } from '../../region/s3/xml-parser.ts';
import type { ValueMap } from '../../template/value.ts';
import { declareProperties, documentText, isSameValue, PropertyReader } from '../properties.ts';
import type { Placement, RemotePlace, RemoteType } from '../resource-type.ts';
import { BUCKET_SETTINGS } from './bucket-settings.ts';
import { ask, nameWithin, unlessRefused } from './remote.ts';

/** The longest name of a bucket. */
const MOST_NAME_CHARACTERS = 63;

/** The tag that says which stack's resource made a bucket: S3 keeps no other trace of it. */
const MARK = 'cloudcroft:cloudformation';
const MOST_MARK_CHARACTERS = 256;

const bucket: RemoteType = {
  kind: 'remote',
  name: 'AWS::S3::Bucket',
  properties: declareProperties({
    BucketName: 'String replace',
    AccessControl: 'String',
    ...Object.fromEntries(BUCKET_SETTINGS.map(({ property }) => [property, 'Map'] as const)),
    Tags: 'List',
  }),
  attributes: ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName', 'WebsiteURL'],
  nameOf: (placement, properties) =>
    new PropertyReader(properties).text('BucketName') ??
    nameWithin(placement, MOST_NAME_CHARACTERS).toLowerCase(),
  async create(place, name, properties) {
    await makeBucket(place, name, properties);
    await changeSettings(place, name, {}, properties);
  },
  async update(place, name, before, after) {
    await changeSettings(place, name, before, after);
    if (!isSameValue(before['AccessControl'], after['AccessControl'])) {
      const headers = aclHeaders(after, 'private');
      await ask(place, { service: 's3', method: 'PUT', path: `/${name}?acl`, headers });
    }
    await s3(place, 'PUT', `/${name}?tagging`, tagging(tagsOf(place.placement, after)));
  },
  /** A bucket that somebody else made is left as it is. */
  async delete(place, name) {
    if (!(await isOwn(place, name))) return;
    await unlessRefused(['NoSuchBucket'], s3(place, 'DELETE', `/${name}`));
  },
  attributesOf: ({ region }, name) => ({
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
  }),
};

async function s3(place: RemotePlace, method: string, path: string, body?: string): Promise<string> {
  return ask(place, { service: 's3', method, path, ...(body === undefined ? {} : { body }) });
}

/** Makes the bucket, unless this very resource has made it before. */
async function makeBucket(place: RemotePlace, name: string, properties: ValueMap): Promise<void> {
  const head = await unlessRefused(['404'], s3(place, 'HEAD', `/${name}`));
  if (head !== undefined) {
    if (await isOwn(place, name)) return;
    throw new Error(`${name} already exists`);
  }
  const { region } = place;
  const location = region === 'us-east-1' ? '' : textElement('LocationConstraint', region);
  const list = tagElements(tagsOf(place.placement, properties));
  const body = xmlDocument('CreateBucketConfiguration', location, element('Tags', ...list));
  const headers = aclHeaders(properties);
  await ask(place, { service: 's3', method: 'PUT', path: `/${name}`, headers, body });
}

/** `LogDeliveryWrite` is `log-delivery-write`; buckets have no other list than the private one, and S3 refuses others. */
function aclHeaders(properties: ValueMap, standard?: string): Readonly<Record<string, string>> {
  const acl = new PropertyReader(properties).text('AccessControl');
  const name = acl?.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase() ?? standard;
  return name === undefined ? {} : { 'x-amz-acl': name };
}

async function changeSettings(
  place: RemotePlace,
  name: string,
  before: ValueMap,
  after: ValueMap,
): Promise<void> {
  for (const { property, query, render, none } of BUCKET_SETTINGS) {
    if (isSameValue(before[property], after[property])) continue;
    const body = after[property] === undefined ? none : render(after);
    if (body === undefined) await s3(place, 'DELETE', `/${name}?${query}`);
    else await s3(place, 'PUT', `/${name}?${query}`, body);
  }
}

function markOf({ stackId, logicalId }: Placement): string {
  const unique = stackId.slice(stackId.lastIndexOf('/') + 1);
  return `${unique}/${logicalId}`.slice(0, MOST_MARK_CHARACTERS);
}

async function isOwn(place: RemotePlace, name: string): Promise<boolean> {
  const tags = await tagsOfBucket(place, name);
  return tags.get(MARK) === markOf(place.placement);
}

async function tagsOfBucket(place: RemotePlace, name: string): Promise<ReadonlyMap<string, string>> {
  const absent = ['NoSuchTagSet', 'NoSuchBucket'];
  const text = await unlessRefused(absent, s3(place, 'GET', `/${name}?tagging`));
  const list = text === undefined ? [] : (parseXml(text, 'Tagging').first('TagSet')?.all('Tag') ?? []);
  return new Map(list.map((tag) => [tag.textOf('Key') ?? '', tag.textOf('Value') ?? '']));
}

/** The stack's tags, the bucket's own and its mark. S3 has no tags of `aws:` that a request could give. */
function tagsOf(placement: Placement, properties: ValueMap): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const { Key, Value } of placement.tags) if (!Key.startsWith('aws:')) tags.set(Key, Value);
  for (const tag of new PropertyReader(properties).list('Tags', ['Key', 'Value'])) {
    tags.set(tag.demand('Key'), tag.text('Value') ?? '');
  }
  return tags.set(MARK, markOf(placement));
}

function tagElements(tags: ReadonlyMap<string, string>): string[] {
  return Array.from(tags, ([key, value]) =>
    element('Tag', textElement('Key', key), textElement('Value', value)),
  );
}

function tagging(tags: ReadonlyMap<string, string>): string {
  return xmlDocument('Tagging', element('TagSet', ...tagElements(tags)));
}

const bucketPolicy: RemoteType = {
  kind: 'remote',
  name: 'AWS::S3::BucketPolicy',
  properties: declareProperties({ Bucket: 'String! replace', PolicyDocument: 'Json!' }),
  attributes: [],
  nameOf: (_, properties) => new PropertyReader(properties).demand('Bucket'),
  create: putPolicy,
  update: (place, name, _before, after) => putPolicy(place, name, after),
  async delete(place, name) {
    await unlessRefused(['NoSuchBucket'], s3(place, 'DELETE', `/${name}?policy`));
  },
};

async function putPolicy(place: RemotePlace, name: string, properties: ValueMap): Promise<void> {
  await s3(place, 'PUT', `/${name}?policy`, documentText(properties['PolicyDocument']) ?? '');
}

/** The tag that CDK gives to buckets that are to be emptied. */
const EMPTIED = 'aws-cdk:auto-delete-objects';

/**
 * Empties a bucket before the stack deletes it: what the Lambda function does that CDK puts into a template for
 * `autoDeleteObjects`, done here without it. Like that one, it leaves a bucket alone that has not CDK's tag.
 */
const autoDeleteObjects: RemoteType = {
  kind: 'remote',
  name: 'Custom::S3AutoDeleteObjects',
  properties: declareProperties({
    ServiceToken: 'String! replace',
    ServiceTimeout: 'Integer',
    BucketName: 'String!',
  }),
  attributes: [],
  nameOf: (placement) => placement.generatedName,
  create: async () => {},
  async update(place, _id, before, after) {
    if (!isSameValue(before['BucketName'], after['BucketName'])) await empty(place, before);
  },
  delete: (place, _id, properties) => empty(place, properties),
};

async function empty(place: RemotePlace, properties: ValueMap): Promise<void> {
  const name = new PropertyReader(properties).demand('BucketName');
  if ((await tagsOfBucket(place, name)).get(EMPTIED) !== 'true') return;
  for (;;) {
    const listing = parseXml(await s3(place, 'GET', `/${name}?versions`), 'ListVersionsResult');
    const found = [...listing.all('Version'), ...listing.all('DeleteMarker')];
    if (found.length === 0) return;
    const objects = found.map((each) =>
      element(
        'Object',
        textElement('Key', each.textOf('Key') ?? ''),
        textElement('VersionId', each.textOf('VersionId') ?? 'null'),
      ),
    );
    const answer = await s3(place, 'POST', `/${name}?delete`, xmlDocument('Delete', ...objects));
    const refused = parseXml(answer, 'DeleteResult').first('Error')?.textOf('Message');
    if (refused !== undefined) throw new Error(`An object of ${name} cannot be deleted: ${refused}`);
  }
}

/** What S3 has of stacks. */
export const bucketTypes: readonly RemoteType[] = [bucket, bucketPolicy, autoDeleteObjects];
