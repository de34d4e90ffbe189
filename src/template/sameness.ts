import { isValueList, isValueMap, textOf, type Value } from './value.ts';

/** Numbers and truths are the texts that they are written as; the order of a structure's members does not matter. */
export function isSame(one: Value | undefined, other: Value | undefined): boolean {
  const text = textOf(one);
  if (text !== undefined || textOf(other) !== undefined) return text === textOf(other);
  if (isValueList(one) && isValueList(other)) {
    return one.length === other.length && one.every((member, index) => isSame(member, other[index]));
  }
  if (!isValueMap(one) || !isValueMap(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}
