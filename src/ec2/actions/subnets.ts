import type {
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  ModifySubnetAttributeRequest,
  Subnet as WireSubnet,
} from '@aws-sdk/client-ec2';
import { blocksOf, countFreeAddresses, ipv4BlocksOf, isAllowedSize } from '../../model/addressing.ts';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Subnet, Vpc } from '../../model/records.ts';
import { contains, formatCidr, overlaps, parseCidr } from '../../net/cidr.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { zoneIdOf, zonesOf } from '../catalogue/regions.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterTable } from '../filters.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { makeSubnetAssociation, readSubnetIpv6Cidr, showSubnetAssociation } from './subnet-cidr-blocks.ts';
import { createSubnet } from './vpc-lifecycle.ts';

const filters: FilterTable<Subnet> = {
  'availability-zone': 'availabilityZone',
  availabilityZone: 'availabilityZone',
  'availability-zone-id': ({ availabilityZone }) => zoneIdOf(availabilityZone),
  availabilityZoneId: ({ availabilityZone }) => zoneIdOf(availabilityZone),
  'available-ip-address-count': (subnet, world) => countFreeAddresses(world, subnet),
  'cidr-block': 'cidrBlock',
  cidr: 'cidrBlock',
  cidrBlock: 'cidrBlock',
  'customer-owned-ipv4-pool': () => undefined,
  'default-for-az': (subnet) => subnet.isDefaultForAz,
  defaultForAz: (subnet) => subnet.isDefaultForAz,
  'enable-dns64': (subnet) => subnet.enableDns64,
  'enable-lni-at-device-index': () => undefined,
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
    subnet.ipv6CidrBlockAssociations.map((block) => block.ipv6CidrBlock),
  'ipv6-cidr-block-association.association-id': (subnet) =>
    subnet.ipv6CidrBlockAssociations.map((block) => block.associationId),
  'ipv6-cidr-block-association.state': (subnet) =>
    subnet.ipv6CidrBlockAssociations.map((block) => block.state),
  'ipv6-native': ({ cidrBlock }) => cidrBlock === undefined,
  'map-customer-owned-ip-on-launch': () => false,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
  'outpost-arn': () => undefined,
  'owner-id': (_, { scope }) => scope.account,
  'private-dns-name-options-on-launch.hostname-type': (subnet) => subnet.privateDnsHostnameType,
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': (subnet) =>
    subnet.enableResourceNameDnsARecord,
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': (subnet) =>
    subnet.enableResourceNameDnsAaaaRecord,
  state: () => 'available',
  'subnet-arn': (subnet, { scope }) => arnOf(subnet, scope.region, scope.account),
  'subnet-id': 'subnetId',
  'vpc-id': 'vpcId',
};

const listing: Listing<Subnet> = { ...kinds.subnet, filters };

