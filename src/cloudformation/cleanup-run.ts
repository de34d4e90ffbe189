import type { ActionContext } from '../ec2/action.ts';
import { AwsError } from '../ec2/errors.ts';
import type { Stack, StackResource } from '../model/stack-records.ts';
import { finishCleanup } from './cleanup-end.ts';
import { remoteReason, stabilizationReason } from './failures.ts';
import { type ResourceStep, recordResource } from './history.ts';
import type { RemoteType } from './resource-type.ts';
import { MOST_A_ROUND, type Run, RunBase } from './run.ts';

/** Codes that say that something else still holds on to what is to be ended. */
const HELD = /^DependencyViolation$|InUse$/;

/**
 * Ends the resources of a stack that do not belong to it any more, each when none that needs it is left. One that something
 * else still holds on to is tried again as long as others are going.
 */
export class CleanupRun extends RunBase implements Run {
  /** Keys of the resources to end, by logical id. */
  #doomed: Map<string, string[]> | undefined;
  /** By key: how many of the resources that need it are left. */
  readonly #holders = new Map<string, number>();
  readonly #needs = new Map<string, readonly string[]>();
  #ready: string[] = [];
  readonly #moving = new Set<string>();
  #held: { readonly key: string; readonly error: unknown }[] = [];
  /** Whether anything has gone since those that are held were tried. */
  #hasMoved = false;
  readonly #failed: string[] = [];

  round(): 'moved' | 'waiting' {
    if (this.#doomed === undefined) this.#plan();
    let isMoved = false;
    for (const key of [...this.#moving]) isMoved = this.#settle(key) || isMoved;
    for (const key of this.#ready.splice(0, MOST_A_ROUND)) {
      isMoved = true;
      this.#begin(key);
    }
    if (isMoved || this.#ready.length > 0) return 'moved';
    if (this.#held.length > 0 && this.#hasMoved) {
      this.#ready = this.#held.map(({ key }) => key);
      this.#held = [];
      this.#hasMoved = false;
      return 'moved';
    }
    if (this.#moving.size > 0) return 'waiting';
    for (const { key, error } of this.#held.splice(0)) this.#refused(key, error);
    finishCleanup(this, this.#failed);
    return 'moved';
  }

  #plan(): void {
    this.transact((context, stack) => {
      const doomed = new Map<string, string[]>();
      const resources = this.#findDoomed(context, stack);
      for (const { logicalId, resourceKey, dependsOn } of resources) {
        const keys = doomed.get(logicalId);
        if (keys === undefined) doomed.set(logicalId, [resourceKey]);
        else keys.push(resourceKey);
        this.#holders.set(resourceKey, 0);
        this.#needs.set(resourceKey, dependsOn);
      }
      for (const { dependsOn } of resources) {
        for (const key of dependsOn.flatMap((id) => doomed.get(id) ?? [])) {
          this.#holders.set(key, (this.#holders.get(key) ?? 0) + 1);
        }
      }
      this.#doomed = doomed;
      // The youngest first, as CloudFormation has it.
      this.#ready = resources
        .map(({ resourceKey }) => resourceKey)
        .filter((key) => this.#holders.get(key) === 0)
        .toReversed();
    });
  }

  #findDoomed(context: ActionContext, stack: Stack): StackResource[] {
    const all = context.tx.stackResources
      .where('stackId', this.stackId)
      .filter(({ stage }) => stage !== 'gone');
    if (this.work.course === 'delete' || this.work.course === 'create-rollback') return all;
    const wanted = this.parts.templates.get(context.tx, stack.revision.templateId).resources;
    const kept = new Set(stack.resourceIds);
    return all.filter(
      ({ supersededIn, logicalId }) =>
        supersededIn !== undefined || !wanted.has(logicalId) || !kept.has(logicalId),
    );
  }

  #begin(key: string): void {
    const resource = this.#presentOf(key);
    if (resource.stage === 'deleting') {
      this.#moving.add(key);
      this.#settle(key);
      return;
    }
    // What is being made must have been made, or not, before it can be ended.
    if (this.remote.isUnderWay(key)) {
      this.#moving.add(key);
      return;
    }
    this.remote.forget(key);
    try {
      const outcome = this.transact((context, stack) => this.#end(context, stack, resource));
      if (outcome.stage === 'gone') this.#gone(key);
      else this.#began(key);
    } catch (error) {
      if (error instanceof AwsError && HELD.test(error.code)) this.#held.push({ key, error });
      else this.#refused(key, error);
    }
  }

  #began(key: string): void {
    this.#moving.add(key);
    this.#settle(key);
  }

  #end(context: ActionContext, stack: Stack, resource: StackResource): StackResource {
    const { physicalId, properties } = resource;
    const { course } = this.work;
    if (physicalId === undefined) return this.#put(context, { ...resource, stage: 'gone' });
    if (isKept(resource, this.work)) {
      const reason =
        course === 'delete' && this.work.skipped.includes(resource.logicalId)
          ? 'RetainResources of the deletion'
          : undefined;
      return recordResource(context, stack, { ...resource, stage: 'gone' }, [
        { status: 'DELETE_SKIPPED', ...(reason === undefined ? {} : { reason }) },
      ]);
    }
    const going: StackResource = { ...resource, stage: 'deleting' };
    const begun: ResourceStep = { status: 'DELETE_IN_PROGRESS' };
    const type = this.parts.types.get(resource.type);
    if (type === undefined) throw new Error(`there is no type ${resource.type}`);
    if (type.kind === 'remote') return recordResource(context, stack, going, [begun]);
    const on = this.contextFor(context, stack, resource);
    type.delete(on, physicalId, properties);
    const progress = type.isGone?.(on, physicalId) ?? 'done';
    if (progress === 'done') {
      return recordResource(context, stack, { ...resource, stage: 'gone' }, [
        begun,
        { status: 'DELETE_COMPLETE' },
      ]);
    }
    return recordResource(context, stack, going, [begun]);
  }

  #put(context: ActionContext, resource: StackResource): StackResource {
    context.tx.stackResources.put(resource);
    return resource;
  }

  /** Looks at a resource that is going; true when it has come to an end. */
  #settle(key: string): boolean {
    const resource = this.#presentOf(key);
    if (resource.stage !== 'deleting') {
      if (this.remote.isUnderWay(key)) return false;
      this.#moving.delete(key);
      // It was waited for, and can be ended.
      this.#ready.push(key);
      return true;
    }
    const type = this.parts.types.get(resource.type);
    if (type?.kind === 'remote') return this.#askRemote(type, resource);
    try {
      const isGone = this.transact((context, stack) => {
        const on = this.contextFor(context, stack, resource);
        const progress = type?.isGone?.(on, resource.physicalId ?? '') ?? 'done';
        if (progress === 'busy') return false;
        if (progress !== 'done') throw new NotGone(progress.failed);
        recordResource(context, stack, { ...resource, stage: 'gone' }, [{ status: 'DELETE_COMPLETE' }]);
        return true;
      });
      if (!isGone) return false;
      this.#moving.delete(key);
      this.#gone(key);
    } catch (error) {
      this.#moving.delete(key);
      this.#refused(key, error);
    }
    return true;
  }

  /** Asks for the end of what another process keeps; true when it is known how that ended. */
  #askRemote(type: RemoteType, resource: StackResource): boolean {
    const { resourceKey, logicalId, physicalId = '', properties } = resource;
    const ending = this.remote.endingOf(resourceKey);
    if (ending === undefined) {
      const place = this.placeFor(resource);
      this.remote.begin(resourceKey, () => type.delete(place, physicalId, properties), this.wake);
      return false;
    }
    const { failure } = ending;
    this.transact((context, stack) => {
      if (failure === undefined) {
        recordResource(context, stack, { ...resource, stage: 'gone' }, [{ status: 'DELETE_COMPLETE' }]);
      } else {
        const reason = remoteReason(failure.cause);
        recordResource(context, stack, { ...resource, stage: 'ready' }, [
          { status: 'DELETE_FAILED', reason },
        ]);
      }
    });
    this.remote.forget(resourceKey);
    this.#moving.delete(resourceKey);
    if (failure === undefined) this.#gone(resourceKey);
    else this.#fail(logicalId);
    return true;
  }

  #presentOf(key: string): StackResource {
    const found = this.parts.store.world(this.scope)?.stackResources.get(key);
    if (found === undefined) throw new Error(`the resource ${key} is not there`);
    return found;
  }

