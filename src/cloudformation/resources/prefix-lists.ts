import type { PrefixList } from '../../model/records.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const prefixList: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::PrefixList',
  properties: declareProperties({
    AddressFamily: 'String! replace',
    PrefixListName: 'String!',
    Entries: 'List',
    MaxEntries: 'Integer',
    Tags: 'List',
  }),
  attributes: ['Arn', 'OwnerId', 'PrefixListId', 'Version'],
  create(context, properties) {
    const entries = entriesOf(properties);
    const input = inputOf('CreateManagedPrefixList', {
      ...pick(properties, 'AddressFamily', 'PrefixListName', 'Entries'),
      MaxEntries: properties['MaxEntries'] ?? Math.max(1, entries.length),
    });
    const id = given(context.call('CreateManagedPrefixList', input).PrefixList?.PrefixListId);
    tagResource(context, id, properties);
    return id;
  },
  update(context, id, before, after) {
    if (!isSameValue(before['PrefixListName'], after['PrefixListName'])) {
      const PrefixListName = new PropertyReader(after).demand('PrefixListName');
      context.call('ModifyManagedPrefixList', { PrefixListId: id, PrefixListName });
    }
    changeEntries(context, id, after);
    retagResource(context, id, before, after);
  },
  delete(context, PrefixListId) {
    unlessGone(() => context.call('DeleteManagedPrefixList', { PrefixListId }));
  },
  attributesOf({ action }, id) {
    const list = action.tx.prefixLists.get(id);
    return {
      Arn: `arn:aws:ec2:${action.region}:${action.account}:prefix-list/${id}`,
      OwnerId: action.account,
      PrefixListId: id,
      Version: list?.version ?? 1,
    };
  },
};

function entriesOf(properties: ValueMap): readonly PropertyReader[] {
  return new PropertyReader(properties).list('Entries', ['Cidr', 'Description']);
}

/** The list grows before entries come, and shrinks after others have gone. */
function changeEntries(context: ResourceContext, PrefixListId: string, properties: ValueMap): void {
  const wanted = entriesOf(properties).map((entry) => {
    const Description = entry.text('Description');
    return { Cidr: entry.demand('Cidr'), ...(Description === undefined ? {} : { Description }) };
  });
  const size = new PropertyReader(properties).whole('MaxEntries') ?? Math.max(1, wanted.length);
  const list = demandList(context, PrefixListId);
  if (size > list.maxEntries) context.call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: size });
  const AddEntries = wanted.filter(
    ({ Cidr, Description }) =>
      !list.entries.some(({ cidr, description }) => cidr === Cidr && description === Description),
  );
  const RemoveEntries = list.entries
    .filter(({ cidr }) => !wanted.some(({ Cidr }) => Cidr === cidr))
    .map(({ cidr }) => ({ Cidr: cidr }));
  if (AddEntries.length + RemoveEntries.length > 0) {
    const CurrentVersion = list.version;
    context.call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion, AddEntries, RemoveEntries });
  }
  if (size < list.maxEntries) context.call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: size });
}

function demandList({ action: { tx } }: ResourceContext, id: string): PrefixList {
  return given(tx.prefixLists.get(id));
}

/** Prefix lists. */
export const prefixListTypes: readonly RecordType[] = [prefixList];
