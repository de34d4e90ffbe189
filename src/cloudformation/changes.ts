import type { ActionContext } from '../ec2/action.ts';
import type { ChangeDetail, ResourceChange, Stack, StackResource } from '../model/stack-records.ts';
import { type BoundTemplate, NotKnownYet, type Referents, resolveValue } from '../template/bind.ts';
import type { ResourceDeclaration, Template } from '../template/template.ts';
import { TemplateError, type Value, type ValueMap } from '../template/value.ts';
import { outputsOf } from './apply-end.ts';
import { isReplacing } from './differences.ts';
import { isSameValue } from './properties.ts';
import { referentsOf } from './resource-context.ts';
import type { ResourceType } from './resource-type.ts';
import type { Accepted } from './revision.ts';
import type { StackParts } from './stack-parts.ts';

/** What is known before the deed: a template against the resources that there are. */
interface Comparison {
  readonly parts: StackParts;
  readonly stack: Stack;
  readonly bound: BoundTemplate;
  /** The template that the stack has. */
  readonly old: Template;
  readonly referents: Referents;
  readonly hasOtherTags: boolean;
  /** Logical ids that will, or may, stand for another resource. */
  readonly unsure: Set<string>;
  readonly changedParameters: ReadonlySet<string>;
}

/** What bringing a stack to a revision would do to its resources, in the template's order; those that go come last. */
export function changesOf(
  parts: StackParts,
  context: ActionContext,
  stack: Stack,
  { bound, revision }: Accepted,
): readonly ResourceChange[] {
  const current = new Map<string, StackResource>();
  for (const resource of context.tx.stackResources.where('stackId', stack.stackId)) {
    const { supersededIn, stage, logicalId } = resource;
    if (supersededIn === undefined && stage !== 'gone' && stage !== 'failed')
      current.set(logicalId, resource);
  }
  const unsure = new Set<string>();
  const before = new Map(stack.revision.parameters.map(({ name, value }) => [name, value]));
  const comparison: Comparison = {
    parts,
    stack,
    bound,
    old: parts.templates.get(context.tx, stack.revision.templateId),
    referents: referentsOf(context, parts, stack, (id) => (unsure.has(id) ? undefined : current.get(id))),
    hasOtherTags: !isSameValue(tagsOf(stack.revision), tagsOf(revision)),
    unsure,
    changedParameters: new Set(
      revision.parameters.filter(({ name, value }) => before.get(name) !== value).map(({ name }) => name),
    ),
  };
  const changes = new Map<string, ResourceChange>();
  for (const declaration of inOrder(bound)) {
    const change = changeOf(comparison, declaration, current.get(declaration.logicalId));
    if (change !== undefined) changes.set(declaration.logicalId, change);
  }
  const removed = [...current.values()].filter(({ logicalId }) => !bound.resources.has(logicalId));
  return [
    ...[...bound.resources.keys()].flatMap((logicalId) => changes.get(logicalId) ?? []),
    ...removed.map(removalOf),
  ];
}

/** Whether a revision changes nothing but, perhaps, resources. */
export function isSameOtherwise(
  parts: StackParts,
  context: ActionContext,
  stack: Stack,
  { bound, revision }: Accepted,
): boolean {
  if (!isSameValue(tagsOf(stack.revision), tagsOf(revision))) return false;
  const resources = new Map(
    context.tx.stackResources
      .where('stackId', stack.stackId)
      .filter(({ supersededIn, stage }) => supersededIn === undefined && stage !== 'gone')
      .map((resource) => [resource.logicalId, resource]),
  );
  const referents = referentsOf(context, parts, stack, (id) => resources.get(id));
  try {
    return JSON.stringify(outputsOf(bound, referents)) === JSON.stringify(stack.outputs);
  } catch (error) {
    if (error instanceof NotKnownYet || error instanceof TemplateError) return false;
    throw error;
  }
}

