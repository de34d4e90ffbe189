import { AwsError } from '../../ec2/errors.ts';
import { SsmError } from '../../region/ssm/errors.ts';
import { Input } from '../../region/ssm/input.ts';
import { operations } from '../../region/ssm/parameters.ts';
import type { Value, ValueMap } from '../../template/value.ts';
import { declareProperties, isMap, PropertyReader, pickTexts } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { tagsFor } from './tags.ts';

const parameter: RecordType = {
  kind: 'record',
  name: 'AWS::SSM::Parameter',
  properties: declareProperties({
    Type: 'String!',
    Value: 'String!',
    Name: 'String replace',
    AllowedPattern: 'String',
    DataType: 'String',
    Description: 'String',
    Policies: 'String',
    Tags: 'Map',
    Tier: 'String',
  }),
  attributes: ['Type', 'Value'],
  create(context, properties) {
    const Name = new PropertyReader(properties).text('Name') ?? context.placement.generatedName;
    putParameter(context, Name, properties, false);
    retag(context, Name, properties);
    return Name;
  },
  update(context, Name, _before, after) {
    putParameter(context, Name, after, true);
    retag(context, Name, after);
  },
  delete: deleteParameter,
  attributesOf({ action: { tx } }, name): Readonly<Record<string, Value>> {
    const found = tx.parameters.get(name);
    return found === undefined ? {} : { Type: found.type, Value: found.value };
  },
};

const NAMES = ['Type', 'Value', 'AllowedPattern', 'DataType', 'Description', 'Tier'];

/** Puts a parameter by Systems Manager's own operation. */
export function putParameter(
  context: ResourceContext,
  Name: string,
  properties: ValueMap,
  Overwrite: boolean,
): void {
  perform(context, 'PutParameter', { ...pickTexts(properties, NAMES), Name, Overwrite });
}

/** Deletes a parameter; one that is not there is no failure. */
export function deleteParameter(context: ResourceContext, Name: string): void {
  if (context.action.tx.parameters.get(Name) !== undefined) perform(context, 'DeleteParameter', { Name });
}

/** The tags of a parameter are a structure of keys and values, not a list. */
function retag(context: ResourceContext, Name: string, properties: ValueMap): void {
  const { tx } = context.action;
  const own = isMap(properties['Tags']) ? Object.entries(properties['Tags']) : [];
  const Tags = own.map(([Key, Value]) => ({ Key, Value }));
  const found = tx.parameters.get(Name);
  if (found !== undefined) tx.parameters.put({ ...found, tags: tagsFor(context, { Tags }) });
}

function perform(context: ResourceContext, name: string, input: object): void {
  const { tx, now } = context.action;
  const operation = operations[name];
  if (operation === undefined) throw new Error(`Systems Manager has no operation ${name}`);
  try {
    const read = new Input(new TextEncoder().encode(JSON.stringify(input)));
    operation({ tx, now, publicParameters: new Map() }, read);
  } catch (error) {
    if (error instanceof SsmError) throw new AwsError(error.code, error.message);
    throw error;
  }
}

/** Systems Manager's parameters. */
export const parameterTypes: readonly RecordType[] = [parameter];
