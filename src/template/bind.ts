import { bindParameters } from './bind-parameters.ts';
import { orderConditions } from './check.ts';
import { findDependencies } from './dependencies.ts';
import { resolveDynamicReferences } from './dynamic-references.ts';
import { evaluate, NO_REFERENTS } from './evaluate.ts';
import type { ResourceDeclaration, Template } from './template.ts';
import { checkRuleAssertions, holds } from './truths.ts';
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
  /** The value of a Systems Manager parameter, by its name or by `name:version`. */
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
  const parameters = bindParameters(template, given, surroundings);
  const conditions = new Map<string, boolean>();
  const scope = { template, surroundings, parameters, conditions, referents: NO_REFERENTS };
  checkRuleAssertions(scope);
  for (const name of orderConditions(template)) {
    conditions.set(name, holds(scope, template.conditions[name] ?? null));
  }
  const isMet = (condition: string) => conditions.get(condition) === true;
  const resources = new Map(
    [...template.resources].filter(([, { condition }]) => condition === undefined || isMet(condition)),
  );
  const dependencies = findDependencies(template, resources, isMet);
  return { template, surroundings, parameters, conditions, resources, dependencies };
}

/**
 * The value of an expression, undefined where it comes to AWS::NoValue. Throws a TemplateError for what no template may say, and
 * `NotKnownYet` for what is not there.
 */
export function resolveValue(bound: BoundTemplate, value: Value, referents: Referents): Value | undefined {
  const result = evaluate({ ...bound, referents }, value);
  return result === undefined ? undefined : resolveDynamicReferences(result, bound.surroundings);
}

/** Resolves each property; those that come to `AWS::NoValue` are left out. */
export function resolveProperties(
  bound: BoundTemplate,
  properties: ValueMap,
  referents: Referents,
): ValueMap {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]): [string, Value][] => {
      const value = resolveValue(bound, property, referents);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A value that depends on a resource that is not there yet. */
export class NotKnownYet extends Error {}
