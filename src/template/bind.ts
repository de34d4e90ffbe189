import type { ResourceDeclaration, Template } from './template.ts';
import type { Value, ValueMap } from './value.ts';

/** What a template may ask of where it is deployed. */
export interface Surroundings {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly notificationArns: readonly string[];
  /** Names of a region's zones, in order. */
  zonesOf(region: string): readonly string[];
  /** The value of another stack's export. */
  importOf(name: string): string | undefined;
  /** The value of a Systems Manager parameter. */
  systemParameter(name: string): string | undefined;
}

/** A parameter's value: a text, or the texts of a list. */
export interface BoundParameter {
  readonly value: string | readonly string[];
  /** Of a Systems Manager parameter's type: the value as it was given, which is the name looked up. */
  readonly lookedUpBy: string | undefined;
}

/** A template whose parameters have values and whose conditions are decided. */
export interface BoundTemplate {
  readonly template: Template;
  readonly surroundings: Surroundings;
  readonly parameters: ReadonlyMap<string, BoundParameter>;
  readonly conditions: ReadonlyMap<string, boolean>;
  /** The resources whose conditions hold, in the template's order. */
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  /** By logical id: the resources it needs first, by references and by DependsOn. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What resources are known by, once they are there. */
export interface Referents {
  ref(logicalId: string): Value | undefined;
  attribute(logicalId: string, name: string): Value | undefined;
}

/**
 * Gives a template its parameters. Throws a TemplateError for a parameter that is missing, unknown or not allowed, a rule
 * that does not hold, and for circular dependencies.
 */
export function bindTemplate(
  template: Template,
  given: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): BoundTemplate {
  throw new Error(`not written yet: ${template.description} ${given.size} ${surroundings.region}`);
}

/** The value of an expression. Throws a TemplateError for what no template may say, and `NotKnownYet` for what is not there. */
export function resolveValue(bound: BoundTemplate, value: Value, referents: Referents): Value | undefined {
  throw new Error(`not written yet: ${bound.resources.size} ${String(value)} ${String(referents)}`);
}

/** Resolves each property; those that come to `AWS::NoValue` are left out. */
export function resolveProperties(
  bound: BoundTemplate,
  properties: ValueMap,
  referents: Referents,
): ValueMap {
  throw new Error(`not written yet: ${bound.resources.size} ${String(properties)} ${String(referents)}`);
}

/** A value that depends on a resource that is not there yet. */
export class NotKnownYet extends Error {}
