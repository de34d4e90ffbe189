import { type BoundParameter, NotKnownYet, type Referents, type Surroundings } from './bind.ts';
import { splitBlock } from './cidr-blocks.ts';
import { checkCall, defaultOfFindInMap, type FunctionCall, functionCallOf } from './functions.ts';
import { isPseudoParameter, pseudoParameter } from './pseudo-parameters.ts';
import { piecesOf } from './substitution.ts';
import type { Template } from './template.ts';
import { isValueList, isValueMap, memberOf, TemplateError, textOf, type Value } from './value.ts';

/** What an expression is worked out from. */
export interface Scope {
  readonly template: Template;
  readonly surroundings: Surroundings;
  readonly parameters: ReadonlyMap<string, BoundParameter>;
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly referents: Referents;
}

/** Referents where no resource may be named: in conditions and rules, which `parseTemplate` has checked. */
export const NO_REFERENTS: Referents = { ref: () => undefined, attribute: () => undefined };

/**
 * The value of an expression, undefined where it comes to AWS::NoValue. Members that do are left out of lists and structures.
 * Throws a TemplateError, and NotKnownYet for a resource that is not there.
 */
export function evaluate(scope: Scope, value: Value): Value | undefined {
  if (isValueList(value)) {
    return value.flatMap((member) => {
      const result = evaluate(scope, member);
      return result === undefined ? [] : [result];
    });
  }
  if (!isValueMap(value)) return value;
  const call = functionCallOf(value);
  if (call !== undefined) return callFunction(scope, call);
  const members = Object.entries(value).flatMap(([name, member]): [string, Value][] => {
    const result = evaluate(scope, member);
    return result === undefined ? [] : [[name, result]];
  });
  return Object.fromEntries(members);
}

/** A complaint about a function: `Template error: …`. */
export function functionError(message: string): TemplateError {
  return new TemplateError(`Template error: ${message}`);
}

function callFunction(scope: Scope, call: FunctionCall): Value | undefined {
  checkCall(call, 'value');
  const { name, argument } = call;
  const parameters = isValueList(argument) ? argument : [argument];
  const [first = null, second = null, third] = parameters;
  switch (name) {
    case 'Ref':
      return refer(scope, String(first));
    case 'Fn::GetAtt':
      return getAttribute(
        scope,
        String(first),
        evaluateText(scope, second, 'every Fn::GetAtt attribute must be a string'),
      );
    case 'Fn::Sub':
      return substitute(scope, String(first), second);
    case 'Fn::Join':
      return join(scope, String(first), second);
    case 'Fn::Select':
      return select(scope, first, second);
    case 'Fn::Split': {
      const text = evaluateText(scope, second, 'every Fn::Split object requires a string to be split');
      return text.split(String(first));
    }
    case 'Fn::FindInMap':
      return findInMap(scope, parameters);
    case 'Fn::If':
      return evaluate(scope, (scope.conditions.get(String(first)) === true ? second : third) ?? null);
    case 'Fn::Cidr':
      return cidr(scope, parameters);
    case 'Fn::GetAZs': {
      const region = evaluateText(
        scope,
        first,
        'every Fn::GetAZs object requires one String-typed region name.',
      );
      return scope.surroundings.zonesOf(region === '' ? scope.surroundings.region : region);
    }
    case 'Fn::Base64':
      return Buffer.from(
        evaluateText(scope, first, 'every Fn::Base64 object must have a String-typed value.'),
      ).toString('base64');
    default:
      return importValue(scope, first);
  }
}

/** The text that an expression comes to; anything else is refused with the complaint. */
export function evaluateText(scope: Scope, value: Value, complaint: string): string {
  const text = textOf(evaluate(scope, value));
  if (text === undefined) throw functionError(complaint);
  return text;
}

