import type { Value, ValueMap } from '../template/value.ts';
import type { ResourceType } from './resource-type.ts';

/** What has to be done to a resource for its properties to become others. */
export interface Difference {
  readonly kind: 'none' | 'in-place' | 'replace';
  /** Names of the properties that differ. */
  readonly names: readonly string[];
}

/** Whether two values say the same; the order of a structure's members says nothing, nor whether `"1"` is written `1`. */
export function isSameValue(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || one === null || other === null) return false;
  if (typeof one !== 'object' || typeof other !== 'object') {
    return typeof one !== 'object' && typeof other !== 'object' && String(one) === String(other);
  }
  if (isList(one) || isList(other)) {
    if (!isList(one) || !isList(other) || one.length !== other.length) return false;
    return one.every((each, index) => isSameValue(each, other[index]));
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSameValue(one[name], other[name]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
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
