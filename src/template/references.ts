import { checkCall, functionCallOf, type Place, truthCallOf } from './functions.ts';
import { piecesOf } from './substitution.ts';
import { isValueList, isValueMap, textOf, type Value } from './value.ts';

/** What an expression refers to. A Sub's `${A.B}` is the attribute B of A; a plain `${A}` is a Ref. */
export type Reference =
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly attribute: string | undefined }
  | { readonly kind: 'condition'; readonly name: string }
  | { readonly kind: 'mapping'; readonly name: string };

/** Which branch of an Fn::If is taken; without it, both count. */
export type Choice = (condition: string) => boolean;

/**
 * Everything that an expression refers to, in its order. Throws a TemplateError for a function that is unknown, not allowed in
 * the place, or given what it cannot take.
 */
export function* referencesOf(value: Value, place: Place, choose?: Choice): Generator<Reference> {
  if (isValueList(value)) {
    for (const member of value) yield* referencesOf(member, place, choose);
    return;
  }
  if (!isValueMap(value)) return;
  const call = place === 'value' ? functionCallOf(value) : truthCallOf(value);
  if (call === undefined) {
    for (const member of Object.values(value)) yield* referencesOf(member, place, choose);
    return;
  }
  checkCall(call, place);
  yield* referencesOfCall(call.name, call.argument, place, choose);
}

function* referencesOfCall(
  name: string,
  argument: Value,
  place: Place,
  choose: Choice | undefined,
): Generator<Reference> {
  const members = isValueList(argument) ? argument : [argument];
  const [first = null, second = null, third = null] = members;
  switch (name) {
    case 'Ref':
      yield { kind: 'ref', name: String(first) };
      return;
    case 'Condition':
      yield { kind: 'condition', name: String(first) };
      return;
    case 'Fn::GetAtt':
      yield { kind: 'attribute', name: String(first), attribute: textOf(second) };
      yield* referencesOf(second, place, choose);
      return;
    case 'Fn::Sub':
      yield* referencesOfText(String(first), second);
      yield* referencesOf(second, place, choose);
      return;
    case 'Fn::If': {
      const condition = String(first);
      yield { kind: 'condition', name: condition };
      if (choose === undefined || choose(condition)) yield* referencesOf(second, place, choose);
      if (choose === undefined || !choose(condition)) yield* referencesOf(third, place, choose);
      return;
    }
    case 'Fn::FindInMap':
      if (typeof first === 'string' && members.length === 3) yield { kind: 'mapping', name: first };
      break;
  }
  for (const member of members) yield* referencesOf(member, place, choose);
}

function* referencesOfText(text: string, variables: Value): Generator<Reference> {
  for (const piece of piecesOf(text)) {
    if (!('variable' in piece)) continue;
    const { variable } = piece;
    if (isValueMap(variables) && Object.hasOwn(variables, variable)) continue;
    const dot = variable.indexOf('.');
    if (dot === -1) yield { kind: 'ref', name: variable };
    else yield { kind: 'attribute', name: variable.slice(0, dot), attribute: variable.slice(dot + 1) };
  }
}
