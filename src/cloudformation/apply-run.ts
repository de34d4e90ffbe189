import type { ActionContext } from '../ec2/action.ts';
import type { Stack, StackResource } from '../model/stack-records.ts';
import { type BoundTemplate, bindTemplate, type Referents } from '../template/bind.ts';
import { TemplateError } from '../template/value.ts';
import { type Failure, failApply, finishApply } from './apply-end.ts';
import {
  createResource,
  findWanted,
  planOf,
  policiesOf,
  recordFailure,
  recordProgress,
  updateResource,
} from './apply-resource.ts';
import { ResourceRefusal, remoteReason } from './failures.ts';
import { recordResource } from './history.ts';
import { isSameValue } from './properties.ts';
import { referentsOf } from './resource-context.ts';
import type { RemoteType } from './resource-type.ts';
import { MOST_A_ROUND, type Run, RunBase } from './run.ts';
import { demandPermission } from './stack-policy.ts';
import { surroundingsOf } from './surroundings.ts';

/** The longest that a timer of Node waits; a later deadline is noticed with the next change of the world. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What has become of a resource that was begun. */
type Outcome = StackResource | 'unchanged' | { readonly toPrepare: () => Promise<unknown> };

/**
 * Makes a stack's resources and changes them to what its revision says, each as soon as those it needs are done. A resource that
 * is as it should be costs nothing, so a run that begins anew comes to where the last was.
 */
export class ApplyRun extends RunBase implements Run {
  #bound: BoundTemplate | undefined;
  /** By logical id: the key of the resource that stands for it. */
  readonly #current = new Map<string, string>();
  readonly #generations = new Map<string, number>();
  /** How many of the resources that it needs are not done yet. */
  readonly #unmet = new Map<string, number>();
  readonly #dependents = new Map<string, string[]>();
  #ready: string[] = [];
  readonly #moving = new Set<string>();
  readonly #prepared = new Map<string, { readonly value: unknown } | { readonly error: unknown }>();
  readonly #preparing = new Set<string>();
  readonly #failures: Failure[] = [];
  #left = 0;
  /** When a creation that has not ended is given up, in milliseconds. */
  #deadline = Number.POSITIVE_INFINITY;

