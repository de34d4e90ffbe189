import { isPseudoParameter } from './pseudo-parameters.ts';
import { type Reference, referencesOf } from './references.ts';
import { formatError } from './sections.ts';
import type { Template } from './template.ts';
import { TemplateError, type Value } from './value.ts';

/** Throws a TemplateError for a reference to something that the template does not declare. */
export function checkReferences(template: Template): void {
  checkConditions(template);
  checkRules(template);
  const missing = new Set<string>();
  for (const resource of template.resources.values()) {
    checkCondition(template, resource.condition, 'Resources');
    for (const name of missingOf(template, resource.properties, 'Resources')) missing.add(name);
    for (const name of resource.dependsOn) if (!template.resources.has(name)) missing.add(name);
  }
  refuseMissing(missing, 'Resources');
  for (const output of template.outputs.values()) {
    checkCondition(template, output.condition, 'Outputs');
    for (const part of [output.value, output.exportName ?? '']) {
      for (const name of missingOf(template, part, 'Outputs')) missing.add(name);
    }
  }
  refuseMissing(missing, 'Outputs');
}

/** Throws the TemplateError for references that lead nowhere, where there are any. */
export function refuseMissing(missing: ReadonlySet<string>, section: string): void {
  if (missing.size === 0) return;
  throw formatError(
    `Unresolved resource dependencies [${[...missing].join(', ')}] in the ${section} block of the template`,
  );
}

function missingOf(template: Template, value: Value, section: string): string[] {
  return [...referencesOf(value, 'value')].flatMap((reference) => {
    switch (reference.kind) {
      case 'ref':
        return isDeclared(template, reference.name) ? [] : [reference.name];
      case 'attribute':
        if (template.resources.has(reference.name)) return [];
        throw new TemplateError(
          `Template error: instance of Fn::GetAtt references undefined resource ${reference.name}`,
        );
      default:
        checkNamed(template, reference, section);
        return [];
    }
  });
}

function isDeclared(template: Template, name: string): boolean {
  return isPseudoParameter(name) || template.parameters.has(name) || template.resources.has(name);
}

/** A reference to a condition or a mapping. */
function checkNamed(template: Template, reference: Reference, section: string): void {
  if (reference.kind === 'condition') checkCondition(template, reference.name, section);
  if (reference.kind === 'mapping' && !Object.hasOwn(template.mappings, reference.name)) {
    throw new TemplateError(
      `Template error: Mapping named '${reference.name}' is not present in the 'Mappings' section of template.`,
    );
  }
}

function checkCondition(template: Template, condition: string | undefined, section: string): void {
  if (condition === undefined || Object.hasOwn(template.conditions, condition)) return;
  throw formatError(`Unresolved condition dependency ${condition} in the ${section} block of the template`);
}

/** Conditions see parameters only, and no condition needs itself. */
function checkConditions(template: Template): void {
  for (const condition of Object.values(template.conditions)) {
    const references = [...referencesOf(condition, 'condition')];
    checkParametersOnly(template, references, 'Conditions');
    for (const reference of references) checkNamed(template, reference, 'Conditions');
  }
  orderConditions(template);
}

/** The conditions, each after those that it needs. Throws a TemplateError for one that needs itself. */
export function orderConditions(template: Template): readonly string[] {
  const needs = new Map<string, readonly string[]>();
  for (const [name, condition] of Object.entries(template.conditions)) {
    const references = [...referencesOf(condition, 'condition')];
    needs.set(
      name,
      references.filter(({ kind }) => kind === 'condition').map((reference) => reference.name),
    );
  }
  const settled = new Set<string>();
  for (const start of needs.keys()) settleCondition(start, needs, settled);
  return [...settled];
}

/** Walks without recursion: conditions may stand on one another thousands deep. */
function settleCondition(
  start: string,
  needs: ReadonlyMap<string, readonly string[]>,
  settled: Set<string>,
): void {
  const path: { name: string; next: number }[] = [{ name: start, next: 0 }];
  const onPath = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const need = settled.has(top.name) ? undefined : needs.get(top.name)?.[top.next];
    top.next += 1;
    if (need === undefined) {
      settled.add(top.name);
      onPath.delete(top.name);
      path.pop();
    } else if (onPath.has(need)) {
      throw new TemplateError(
        `Template error: Found circular condition dependency between ${top.name} and ${need}`,
      );
    } else {
      path.push({ name: need, next: 0 });
      onPath.add(need);
    }
  }
}

function checkRules(template: Template): void {
  for (const rule of Object.values(template.rules)) {
    const references = [...referencesOf(rule, 'rule')];
    checkParametersOnly(template, references, 'Rules');
    for (const reference of references) checkNamed(template, reference, 'Rules');
  }
}

function checkParametersOnly(template: Template, references: readonly Reference[], section: string): void {
  const others = references
    .filter(({ kind, name }) => kind === 'attribute' || (kind === 'ref' && !isParameter(template, name)))
    .map(({ name }) => name);
  if (others.length === 0) return;
  throw formatError(
    `Unresolved dependencies [${[...new Set(others)].join(', ')}]. ` +
      `Cannot reference resources in the ${section} block of the template`,
  );
}

function isParameter(template: Template, name: string): boolean {
  return isPseudoParameter(name) || template.parameters.has(name);
}
