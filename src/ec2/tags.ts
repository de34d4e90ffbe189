import type { TagSpecification, Tag as WireTag } from '@aws-sdk/client-ec2';
import type { Tag, Taggable } from '../model/records.ts';
import { AwsError, invalidParameterValue } from './errors.ts';

/** Most tags that a resource may have. */
const MOST_TAGS = 50;
/** Longest key and value, in characters. */
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** Tags as a reply shows them. */
export function showTags(record: Taggable): WireTag[] {
  return record.tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/**
 * The tags that a create request gives to a new `resourceType` (AWS's name: `vpc`, `security-group`). Throws
 * InvalidParameterValue for a type that is not among `allowedTypes`, for a type or a key named twice, and for tags that
 * break the limits; TagLimitExceeded for more than 50.
 */
export function readTagSpecifications(
  specifications: readonly TagSpecification[] | undefined,
  resourceType: string,
  allowedTypes: readonly string[] = [resourceType],
): readonly Tag[] {
  const seen = new Set<string>();
  let found: readonly Tag[] = [];
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (ResourceType === undefined)
      throw invalidParameterValue('Tag specification resource type must have a value');
    if (!allowedTypes.includes(ResourceType)) {
      throw invalidParameterValue(
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (seen.has(ResourceType)) {
      throw invalidParameterValue(
        'The same resource type may not be specified more than once in tag specifications',
      );
    }
    if (Tags === undefined || Tags.length === 0)
      throw invalidParameterValue('Tag specification must have at least one tag');
    seen.add(ResourceType);
    const tags = readTags(Tags);
    if (ResourceType === resourceType) found = tags;
  }
  return found;
}

/** Tags as a request gives them. A missing value is an empty one. Throws as `readTagSpecifications`. */
export function readTags(tags: readonly WireTag[]): readonly Tag[] {
  const read = new Map<string, Tag>();
  for (const { Key, Value } of tags) {
    const tag = { key: Key ?? '', value: Value ?? '' };
    checkTag(tag);
    if (read.has(tag.key)) throw invalidParameterValue(`Duplicate tag key '${tag.key}' specified.`);
    read.set(tag.key, tag);
  }
  return checkCount([...read.values()]);
}

/** A resource's tags with others added; a key it has already gets the new value. Throws TagLimitExceeded. */
export function mergeTags(present: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const merged = new Map(present.map((tag) => [tag.key, tag]));
  for (const tag of added) merged.set(tag.key, tag);
  return checkCount([...merged.values()]);
}

function checkCount(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length <= MOST_TAGS) return tags;
  throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

function checkTag({ key, value }: Tag): void {
  if (key === '') throw invalidParameterValue('Tag key cannot be empty.');
  if (key.length > LONGEST_KEY) {
    throw invalidParameterValue(`Tag key exceeds the maximum length of ${LONGEST_KEY} characters`);
  }
  if (value.length > LONGEST_VALUE) {
    throw invalidParameterValue(`Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`);
  }
  if (key.toLowerCase().startsWith('aws:')) {
    throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
}
