import type { ActionContext } from '../ec2/action.ts';
import { AwsError } from '../ec2/errors.ts';
import type { Stack, StackResource } from '../model/stack-records.ts';
import { type BoundTemplate, type Referents, resolveProperties } from '../template/bind.ts';
import type { ResourceDeclaration } from '../template/template.ts';
import type { ValueMap } from '../template/value.ts';
import { differenceOf } from './differences.ts';
import { ResourceRefusal, stabilizationReason } from './failures.ts';
import { type ResourceStep, recordResource } from './history.ts';
import { checkProperties, isSameValue } from './properties.ts';
import type { Progress, ResourceType } from './resource-type.ts';
import type { RunBase } from './run.ts';
import { demandPermission } from './stack-policy.ts';

/** A resource as a revision wants it. */
export interface Wanted {
  readonly declaration: ResourceDeclaration;
  readonly type: ResourceType;
  readonly properties: ValueMap;
  readonly dependsOn: readonly string[];
}

/** What a bound template wants of a resource. Throws a ResourceRefusal or a TemplateError for what cannot be had. */
export function findWanted(
  { parts }: RunBase,
  bound: BoundTemplate,
  logicalId: string,
  referents: Referents,
): Wanted {
  const declaration = bound.resources.get(logicalId);
  if (declaration === undefined) throw new Error(`the template does not have ${logicalId}`);
  const type = parts.types.get(declaration.type);
  if (type === undefined) throw new ResourceRefusal(`Unrecognized resource type: ${declaration.type}`);
  const properties = resolveProperties(bound, declaration.properties, referents);
  try {
    checkProperties(type, properties);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new ResourceRefusal(
      `Properties validation failed for resource ${logicalId} with message: [${error.message}]`,
    );
  }
  return { declaration, type, properties, dependsOn: [...(bound.dependencies.get(logicalId) ?? [])] };
}

/** How a resource that is there comes to be as it is wanted. */
export function planOf(
  stack: Stack,
  current: StackResource,
  { type, properties }: Wanted,
): 'none' | 'in-place' | 'replace' {
  const { kind } = differenceOf(type, current.properties, properties);
  if (kind !== 'none') return kind;
  const hasOtherTags =
    Object.hasOwn(type.properties, 'Tags') && !isSameTags(current.stackTags, stack.revision.tags);
  return hasOtherTags && type.update !== undefined ? 'in-place' : 'none';
}

function isSameTags(one: StackResource['stackTags'], other: StackResource['stackTags']): boolean {
  const mapOf = (tags: StackResource['stackTags']) =>
    Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  return isSameValue(mapOf(one), mapOf(other));
}

const CREATION_POLICY =
  'Cloudcroft does not wait for the signals of the CreationPolicy: it has no SignalResource';

/** Makes a resource, or the one that is to take the place of `replaced`. */
export function createResource(
  run: RunBase,
  context: ActionContext,
  stack: Stack,
  wanted: Wanted,
  past: { readonly generation: number; readonly replaced?: StackResource },
  prepared: unknown,
): StackResource {
  const { declaration, type, properties } = wanted;
  const { logicalId } = declaration;
  const { replaced } = past;
  const generation = past.generation + 1;
  const verb = replaced === undefined ? 'CREATE' : 'UPDATE';
  if (replaced !== undefined) {
    demandPermission(stack, logicalId, type.name, 'Update:Replace');
    context.tx.stackResources.put({ ...replaced, supersededIn: run.work.operationId });
  }
  const base: StackResource = {
    resourceKey: `${stack.stackId}/${logicalId}/${generation}`,
    stackId: stack.stackId,
    logicalId,
    generation,
    type: type.name,
    stage: 'creating',
    bornIn: run.work.operationId,
    status: `${verb}_IN_PROGRESS`,
    timestamp: context.now.toISOString(),
    properties,
    stackTags: stack.revision.tags,
    dependsOn: wanted.dependsOn,
    deletionPolicy: declaration.deletionPolicy,
    updateReplacePolicy: declaration.updateReplacePolicy,
  };
  const on = run.contextFor(context, stack, base);
  const physicalId =
    type.kind === 'record' ? type.create(on, properties, prepared) : type.nameOf(on.placement, properties);
  const made: StackResource = { ...base, physicalId };
  const steps: ResourceStep[] = [
    replaced === undefined
      ? { status: base.status, physicalId: '' }
      : {
          status: base.status,
          physicalId: replaced.physicalId ?? '',
          reason: 'Requested update requires the creation of a new physical resource; hence creating one.',
        },
  ];
  if (declaration.hasCreationPolicy) steps.push({ status: base.status, reason: CREATION_POLICY });
  steps.push({ status: base.status, reason: 'Resource creation Initiated' });
  const progress = type.kind === 'record' ? (type.progress?.(on, physicalId, properties) ?? 'done') : 'busy';
  return recordProgress(context, stack, made, steps, progress);
}

/** Changes a resource to the properties that are wanted. */
export function updateResource(
  run: RunBase,
  context: ActionContext,
  stack: Stack,
  current: StackResource,
  wanted: Wanted,
): StackResource {
  const { declaration, type, properties } = wanted;
  demandPermission(stack, current.logicalId, type.name, 'Update:Modify');
  const { physicalId = '', properties: before } = current;
  const changed: StackResource = {
    ...current,
    stage: 'updating',
    properties,
    before,
    stackTags: stack.revision.tags,
    ...policiesOf(wanted),
  };
  const steps: ResourceStep[] = [{ status: 'UPDATE_IN_PROGRESS' }];
  if (declaration.hasCreationPolicy) steps.push({ status: 'UPDATE_IN_PROGRESS', reason: CREATION_POLICY });
  if (type.kind === 'remote') return recordProgress(context, stack, changed, steps, 'busy');
  const on = run.contextFor(context, stack, changed);
  type.update?.(on, physicalId, before, properties);
  const progress = type.progress?.(on, physicalId, properties) ?? 'done';
  return recordProgress(context, stack, changed, steps, progress);
}

/** What of a resource's record its properties do not say. */
export function policiesOf({ declaration, dependsOn }: Wanted) {
  const { deletionPolicy, updateReplacePolicy } = declaration;
  return { dependsOn, deletionPolicy, updateReplacePolicy };
}

/** Writes how far a resource has come that is being made or changed. */
export function recordProgress(
  context: ActionContext,
  stack: Stack,
  resource: StackResource,
  steps: readonly ResourceStep[],
  progress: Progress,
): StackResource {
  if (progress === 'busy') {
    return steps.length === 0 ? resource : recordResource(context, stack, resource, steps);
  }
  const verb = verbOf(resource, steps);
  const { before: _past, ...rest } = resource;
  if (progress === 'done') {
    return recordResource(context, stack, { ...rest, stage: 'ready' }, [
      ...steps,
      { status: `${verb}_COMPLETE` },
    ]);
  }
  return recordFailure(context, stack, resource, stabilizationReason(progress.failed), steps);
}

/** Writes that a resource did not come to be, or did not become what it was to. */
export function recordFailure(
  context: ActionContext,
  stack: Stack,
  resource: StackResource,
  reason: string,
  steps: readonly ResourceStep[] = [],
): StackResource {
  const { before: _past, ...rest } = resource;
  const stage = resource.stage === 'creating' ? 'failed' : 'ready';
  return recordResource(context, stack, { ...rest, stage }, [
    ...steps,
    { status: `${verbOf(resource, steps)}_FAILED`, reason },
  ]);
}

function verbOf({ status }: StackResource, steps: readonly ResourceStep[]): string {
  return (steps[0]?.status ?? status).split('_')[0] ?? '';
}
