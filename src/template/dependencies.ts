import { refuseMissing } from './check.ts';
import { type Choice, referencesOf } from './references.ts';
import type { ResourceDeclaration, Template } from './template.ts';
import { TemplateError, type Value } from './value.ts';

/**
 * What each resource needs first: what its properties refer to in branches that are taken, and DependsOn, of which a resource
 * whose condition does not hold is left out. Throws a TemplateError for a reference to such a resource, and for a cycle.
 */
export function findDependencies(
  template: Template,
  resources: ReadonlyMap<string, ResourceDeclaration>,
  choose: Choice,
): ReadonlyMap<string, ReadonlySet<string>> {
  const missing = new Set<string>();
  const dependencies = new Map<string, ReadonlySet<string>>();
  for (const resource of resources.values()) {
    const needs = new Set(resource.dependsOn.filter((name) => resources.has(name)));
    for (const name of resourcesNamed(template, resource.properties, choose)) {
      if (resources.has(name)) needs.add(name);
      else missing.add(name);
    }
    dependencies.set(resource.logicalId, needs);
  }
  refuseMissing(missing, 'Resources');
  for (const output of template.outputs.values()) {
    if (output.condition !== undefined && !choose(output.condition)) continue;
    for (const name of resourcesNamed(template, [output.value, output.exportName ?? ''], choose)) {
      if (!resources.has(name)) missing.add(name);
    }
  }
  refuseMissing(missing, 'Outputs');
  refuseCycles(dependencies);
  return dependencies;
}

function resourcesNamed(template: Template, value: Value, choose: Choice): string[] {
  return [...referencesOf(value, 'value', choose)]
    .filter(({ kind, name }) => (kind === 'ref' || kind === 'attribute') && template.resources.has(name))
    .map(({ name }) => name);
}

/** Takes away what needs nothing more, until nothing can be taken; then what no one else needs: the rest are the cycles. */
function refuseCycles(dependencies: ReadonlyMap<string, ReadonlySet<string>>): void {
  const without = prune(dependencies);
  if (without.size === 0) return;
  const needed = new Map([...without.keys()].map((name) => [name, new Set<string>()]));
  for (const [name, needs] of without) for (const need of needs) needed.get(need)?.add(name);
  throw new TemplateError(`Circular dependency between resources: [${[...prune(needed).keys()].join(', ')}]`);
}

function prune(needs: ReadonlyMap<string, ReadonlySet<string>>): Map<string, ReadonlySet<string>> {
  const rest = new Map(needs);
  const counts = new Map([...needs].map(([name, set]) => [name, set.size]));
  const users = new Map<string, string[]>();
  for (const [name, set] of needs) {
    for (const need of set) users.set(need, [...(users.get(need) ?? []), name]);
  }
  const free = [...needs.keys()].filter((name) => counts.get(name) === 0);
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    rest.delete(name);
    for (const user of users.get(name) ?? []) {
      const count = (counts.get(user) ?? 0) - 1;
      counts.set(user, count);
      if (count === 0) free.push(user);
    }
  }
  return new Map([...rest].map(([name, set]) => [name, new Set([...set].filter((need) => rest.has(need)))]));
}