/** Subnets and their attributes (semantics S2–S4, S16, S119). */
export const subnetActions = {
  CreateSubnet(context: ActionContext, input: CreateSubnetRequest): CreateSubnetResult {
    const vpc = findResource(context.tx, kinds.vpc, input.VpcId, 'vpcId');
    const { Ipv6CidrBlock } = input;
    const ipv6Block =
      Ipv6CidrBlock === undefined ? undefined : readSubnetIpv6Cidr(context.tx, vpc, Ipv6CidrBlock);
    demandQuota(context, 'subnets-per-vpc', context.tx.subnets.where('vpcId', vpc.vpcId).length + 1);
    const subnet = createSubnet(context, {
      vpcId: vpc.vpcId,
      ...(input.Ipv6Native === true
        ? checkNativeSubnet(input)
        : { cidrBlock: readSubnetCidr(context.tx, vpc, input.CidrBlock) }),
      ipv6CidrBlockAssociations: ipv6Block === undefined ? [] : [makeSubnetAssociation(context, ipv6Block)],
      availabilityZone: readZone(context.region, input),
      isDefaultForAz: false,
      mapPublicIpOnLaunch: false,
      tags: readTagSpecifications(input.TagSpecifications, 'subnet'),
    });
    return { Subnet: showSubnet(context, subnet) };
  },

  DeleteSubnet({ tx }: ActionContext, input: DeleteSubnetRequest): undefined {
    const { subnetId, vpcId } = findResource(tx, kinds.subnet, input.SubnetId, 'subnetId');
    if (tx.networkInterfaces.where('subnetId', subnetId).length > 0) {
      throw errors.hasDependencies('subnet', subnetId);
    }
    for (const table of tx.routeTables.where('vpcId', vpcId)) {
      const associations = table.associations.filter((association) => association.subnetId !== subnetId);
      if (associations.length < table.associations.length) tx.routeTables.put({ ...table, associations });
    }
    for (const acl of tx.networkAcls.where('vpcId', vpcId)) {
      const associations = acl.associations.filter((association) => association.subnetId !== subnetId);
      if (associations.length < acl.associations.length) tx.networkAcls.put({ ...acl, associations });
    }
    tx.subnets.delete(subnetId);
  },

  DescribeSubnets(context: ActionContext, input: DescribeSubnetsRequest): DescribeSubnetsResult {
    const page = listRecords(context.tx.subnets, context.tx, listing, { ...input, ids: input.SubnetIds });
    return { Subnets: page.records.map((subnet) => showSubnet(context, subnet)), NextToken: page.nextToken };
  },

  ModifySubnetAttribute({ tx }: ActionContext, input: ModifySubnetAttributeRequest): undefined {
    const subnet = findResource(tx, kinds.subnet, input.SubnetId, 'subnetId');
    const changes = readChanges(subnet, input);
    if (changes.length === 0) throw errors.missingParameter('attribute');
    if (changes.length > 1) {
      throw errors.invalidParameterCombination('Only one subnet attribute can be modified at a time');
    }
    tx.subnets.put({ ...subnet, ...changes[0] });
  },
};

function arnOf({ subnetId }: Subnet, region: string, account: string): string {
  return `arn:aws:ec2:${region}:${account}:subnet/${subnetId}`;
}

