import type {
  CreateNetworkAclRequest,
  CreateNetworkAclResult,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult,
  NetworkAcl as WireNetworkAcl,
} from '@aws-sdk/client-ec2';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { NetworkAcl, NetworkAclEntry } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterTable, FilterValue } from '../filters.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { makeCustomAcl, withIpv6Entries } from './network-acl-entries.ts';

/** Numbers that a filter also understands by name. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

function eachEntry(read: (entry: NetworkAclEntry) => FilterValue) {
  return ({ entries }: NetworkAcl): FilterValue =>
    entries.flatMap((entry) => {
      const value = read(entry);
      return typeof value === 'object' ? value : [value];
    });
}

const filters: FilterTable<NetworkAcl> = {
  'association.association-id': ({ associations }) =>
    associations.map((association) => association.networkAclAssociationId),
  'association.network-acl-id': ({ associations, networkAclId }) => associations.map(() => networkAclId),
  'association.subnet-id': ({ associations }) => associations.map((association) => association.subnetId),
  default: ({ isDefault }) => isDefault,
  'entry.cidr': eachEntry(({ cidrBlock }) => cidrBlock),
  'entry.icmp.code': eachEntry(({ icmpTypeCode }) => icmpTypeCode?.code),
  'entry.icmp.type': eachEntry(({ icmpTypeCode }) => icmpTypeCode?.type),
  'entry.ipv6-cidr': eachEntry(({ ipv6CidrBlock }) => ipv6CidrBlock),
  'entry.port-range.from': eachEntry(({ portRange }) => portRange?.from),
  'entry.port-range.to': eachEntry(({ portRange }) => portRange?.to),
  'entry.protocol': eachEntry(({ protocol }) => [protocol, PROTOCOL_NAMES[protocol]]),
  'entry.rule-action': eachEntry(({ ruleAction }) => ruleAction),
  'entry.egress': eachEntry(({ isEgress }) => isEgress),
  'entry.rule-number': eachEntry(({ ruleNumber }) => ruleNumber),
  'network-acl-id': 'networkAclId',
  'owner-id': (_, { scope }) => scope.account,
  'vpc-id': 'vpcId',
};

const listing: Listing<NetworkAcl> = { ...kinds.networkAcl, filters };

/** Network ACLs and which subnets they guard (semantics S61, S65, S70). */
export const networkAclActions = {
  CreateNetworkAcl(context: ActionContext, input: CreateNetworkAclRequest): CreateNetworkAclResult {
    const vpc = findResource(context.tx, kinds.vpc, input.VpcId, 'vpcId');
    const tags = readTagSpecifications(input.TagSpecifications, 'network-acl');
    demandQuota(context, 'network-acls-per-vpc', context.tx.networkAcls.where('vpcId', vpc.vpcId).length + 1);
    const made = makeCustomAcl(context.newId('acl'), vpc.vpcId);
    const acl = { ...(ipv6BlocksOf(vpc).length > 0 ? withIpv6Entries(made) : made), tags };
    context.tx.networkAcls.put(acl);
    return { NetworkAcl: showNetworkAcl(context, acl) };
  },

  DeleteNetworkAcl({ tx }: ActionContext, input: DeleteNetworkAclRequest): undefined {
    const acl = findResource(tx, kinds.networkAcl, input.NetworkAclId, 'networkAclId');
    if (acl.isDefault) {
      throw errors.invalidParameterValue(`cannot delete default network ACL ${acl.networkAclId}`);
    }
    if (acl.associations.length > 0) throw errors.hasDependencies('networkAcl', acl.networkAclId);
    tx.networkAcls.delete(acl.networkAclId);
  },

  DescribeNetworkAcls(context: ActionContext, input: DescribeNetworkAclsRequest): DescribeNetworkAclsResult {
    const { tx } = context;
    const page = listRecords(tx.networkAcls, tx, listing, { ...input, ids: input.NetworkAclIds });
    return {
      NetworkAcls: page.records.map((acl) => showNetworkAcl(context, acl)),
      NextToken: page.nextToken,
    };
  },

  ReplaceNetworkAclAssociation(
    context: ActionContext,
    input: ReplaceNetworkAclAssociationRequest,
  ): ReplaceNetworkAclAssociationResult {
    const { tx } = context;
    const id = input.AssociationId;
    if (id === undefined) throw errors.missingParameter('associationId');
    const old = [...tx.networkAcls.values()].find(({ associations }) =>
      associations.some((each) => each.networkAclAssociationId === id),
    );
    const association = old?.associations.find((each) => each.networkAclAssociationId === id);
    if (old === undefined || association === undefined) throw errors.noSuchAssociation(id);
    const acl = findResource(tx, kinds.networkAcl, input.NetworkAclId, 'networkAclId');
    if (acl.vpcId !== old.vpcId) {
      throw errors.invalidParameterValue(
        `Network ACL ${acl.networkAclId} and subnet ${association.subnetId} belong to different networks`,
      );
    }
    tx.networkAcls.put({ ...old, associations: old.associations.filter((each) => each !== association) });
    const made = { networkAclAssociationId: context.newId('aclassoc'), subnetId: association.subnetId };
    const present = findResource(tx, kinds.networkAcl, acl.networkAclId, 'networkAclId');
    tx.networkAcls.put({ ...present, associations: [...present.associations, made] });
    return { NewAssociationId: made.networkAclAssociationId };
  },
};

function showNetworkAcl({ account }: ActionContext, acl: NetworkAcl): WireNetworkAcl {
  return {
    NetworkAclId: acl.networkAclId,
    VpcId: acl.vpcId,
    IsDefault: acl.isDefault,
    Entries: acl.entries.map((entry) => ({
      RuleNumber: entry.ruleNumber,
      Egress: entry.isEgress,
      Protocol: entry.protocol,
      RuleAction: entry.ruleAction,
      CidrBlock: entry.cidrBlock,
      Ipv6CidrBlock: entry.ipv6CidrBlock,
      IcmpTypeCode: entry.icmpTypeCode && { Type: entry.icmpTypeCode.type, Code: entry.icmpTypeCode.code },
      PortRange: entry.portRange && { From: entry.portRange.from, To: entry.portRange.to },
    })),
    Associations: acl.associations.map(({ networkAclAssociationId, subnetId }) => ({
      NetworkAclAssociationId: networkAclAssociationId,
      NetworkAclId: acl.networkAclId,
      SubnetId: subnetId,
    })),
    OwnerId: account,
    Tags: showTags(acl),
  };
}
