import { splitAttribute } from './tags.ts';
import { isValueList, isValueMap, TemplateError, textOf, type Value, type ValueMap } from './value.ts';

/** A use of a function: `{"Fn::Join": [...]}`, `{"Ref": "X"}`. */
export interface FunctionCall {
  readonly name: string;
  readonly argument: Value;
}

interface Shape {
  readonly accepts: (argument: Value) => boolean;
  readonly complaint: string;
}

function isList(argument: Value, least: number, most = least): argument is readonly Value[] {
  return isValueList(argument) && argument.length >= least && argument.length <= most;
}

function isCall(value: Value | undefined): boolean {
  return isValueMap(value) && functionCallOf(value) !== undefined;
}

function isTextOrCall(value: Value | undefined): boolean {
  return textOf(value) !== undefined || isCall(value);
}

function isListOrCall(value: Value | undefined): boolean {
  return isValueList(value) || isCall(value);
}

function isConditionList(argument: Value, least: number, most: number): boolean {
  return (
    isList(argument, least, most) &&
    argument.every((member) => textOf(member) !== undefined || truthCallOf(member) !== undefined)
  );
}

/** What each function takes, and what CloudFormation says of anything else. */
const SHAPES: Readonly<Record<string, Shape>> = {
  Ref: {
    accepts: (argument) => typeof argument === 'string' && argument !== '',
    complaint: 'every Ref object must have a single String value.',
  },
  Condition: {
    accepts: (argument) => typeof argument === 'string',
    complaint: 'every Condition object must have a single String value.',
  },
  'Fn::GetAtt': {
    accepts: (argument) =>
      isList(argument, 2) &&
      typeof argument[0] === 'string' &&
      isTextOrCall(argument[1]) &&
      argument.every((member) => member !== ''),
    complaint:
      'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  },
  'Fn::Sub': {
    accepts: (argument) =>
      typeof argument === 'string' ||
      (isList(argument, 2) && typeof argument[0] === 'string' && isValueMap(argument[1])),
    complaint:
      "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and " +
      'an optional second argument to specify a mapping of values to replace in the string',
  },
  'Fn::Join': {
    accepts: (argument) =>
      isList(argument, 2) && typeof argument[0] === 'string' && isListOrCall(argument[1]),
    complaint:
      'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a ' +
      'function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  },
  'Fn::Select': {
    accepts: (argument) => isList(argument, 2) && isTextOrCall(argument[0]) && isListOrCall(argument[1]),
    complaint:
      'Fn::Select requires a list argument with two elements: an integer index and a list of values to select from',
  },
  'Fn::Split': {
    accepts: (argument) =>
      isList(argument, 2) &&
      typeof argument[0] === 'string' &&
      argument[0] !== '' &&
      isTextOrCall(argument[1]),
    complaint:
      'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function ' +
      'that returns a string to be split.',
  },
  'Fn::FindInMap': {
    accepts: (argument) =>
      isList(argument, 3, 4) &&
      argument.slice(0, 3).every(isTextOrCall) &&
      (argument.length === 3 || defaultOfFindInMap(argument) !== undefined),
    complaint:
      'every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
  },
  'Fn::If': {
    accepts: (argument) => isList(argument, 3) && typeof argument[0] === 'string',
    complaint: 'Fn::If requires a list argument with three elements: a condition name and two values',
  },
  'Fn::And': {
    accepts: (argument) => isConditionList(argument, 2, 10),
    complaint: 'every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.',
  },
  'Fn::Or': {
    accepts: (argument) => isConditionList(argument, 2, 10),
    complaint: 'every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.',
  },
  'Fn::Not': {
    accepts: (argument) => isConditionList(argument, 1, 1),
    complaint: 'every Fn::Not object requires a list of one boolean parameter.',
  },
  'Fn::Equals': {
    accepts: (argument) => isList(argument, 2),
    complaint: 'every Fn::Equals object requires a list of 2 string parameters.',
  },
  'Fn::Cidr': {
    accepts: (argument) => isList(argument, 2, 3) && argument.every(isTextOrCall),
    complaint:
      'every Fn::Cidr object requires two or three parameters, (1) an IP block, (2) a count and (3) the number of subnet bits',
  },
  'Fn::GetAZs': {
    accepts: (argument) => isTextOrCall(argument),
    complaint: 'every Fn::GetAZs object requires one String-typed region name.',
  },
  'Fn::Base64': {
    accepts: (argument) => isTextOrCall(argument),
    complaint: 'every Fn::Base64 object must have a String-typed value.',
  },
  'Fn::ImportValue': {
    accepts: (argument) => isTextOrCall(argument),
    complaint: 'the attribute in Fn::ImportValue must be a string or a function that returns a string',
  },
};

/** Functions that only the Rules section may use. */
const RULE_SHAPES: Readonly<Record<string, Shape>> = {
  'Fn::Contains': pairOf('Fn::Contains', 'a list of strings and a string'),
  'Fn::EachMemberEquals': pairOf('Fn::EachMemberEquals', 'a list of strings and a string'),
  'Fn::EachMemberIn': pairOf('Fn::EachMemberIn', 'two lists of strings'),
  'Fn::RefAll': {
    accepts: (argument) => typeof argument === 'string',
    complaint: 'every Fn::RefAll object requires one parameter type.',
  },
  'Fn::ValueOf': pairOf('Fn::ValueOf', 'a parameter name and an attribute'),
  'Fn::ValueOfAll': pairOf('Fn::ValueOfAll', 'a parameter type and an attribute'),
};

function pairOf(name: string, what: string): Shape {
  return {
    accepts: (argument) => isList(argument, 2),
    complaint: `every ${name} object requires two parameters: ${what}.`,
  };
}

/** Functions of the transform AWS::LanguageExtensions. */
const EXTENSIONS: ReadonlySet<string> = new Set(['Fn::Length', 'Fn::ToJsonString']);

const MACRO = 'Fn::Transform';

/** Functions that yield true or false: only conditions and rules may use them. */
const BOOLEAN_FUNCTIONS: ReadonlySet<string> = new Set([
  'Condition',
  'Fn::And',
  'Fn::Equals',
  'Fn::Not',
  'Fn::Or',
]);

/**
 * The call that a structure is, if it is one: a single member with a function's name. `Condition` is one only where truths
 * are computed, for policies have a member of that name.
 */
export function functionCallOf(map: ValueMap): FunctionCall | undefined {
  const [name, ...others] = Object.keys(map);
  if (name === undefined || others.length > 0 || !(name === 'Ref' || name.startsWith('Fn::')))
    return undefined;
  const argument = map[name] ?? null;
  return {
    name,
    argument: name === 'Fn::GetAtt' && typeof argument === 'string' ? splitAttribute(argument) : argument,
  };
}

/** The call where a truth is computed: there, `Condition` is a function. */
export function truthCallOf(value: Value): FunctionCall | undefined {
  if (!isValueMap(value)) return undefined;
  const [name, ...others] = Object.keys(value);
  if (name === 'Condition' && others.length === 0) return { name, argument: value[name] ?? null };
  return functionCallOf(value);
}

/** Where an expression stands, for functions are not allowed everywhere. */
export type Place = 'value' | 'condition' | 'rule';

/** Throws a TemplateError for a call of a function that is unknown, not allowed there, or given what it cannot take. */
export function checkCall({ name, argument }: FunctionCall, place: Place): void {
  if (name === MACRO)
    throw new TemplateError(`Template error: ${MACRO} is not supported: there are no macros here.`);
  if (EXTENSIONS.has(name)) {
    throw new TemplateError(
      `Template error: ${name} needs the transform AWS::LanguageExtensions, which is not supported here.`,
    );
  }
  if (place === 'value' && BOOLEAN_FUNCTIONS.has(name)) {
    throw new TemplateError(`Template error: ${name} cannot be partially collapsed`);
  }
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : place === 'rule' ? RULE_SHAPES[name] : undefined;
  if (shape === undefined) {
    const supported = Object.keys(SHAPES).filter((known) => known.startsWith('Fn::'));
    throw new TemplateError(
      `Template error: Encountered unsupported function: ${name} Supported functions are: [${supported.join(', ')}]`,
    );
  }
  if (!shape.accepts(argument)) throw new TemplateError(`Template error: ${shape.complaint}`);
}

/** The fourth argument of Fn::FindInMap, `{"DefaultValue": …}`. */
export function defaultOfFindInMap(parameters: readonly Value[]): Value | undefined {
  const [, , , fallback] = parameters;
  return isValueMap(fallback) && Object.keys(fallback).join() === 'DefaultValue'
    ? fallback['DefaultValue']
    : undefined;
}
