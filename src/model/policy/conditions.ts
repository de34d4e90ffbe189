import { parseIpv4 } from '../../net/address.ts';
import { hasAddress, parseCidr } from '../../net/cidr.ts';
import { isLike } from './patterns.ts';

/** Compares a value of the request with one of the policy. */
type Compare = (value: string, wanted: string) => boolean;

/** What an operator does: `isNegated` ones hold where no value matches, and where the key is missing. */
export interface Operator {
  readonly compare: Compare;
  readonly isNegated: boolean;
  /** Holds where the request does not have the key. */
  readonly isIfExists: boolean;
  readonly quantifier: 'any' | 'all' | undefined;
  /** What is wanted is a pattern: stars in it stand for any characters. */
  readonly isPattern: boolean;
  /** Asks whether the key is there at all. */
  readonly isNull: boolean;
}

const number =
  (compare: (value: number, wanted: number) => boolean): Compare =>
  (value, wanted) =>
    value.trim() !== '' && wanted.trim() !== '' && compare(Number(value), Number(wanted));

/** Dates are ISO 8601, or seconds since 1970. */
const date = (compare: (value: number, wanted: number) => boolean): Compare => {
  const read = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
  return (value, wanted) => compare(read(value), read(wanted));
};

const ip: Compare = (value, wanted) => {
  const address = parseIpv4(value);
  const cidr = parseCidr(wanted.includes('/') ? wanted : `${wanted}/32`);
  return address !== undefined && cidr !== undefined && hasAddress(cidr, address);
};

const equals: Compare = (value, wanted) => value === wanted;
const like: Compare = (value, wanted) => isLike(value, wanted);
/** Each of the six parts of an ARN by itself, so that no star reaches over a colon into the next. */
const arnLike: Compare = (value, wanted) => {
  if (wanted === '*') return true;
  const [parts, patterns] = [splitArn(value), splitArn(wanted)];
  return (
    parts.length === patterns.length && parts.every((part, index) => isLike(part, patterns[index] ?? ''))
  );
};
const splitArn = (arn: string): readonly string[] => {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
};
const equalsIgnoringCase: Compare = (value, wanted) => value.toLowerCase() === wanted.toLowerCase();

const POSITIVE: Readonly<Record<string, Compare>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  BinaryEquals: equals,
  Bool: equalsIgnoringCase,
  IpAddress: ip,
  NumericEquals: number((a, b) => a === b),
  NumericLessThan: number((a, b) => a < b),
  NumericLessThanEquals: number((a, b) => a <= b),
  NumericGreaterThan: number((a, b) => a > b),
  NumericGreaterThanEquals: number((a, b) => a >= b),
  DateEquals: date((a, b) => a === b),
  DateLessThan: date((a, b) => a < b),
  DateLessThanEquals: date((a, b) => a <= b),
  DateGreaterThan: date((a, b) => a > b),
  DateGreaterThanEquals: date((a, b) => a >= b),
};

/** Negated operators, by the positive one that they deny. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

const NULL = { compare: equals, isNegated: false, isIfExists: false, isPattern: false, isNull: true };

/**
 * The operator of a name, undefined where there is none
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
export function findOperator(name: string): Operator | undefined {
  const [, prefix, rest = ''] = /^(ForAnyValue:|ForAllValues:)?(.*)$/.exec(name) ?? [];
  const quantifier = prefix === undefined ? undefined : prefix === 'ForAnyValue:' ? 'any' : 'all';
  if (rest === 'Null' && quantifier === undefined) {
    return { ...NULL, quantifier };
  }
  const isIfExists = rest.endsWith('IfExists');
  const bare = isIfExists ? rest.slice(0, -'IfExists'.length) : rest;
  const isNegated = Object.hasOwn(NEGATED, bare);
  const positive = (isNegated ? NEGATED[bare] : bare) ?? '';
  const compare = Object.hasOwn(POSITIVE, positive) ? POSITIVE[positive] : undefined;
  if (compare === undefined) return undefined;
  const isPattern = compare === like || compare === arnLike;
  return { compare, isNegated, isIfExists, quantifier, isPattern, isNull: false };
}

/** Whether a condition holds for the values that a request has under its key; undefined where it has none. */
export function isHeld(
  operator: Operator,
  values: readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  if (operator.isNull) return wanted.some((text) => (text === 'true') === (values === undefined));
  if (values === undefined || values.length === 0) {
    return operator.isIfExists || operator.isNegated || operator.quantifier === 'all';
  }
  const isMatched = (value: string): boolean => wanted.some((text) => operator.compare(value, text));
  const isFitting = (value: string): boolean => isMatched(value) !== operator.isNegated;
  return operator.quantifier === 'any' ? values.some(isFitting) : values.every(isFitting);
}
