import type {
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  DescribePrefixListsRequest,
  DescribePrefixListsResult,
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult,
  ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import type { PrefixList } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords, pageOf } from '../describe.ts';
import { AwsError } from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { showTags } from '../tags.ts';

/** The owner of the lists of the region's services. */
const AWS = 'AWS';

const serviceListing: Listing<PrefixList> = {
  ...kinds.prefixList,
  filters: { 'prefix-list-id': 'prefixListId', 'prefix-list-name': 'prefixListName' },
};

const MANAGED_PAGES = { fewest: 1, most: 100 };

const managedListing: Listing<PrefixList> = {
  ...kinds.prefixList,
  filters: { ...serviceListing.filters, 'owner-id': 'ownerId' },
  pages: MANAGED_PAGES,
};

/** Lists of prefixes that routes and rules name by one id (semantics S98, S101). */
export const prefixListActions = {
  DescribePrefixLists({ tx }: ActionContext, input: DescribePrefixListsRequest): DescribePrefixListsResult {
    const page = listRecords(tx.prefixLists, tx, serviceListing, { ...input, ids: input.PrefixListIds });
    return {
      PrefixLists: page.records
        .filter(({ ownerId }) => ownerId === AWS)
        .map((list) => ({
          PrefixListId: list.prefixListId,
          PrefixListName: list.prefixListName,
          Cidrs: list.entries.map(({ cidr }) => cidr),
        })),
      NextToken: page.nextToken,
    };
  },

  DescribeManagedPrefixLists(
    context: ActionContext,
    input: DescribeManagedPrefixListsRequest,
  ): DescribeManagedPrefixListsResult {
    const { tx } = context;
    const page = listRecords(tx.prefixLists, tx, managedListing, { ...input, ids: input.PrefixListIds });
    return {
      PrefixLists: page.records.map((list) => showManagedPrefixList(context, list)),
      NextToken: page.nextToken,
    };
  },

  GetManagedPrefixListEntries(
    { tx }: ActionContext,
    input: GetManagedPrefixListEntriesRequest,
  ): GetManagedPrefixListEntriesResult {
    const list = findResource(tx, kinds.prefixList, input.PrefixListId, 'prefixListId');
    const paging = { name: `entries of ${list.prefixListId}`, idOf: cidrOfEntry, pages: MANAGED_PAGES };
    const page = pageOf(entriesOf(list, input.TargetVersion), paging, input);
    return {
      Entries: page.records.map(({ cidr, description }) => ({ Cidr: cidr, Description: description })),
      NextToken: page.nextToken,
    };
  },
};

function cidrOfEntry({ cidr }: PrefixList['entries'][number]): string {
  return cidr;
}

/** The list's entries, now or in an earlier version. */
function entriesOf(list: PrefixList, version = list.version): PrefixList['entries'] {
  if (version === list.version) return list.entries;
  const earlier = list.earlierVersions?.find((each) => each.version === version);
  if (earlier !== undefined) return earlier.entries;
  throw new AwsError(
    'PrefixListVersionNotFound',
    `The prefix list ${list.prefixListId} has no version ${version}.`,
  );
}

/** A list as replies show it. */
export function showManagedPrefixList({ region }: ActionContext, list: PrefixList): ManagedPrefixList {
  const isOfAws = list.ownerId === AWS;
  return {
    PrefixListId: list.prefixListId,
    PrefixListName: list.prefixListName,
    PrefixListArn: `arn:aws:ec2:${region}:${isOfAws ? 'aws' : list.ownerId}:prefix-list/${list.prefixListId}`,
    OwnerId: list.ownerId,
    AddressFamily: list.addressFamily,
    State: isOfAws ? undefined : (list.state ?? 'create-complete'),
    StateMessage: list.stateMessage,
    // AWS's own lists have no public maximum or version.
    MaxEntries: isOfAws ? undefined : list.maxEntries,
    Version: isOfAws ? undefined : list.version,
    Tags: showTags(list),
  };
}
