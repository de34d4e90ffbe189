import type { ActionContext } from '../ec2/action.ts';
import type { Stack, StackResource, StackWork } from '../model/stack-records.ts';
import type { Scope, World } from '../model/world.ts';
import { reasonOf } from './failures.ts';
import type { RemoteWork } from './remote-work.ts';
import { placementOf, resourceContextOf } from './resource-context.ts';
import type { RemotePlace, ResourceContext } from './resource-type.ts';
import { scopeOfStack } from './stack-names.ts';
import type { StackParts } from './stack-parts.ts';

/** One phase of what is done to a stack, taken in rounds. */
export interface Run {
  readonly work: StackWork;
  /** Does what can be done at once. `waiting`: there is nothing to do until the world changes, or `wake` is called. */
  round(): 'moved' | 'waiting';
}

/** As many resources as are begun before others are given a turn: some ten milliseconds' worth. */
export const MOST_A_ROUND = 50;

/** What both phases have in common: whose stack it is, and how to act on it. */
export class RunBase {
  readonly parts: StackParts;
  readonly remote: RemoteWork;
  readonly stackId: string;
  readonly work: StackWork;
  readonly wake: () => void;
  readonly scope: Scope;

  constructor(parts: StackParts, remote: RemoteWork, stackId: string, work: StackWork, wake: () => void) {
    this.parts = parts;
    this.remote = remote;
    this.stackId = stackId;
    this.work = work;
    this.wake = wake;
    this.scope = scopeOfStack(stackId);
  }

  transact<R>(act: (context: ActionContext, stack: Stack) => R): R {
    return this.parts.transact(this.scope, (context) => act(context, this.stackIn(context.tx)));
  }

  stackIn(world: World): Stack {
    const stack = world.stacks.get(this.stackId);
    if (stack === undefined) throw new Error(`the stack ${this.stackId} is not there`);
    return stack;
  }

  contextFor(context: ActionContext, stack: Stack, resource: StackResource): ResourceContext {
    return resourceContextOf(context, this.parts.actions, placementOf(stack, resource));
  }

  placeFor(resource: StackResource): RemotePlace {
    const world = this.parts.store.world(this.scope);
    if (world === undefined) throw new Error(`the stack ${this.stackId} is not there`);
    const stack = this.stackIn(world);
    return { placement: placementOf(stack, resource), ask: this.parts.askRemote, ...this.scope };
  }

  /** What to show a person of an error; one that is a bug of ours is told to the log. */
  reasonFor(type: string, logicalId: string, error: unknown): string {
    const reason = reasonOf(type, error);
    if (reason !== undefined) return reason;
    this.parts.onBug(error, `${this.stackId} ${logicalId}`);
    return 'Internal Failure. The log of Cloudcroft tells more.';
  }
}

/** A stack at rest. */
export function withoutWork(stack: Stack): Stack {
  const { work: _done, ...rest } = stack;
  return rest;
}

/** The stack with other work, or at rest, and nothing to go back to. */
export function withoutPrevious(stack: Stack): Stack {
  const { previous: _past, ...rest } = stack;
  return rest;
}