  #gone(key: string): void {
    this.#hasMoved = true;
    this.#release(key);
  }

  #release(key: string): void {
    for (const needed of this.#needs.get(key) ?? []) {
      for (const each of this.#doomed?.get(needed) ?? []) {
        const holders = (this.#holders.get(each) ?? 0) - 1;
        this.#holders.set(each, holders);
        if (holders === 0) this.#ready.push(each);
      }
    }
  }

  #refused(key: string, error: unknown): void {
    const resource = this.#presentOf(key);
    const reason =
      error instanceof NotGone
        ? stabilizationReason(error.message)
        : this.reasonFor(resource.type, resource.logicalId, error);
    this.transact((context, stack) => {
      const steps: ResourceStep[] = [{ status: 'DELETE_FAILED', reason }];
      if (resource.stage !== 'deleting') steps.unshift({ status: 'DELETE_IN_PROGRESS' });
      recordResource(context, stack, { ...resource, stage: 'ready' }, steps);
    });
    this.#fail(resource.logicalId);
  }

  /** What it needs stays as well: nothing is ended under a resource that is there. */
  #fail(logicalId: string): void {
    this.#failed.push(logicalId);
  }
}

/** What keeps a resource from going, told by its type. */
class NotGone extends Error {}

/** Whether its policy says that the resource stays when it is no longer the stack's. */
function isKept(
  { logicalId, supersededIn, bornIn, deletionPolicy, updateReplacePolicy }: StackResource,
  { course, skipped, operationId }: { course: string; skipped: readonly string[]; operationId: string },
): boolean {
  if (course === 'delete' && skipped.includes(logicalId)) return true;
  const isReplaced = supersededIn !== undefined && course === 'update';
  const policy = isReplaced ? updateReplacePolicy : deletionPolicy;
  if (policy === 'Retain') return true;
  const isOfTheOperation = bornIn === operationId && course.endsWith('rollback');
  return policy === 'RetainExceptOnCreate' && !isOfTheOperation;
}
