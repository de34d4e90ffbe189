import type {
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult,
  DeleteManagedPrefixListRequest,
  DeleteManagedPrefixListResult,
  ModifyManagedPrefixListRequest,
  ModifyManagedPrefixListResult,
} from '@aws-sdk/client-ec2';
import type { PrefixList } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import {
  changeEntries,
  checkEntryCount,
  readAddedEntries,
  readRemovedEntries,
} from '../prefix-list-entries.ts';
import type { Quotas } from '../quotas.ts';
import { readTagSpecifications } from '../tags.ts';
import { showManagedPrefixList } from './prefix-lists.ts';
import { countRoutes } from './route-quota.ts';
import { countRules } from './rule-quota.ts';

/** Longest name of a list, and most entries that it may have. */
const LONGEST_NAME = 255;
const MOST_ENTRIES = 1000;

/** The user's own prefix lists: a change of entries makes a new version, and whoever refers to the list follows it. */
export const managedPrefixListActions = {
  CreateManagedPrefixList(
    context: ActionContext,
    input: CreateManagedPrefixListRequest,
  ): CreateManagedPrefixListResult {
    const addressFamily = readFamily(input.AddressFamily);
    const maxEntries = readMaxEntries(input.MaxEntries);
    const entries = readAddedEntries(input.Entries, addressFamily);
    checkEntryCount(entries, maxEntries);
    const list: PrefixList = {
      prefixListId: context.newId('pl'),
      prefixListName: readName(input.PrefixListName),
      ownerId: context.account,
      addressFamily,
      maxEntries,
      version: 1,
      entries,
      state: 'create-complete',
      tags: readTagSpecifications(input.TagSpecifications, 'prefix-list'),
    };
    context.tx.prefixLists.put(list);
    return { PrefixList: { ...showManagedPrefixList(context, list), State: 'create-in-progress' } };
  },

  ModifyManagedPrefixList(
    context: ActionContext,
    input: ModifyManagedPrefixListRequest,
  ): ModifyManagedPrefixListResult {
    const { tx } = context;
    const list = findOwnList(context, input.PrefixListId);
    const renamed =
      input.PrefixListName === undefined ? list : { ...list, prefixListName: readName(input.PrefixListName) };
    const added = readAddedEntries(input.AddEntries, list.addressFamily);
    const removed = readRemovedEntries(input.RemoveEntries, list.addressFamily);
    const isChanged = added.length > 0 || removed.length > 0;
    if (isChanged && input.MaxEntries !== undefined) {
      throw errors.invalidParameterCombination(
        'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
      );
    }
    if (isChanged) checkVersion(list, input.CurrentVersion);
    const changed = isChanged
      ? withEntries(renamed, changeEntries(list.entries, added, removed))
      : input.MaxEntries === undefined
        ? withState(renamed, 'modify-complete')
        : resize(context, renamed, readMaxEntries(input.MaxEntries), (made) => tx.prefixLists.put(made));
    tx.prefixLists.put(changed);
    // AWS answers before the change is made: with the version as it was.
    const shown = showManagedPrefixList(context, { ...changed, version: list.version });
    return { PrefixList: { ...shown, State: 'modify-in-progress', StateMessage: undefined } };
  },

  DeleteManagedPrefixList(
    context: ActionContext,
    input: DeleteManagedPrefixListRequest,
  ): DeleteManagedPrefixListResult {
    const { tx } = context;
    const list = findOwnList(context, input.PrefixListId);
    const users = [...groupsUsing(tx, list.prefixListId), ...tablesUsing(tx, list.prefixListId)];
    if (users.length > 0) {
      throw errors.dependencyViolation(
        `The prefix list '${list.prefixListId}' is used by ${users.join(', ')} and cannot be deleted.`,
      );
    }
    tx.prefixLists.delete(list.prefixListId);
    return { PrefixList: { ...showManagedPrefixList(context, list), State: 'delete-in-progress' } };
  },
};

/** A list that the user may change: AWS's own are not. */
function findOwnList({ tx, account }: ActionContext, id: string | undefined): PrefixList {
  const list = findResource(tx, kinds.prefixList, id, 'PrefixListId');
  if (list.ownerId === account) return list;
  throw errors.operationNotPermitted(
    `The prefix list '${list.prefixListId}' is managed by ${list.ownerId} and cannot be modified.`,
  );
}

