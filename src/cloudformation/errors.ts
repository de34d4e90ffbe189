import { AwsError } from '../ec2/errors.ts';
import { invalid } from '../ec2/query-service/errors.ts';

/** CloudFormation's errors that have a code of their own; all others are a ValidationError. */

/** There is none of that name or ARN. */
export const noSuchStack = (name: string) => invalid(`Stack with id ${name} does not exist`);

/** What is asked of a stack that is not there, by actions other than the describing ones. */
export const missingStack = (name: string) => invalid(`Stack [${name}] does not exist`);

/** A stack of the name is there already. */
export const stackAlreadyExists = (name: string) =>
  new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);

/** A change set of the name is there already. */
export const changeSetAlreadyExists = (name: string) =>
  new AwsError(
    'AlreadyExistsException',
    `ChangeSet ${name} cannot be created due to a mismatch with existing attribute`,
  );

/** There is no such change set. */
export const noSuchChangeSet = (name: string) =>
  new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);

/** The change set cannot be executed as it stands. */
export const invalidChangeSetStatus = (changeSetId: string, status: string) =>
  new AwsError(
    'InvalidChangeSetStatus',
    `ChangeSet [${changeSetId}] cannot be executed in its current status of [${status}]`,
  );

/** The template makes what has to be acknowledged. */
export const insufficientCapabilities = (capabilities: readonly string[]) =>
  new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${capabilities.join(', ')}]`);

/** The stack is in a state that does not allow it. */
export const stateForbids = (stackId: string, status: string, what: string) =>
  invalid(`Stack:${stackId} is in ${status} state and can not be ${what}.`);

/** Nothing would change. */
export const nothingToUpdate = () => invalid('No updates are to be performed.');

/** The API has the action, Cloudcroft has not; `known` are the names of those it has. */
export const unsupportedStackAction = (action: string, known: readonly string[]) =>
  new AwsError(
    'UnsupportedOperation',
    `The action ${action} is not supported by Cloudcroft's CloudFormation. It has ${known.join(', ')}.`,
  );
