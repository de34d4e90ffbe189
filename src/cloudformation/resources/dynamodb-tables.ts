import type { Value, ValueMap } from '../../template/value.ts';
import {
  declareProperties,
  invalidProperty,
  isMap,
  isSameValue,
  numberFrom,
  PropertyReader,
} from '../properties.ts';
import type { RemotePlace, RemoteType } from '../resource-type.ts';
import { ask, RemoteRefusal, unlessRefused } from './remote.ts';

const VERSION = 'DynamoDB_20120810';

/** How often, and how far apart, a table that is being changed is asked for: 50 ms is what a change takes. */
const MOST_QUESTIONS = 200;
const PAUSE_MS = 25;

const CREATED_WITH = [
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
];

/** Streams, encryption, time to live and recovery are accepted and have no effect, for the tables here have none. */
const table: RemoteType = {
  kind: 'remote',
  name: 'AWS::DynamoDB::Table',
  properties: declareProperties({
    KeySchema: 'List! replace',
    AttributeDefinitions: 'List',
    BillingMode: 'String',
    DeletionProtectionEnabled: 'Boolean',
    GlobalSecondaryIndexes: 'List',
    LocalSecondaryIndexes: 'List replace',
    PointInTimeRecoverySpecification: 'Map',
    ProvisionedThroughput: 'Map',
    SSESpecification: 'Map',
    StreamSpecification: 'Map',
    TableClass: 'String',
    TableName: 'String replace',
    Tags: 'List',
    TimeToLiveSpecification: 'Map',
  }),
  attributes: ['Arn'],
  nameOf: (placement, properties) =>
    new PropertyReader(properties).text('TableName') ?? placement.generatedName,
  async create(place, TableName, properties) {
    const wish: Record<string, Value> = { TableName };
    for (const name of CREATED_WITH) {
      const value = properties[name];
      if (value !== undefined) wish[name] = withNumbers(value);
    }
    await makeTable(place, TableName, wish);
    await waitUntilActive(place, TableName);
    await retag(place, TableName, {}, properties);
  },
  async update(place, TableName, before, after) {
    const wish = changeOf(before, after);
    if (Object.keys(wish).length > 0) {
      await dynamodb(place, 'UpdateTable', { TableName, ...wish });
      await waitUntilActive(place, TableName);
    }
    await retag(place, TableName, before, after);
  },
  /** A table that another made under this name is left as it is. */
  async delete(place, TableName, properties) {
    if (new PropertyReader(properties).flag('DeletionProtectionEnabled') === true) {
      throw new Error(
        `Resource cannot be deleted as it is currently protected against deletion: ${TableName}`,
      );
    }
    const isThere = (await describe(place, TableName)) !== undefined;
    if (!isThere || !(await isOwn(place, TableName))) return;
    const gone = ['ResourceNotFoundException'];
    await unlessRefused(gone, dynamodb(place, 'DeleteTable', { TableName }));
    await until(async () => (await describe(place, TableName)) === undefined, `${TableName} is not deleted`);
  },
  attributesOf: ({ region, account }, name) => ({ Arn: arnOf(region, account, name) }),
};

