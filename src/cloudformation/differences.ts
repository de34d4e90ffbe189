import type { ValueMap } from '../template/value.ts';
import { isSameValue } from './properties.ts';
import type { ResourceType } from './resource-type.ts';

/** What has to be done to a resource for its properties to become others. */
export interface Difference {
  readonly kind: 'none' | 'in-place' | 'replace';
  /** Names of the properties that differ. */
  readonly names: readonly string[];
}

/** Names of the properties that two sets do not have alike. */
export function changedNames(before: ValueMap, after: ValueMap): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isSameValue(before[name], after[name]));
}

/** Whether a change of this property alone needs another resource. */
export function isReplacing(type: ResourceType, name: string): boolean {
  return type.update === undefined || type.properties[name]?.update === 'replace';
}

/** Compares resolved properties as the type says. */
export function differenceOf(type: ResourceType, before: ValueMap, after: ValueMap): Difference {
  const names = changedNames(before, after);
  if (names.length === 0) return { kind: 'none', names };
  const isReplaced =
    names.some((name) => isReplacing(type, name)) || type.needsReplacement?.(before, after) === true;
  return { kind: isReplaced ? 'replace' : 'in-place', names };
}