function refer(scope: Scope, name: string): Value | undefined {
  if (isPseudoParameter(name)) return pseudoParameter(name, scope.surroundings);
  const parameter = scope.parameters.get(name);
  if (parameter !== undefined) return parameter.value;
  const value = scope.referents.ref(name);
  if (value === undefined) throw new NotKnownYet(`${name} is not there yet`);
  return value;
}

function getAttribute(scope: Scope, logicalId: string, attribute: string): Value {
  const value = scope.referents.attribute(logicalId, attribute);
  if (value === undefined) throw new NotKnownYet(`${logicalId}.${attribute} is not there yet`);
  return value;
}

function substitute(scope: Scope, text: string, variables: Value): string {
  return piecesOf(text)
    .map((piece) => ('text' in piece ? piece.text : variableOf(scope, piece.variable, variables)))
    .join('');
}

function variableOf(scope: Scope, variable: string, variables: Value): string {
  const own = isValueMap(variables) ? memberOf(variables, variable) : undefined;
  const dot = variable.indexOf('.');
  let value: Value | undefined;
  if (own !== undefined) value = evaluate(scope, own);
  else if (dot === -1) value = refer(scope, variable);
  else value = getAttribute(scope, variable.slice(0, dot), variable.slice(dot + 1));
  const text = textOf(value);
  if (text === undefined) {
    throw functionError(`Fn::Sub can put strings into a text only, and \${${variable}} is none`);
  }
  return text;
}

const JOIN =
  'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a ' +
  'function that returns a list of strings (such as Fn::GetAZs) to be joined.';

function join(scope: Scope, delimiter: string, list: Value): string {
  const members = evaluate(scope, list);
  if (!isValueList(members)) throw functionError(JOIN);
  return members
    .map((member) => {
      const text = textOf(member);
      if (text === undefined) throw functionError(JOIN);
      return text;
    })
    .join(delimiter);
}

function select(scope: Scope, index: Value, list: Value): Value {
  const members = evaluate(scope, list);
  if (!isValueList(members)) {
    throw functionError(
      'Fn::Select requires a list argument with two elements: an integer index and a list of values to select from',
    );
  }
  const place = evaluateText(scope, index, 'Fn::Select requires an integer index');
  const member = /^[0-9]+$/.test(place) ? members[Number(place)] : undefined;
  if (member === undefined || member === null) {
    throw functionError(`Fn::Select cannot select nonexistent value at index ${place}`);
  }
  return member;
}

function findInMap(scope: Scope, parameters: readonly Value[]): Value | undefined {
  const [map = '', key = '', attribute = ''] = parameters
    .slice(0, 3)
    .map((part) => evaluateText(scope, part, 'every Fn::FindInMap name must be a string'));
  const mapping = memberOf(scope.template.mappings, map);
  const attributes = isValueMap(mapping) ? memberOf(mapping, key) : undefined;
  const found = isValueMap(attributes) ? memberOf(attributes, attribute) : undefined;
  if (found !== undefined) return found;
  const fallback = defaultOfFindInMap(parameters);
  if (fallback !== undefined) return evaluate(scope, fallback);
  if (mapping === undefined) {
    throw functionError(`Mapping named '${map}' is not present in the 'Mappings' section of template.`);
  }
  throw functionError(`Unable to get mapping for ${map}::${key}::${attribute}`);
}

function cidr(scope: Scope, parameters: readonly Value[]): string[] {
  const [block = '', count = '', bits] = parameters.map((part) =>
    evaluateText(scope, part, 'every Fn::Cidr parameter must be a string or a number'),
  );
  // Without subnet bits: user guide, "the number of subnet bits for the CIDR", 8 for IPv4 as the console's examples have it.
  return splitBlock(block, Number(count), Number(bits ?? (block.includes(':') ? 64 : 8)));
}

function importValue(scope: Scope, name: Value): string {
  const exported = evaluateText(
    scope,
    name,
    'the attribute in Fn::ImportValue must be a string or a function that returns a string',
  );
  const value = scope.surroundings.importOf(exported);
  if (value === undefined) throw new TemplateError(`No export named ${exported} found.`);
  return value;
}
