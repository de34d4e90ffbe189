import type { Taggable } from './records.ts';

/** The value of the Name tag, when there is one that says something. */
export function nameTagOf({ tags }: Taggable): string | undefined {
  const value = tags.find(({ key }) => key === 'Name')?.value;
  return value === '' ? undefined : value;
}

/** A resource as people are told of it: `public (subnet-…)`, or the id alone when it has no Name tag. */
export function describeResource(resource: Taggable | undefined, id: string): string {
  const name = resource === undefined ? undefined : nameTagOf(resource);
  return name === undefined ? id : `${name} (${id})`;
}