function tagsOf({ tags }: Stack['revision']): ValueMap {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** Each resource after those that it needs. */
function inOrder({ resources, dependencies }: BoundTemplate): readonly ResourceDeclaration[] {
  const ordered = new Map<string, ResourceDeclaration>();
  const waiting: string[] = [...resources.keys()].toReversed();
  while (waiting.length > 0) {
    const logicalId = waiting.pop() ?? '';
    const declaration = resources.get(logicalId);
    if (declaration === undefined || ordered.has(logicalId)) continue;
    const missing = [...(dependencies.get(logicalId) ?? [])].filter(
      (id) => resources.has(id) && !ordered.has(id),
    );
    if (missing.length === 0) ordered.set(logicalId, declaration);
    else waiting.push(logicalId, ...missing);
  }
  return [...ordered.values()];
}

function removalOf({ logicalId, physicalId, type, deletionPolicy }: StackResource): ResourceChange {
  const policyAction = deletionPolicy.startsWith('Retain') ? 'Retain' : 'Delete';
  return {
    action: 'Remove',
    logicalId,
    ...(physicalId === undefined ? {} : { physicalId }),
    type,
    policyAction,
    details: [],
  };
}

function changeOf(
  comparison: Comparison,
  declaration: ResourceDeclaration,
  present: StackResource | undefined,
): ResourceChange | undefined {
  const { parts, unsure } = comparison;
  const { logicalId } = declaration;
  const type = parts.types.get(declaration.type);
  if (type === undefined) return undefined;
  const after = valuesOf(comparison, declaration.properties);
  const context = contextOf(after.known);
  if (present === undefined) {
    unsure.add(logicalId);
    return { action: 'Add', logicalId, type: type.name, details: [], afterContext: context };
  }
  const details = [
    ...propertyDetails(comparison, type, declaration, present, after),
    ...declarationDetails(comparison, type, declaration),
  ];
  if (details.length === 0) return undefined;
  const replacement = replacementBy(type, details, present.properties, after);
  if (replacement !== 'False') unsure.add(logicalId);
  return {
    action: 'Modify',
    logicalId,
    ...(present.physicalId === undefined ? {} : { physicalId: present.physicalId }),
    type: type.name,
    replacement,
    ...(replacement === 'True'
      ? {
          policyAction:
            declaration.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete',
        }
      : {}),
    details,
    beforeContext: contextOf(present.properties),
    afterContext: context,
  };
}

function contextOf(properties: ValueMap): string {
  return JSON.stringify({ Properties: properties });
}

interface Values {
  readonly known: ValueMap;
  /** Names of properties whose values the deed itself decides. */
  readonly unknown: ReadonlySet<string>;
}

function valuesOf({ bound, referents }: Comparison, properties: ValueMap): Values {
  const known: Record<string, Value> = {};
  const unknown = new Set<string>();
  for (const [name, expression] of Object.entries(properties)) {
    try {
      const value = resolveValue(bound, expression, referents);
      if (value !== undefined) known[name] = value;
    } catch (error) {
      if (!(error instanceof NotKnownYet)) throw error;
      unknown.add(name);
      known[name] = '{{changeSet:KNOWN_AFTER_APPLY}}';
    }
  }
  return { known, unknown };
}

function propertyDetails(
  comparison: Comparison,
  type: ResourceType,
  declaration: ResourceDeclaration,
  present: StackResource,
  { known, unknown }: Values,
): readonly ChangeDetail[] {
  const names = new Set([...Object.keys(present.properties), ...Object.keys(known)]);
  return [...names].flatMap((name): ChangeDetail[] => {
    const [before, after] = [present.properties[name], known[name]];
    if (!unknown.has(name) && isSameValue(before, after)) return [];
    return [
      {
        attribute: name === 'Tags' ? 'Tags' : 'Properties',
        ...(name === 'Tags' ? {} : { name }),
        requiresRecreation: isReplacing(type, name) ? 'Always' : 'Never',
        evaluation: unknown.has(name) ? 'Dynamic' : 'Static',
        ...sourceOf(comparison, declaration.properties[name]),
        ...(before === undefined ? {} : { beforeValue: textOf(before) }),
        ...(after === undefined ? {} : { afterValue: textOf(after) }),
      },
    ];
  });
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What makes a property's value another. */
function sourceOf(
  { changedParameters, unsure }: Comparison,
  expression: Value | undefined,
): Pick<ChangeDetail, 'changeSource' | 'causingEntity'> {
  if (typeof expression === 'object' && expression !== null && !Array.isArray(expression)) {
    for (const [name, inner] of Object.entries(expression)) {
      if (name === 'Ref' && typeof inner === 'string') {
        if (changedParameters.has(inner)) return { changeSource: 'ParameterReference', causingEntity: inner };
        if (unsure.has(inner)) return { changeSource: 'ResourceReference', causingEntity: inner };
      }
      if (name === 'Fn::GetAtt') {
        const target = Array.isArray(inner) ? inner.join('.') : String(inner);
        if (unsure.has(target.split('.')[0] ?? '')) {
          return { changeSource: 'ResourceAttribute', causingEntity: target };
        }
      }
    }
  }
  return { changeSource: 'DirectModification' };
}

/** What a declaration says besides properties, and the tags that the stack gives. */
function declarationDetails(
  { old, hasOtherTags }: Comparison,
  type: ResourceType,
  declaration: ResourceDeclaration,
): readonly ChangeDetail[] {
  const detail = (attribute: string): ChangeDetail => ({
    attribute,
    requiresRecreation: 'Never',
    evaluation: 'Static',
    changeSource: 'DirectModification',
  });
  const before = old.resources.get(declaration.logicalId);
  const details: ChangeDetail[] = [];
  if (hasOtherTags && Object.hasOwn(type.properties, 'Tags') && type.update !== undefined) {
    details.push(detail('Tags'));
  }
  if (before === undefined) return details;
  if (!isSameValue(before.metadata, declaration.metadata)) details.push(detail('Metadata'));
  if (before.deletionPolicy !== declaration.deletionPolicy) details.push(detail('DeletionPolicy'));
  if (before.updateReplacePolicy !== declaration.updateReplacePolicy) {
    details.push(detail('UpdateReplacePolicy'));
  }
  return details;
}

function replacementBy(
  type: ResourceType,
  details: readonly ChangeDetail[],
  before: ValueMap,
  { known, unknown }: Values,
): 'True' | 'False' | 'Conditional' {
  const recreating = details.filter(({ requiresRecreation }) => requiresRecreation === 'Always');
  if (recreating.some(({ evaluation }) => evaluation === 'Static')) return 'True';
  const properties = details.filter(({ attribute }) => attribute === 'Properties');
  if (properties.length > 0 && unknown.size === 0 && type.needsReplacement?.(before, known) === true)
    return 'True';
  return recreating.length > 0 ? 'Conditional' : 'False';
}
