import { type BoundTemplate, NotKnownYet, resolveValue } from '../template/bind.ts';
import { referencesOf } from '../template/references.ts';
import type { Template } from '../template/template.ts';
import { TemplateError, type Value } from '../template/value.ts';
import { insufficientCapabilities } from './errors.ts';
import type { ResourceTypes } from './resource-type.ts';

/** Names of properties by which a resource of IAM is called as somebody wishes. */
const IAM_NAMES = ['RoleName', 'UserName', 'GroupName', 'ManagedPolicyName', 'InstanceProfileName'];

/** Throws a TemplateError for types that there are not, and for attributes that a type does not have. */
export function checkTemplate(template: Template, types: ResourceTypes): void {
  const named = [...template.resources.values()].map(({ type }) => type);
  const unknown = [...new Set(named)].filter((type) => !types.has(type));
  if (unknown.length > 0) {
    throw new TemplateError(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
  }
  const check = (logicalId: string, attribute: string): void => {
    const type = types.get(template.resources.get(logicalId)?.type ?? '');
    if (type === undefined || type.attributes.includes(attribute)) return;
    // Attributes of nested structures are named with dots.
    if (type.attributes.some((each) => attribute.startsWith(`${each}.`))) return;
    throw new TemplateError(
      `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
    );
  };
  const values = [
    ...[...template.resources.values()].map(({ properties }) => properties),
    ...[...template.outputs.values()].map(({ value }) => value),
  ];
  for (const value of values) {
    for (const reference of referencesOf(value, 'value')) {
      if (reference.kind === 'attribute' && reference.attribute !== undefined) {
        check(reference.name, reference.attribute);
      }
    }
  }
}

/** The capabilities that a template needs its user to acknowledge. */
export function capabilitiesOf(bound: Pick<BoundTemplate, 'resources'>): readonly string[] {
  const roles = [...bound.resources.values()].filter(({ type }) => type.startsWith('AWS::IAM::'));
  if (roles.length === 0) return [];
  const isNamed = roles.some(({ properties, type }) =>
    IAM_NAMES.some(
      (name) => Object.hasOwn(properties, name) && (name !== 'UserName' || type.endsWith('::User')),
    ),
  );
  return [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
}

/** Throws InsufficientCapabilitiesException unless what the template needs is acknowledged. */
export function demandCapabilities(bound: BoundTemplate, given: readonly string[]): void {
  const missing = capabilitiesOf(bound).filter(
    (each) => !given.includes(each) && !(each === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')),
  );
  if (missing.length > 0) throw insufficientCapabilities(missing);
}

/** Names of the exports that a template imports, as far as they follow from its parameters. */
export function importsOf(bound: BoundTemplate): readonly string[] {
  const found = new Set<string>();
  const visit = (value: Value): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'Fn::ImportValue') {
        const text = resolveAlone(bound, inner);
        if (typeof text === 'string') found.add(text);
      }
      visit(inner);
    }
  };
  for (const { properties } of bound.resources.values()) visit(properties);
  for (const { value, condition } of bound.template.outputs.values()) {
    if (condition === undefined || bound.conditions.get(condition) === true) visit(value);
  }
  return [...found];
}

const NOBODY = { ref: () => undefined, attribute: () => undefined };

/** A value without any resource; undefined where it depends on one. */
function resolveAlone(bound: BoundTemplate, value: Value): Value | undefined {
  try {
    return resolveValue(bound, value, NOBODY);
  } catch (error) {
    if (error instanceof NotKnownYet || error instanceof TemplateError) return undefined;
    throw error;
  }
}
