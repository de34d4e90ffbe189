import type { ActionContext } from '../ec2/action.ts';
import type { ActionTable, InputOf, OperationName, OutputOf } from '../ec2/dispatch.ts';
import type { Stack, StackResource } from '../model/stack-records.ts';
import type { Referents } from '../template/bind.ts';
import type { Value } from '../template/value.ts';
import type { Placement, ResourceContext, ResourceTypes } from './resource-type.ts';
import { generatedNameOf, scopeOfStack } from './stack-names.ts';

/** The place in a stack that a resource is made for. */
export function placementOf(
  { stackId, stackName, revision }: Stack,
  { logicalId, resourceKey }: Pick<StackResource, 'logicalId' | 'resourceKey'>,
): Placement {
  const own = revision.tags.map(({ key, value }) => ({ Key: key, Value: value }));
  const tags = [
    ...own,
    { Key: 'aws:cloudformation:stack-name', Value: stackName },
    { Key: 'aws:cloudformation:stack-id', Value: stackId },
    { Key: 'aws:cloudformation:logical-id', Value: logicalId },
  ];
  const generatedName = generatedNameOf(stackName, logicalId, resourceKey);
  return { stackId, stackName, logicalId, tags, generatedName };
}

/** What a type of resource acts with, in the transaction of `action`. */
export function resourceContextOf(
  action: ActionContext,
  actions: ActionTable,
  placement: Placement,
): ResourceContext {
  return {
    action,
    placement,
    call<Name extends OperationName>(name: Name, input: InputOf<Name>): OutputOf<Name> {
      const found = actions[name];
      if (typeof found !== 'function') throw new Error(`${name} cannot be called within a transaction`);
      return found(action, input) ?? {};
    },
  };
}

/** How the resources of a stack are known to each other: those that `findResource` finds, with their attributes as they are now. */
export function referentsOf(
  action: ActionContext,
  { actions, types }: { readonly actions: ActionTable; readonly types: ResourceTypes },
  stack: Stack,
  findResource: (logicalId: string) => StackResource | undefined,
): Referents {
  const known = new Map<string, Readonly<Record<string, Value>>>();
  return {
    ref: (logicalId) => {
      const resource = findResource(logicalId);
      if (resource?.physicalId === undefined) return undefined;
      const type = types.get(resource.type);
      if (type?.kind !== 'record' || type.refOf === undefined) return resource.physicalId;
      return type.refOf(
        resourceContextOf(action, actions, placementOf(stack, resource)),
        resource.physicalId,
      );
    },
    attribute: (logicalId, name) => {
      const attributes = known.get(logicalId) ?? attributesOf(logicalId);
      known.set(logicalId, attributes);
      return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    },
  };

  function attributesOf(logicalId: string): Readonly<Record<string, Value>> {
    const resource = findResource(logicalId);
    const type = types.get(resource?.type ?? '');
    if (resource?.physicalId === undefined || type?.attributesOf === undefined) return {};
    const placement = placementOf(stack, resource);
    if (type.kind === 'remote') {
      const place = { placement, ...scopeOfStack(stack.stackId) };
      return type.attributesOf(place, resource.physicalId, resource.properties);
    }
    const context = resourceContextOf(action, actions, placement);
    return type.attributesOf(context, resource.physicalId, resource.properties);
  }
}
