import { AwsError } from '../ec2/errors.ts';
import { isValueList, type Value, type ValueMap } from '../template/value.ts';
import type { PropertySchema, ResourceType } from './resource-type.ts';

type PropertyKind = PropertySchema['type'];

/** A property in short: its type, `!` where it is required, and `replace` where a change needs another resource. */
type Declaration = `${PropertyKind}${'' | '!'}${'' | ' replace'}`;

const KINDS: readonly PropertyKind[] = ['String', 'Number', 'Integer', 'Boolean', 'List', 'Map', 'Json'];

/** The schemas of a type's properties, from their short forms: `{ VpcId: 'String! replace', Tags: 'List' }`. */
export function declareProperties(
  declared: Readonly<Record<string, Declaration>>,
): Readonly<Record<string, PropertySchema>> {
  const schemas: Record<string, PropertySchema> = {};
  for (const [name, declaration] of Object.entries(declared)) {
    const [word = '', update] = declaration.split(' ');
    const type = KINDS.find((kind) => word.startsWith(kind)) ?? 'String';
    schemas[name] = {
      type,
      isRequired: word.endsWith('!'),
      update: update === 'replace' ? 'replace' : 'in-place',
    };
  }
  return schemas;
}

/** A property is not what its type allows; CloudFormation's code, and the whole sentence. */
export function invalidProperty(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

const unsupported = (name: string) => invalidProperty(`Encountered unsupported property ${name}`);
const missing = (name: string) => invalidProperty(`Property ${name} cannot be empty.`);
const illTyped = (name: string, kind: string) =>
  invalidProperty(`Value of property ${name} must be of type ${kind}`);

/**
 * Throws where resolved properties are not those of their type: one that it does not have, one that is required and not
 * there, one of another type. As at CloudFormation, texts pass for numbers and truth values when they read as such.
 */
export function checkProperties(type: Pick<ResourceType, 'properties'>, properties: ValueMap): void {
  for (const [name, value] of Object.entries(properties)) {
    const schema = Object.hasOwn(type.properties, name) ? type.properties[name] : undefined;
    if (schema === undefined) throw unsupported(name);
    if (!fits(value, schema.type)) throw illTyped(name, schema.type);
  }
  for (const [name, { isRequired }] of Object.entries(type.properties)) {
    if (isRequired === true && isEmpty(properties[name])) throw missing(name);
  }
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === '';
}

function fits(value: Value, kind: PropertyKind): boolean {
  switch (kind) {
    case 'String':
      return textFrom(value) !== undefined;
    case 'Number':
      return numberFrom(value) !== undefined;
    case 'Integer':
      return Number.isSafeInteger(numberFrom(value));
    case 'Boolean':
      return flagFrom(value) !== undefined;
    case 'List':
      return Array.isArray(value);
    case 'Map':
      return isMap(value);
    case 'Json':
      return isMap(value) || typeof value === 'string';
  }
}

/** A value as text: numbers and truth values have one, too. */
export function textFrom(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A number, or a text that reads as one. */
export function numberFrom(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A truth value, or the text of one. */
export function flagFrom(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

/** Whether a value is a structure. */
export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Properties, read with what their type is. What is wrong is refused by its full name: `Ingress[0].FromPort`. */
export class PropertyReader {
  readonly values: ValueMap;
  readonly #path: string;

  constructor(values: ValueMap, path = '') {
    this.values = values;
    this.#path = path;
  }

  text(name: string): string | undefined {
    return this.#read(name, 'String', textFrom);
  }

  /** A text that must be there. */
  demand(name: string): string {
    const text = this.text(name);
    if (text === undefined || text === '') throw missing(this.#path + name);
    return text;
  }

  whole(name: string): number | undefined {
    return this.#read(name, 'Integer', (value) => {
      const number = numberFrom(value);
      return Number.isSafeInteger(number) ? number : undefined;
    });
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, 'Boolean', flagFrom);
  }

  /** A list of texts; none where it is absent. */
  texts(name: string): readonly string[] {
    return this.#items(name).map((value, index) => {
      const text = textFrom(value);
      if (text === undefined) throw illTyped(`${this.#path}${name}[${index}]`, 'String');
      return text;
    });
  }

  /** A list of structures that have no members but `members`; none where it is absent. */
  list(name: string, members: readonly string[]): readonly PropertyReader[] {
    return this.#items(name).map((value, index) => this.#below(`${name}[${index}]`, value, members));
  }

  /** A structure that has no members but `members`. */
  structure(name: string, members: readonly string[]): PropertyReader | undefined {
    const value = this.values[name];
    return value === undefined || value === null ? undefined : this.#below(name, value, members);
  }

  #items(name: string): readonly Value[] {
    return this.#read(name, 'List', (value) => (Array.isArray(value) ? value : undefined)) ?? [];
  }

  #below(name: string, value: Value, members: readonly string[]): PropertyReader {
    if (!isMap(value)) throw illTyped(this.#path + name, 'Map');
    const strange = Object.keys(value).find((member) => !members.includes(member));
    if (strange !== undefined) throw unsupported(`${this.#path}${name}.${strange}`);
    return new PropertyReader(value, `${this.#path}${name}.`);
  }

  #read<T>(name: string, kind: PropertyKind, from: (value: Value) => T | undefined): T | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    const read = from(value);
    if (read === undefined) throw illTyped(this.#path + name, kind);
    return read;
  }
}

/** Those of some properties that are there, as texts. */
export function pickTexts(properties: ValueMap, names: readonly string[]): Record<string, string> {
  const read = new PropertyReader(properties);
  const picked: Record<string, string> = {};
  for (const name of names) {
    const text = read.text(name);
    if (text !== undefined) picked[name] = text;
  }
  return picked;
}

/** A policy or another document, which templates give as a structure or as the text of one. */
export function documentText(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether two values say the same; the order of a structure's members says nothing, nor whether `"1"` is written `1`. */
export function isSameValue(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || one === null || other === null) return false;
  if (typeof one !== 'object' || typeof other !== 'object') {
    return typeof one !== 'object' && typeof other !== 'object' && String(one) === String(other);
  }
  if (isValueList(one) || isValueList(other)) {
    if (!isValueList(one) || !isValueList(other) || one.length !== other.length) return false;
    return one.every((each, index) => isSameValue(each, other[index]));
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSameValue(one[name], other[name]));
}