function arnOf(region: string, account: string, name: string): string {
  return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

async function dynamodb(place: RemotePlace, operation: string, input: object): Promise<string> {
  return ask(place, {
    service: 'dynamodb',
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': `${VERSION}.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(input),
  });
}

/** The tag that says which stack's resource made a table. */
const MARK = 'cloudcroft:cloudformation';

function markOf({ placement: { stackId, logicalId } }: RemotePlace): string {
  return `${stackId.slice(stackId.lastIndexOf('/') + 1)}/${logicalId}`.slice(0, 256);
}

/** Makes the table, unless this very resource has made it before. */
async function makeTable(place: RemotePlace, name: string, wish: ValueMap): Promise<void> {
  try {
    await dynamodb(place, 'CreateTable', wish);
  } catch (error) {
    const isThere = error instanceof RemoteRefusal && error.code === 'ResourceInUseException';
    if (!isThere) throw error;
    if (!(await isOwn(place, name))) throw new Error(`Table already exists: ${name}`);
  }
}

/** A name of CloudFormation's own is this resource's alone; another is known by the mark. */
async function isOwn(place: RemotePlace, name: string): Promise<boolean> {
  if (name === place.placement.generatedName) return true;
  const ResourceArn = arnOf(place.region, place.account, name);
  const read: Value = JSON.parse(await dynamodb(place, 'ListTagsOfResource', { ResourceArn }));
  const tags = isMap(read) ? read['Tags'] : undefined;
  if (!Array.isArray(tags)) return false;
  return tags.some((tag: Value) => isMap(tag) && tag['Key'] === MARK && tag['Value'] === markOf(place));
}

/** The state of a table; undefined where there is none. */
async function describe(place: RemotePlace, TableName: string): Promise<string | undefined> {
  const gone = ['ResourceNotFoundException'];
  const text = await unlessRefused(gone, dynamodb(place, 'DescribeTable', { TableName }));
  return text === undefined ? undefined : /"TableStatus"\s*:\s*"(\w+)"/.exec(text)?.[1];
}

async function waitUntilActive(place: RemotePlace, name: string): Promise<void> {
  await until(async () => (await describe(place, name)) === 'ACTIVE', `${name} is not active`);
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let count = 0; count < MOST_QUESTIONS; count++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`${otherwise} after ${(MOST_QUESTIONS * PAUSE_MS) / 1000} seconds.`);
}

/** What UpdateTable takes: capacity, and one index made or deleted at a time. */
function changeOf(before: ValueMap, after: ValueMap): ValueMap {
  const change: Record<string, Value> = {};
  for (const name of ['BillingMode', 'ProvisionedThroughput']) {
    const value = after[name];
    if (value !== undefined && !isSameValue(before[name], value)) change[name] = withNumbers(value);
  }
  const [was, is] = [indexesOf(before), indexesOf(after)];
  const gone = was.filter((one) => !is.some((other) => other['IndexName'] === one['IndexName']));
  const come = is.filter((one) => !was.some((other) => other['IndexName'] === one['IndexName']));
  if (gone.length + come.length > 1) {
    throw invalidProperty('Cannot perform more than one GSI creation or deletion in a single update');
  }
  const updates = [
    ...gone.map(({ IndexName = '' }) => ({ Delete: { IndexName } })),
    ...come.map((index) => ({ Create: withNumbers(index) })),
  ];
  if (updates.length > 0) {
    change['GlobalSecondaryIndexUpdates'] = updates;
    change['AttributeDefinitions'] = after['AttributeDefinitions'] ?? [];
  }
  return change;
}

function indexesOf({ GlobalSecondaryIndexes: indexes }: ValueMap): readonly ValueMap[] {
  return Array.isArray(indexes) ? indexes.filter(isMap) : [];
}

/** Templates may write the numbers of capacities as texts. */
function withNumbers(value: Value, name = ''): Value {
  if (Array.isArray(value)) return value.map((each: Value) => withNumbers(each));
  if (!isMap(value)) return name.endsWith('CapacityUnits') ? (numberFrom(value) ?? value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNumbers(each, key)]));
}

/** The stack's tags and the table's own, without those that only AWS itself can give. */
function tagsOf(place: RemotePlace, properties: ValueMap): ReadonlyMap<string, string> {
  const own = new PropertyReader(properties).list('Tags', ['Key', 'Value']);
  const stack = place.placement.tags.filter(({ Key }) => !Key.startsWith('aws:'));
  return new Map([
    ...stack.map(({ Key, Value }) => [Key, Value] as const),
    ...own.map((tag) => [tag.demand('Key'), tag.text('Value') ?? ''] as const),
    [MARK, markOf(place)],
  ]);
}

async function retag(place: RemotePlace, name: string, before: ValueMap, after: ValueMap): Promise<void> {
  const ResourceArn = arnOf(place.region, place.account, name);
  const wanted = tagsOf(place, after);
  const TagKeys = [...tagsOf(place, before).keys()].filter((key) => !wanted.has(key));
  if (TagKeys.length > 0) await dynamodb(place, 'UntagResource', { ResourceArn, TagKeys });
  const Tags = Array.from(wanted, ([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await dynamodb(place, 'TagResource', { ResourceArn, Tags });
}

/** DynamoDB's tables. */
export const dynamodbTypes: readonly RemoteType[] = [table];
