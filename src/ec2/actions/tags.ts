import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  TagDescription,
} from '@aws-sdk/client-ec2';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { kinds, type TaggedKind } from '../kinds.ts';
import { mergeTags, readTags } from '../tags.ts';
import { volumeKind } from '../volume-kind.ts';

/** One tag of one resource. */
interface TagOfResource {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
}

const filters: FilterTable<TagOfResource> = {
  key: 'key',
  'resource-id': 'resourceId',
  'resource-type': 'resourceType',
  value: 'value',
};

const TAGGED_KINDS: readonly TaggedKind[] = [...Object.values<TaggedKind>(kinds), volumeKind];

const PAGES = { fewest: 5, most: 1000 };

/** Tags of every kind of resource that may have them. */
export const tagActions = {
  CreateTags({ tx }: ActionContext, input: CreateTagsRequest): undefined {
    if (input.Tags === undefined || input.Tags.length === 0) throw errors.missingParameter('Tags');
    const added = readTags(input.Tags);
    for (const id of readResources(input.Resources)) {
      findKind(id).retag(tx, id, (present) => mergeTags(present, added));
    }
  },

  /** With a value, only a tag that has it goes; without any tags, all of the user's go. */
  DeleteTags({ tx }: ActionContext, input: DeleteTagsRequest): undefined {
    const removed = input.Tags ?? [];
    for (const id of readResources(input.Resources)) {
      findKind(id).retag(tx, id, (present) =>
        removed.length === 0
          ? present.filter(({ key }) => key.startsWith('aws:'))
          : present.filter(
              ({ key, value }) =>
                !removed.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value)),
            ),
      );
    }
  },

  DescribeTags({ tx }: ActionContext, input: DescribeTagsRequest): DescribeTagsResult {
    const found = filterRecords(
      [...tagsOf(tx)],
      // `tag:KEY` of a single tag asks for its key and its value at once.
      input.Filters?.filter(({ Name }) => !Name?.startsWith('tag:')),
      filters,
      tx,
    ).filter((tag) => fitsTagFilters(tag, input, tx));
    const paging = {
      name: 'tags',
      idOf: ({ resourceId, key }: TagOfResource) => `${resourceId} ${key}`,
      pages: PAGES,
    };
    const page = pageOf(found, paging, input);
    return { Tags: page.records.map(showTag), NextToken: page.nextToken };
  },
};

function fitsTagFilters(tag: TagOfResource, { Filters }: DescribeTagsRequest, world: World): boolean {
  return (Filters ?? [])
    .filter(({ Name }) => Name?.startsWith('tag:'))
    .every(({ Name, Values }) => {
      const isKey = Name === `tag:${tag.key}`;
      return isKey && filterRecords([tag], [{ Name: 'value', Values }], filters, world).length > 0;
    });
}

function* tagsOf(world: World): Iterable<TagOfResource> {
  for (const { listTags, resourceType } of TAGGED_KINDS) {
    for (const { id, tag } of listTags(world)) yield { resourceId: id, resourceType, ...tag };
  }
}

function readResources(ids: readonly string[] | undefined): Set<string> {
  if (ids === undefined || ids.length === 0) throw errors.missingParameter('resourceIdSet');
  return new Set(ids);
}

function findKind(id: string): TaggedKind {
  const kind = TAGGED_KINDS.find(({ prefix }) => id.startsWith(`${prefix}-`));
  if (kind === undefined) {
    throw new errors.AwsError('InvalidID', `The ID '${id}' is not valid`);
  }
  return kind;
}

/** A tag's kind of resource is one of AWS's words: it comes from the catalogue of kinds. */
function showTag({ resourceId, resourceType, key, value }: TagOfResource): TagDescription {
  return {
    ResourceId: resourceId,
    ResourceType: resourceType as TagDescription['ResourceType'],
    Key: key,
    Value: value,
  };
}
