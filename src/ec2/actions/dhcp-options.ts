import type {
  AssociateDhcpOptionsRequest,
  CreateDhcpOptionsRequest,
  CreateDhcpOptionsResult,
  DeleteDhcpOptionsRequest,
  DescribeDhcpOptionsRequest,
  DescribeDhcpOptionsResult,
  DhcpOptions as WireDhcpOptions,
} from '@aws-sdk/client-ec2';
import type { DhcpOptions } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import { dependencyViolation, invalidValue, missingParameter } from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** The options a set may hold. */
const OPTION_KEYS: readonly string[] = [
  'domain-name-servers',
  'domain-name',
  'ntp-servers',
  'netbios-name-servers',
  'netbios-node-type',
  'ipv6-address-preferred-lease-time',
];

/** What AssociateDhcpOptions calls "no options". */
const NO_OPTIONS = 'default';

const listing: Listing<DhcpOptions> = {
  ...kinds.dhcpOptions,
  filters: {
    'dhcp-options-id': 'dhcpOptionsId',
    key: ({ configurations }) => configurations.map(({ key }) => key),
    value: ({ configurations }) => configurations.flatMap(({ values }) => values),
    'owner-id': (_, { scope }) => scope.account,
  },
};

/** The DHCP options of VPCs: immutable sets, one a VPC (semantics S95). */
export const dhcpOptionsActions = {
  CreateDhcpOptions(context: ActionContext, input: CreateDhcpOptionsRequest): CreateDhcpOptionsResult {
    const given = input.DhcpConfigurations ?? [];
    if (given.length === 0) throw missingParameter('dhcpConfiguration');
    const record: DhcpOptions = {
      dhcpOptionsId: context.newId('dopt'),
      configurations: given.map(({ Key, Values }) => readConfiguration(Key, Values)),
      tags: readTagSpecifications(input.TagSpecifications, 'dhcp-options'),
    };
    context.tx.dhcpOptions.put(record);
    return { DhcpOptions: showDhcpOptions(context, record) };
  },

  DescribeDhcpOptions(context: ActionContext, input: DescribeDhcpOptionsRequest): DescribeDhcpOptionsResult {
    const page = listRecords(context.tx.dhcpOptions, context.tx, listing, {
      ...input,
      ids: input.DhcpOptionsIds,
    });
    return {
      DhcpOptions: page.records.map((record) => showDhcpOptions(context, record)),
      NextToken: page.nextToken,
    };
  },

  AssociateDhcpOptions({ tx }: ActionContext, input: AssociateDhcpOptionsRequest): undefined {
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    const dhcpOptionsId =
      input.DhcpOptionsId === NO_OPTIONS
        ? NO_OPTIONS
        : findResource(tx, kinds.dhcpOptions, input.DhcpOptionsId, 'dhcpOptionsId').dhcpOptionsId;
    tx.vpcs.put({ ...vpc, dhcpOptionsId });
  },

  DeleteDhcpOptions({ tx }: ActionContext, input: DeleteDhcpOptionsRequest): undefined {
    const { dhcpOptionsId } = findResource(tx, kinds.dhcpOptions, input.DhcpOptionsId, 'dhcpOptionsId');
    if (tx.vpcs.where('dhcpOptionsId', dhcpOptionsId).length > 0) {
      throw dependencyViolation(`The dhcpOptions '${dhcpOptionsId}' has dependencies and cannot be deleted.`);
    }
    tx.dhcpOptions.delete(dhcpOptionsId);
  },
};

function readConfiguration(
  key: string | undefined,
  values: readonly string[] | undefined,
): DhcpOptions['configurations'][number] {
  if (key === undefined || !OPTION_KEYS.includes(key)) {
    throw invalidValue(key ?? '', 'dhcpConfiguration', 'Unknown DHCP option.');
  }
  if (values === undefined || values.length === 0)
    throw missingParameter(`dhcpConfiguration value of ${key}`);
  return { key, values: [...values] };
}

function showDhcpOptions(context: ActionContext, record: DhcpOptions): WireDhcpOptions {
  return {
    DhcpOptionsId: record.dhcpOptionsId,
    DhcpConfigurations: record.configurations.map(({ key, values }) => ({
      Key: key,
      Values: values.map((value) => ({ Value: value })),
    })),
    OwnerId: context.account,
    Tags: showTags(record),
  };
}
