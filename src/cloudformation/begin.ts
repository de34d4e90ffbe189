import { randomUUID } from 'node:crypto';
import type { ActionContext } from '../ec2/action.ts';
import type { Stack, StackWork } from '../model/stack-records.ts';
import { importsOf } from './acceptance.ts';
import { recordStack } from './history.ts';
import type { Accepted } from './revision.ts';
import { withoutPrevious } from './run.ts';
import { workingStatus } from './statuses.ts';

/** What an operation on a stack is asked with. */
export interface Wish {
  readonly token: string | undefined;
  readonly onFailure: Stack['onFailure'];
}

const USER_INITIATED = 'User Initiated';

/** Begins to make a stack that is not there, or only as a name that a change set was made for. */
export function beginCreation(context: ActionContext, stack: Stack, accepted: Accepted, wish: Wish): Stack {
  const work = workOf('create', 'apply', randomUUID(), wish.token);
  const begun: Stack = {
    ...stack,
    ...targetOf(accepted),
    ...tokenOf(wish.token),
    onFailure: wish.onFailure,
    work,
    status: workingStatus(work),
    operationId: work.operationId,
  };
  return recordStack(context, begun, USER_INITIATED);
}

/** Begins to bring a stack to another revision. */
export function beginUpdate(
  context: ActionContext,
  stack: Stack,
  accepted: Accepted,
  wish: Wish,
  policyBody?: string,
): Stack {
  // An update that failed and was left so is gone back from together with this one.
  const isContinued = stack.previous !== undefined;
  const operationId = isContinued ? stack.operationId : randomUUID();
  const work: StackWork = {
    ...workOf('update', 'apply', operationId, wish.token),
    ...(policyBody === undefined ? {} : { policyBody }),
  };
  const { tx } = context;
  for (const resource of tx.stackResources.where('stackId', stack.stackId)) {
    if (resource.stage !== 'failed') continue;
    // What never came to be is made anew; what is left of it is ended in the cleanup.
    tx.stackResources.put({ ...resource, supersededIn: `${operationId}/failed` });
  }
  return recordStack(
    context,
    {
      ...stack,
      ...targetOf(accepted),
      ...tokenOf(wish.token),
      previous: stack.previous ?? stack.revision,
      operationId,
      onFailure: wish.onFailure,
      work,
      status: workingStatus(work),
      lastUpdatedTime: context.now.toISOString(),
    },
    USER_INITIATED,
  );
}

/** Begins to end a stack and its resources, all but those that `retained` names. */
export function beginDeletion(
  context: ActionContext,
  stack: Stack,
  token: string | undefined,
  retained: readonly string[],
): Stack {
  const work: StackWork = { ...workOf('delete', 'cleanup', randomUUID(), token), skipped: retained };
  const next = { ...withoutPrevious(stack), work, status: workingStatus(work) };
  return recordStack(context, next, USER_INITIATED);
}

export function workOf(
  course: StackWork['course'],
  phase: StackWork['phase'],
  operationId: string,
  token: string | undefined,
): StackWork {
  return {
    operationId,
    course,
    phase,
    skipped: [],
    ...(token === undefined ? {} : { clientRequestToken: token }),
  };
}

function tokenOf(token: string | undefined): Pick<Stack, 'token'> {
  return token === undefined ? {} : { token };
}

function targetOf({ revision, bound }: Accepted): Pick<Stack, 'revision' | 'imports' | 'resourceIds'> {
  return { revision, imports: importsOf(bound), resourceIds: [...bound.resources.keys()] };
}