  round(): 'moved' | 'waiting' {
    if (this.#bound === undefined) {
      const refusal = this.#bind();
      if (refusal !== undefined) {
        failApply(this, [], refusal);
        return 'moved';
      }
    }
    if (this.#moving.size > 0 && this.#isLate()) {
      failApply(this, [], 'Stack creation time exceeded the specified timeout. ');
      return 'moved';
    }
    let isMoved = false;
    for (const logicalId of [...this.#moving]) isMoved = this.#settle(logicalId) || isMoved;
    for (const logicalId of this.#ready.splice(0, MOST_A_ROUND)) {
      isMoved = true;
      this.#begin(logicalId);
    }
    if (this.#ready.length === 0 && this.#failures.length > 0) {
      failApply(this, this.#failures);
      return 'moved';
    }
    if (this.#left === 0 && this.#bound !== undefined) {
      finishApply(this, this.#bound, (context, stack) => this.#referents(context, stack));
      return 'moved';
    }
    return isMoved ? 'moved' : 'waiting';
  }

  /** Reads the template and the records; gives back why the template cannot be used any more. */
  #bind(): string | undefined {
    try {
      this.transact((context, stack) => {
        const { tx } = context;
        const template = this.parts.templates.get(tx, stack.revision.templateId);
        const given = new Map(stack.revision.parameters.map(({ name, value }) => [name, value]));
        const bound = bindTemplate(template, given, surroundingsOf(context, stack, stack.revision));
        for (const resource of tx.stackResources.where('stackId', this.stackId)) this.#take(resource);
        for (const logicalId of bound.resources.keys()) this.#plan(bound, logicalId);
        for (const [logicalId, key] of this.#current) {
          const type = tx.stackResources.get(key)?.type ?? '';
          if (!bound.resources.has(logicalId)) demandPermission(stack, logicalId, type, 'Update:Delete');
        }
        this.#bound = bound;
        this.#setDeadline(stack, context.now);
      });
      return undefined;
    } catch (error) {
      if (error instanceof TemplateError || error instanceof ResourceRefusal) return error.message;
      throw error;
    }
  }

  #setDeadline({ timeoutInMinutes, creationTime }: Stack, now: Date): void {
    if (timeoutInMinutes === undefined || this.work.course !== 'create') return;
    this.#deadline = Date.parse(creationTime) + timeoutInMinutes * 60_000;
    const left = Math.min(Math.max(0, this.#deadline - now.getTime()), LONGEST_TIMER);
    setTimeout(this.wake, left).unref();
  }

  #isLate(): boolean {
    if (this.#deadline === Number.POSITIVE_INFINITY) return false;
    return this.transact(({ now }) => now.getTime()) >= this.#deadline;
  }

  #take({ logicalId, generation, supersededIn, stage, resourceKey }: StackResource): void {
    this.#generations.set(logicalId, Math.max(generation, this.#generations.get(logicalId) ?? 0));
    if (supersededIn === undefined && stage !== 'gone') this.#current.set(logicalId, resourceKey);
  }

  #plan(bound: BoundTemplate, logicalId: string): void {
    this.#left++;
    const needed = [...(bound.dependencies.get(logicalId) ?? [])].filter((id) => bound.resources.has(id));
    this.#unmet.set(logicalId, needed.length);
    for (const each of needed) {
      const dependents = this.#dependents.get(each);
      if (dependents === undefined) this.#dependents.set(each, [logicalId]);
      else dependents.push(logicalId);
    }
    if (needed.length === 0) this.#ready.push(logicalId);
  }

  #referents(context: ActionContext, stack: Stack): Referents {
    return referentsOf(context, this.parts, stack, (logicalId) =>
      context.tx.stackResources.get(this.#current.get(logicalId) ?? ''),
    );
  }

  /** Begins what a resource needs to become what it should be. */
  #begin(logicalId: string): void {
    const bound = this.#bound;
    if (bound === undefined) return;
    const present = this.#presentOf(logicalId);
    if (present !== undefined && present.stage !== 'ready') {
      this.#moving.add(logicalId);
      this.#settle(logicalId);
      return;
    }
    try {
      const outcome = this.transact((context, stack) => this.#act(context, stack, bound, logicalId));
      if (outcome === 'unchanged') this.#done(logicalId);
      else if ('toPrepare' in outcome) this.#prepare(logicalId, outcome.toPrepare);
      else this.#began(outcome);
    } catch (error) {
      const type = bound.resources.get(logicalId)?.type ?? '';
      this.#refused(logicalId, type, this.reasonFor(type, logicalId, error));
    }
  }

  #act(context: ActionContext, stack: Stack, bound: BoundTemplate, logicalId: string): Outcome {
    const wanted = findWanted(this, bound, logicalId, this.#referents(context, stack));
    const { type, properties } = wanted;
    const current = context.tx.stackResources.get(this.#current.get(logicalId) ?? '');
    if (current !== undefined && this.work.skipped.includes(logicalId)) {
      const reason = 'Skipped, as ResourcesToSkip of the rollback says';
      return recordResource(context, stack, { ...current, properties }, [
        { status: 'UPDATE_COMPLETE', reason },
      ]);
    }
    const plan = current === undefined ? 'create' : planOf(stack, current, wanted);
    if (current !== undefined && plan === 'none') {
      const policies = policiesOf(wanted);
      const { dependsOn, deletionPolicy, updateReplacePolicy } = current;
      if (!isSameValue(policies, { dependsOn, deletionPolicy, updateReplacePolicy })) {
        context.tx.stackResources.put({ ...current, ...policies });
      }
      return 'unchanged';
    }
    if (current !== undefined && plan === 'in-place') {
      return updateResource(this, context, stack, current, wanted);
    }
    const prepared = this.#prepared.get(logicalId);
    if (type.kind === 'record' && type.prepare !== undefined && prepared === undefined) {
      const { prepare } = type;
      return { toPrepare: () => prepare(properties) };
    }
    if (prepared !== undefined && 'error' in prepared) throw prepared.error;
    const generation = this.#generations.get(logicalId) ?? 0;
    const past = current === undefined ? { generation } : { generation, replaced: current };
    return createResource(this, context, stack, wanted, past, prepared?.value);
  }

  #prepare(logicalId: string, act: () => Promise<unknown>): void {
    if (this.#preparing.has(logicalId)) return;
    this.#preparing.add(logicalId);
    const end = (result: { readonly value: unknown } | { readonly error: unknown }): void => {
      this.#prepared.set(logicalId, result);
      this.#ready.push(logicalId);
      this.wake();
    };
    act().then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    );
  }

  #began(resource: StackResource): void {
    const { logicalId, generation, resourceKey } = resource;
    this.#generations.set(logicalId, generation);
    this.#current.set(logicalId, resourceKey);
    this.#moving.add(logicalId);
    this.#settle(logicalId);
  }

  #presentOf(logicalId: string): StackResource | undefined {
    const world = this.parts.store.world(this.scope);
    return world?.stackResources.get(this.#current.get(logicalId) ?? '');
  }

  /** Looks at a resource that was begun; true when it has come to an end. */
  #settle(logicalId: string): boolean {
    let resource = this.#presentOf(logicalId);
    if (resource === undefined) throw new Error(`${logicalId} has begun and is not there`);
    if (isUnderWay(resource)) {
      const type = this.parts.types.get(resource.type);
      resource = type?.kind === 'remote' ? this.#askRemote(type, resource) : this.#ask(resource);
    }
    if (isUnderWay(resource)) return false;
    this.#moving.delete(logicalId);
    if (resource.stage === 'failed' || resource.status.endsWith('_FAILED')) {
      this.#fail(logicalId, resource.status);
    } else this.#done(logicalId);
    return true;
  }

