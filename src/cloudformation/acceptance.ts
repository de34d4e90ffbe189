import type { BoundTemplate } from '../template/bind.ts';
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
  for (const { properties } of template.resources.values()) visitAttributes(properties, check);
  for (const { value } of template.outputs.values()) visitAttributes(value, check);
}

/** Calls `visit` with each `Fn::GetAtt` in a value. */
export function visitAttributes(value: Value, visit: (logicalId: string, attribute: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) {
    for (const each of value) visitAttributes(each, visit);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'Fn::GetAtt') {
      const parts = typeof inner === 'string' ? splitOnce(inner) : isList(inner) ? inner : [];
      const [logicalId, attribute] = parts;
      if (typeof logicalId === 'string' && typeof attribute === 'string') visit(logicalId, attribute);
    } else if (name === 'Fn::Sub') {
      visitSubstitutions(inner, visit);
    }
    visitAttributes(inner, visit);
  }
}

function visitSubstitutions(inner: Value, visit: (logicalId: string, attribute: string) => void): void {
  const [text, own] = isList(inner) ? inner : [inner];
  if (typeof text !== 'string') return;
  for (const [, name = ''] of text.matchAll(/\$\{([A-Za-z0-9]+\.[A-Za-z0-9.]+)\}/g)) {
    if (typeof own === 'object' && own !== null && Object.hasOwn(own, name)) continue;
    const [logicalId, attribute] = splitOnce(name);
    if (logicalId !== undefined && attribute !== undefined) visit(logicalId, attribute);
  }
}

function splitOnce(text: string): readonly string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
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
export function importsOf(
  bound: BoundTemplate,
  resolve: (value: Value) => Value | undefined,
): readonly string[] {
  const found = new Set<string>();
  const visit = (value: Value): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'Fn::ImportValue') {
        const text = resolve(inner);
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