function checkVersion({ version }: PrefixList, given: number | undefined): void {
  if (given === undefined) throw errors.missingParameter('CurrentVersion');
  if (given === version) return;
  if (given < 1) {
    throw errors.invalidParameterValue(
      'The specified value for version is not valid. The value must be greater than (1).',
    );
  }
  throw new errors.AwsError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
}

function withState(list: PrefixList, state: NonNullable<PrefixList['state']>): PrefixList {
  const { stateMessage: _past, ...kept } = list;
  return { ...kept, state };
}

function withEntries(list: PrefixList, entries: PrefixList['entries']): PrefixList {
  checkEntryCount(entries, list.maxEntries);
  return {
    ...withState(list, 'modify-complete'),
    version: list.version + 1,
    entries,
    earlierVersions: [...(list.earlierVersions ?? []), { version: list.version, entries: list.entries }],
  };
}

/** The list with another greatest size; as it was and `modify-failed` when what refers to it has no room for that. */
function resize(
  context: ActionContext,
  list: PrefixList,
  maxEntries: number,
  put: (list: PrefixList) => void,
): PrefixList {
  const { tx: world, quotas } = context;
  checkEntryCount(list.entries, maxEntries);
  const resized = withState({ ...list, maxEntries }, 'modify-complete');
  put(resized);
  const { prefixListId } = list;
  const groups = groupsUsing(world, prefixListId).filter((id) => !isGroupWithinQuota(world, id, quotas));
  const tables = tablesUsing(world, prefixListId).filter(
    (id) => countRoutes(world, world.routeTables.get(id)?.routes ?? []) > quotas['routes-per-table'],
  );
  if (groups.length === 0 && tables.length === 0) return resized;
  const kind = groups.length > 0 ? 'VPC Security Group' : 'VPC Route Table';
  return {
    ...list,
    state: 'modify-failed',
    stateMessage: `The following ${kind} resource(s) do not have sufficient capacity [${[...groups, ...tables].join(', ')}].`,
  };
}

function isGroupWithinQuota(world: World, groupId: string, quotas: Quotas): boolean {
  const rules = world.securityGroupRules.where('groupId', groupId);
  return [true, false].every((isEgress) => {
    const ofDirection = rules.filter((rule) => rule.isEgress === isEgress);
    return countRules(world, ofDirection) <= quotas['rules-per-security-group'];
  });
}

function groupsUsing(world: World, prefixListId: string): string[] {
  const using = [...world.securityGroupRules.values()].filter(
    ({ peer }) => peer.kind === 'prefix-list' && peer.prefixListId === prefixListId,
  );
  return [...new Set(using.map(({ groupId }) => groupId))];
}

function tablesUsing(world: World, prefixListId: string): string[] {
  return [...world.routeTables.values()]
    .filter(({ routes }) =>
      routes.some(
        ({ destination }) => destination.kind === 'prefix-list' && destination.prefixListId === prefixListId,
      ),
    )
    .map(({ routeTableId }) => routeTableId);
}

function readName(name: string | undefined): string {
  if (name === undefined || name === '') throw errors.missingParameter('PrefixListName');
  if (name.length > LONGEST_NAME) {
    throw errors.invalidParameterValue(`A prefix list name has at most ${LONGEST_NAME} characters.`);
  }
  if (name.toLowerCase().startsWith('com.amazonaws')) {
    throw errors.invalidParameterValue("A prefix list name cannot start with 'com.amazonaws'.");
  }
  return name;
}

function readMaxEntries(maxEntries: number | undefined): number {
  if (maxEntries === undefined) throw errors.missingParameter('MaxEntries');
  if (maxEntries >= 1 && maxEntries <= MOST_ENTRIES) return maxEntries;
  throw errors.invalidValue(maxEntries, 'MaxEntries', `Expecting a value from 1 to ${MOST_ENTRIES}.`);
}

function readFamily(family: string | undefined): PrefixList['addressFamily'] {
  if (family === undefined) throw errors.missingParameter('AddressFamily');
  if (family === 'IPv4' || family === 'IPv6') return family;
  throw errors.invalidValue(family, 'AddressFamily', 'Expecting IPv4 or IPv6.');
}
