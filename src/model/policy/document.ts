import { findOperator } from './conditions.ts';

/** A policy is not one; the message is the reason, in AWS's words where they are known. */
export class PolicyError extends Error {}

/** Which principals a statement is about: everybody, or the accounts and ARNs listed. */
export type Principals = '*' | readonly string[];

/** One condition: every operator, key and value of it, as written. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A statement, with what may be written as one string or a list always a list. */
export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Principals;
  /** The principals are those it is not about. */
  readonly isNotPrincipal: boolean;
  readonly actions: readonly string[];
  readonly isNotAction: boolean;
  readonly resources: readonly string[];
  readonly isNotResource: boolean;
  readonly conditions: readonly Condition[];
}

/** A policy that can be evaluated. */
export interface Policy {
  readonly version: string;
  readonly statements: readonly Statement[];
}

/** The most characters of a policy (semantics S103). */
const MOST_CHARACTERS = 20_480;
const VERSIONS = ['2008-10-17', '2012-10-17'];

/**
 * Reads the policy of an endpoint or a bucket, as the IAM grammar has it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). Throws PolicyError with the reason.
 */
export function parsePolicy(text: string): Policy {
  if (text.length > MOST_CHARACTERS)
    throw new PolicyError(`Policy is longer than ${MOST_CHARACTERS} characters`);
  const document = readObject(readJson(text), 'Policy');
  demandKnown(document, ['Version', 'Id', 'Statement'], 'policy');
  const version = document['Version'] ?? '2008-10-17';
  if (typeof version !== 'string' || !VERSIONS.includes(version)) {
    throw new PolicyError('The policy must contain a valid version string');
  }
  const given = document['Statement'];
  if (given === undefined) throw new PolicyError('Missing required field Statement');
  const statements = (Array.isArray(given) ? given : [given]).map((each: unknown) => readStatement(each));
  if (statements.length === 0) throw new PolicyError('Missing required field Statement');
  const sids = statements.flatMap(({ sid }) => sid ?? []);
  if (new Set(sids).size < sids.length)
    throw new PolicyError('Statement IDs (SID) in a single policy must be unique.');
  return { version, statements };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PolicyError('This policy contains invalid Json');
  }
}

const STATEMENT_FIELDS = [
  ...[
    'Sid',
    'Effect',
    'Principal',
    'NotPrincipal',
    'Action',
    'NotAction',
    'Resource',
    'NotResource',
    'Condition',
  ],
];

function readStatement(given: unknown): Statement {
  const fields = readObject(given, 'Statement');
  demandKnown(fields, STATEMENT_FIELDS, 'statement');
  const { Sid: sid, Effect: effect } = fields;
  if (sid !== undefined && typeof sid !== 'string') throw new PolicyError('Sid must be a string');
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyError(`Invalid effect: ${String(effect)}`);
  const principal = chooseOne(fields, 'Principal', 'NotPrincipal');
  const action = chooseOne(fields, 'Action', 'NotAction');
  const resource = chooseOne(fields, 'Resource', 'NotResource');
  const actions = readStrings(action.value, 'Action');
  const wrong = actions.find((name) => name !== '*' && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(name));
  if (wrong !== undefined) throw new PolicyError(`Policy has invalid action: ${wrong}`);
  const resources = readStrings(resource.value, 'Resource');
  const foreign = resources.find((name) => name !== '*' && !name.startsWith('arn:'));
  if (foreign !== undefined) throw new PolicyError(`Policy has invalid resource: ${foreign}`);
  return {
    ...(sid === undefined ? {} : { sid }),
    effect,
    principals: readPrincipals(principal.value),
    isNotPrincipal: principal.isNot,
    actions,
    isNotAction: action.isNot,
    resources,
    isNotResource: resource.isNot,
    conditions: readConditions(fields['Condition']),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function chooseOne(fields: Fields, name: string, opposite: string): { value: unknown; isNot: boolean } {
  const value = fields[name];
  const other = fields[opposite];
  if (value !== undefined && other !== undefined) {
    throw new PolicyError(`Policy statement must contain ${name} or ${opposite}, not both`);
  }
  if (value === undefined && other === undefined) throw new PolicyError(`Missing required field ${name}`);
  return value === undefined ? { value: other, isNot: true } : { value, isNot: false };
}

function readPrincipals(given: unknown): Principals {
  if (given === '*') return '*';
  const fields = typeof given === 'string' ? undefined : readObject(given, 'Principal');
  if (fields === undefined) throw new PolicyError('Invalid principal in policy');
  const listed = Object.entries(fields).flatMap(([kind, value]) => {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind)) {
      throw new PolicyError(`Invalid principal in policy: ${kind}`);
    }
    return readStrings(value, 'Principal').map((name) => (kind === 'AWS' ? name : `${kind}:${name}`));
  });
  const wrong = listed.find(
    (name) => !/^(?:\*|\d{12}|arn:.+|(?:Service|Federated|CanonicalUser):.+)$/.test(name),
  );
  if (wrong !== undefined || listed.length === 0) throw new PolicyError('Invalid principal in policy');
  return listed.includes('*') ? '*' : listed;
}

function readConditions(given: unknown): readonly Condition[] {
  if (given === undefined) return [];
  return Object.entries(readObject(given, 'Condition')).flatMap(([operator, keys]) => {
    if (findOperator(operator) === undefined) throw new PolicyError(`Invalid Condition type : ${operator}`);
    return Object.entries(readObject(keys, 'Condition')).map(([key, value]) => ({
      operator,
      key,
      values: readStrings(value, 'Condition'),
    }));
  });
}

function readObject(given: unknown, what: string): Fields {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new PolicyError(`${what} must be an object`);
}

/** Conditions may be written as numbers and booleans too. */
function readStrings(given: unknown, what: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isText = (value: unknown): value is string | number | boolean =>
    typeof value === 'string' || (what === 'Condition' && ['number', 'boolean'].includes(typeof value));
  if (list.length > 0 && list.every(isText) && list.every((value) => value !== '' || what === 'Condition')) {
    return list.map(String);
  }
  throw new PolicyError(`${what} must be a string or a list of strings`);
}

function demandKnown(fields: Fields, known: readonly string[], what: string): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new PolicyError(`Unknown field ${unknown} in the ${what}`);
}
