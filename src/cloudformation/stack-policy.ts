import { invalid } from '../ec2/query-service/errors.ts';
import type { Stack } from '../model/stack-records.ts';
import { ResourceRefusal } from './failures.ts';

type PolicyAction = 'Update:Modify' | 'Update:Replace' | 'Update:Delete';

interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly types: readonly string[] | undefined;
}

/** Reads a stack policy. Throws a ValidationError for what is none. */
export function readPolicy(body: string): readonly Statement[] {
  const refuse = (why: string) => invalid(`Error validating stack policy: ${why}`);
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw refuse('it is not JSON');
  }
  const statements = memberOf(document, 'Statement');
  if (!Array.isArray(statements)) throw refuse('it has no list Statement');
  return statements.map((statement: unknown): Statement => {
    const effect = memberOf(statement, 'Effect');
    if (effect !== 'Allow' && effect !== 'Deny') throw refuse('an Effect is Allow or Deny');
    const actions = textsOf(memberOf(statement, 'Action'));
    const resources = textsOf(memberOf(statement, 'Resource'));
    if (actions.length === 0) throw refuse('a statement needs an Action');
    if (resources.length === 0) throw refuse('a statement needs a Resource');
    if (memberOf(statement, 'NotAction') !== undefined || memberOf(statement, 'NotResource') !== undefined) {
      throw refuse('Cloudcroft does not support NotAction and NotResource');
    }
    const condition = memberOf(statement, 'Condition');
    const test = memberOf(condition, 'StringEquals') ?? memberOf(condition, 'StringLike');
    if (condition !== undefined && memberOf(test, 'ResourceType') === undefined) {
      throw refuse('Cloudcroft supports conditions on the ResourceType only');
    }
    const types = condition === undefined ? undefined : textsOf(memberOf(test, 'ResourceType'));
    return { isAllow: effect === 'Allow', actions, resources, types };
  });
}

/** Whether a stack's policy lets an update do something to a resource. Throws a ResourceRefusal where it does not. */
export function demandPermission(stack: Stack, logicalId: string, type: string, action: PolicyAction): void {
  const body = stack.work?.policyBody ?? stack.policyBody;
  if (body === undefined || stack.work?.course !== 'update') return;
  const applying = readPolicy(body).filter(
    ({ actions, resources, types }) =>
      actions.some((each) => isLike(each, action)) &&
      resources.some((each) => isLike(each, `LogicalResourceId/${logicalId}`)) &&
      (types === undefined || types.some((each) => isLike(each, type))),
  );
  if (applying.length > 0 && applying.every(({ isAllow }) => isAllow)) return;
  const denials = applying.some(({ isAllow }) => !isAllow) ? 'a statement denies' : 'no statement allows';
  throw new ResourceRefusal(`Action denied by stack policy: ${denials} ${action} of ${logicalId}`);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function textsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === 'string');
}

function isLike(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(text);
}
