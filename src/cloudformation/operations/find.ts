import { invalid } from '../../ec2/query-service/errors.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import type { ChangeSet, Stack } from '../../model/stack-records.ts';
import type { World } from '../../model/world.ts';
import { missingStack, noSuchChangeSet, noSuchStack } from '../errors.ts';

/** The stack of a name, unless it was deleted, or of an ARN, even then. */
export function findStack(world: World, name: string): Stack | undefined {
  const byId = world.stacks.get(name);
  if (byId !== undefined) return byId;
  return world.stacks.where('stackName', name).find(({ status }) => status !== 'DELETE_COMPLETE');
}

/** The stack that a request is about, for those that look at it. */
export function demandStack(world: World, input: Input): Stack {
  const name = input.demand('StackName');
  const found = findStack(world, name);
  if (found === undefined) throw noSuchStack(name);
  return found;
}

/** The stack that a request is to change: one that was deleted is not there any more. */
export function demandLiveStack(world: World, input: Input): Stack {
  const name = input.demand('StackName');
  const found = findStack(world, name);
  if (found === undefined || found.status === 'DELETE_COMPLETE') throw missingStack(name);
  return found;
}

/** The change set that a request names, by its ARN or by its name and its stack's. */
export function findChangeSet(world: World, input: Input): ChangeSet | undefined {
  const name = input.demand('ChangeSetName');
  const stackName = input.text('StackName');
  const byId = world.changeSets.get(name);
  if (byId !== undefined) return byId;
  if (name.startsWith('arn:')) return undefined;
  if (stackName === undefined)
    throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
  const stack = findStack(world, stackName);
  if (stack === undefined) throw missingStack(stackName);
  return world.changeSets.where('stackId', stack.stackId).find(({ changeSetName }) => changeSetName === name);
}

export function demandChangeSet(world: World, input: Input): ChangeSet {
  const found = findChangeSet(world, input);
  if (found === undefined) throw noSuchChangeSet(input.demand('ChangeSetName'));
  return found;
}

/** As many entries as a page has. */
const PAGE = 100;

/** One page of a list, and the token that asks for the next. */
export function pageOf<T>(
  all: readonly T[],
  input: Input,
): { readonly page: readonly T[]; readonly NextToken: string | undefined } {
  const token = input.text('NextToken') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalid(`The token '${token}' is invalid`);
  const end = Number(token) + PAGE;
  return { page: all.slice(Number(token), end), NextToken: end < all.length ? String(end) : undefined };
}

const NAME = /^[a-zA-Z][-a-zA-Z0-9]*$/;
const LONGEST_NAME = 128;

/** The name of a new stack or change set; `member` is the parameter. Throws a ValidationError. */
export function checkName(name: string, member: 'stackName' | 'changeSetName'): string {
  const refuse = (constraint: string) =>
    invalid(
      `1 validation error detected: Value '${name.slice(0, LONGEST_NAME)}' at '${member}' failed to satisfy constraint: ${constraint}`,
    );
  if (!NAME.test(name)) {
    throw refuse('Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  }
  if (name.length > LONGEST_NAME) throw refuse('Member must have length less than or equal to 128');
  return name;
}

/** What is to happen when the operation fails; `standard` where the request does not say. */
export function failureWish(
  input: Input,
  standard: Stack['onFailure'],
  member = 'OnFailure',
): Stack['onFailure'] {
  const isDisabled = input.flag('DisableRollback');
  const isGiven = input.has(member);
  const wish = input.choice(member, 'ROLLBACK', 'DELETE', 'DO_NOTHING');
  if (isGiven && isDisabled !== undefined) {
    throw invalid(`Only one of the parameters DisableRollback and ${member} can be specified.`);
  }
  if (isDisabled !== undefined) return isDisabled ? 'DO_NOTHING' : 'ROLLBACK';
  return isGiven ? wish : standard;
}
