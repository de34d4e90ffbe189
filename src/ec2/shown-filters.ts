import type { World } from '../model/world.ts';
import type { FilterTable } from './filters.ts';

/**
 * Filters that compare what replies show, for facts that no record holds: AWS's name of each, and the members that lead
 * to its value, `NetworkInfo.EnaSupport`. Of a list on the way every item counts; what is not shown fits nothing.
 */
export function shownFilters<T>(
  show: (record: T, world: World) => object,
  paths: Readonly<Record<string, string>>,
): FilterTable<T> {
  const filters = Object.entries(paths).map(([name, path]) => [
    name,
    (record: T, world: World) => valuesAt(show(record, world), path.split('.')),
  ]);
  return Object.fromEntries(filters);
}

function valuesAt(shown: object, members: readonly string[]): (string | number | boolean)[] {
  let found: unknown[] = [shown].flat();
  for (const member of members) found = found.flatMap((value) => Reflect.get(Object(value), member));
  return found.flatMap((value) => {
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : [];
  });
}
