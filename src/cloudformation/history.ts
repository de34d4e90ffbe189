import { randomUUID } from 'node:crypto';
import type { ActionContext } from '../ec2/action.ts';
import type { Stack, StackResource } from '../model/stack-records.ts';

/** Writes a stack, and into its history that it has come to its status. Returns it as it was written. */
export function recordStack(context: ActionContext, stack: Stack, reason?: string): Stack {
  const { statusReason: _past, ...rest } = stack;
  const written: Stack = reason === undefined ? rest : { ...rest, statusReason: reason };
  context.tx.stacks.put(written);
  context.tx.stackEvents.put({
    eventId: randomUUID(),
    ...common(context, stack),
    logicalId: stack.stackName,
    physicalId: stack.stackId,
    type: 'AWS::CloudFormation::Stack',
    status: stack.status,
    ...(reason === undefined ? {} : { statusReason: reason }),
  });
  return written;
}

/** The words of one step of a resource: `CREATE_IN_PROGRESS`, and why. */
export interface ResourceStep {
  readonly status: string;
  readonly reason?: string;
  /** Default: the resource's own. Before it was made there is none. */
  readonly physicalId?: string;
}

/** Writes a resource with the last of its steps, and all of them into the history. Returns it as it was written. */
export function recordResource(
  context: ActionContext,
  stack: Stack,
  resource: StackResource,
  steps: readonly ResourceStep[],
): StackResource {
  for (const step of steps) noteStep(context, stack, resource, step);
  const last = steps.at(-1);
  const { statusReason: _past, ...rest } = resource;
  const written: StackResource = {
    ...rest,
    status: last?.status ?? resource.status,
    ...(last?.reason === undefined ? {} : { statusReason: last.reason }),
    timestamp: context.now.toISOString(),
  };
  context.tx.stackResources.put(written);
  return written;
}

/** Writes a step into the history only. */
export function noteStep(
  context: ActionContext,
  stack: Stack,
  resource: StackResource,
  { status, reason, physicalId }: ResourceStep,
): void {
  context.tx.stackEvents.put({
    eventId: `${resource.logicalId}-${randomUUID()}`,
    ...common(context, stack),
    logicalId: resource.logicalId,
    physicalId: physicalId ?? resource.physicalId ?? '',
    type: resource.type,
    status,
    ...(reason === undefined ? {} : { statusReason: reason }),
    properties: JSON.stringify(resource.properties),
  });
}

function common(context: ActionContext, { stackId, stackName, work }: Stack) {
  const token = work?.clientRequestToken;
  return {
    stackId,
    stackName,
    timestamp: nextTime(context, stackId),
    ...(token === undefined ? {} : { clientRequestToken: token }),
  };
}

/** Later than the event before, by a millisecond at least: clients sort a history by its times. */
function nextTime({ tx, now }: ActionContext, stackId: string): string {
  const last = tx.stackEvents.where('stackId', stackId).at(-1);
  const earliest = last === undefined ? 0 : Date.parse(last.timestamp) + 1;
  return new Date(Math.max(now.getTime(), earliest)).toISOString();
}
