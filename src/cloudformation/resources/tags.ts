import { kindOfId } from '../../ec2/kinds.ts';
import type { Tag } from '../../model/records.ts';
import type { ValueMap } from '../../template/value.ts';
import { invalidProperty, PropertyReader } from '../properties.ts';
import type { ResourceContext } from '../resource-type.ts';

const MEMBERS = ['Key', 'Value', 'PropagateAtLaunch'];

/** The tags that a resource is to have: its stack's, and over them its own, which may not begin with `aws:`. */
export function tagsFor({ placement }: ResourceContext, properties: ValueMap, name = 'Tags'): Tag[] {
  const tags = new Map(placement.tags.map(({ Key, Value }) => [Key, Value]));
  for (const own of new PropertyReader(properties).list(name, MEMBERS)) {
    const key = own.demand('Key');
    if (/^aws:/i.test(key)) throw invalidProperty(`aws: prefixed tag key names are not allowed: ${key}`);
    tags.set(key, own.text('Value') ?? '');
  }
  return Array.from(tags, ([key, value]) => ({ key, value }));
}

/**
 * Tags a resource that has just been made. Those of `aws:`, which CreateTags refuses to everybody, are written to its record:
 * they are the service's own.
 */
export function tagResource(context: ResourceContext, id: string, properties: ValueMap, name = 'Tags'): void {
  writeTags(context, id, tagsFor(context, properties, name));
}

/** Brings the tags of a resource from one state of its properties to another; those that others gave it stay. */
export function retagResource(
  context: ResourceContext,
  id: string,
  before: ValueMap,
  after: ValueMap,
  name = 'Tags',
): void {
  const wanted = tagsFor(context, after, name);
  const removed = tagsFor(context, before, name).filter(({ key }) => !wanted.some((tag) => tag.key === key));
  if (removed.length > 0) {
    context.call('DeleteTags', { Resources: [id], Tags: removed.map(({ key }) => ({ Key: key })) });
  }
  writeTags(context, id, wanted);
}

function writeTags(context: ResourceContext, id: string, tags: readonly Tag[]): void {
  const own = tags.filter(({ key }) => !isReserved(key));
  if (own.length > 0) {
    const Tags = own.map(({ key, value }) => ({ Key: key, Value: value }));
    context.call('CreateTags', { Resources: [id], Tags });
  }
  const reserved = tags.filter(({ key }) => isReserved(key));
  if (reserved.length === 0) return;
  kindOfId(id)?.retag(context.action.tx, id, (present) => [
    ...present.filter(({ key }) => !reserved.some((tag) => tag.key === key)),
    ...reserved,
  ]);
}

/** Only the tags of the service itself begin so. */
function isReserved(key: string): boolean {
  return key.startsWith('aws:');
}
