/** A value of a template, as JSON has them. */
export type Value = string | number | boolean | null | readonly Value[] | ValueMap;

/** A structure of a template: what JSON calls an object. */
export interface ValueMap {
  readonly [name: string]: Value;
}

/**
 * A template that cannot be used as it is: the message is CloudFormation's, for a `ValidationError`
 * (`Template format error: …`, `Template error: …`, `Parameters: […] must have values`).
 */
export class TemplateError extends Error {}

/** Whether a value is a structure, no list. */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !isValueList(value);
}

/** Whether a value is a list. */
export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The text of a scalar, as CloudFormation passes it on: `true`, `80`. Undefined for lists, structures and null. */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A structure's own member: never what every object inherits. */
export function memberOf(map: ValueMap, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