  #ask(resource: StackResource): StackResource {
    try {
      return this.transact((context, stack) => {
        const type = this.parts.types.get(resource.type);
        const { physicalId = '', properties } = resource;
        const on = this.contextFor(context, stack, resource);
        const progress =
          type?.kind === 'record' ? (type.progress?.(on, physicalId, properties) ?? 'done') : 'done';
        return recordProgress(context, stack, resource, [], progress);
      });
    } catch (error) {
      const reason = this.reasonFor(resource.type, resource.logicalId, error);
      return this.transact((context, stack) => recordFailure(context, stack, resource, reason));
    }
  }

  #askRemote(type: RemoteType, resource: StackResource): StackResource {
    const { resourceKey, physicalId = '', before, properties } = resource;
    const place = this.placeFor(resource);
    const act = (): Promise<void> =>
      before === undefined
        ? type.create(place, physicalId, properties)
        : (type.update?.(place, physicalId, before, properties) ?? Promise.resolve());
    const ending = this.remote.endingOf(resourceKey);
    if (ending === undefined) {
      this.remote.begin(resourceKey, act, this.wake);
      return resource;
    }
    const { failure } = ending;
    const written = this.transact((context, stack) =>
      failure === undefined
        ? recordProgress(context, stack, resource, [], 'done')
        : recordFailure(context, stack, resource, remoteReason(failure.cause)),
    );
    this.remote.forget(resourceKey);
    return written;
  }

  #done(logicalId: string): void {
    this.#left--;
    for (const dependent of this.#dependents.get(logicalId) ?? []) {
      const unmet = (this.#unmet.get(dependent) ?? 0) - 1;
      this.#unmet.set(dependent, unmet);
      if (unmet === 0) this.#ready.push(dependent);
    }
  }

  /** It failed before anything of it was written. */
  #refused(logicalId: string, type: string, reason: string): void {
    const status = this.transact((context, stack) => {
      const current = context.tx.stackResources.get(this.#current.get(logicalId) ?? '');
      const generation = (this.#generations.get(logicalId) ?? 0) + 1;
      const resource: StackResource = current ?? {
        resourceKey: `${stack.stackId}/${logicalId}/${generation}`,
        stackId: stack.stackId,
        logicalId,
        generation,
        type,
        stage: 'creating',
        bornIn: this.work.operationId,
        status: 'CREATE_IN_PROGRESS',
        timestamp: context.now.toISOString(),
        properties: {},
        stackTags: [],
        dependsOn: [],
        deletionPolicy: 'Delete',
        updateReplacePolicy: 'Delete',
      };
      const status = current === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
      return recordFailure(context, stack, resource, reason, [{ status }]).status;
    });
    this.#fail(logicalId, status);
  }

  /** What is ready when a resource fails is still begun; what would be ready after it is not. */
  #fail(logicalId: string, status: string): void {
    this.#failures.push({ logicalId, verb: status.startsWith('CREATE') ? 'create' : 'update' });
  }
}

function isUnderWay({ stage, status }: StackResource): boolean {
  return (stage === 'creating' || stage === 'updating') && status.endsWith('_IN_PROGRESS');
}
