import type { Value, ValueMap } from '../template/value.ts';
import { ResourceRefusal } from './failures.ts';
import type { PropertySchema, ResourceType } from './resource-type.ts';

/** Throws a ResourceRefusal, in CloudFormation's words, for properties that the type does not have or that are not of its form. */
export function checkProperties(type: ResourceType, logicalId: string, properties: ValueMap): void {
  const complaints = [...complaintsOf(type, properties)];
  if (complaints.length === 0) return;
  throw new ResourceRefusal(
    `Properties validation failed for resource ${logicalId} with message:\n[${complaints.join(', ')}]`,
  );
}

function* complaintsOf(type: ResourceType, properties: ValueMap): Iterable<string> {
  for (const [name, { isRequired }] of Object.entries(type.properties)) {
    if (isRequired && !Object.hasOwn(properties, name)) yield `#: required key [${name}] not found`;
  }
  for (const [name, value] of Object.entries(properties)) {
    const schema = Object.hasOwn(type.properties, name) ? type.properties[name] : undefined;
    if (schema === undefined) yield `#: extraneous key [${name}] is not permitted`;
    else if (!isOfType(schema.type, value))
      yield `#/${name}: expected type: ${schema.type}, found: ${nameOf(value)}`;
  }
}

/** As lenient as CloudFormation, which takes `"22"` for a number and `22` for a text. */
function isOfType(type: PropertySchema['type'], value: Value): boolean {
  const isScalar = typeof value !== 'object';
  switch (type) {
    case 'String':
      return isScalar;
    case 'Number':
      return isScalar && typeof value !== 'boolean' && value !== '' && !Number.isNaN(Number(value));
    case 'Integer':
      return isScalar && /^-?\d+$/.test(String(value));
    case 'Boolean':
      return /^(true|false)$/i.test(String(value));
    case 'List':
      return Array.isArray(value);
    case 'Map':
      return !isScalar && value !== null && !Array.isArray(value);
    case 'Json':
      return value !== null;
  }
}

function nameOf(value: Value): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'JSONArray';
  if (typeof value === 'object') return 'JSONObject';
  return typeof value === 'number' ? 'Number' : typeof value === 'boolean' ? 'Boolean' : 'String';
}
