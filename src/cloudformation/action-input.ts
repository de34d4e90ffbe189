import type { InputOf, OperationName } from '../ec2/dispatch.ts';
import { loadModel, type Model, type Structure, type TypeData } from '../ec2/wire/model.ts';
import type { Value, ValueMap } from '../template/value.ts';
import { flagFrom, invalidProperty, isMap, numberFrom, textFrom } from './properties.ts';

const model: Model = loadModel();

/**
 * The input of an EC2 action from properties that have the names of its members, structures and lists within them too.
 * Throws where a value is not of its member's type, or a member is none; what is wrong is named in full.
 */
export function inputOf<Name extends OperationName>(name: Name, values: ValueMap): InputOf<Name> {
  const structure = model.operation(name)?.input;
  // Each member was made after the model that the action's types were made of.
  return structureFrom(values, structure, '') as InputOf<Name>;
}

/** Some of the properties; those that are absent stay absent. */
export function pick(properties: ValueMap, ...names: readonly string[]): ValueMap {
  const picked: Record<string, Value> = {};
  for (const name of names) {
    const value = properties[name];
    if (value !== undefined && value !== null) picked[name] = value;
  }
  return picked;
}

function structureFrom(values: ValueMap, structure: Structure | undefined, path: string): object {
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    const full = path === '' ? name : `${path}.${name}`;
    const member = structure?.members.find((each) => each.name === name);
    if (member === undefined) throw invalidProperty(`Encountered unsupported property ${full}`);
    made[name] = memberFrom(value, member.type, full);
  }
  return made;
}

const SCALARS: Readonly<
  Record<Extract<TypeData, string>, readonly [kind: string, from: (value: Value) => unknown]>
> = {
  s: ['String', textFrom],
  i: ['Integer', wholeFrom],
  f: ['Number', numberFrom],
  b: ['Boolean', flagFrom],
  t: ['Timestamp', timeFrom],
  B: ['String', bytesFrom],
};

function memberFrom(value: Value, type: TypeData, path: string): unknown {
  if (typeof type === 'number') {
    if (!isMap(value)) throw illTyped(path, 'Map');
    return structureFrom(value, model.structure(type), path);
  }
  if (typeof type === 'string') {
    const [kind, from] = SCALARS[type];
    const read = from(value);
    if (read === undefined) throw illTyped(path, kind);
    return read;
  }
  if (type[0] === 'E') return wordFrom(value, model.enumeration(type[1]), path);
  if (!Array.isArray(value)) throw illTyped(path, 'List');
  return value.map((each: Value, index) => memberFrom(each, type[1], `${path}[${index}]`));
}

/** More choices than this are not listed in a refusal: there are 1,000 types of instances. */
const MOST_CHOICES = 20;

function wordFrom(value: Value, words: readonly string[], path: string): string {
  const text = textFrom(value);
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const choices = words.length > MOST_CHOICES ? 'the values it may have' : words.join(', ');
  throw invalidProperty(`Value of property ${path} must be one of ${choices}: '${text ?? typeof value}'`);
}

function wholeFrom(value: Value): number | undefined {
  const number = numberFrom(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function timeFrom(value: Value): Date | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

function bytesFrom(value: Value): Uint8Array | undefined {
  return typeof value === 'string' ? new TextEncoder().encode(value) : undefined;
}

function illTyped(path: string, kind: string) {
  return invalidProperty(`Value of property ${path} must be of type ${kind}`);
}
