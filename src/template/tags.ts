import type { Value } from './value.ts';

/** Functions that have a short form `!Name` in YAML, besides `!Ref` and `!Condition`. */
const SHORT_FORMS: ReadonlySet<string> = new Set([
  'And',
  'Base64',
  'Cidr',
  'Contains',
  'EachMemberEquals',
  'EachMemberIn',
  'Equals',
  'FindInMap',
  'GetAZs',
  'GetAtt',
  'If',
  'ImportValue',
  'Join',
  'Length',
  'Not',
  'Or',
  'RefAll',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
  'ValueOf',
  'ValueOfAll',
]);

/** A value with a short form's tag, as its long form: `!Sub x` is `{"Fn::Sub": x}`. Undefined for a tag that is none. */
export function expandTag(tag: string, value: Value): Value | undefined {
  const name = tag.slice(1);
  // JSON has no scalars that YAML reads as numbers or truths where a name is meant.
  if (name === 'Ref' || name === 'Condition') return { [name]: nameOf(value) };
  if (!SHORT_FORMS.has(name)) return undefined;
  return { [`Fn::${name}`]: name === 'GetAtt' && typeof value === 'string' ? splitAttribute(value) : value };
}

/** `A.B.C` is the attribute `B.C` of `A`; a text without a dot stays, to be refused. */
export function splitAttribute(text: string): Value {
  const dot = text.indexOf('.');
  return dot === -1 ? text : [text.slice(0, dot), text.slice(dot + 1)];
}

function nameOf(value: Value): Value {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