/** The canonical block of a new subnet. Throws when the VPC cannot have it (semantics S2, S3). */
function readSubnetCidr(tx: Transaction, vpc: Vpc, given: string | undefined): string {
  if (given === undefined) {
    throw new errors.AwsError(
      'MissingParameter',
      "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    );
  }
  const cidr = parseCidr(given);
  if (cidr === undefined) throw errors.invalidCidr(given);
  const isInVpc = blocksOf(vpc).some((block) => contains(block, cidr));
  if (!isAllowedSize(cidr) || !isInVpc) throw errors.invalidSubnetRange(given);
  const neighbours = tx.subnets.where('vpcId', vpc.vpcId).flatMap(ipv4BlocksOf);
  if (neighbours.some((block) => overlaps(block, cidr))) throw errors.subnetConflict(given);
  return formatCidr(cidr);
}

/** A subnet of IPv6 only has an IPv6 block and no other. Nothing can be put into it here. */
function checkNativeSubnet({ CidrBlock, Ipv6CidrBlock }: CreateSubnetRequest): Record<never, never> {
  if (CidrBlock !== undefined) {
    throw errors.invalidParameterCombination(
      'You cannot specify an IPv4 CIDR block for an IPv6 only subnet.',
    );
  }
  if (Ipv6CidrBlock === undefined) throw errors.missingParameter('ipv6CidrBlock');
  return {};
}

/** The zone of a new subnet: the one named, else the region's first. */
function readZone(region: string, input: CreateSubnetRequest): string {
  const zones = zonesOf(region);
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  if (name !== undefined && id !== undefined) {
    throw errors.invalidParameterCombination(
      'The parameters availabilityZone and availabilityZoneId cannot be used together',
    );
  }
  const zone =
    name !== undefined
      ? zones.find(({ zoneName }) => zoneName === name)
      : zones.find(({ zoneId }) => id === undefined || zoneId === id);
  if (zone !== undefined) return zone.zoneName;
  const parameter = name !== undefined ? 'availabilityZone' : 'availabilityZoneId';
  const names = zones.map(({ zoneName, zoneId }) => (name !== undefined ? zoneName : zoneId)).join(', ');
  throw errors.invalidValue(
    name ?? id,
    parameter,
    `Subnets can currently only be created in the following availability zones: ${names}.`,
  );
}

function readChanges(subnet: Subnet, input: ModifySubnetAttributeRequest): Partial<Subnet>[] {
  const changes: Partial<Subnet>[] = [];
  const {
    MapPublicIpOnLaunch,
    AssignIpv6AddressOnCreation,
    EnableDns64,
    EnableResourceNameDnsARecordOnLaunch: aRecord,
    EnableResourceNameDnsAAAARecordOnLaunch: aaaaRecord,
    PrivateDnsHostnameTypeOnLaunch: hostnameType,
  } = input;
  const isIpv6Needed = AssignIpv6AddressOnCreation?.Value === true || EnableDns64?.Value === true;
  if (isIpv6Needed && ipv6BlocksOf(subnet).length === 0) {
    throw errors.invalidParameterValue('The subnet has no IPv6 block.');
  }
  if (subnet.cidrBlock === undefined) checkNativeChange(input);
  if (MapPublicIpOnLaunch?.Value !== undefined)
    changes.push({ mapPublicIpOnLaunch: MapPublicIpOnLaunch.Value });
  if (AssignIpv6AddressOnCreation?.Value !== undefined)
    changes.push({ assignIpv6AddressOnCreation: AssignIpv6AddressOnCreation.Value });
  if (EnableDns64?.Value !== undefined) changes.push({ enableDns64: EnableDns64.Value });
  if (aRecord?.Value !== undefined) changes.push({ enableResourceNameDnsARecord: aRecord.Value });
  if (aaaaRecord?.Value !== undefined) changes.push({ enableResourceNameDnsAaaaRecord: aaaaRecord.Value });
  if (hostnameType !== undefined) {
    if (hostnameType !== 'ip-name' && hostnameType !== 'resource-name') {
      throw errors.invalidValue(
        hostnameType,
        'privateDnsHostnameTypeOnLaunch',
        'The type is ip-name or resource-name.',
      );
    }
    changes.push({ privateDnsHostnameType: hostnameType });
  }
  return changes;
}

/** What says something of IPv4 addresses is not for a subnet of IPv6 only. */
function checkNativeChange(input: ModifySubnetAttributeRequest): void {
  const isOfIpv4 =
    input.MapPublicIpOnLaunch?.Value === true ||
    input.EnableResourceNameDnsARecordOnLaunch?.Value === true ||
    input.PrivateDnsHostnameTypeOnLaunch === 'ip-name';
  if (!isOfIpv4) return;
  throw errors.invalidParameterValue(
    'An IPv6 only subnet gives no IPv4 address: use instance names made of ids, and AAAA records.',
  );
}

/** A subnet as a reply shows it. */
export function showSubnet({ tx, region, account }: ActionContext, subnet: Subnet): WireSubnet {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: arnOf(subnet, region, account),
    VpcId: subnet.vpcId,
    State: 'available',
    ...(subnet.cidrBlock === undefined ? {} : { CidrBlock: subnet.cidrBlock }),
    AvailableIpAddressCount: countFreeAddresses(tx, subnet),
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: zoneIdOf(subnet.availabilityZone),
    DefaultForAz: subnet.isDefaultForAz,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    Ipv6CidrBlockAssociationSet: subnet.ipv6CidrBlockAssociations.map(showSubnetAssociation),
    Ipv6Native: subnet.cidrBlock === undefined,
    EnableDns64: subnet.enableDns64,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: subnet.privateDnsHostnameType,
      EnableResourceNameDnsARecord: subnet.enableResourceNameDnsARecord,
      EnableResourceNameDnsAAAARecord: subnet.enableResourceNameDnsAaaaRecord,
    },
    OwnerId: account,
    Tags: showTags(subnet),
  };
}
