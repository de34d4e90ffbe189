import { isSame } from './sameness.ts';
import type { ValueMap } from './value.ts';

/** Names of the properties whose values differ, those of `after` first. The order of a structure's members does not matter. */
export function changedProperties(before: ValueMap, after: ValueMap): string[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...names].filter((name) => {
    const isKept = Object.hasOwn(before, name) && Object.hasOwn(after, name);
    return !isKept || !isSame(before[name], after[name]);
  });
}
