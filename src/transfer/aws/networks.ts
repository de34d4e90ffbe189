import type { CidrBlockAssociation, Ipv6CidrBlockAssociation } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';
import { madeUpDigits, type Target } from './target.ts';

const BLOCK_STATES = [
  'associating',
  'associated',
  'disassociating',
  'disassociated',
  'failing',
  'failed',
] as const;

/** VPCs, subnets, DHCP options and the gateways that hang on a VPC. */
export function importNetworks(dump: Dump, target: Target): void {
  dump.each('DhcpOptions', (item) =>
    target.dhcpOptions.put({
      dhcpOptionsId: item.id('DhcpOptionsId'),
      configurations: item.items('DhcpConfigurations').map((option) => ({
        key: option.need('Key'),
        values: option.items('Values').map((value) => value.text('Value') ?? ''),
      })),
      tags: item.tags(),
    }),
  );
  const named = findNamedVpcs(dump);
  dump.each('Vpcs', (item) => importVpc(dump, target, item, named));
  dump.each('Subnets', (item) => importSubnet(dump, target, item));
  dump.each('InternetGateways', (item) =>
    target.internetGateways.put({
      internetGatewayId: item.id('InternetGatewayId'),
      ...optional('vpcId', attachedVpc(item, 'Attachments')),
      tags: item.tags(),
    }),
  );
  dump.each('EgressOnlyInternetGateways', (item) =>
    target.egressOnlyInternetGateways.put({
      egressOnlyInternetGatewayId: item.id('EgressOnlyInternetGatewayId'),
      vpcId: attachedVpc(item, 'Attachments') ?? '',
      tags: item.tags(),
    }),
  );
  completeDhcpOptions(dump, target);
}

/** The VPC that a gateway is attached to. */
export function attachedVpc(item: Item, name: string): string | undefined {
  const attachment = item
    .items(name)
    .find((each) => ['available', 'attached', 'attaching'].includes(each.text('State') ?? ''));
  return attachment?.reference('VpcId');
}

/** By VPC, whether its interfaces show a private DNS name: they do where the VPC has enableDnsHostnames. */
function findNamedVpcs(dump: Dump): ReadonlyMap<string, boolean> {
  const named = new Map<string, boolean>();
  dump.each('NetworkInterfaces', (item) => {
    const vpcId = item.text('VpcId');
    if (vpcId === undefined) return;
    named.set(vpcId, named.get(vpcId) === true || (item.text('PrivateDnsName') ?? '') !== '');
  });
  return named;
}

function importVpc(dump: Dump, target: Target, item: Item, named: ReadonlyMap<string, boolean>): void {
  const vpcId = item.id('VpcId');
  const isDefault = item.flag('IsDefault');
  const cidrBlock = item.must('CidrBlock', (vpc) => vpc.cidr('CidrBlock'));
  const told = (name: string): boolean | undefined => dump.vpcAttributes.get(`${vpcId} ${name}`);
  const hostnames = told('EnableDnsHostnames');
  if (hostnames === undefined && !named.has(vpcId)) {
    dump.report.tell(
      'assumed',
      `${vpcId}: enableDnsHostnames is in no file; taken as ${isDefault ? 'on, as in every default VPC' : 'off'}.`,
    );
  }
  const support = told('EnableDnsSupport');
  if (support === undefined)
    dump.report.tell('assumed', `${vpcId}: enableDnsSupport is in no file; taken as on.`);
  const blocks = item.items('CidrBlockAssociationSet').map(readBlock);
  target.vpcs.put({
    vpcId,
    ordinal: target.takeOrdinal(),
    cidrBlock,
    cidrBlockAssociations:
      blocks.length > 0
        ? blocks
        : [{ associationId: `vpc-cidr-assoc-${madeUpDigits(vpcId)}`, cidrBlock, state: 'associated' }],
    ipv6CidrBlockAssociations: item.items('Ipv6CidrBlockAssociationSet').map(readIpv6Block),
    dhcpOptionsId: item.reference('DhcpOptionsId') ?? 'default',
    instanceTenancy: item.text('InstanceTenancy') ?? 'default',
    isDefault,
    enableDnsSupport: support ?? true,
    enableDnsHostnames: hostnames ?? named.get(vpcId) ?? isDefault,
    enableNetworkAddressUsageMetrics: told('EnableNetworkAddressUsageMetrics') ?? false,
    tags: item.tags(),
  });
}

function readBlock(item: Item): CidrBlockAssociation {
  return {
    associationId: item.id('AssociationId'),
    cidrBlock: item.must('CidrBlock', (block) => block.cidr('CidrBlock')),
    state: item.item('CidrBlockState')?.word('State', BLOCK_STATES) ?? 'associated',
  };
}

function readIpv6Block(item: Item): Ipv6CidrBlockAssociation {
  return {
    associationId: item.id('AssociationId'),
    ipv6CidrBlock: item.must('Ipv6CidrBlock', (block) => block.ipv6Cidr('Ipv6CidrBlock')),
    state: item.item('Ipv6CidrBlockState')?.word('State', BLOCK_STATES) ?? 'associated',
  };
}

function importSubnet(dump: Dump, target: Target, item: Item): void {
  const subnetId = item.id('SubnetId');
  const cidrBlock = item.cidr('CidrBlock');
  if (cidrBlock === undefined) {
    dump.report.tell(
      'left out',
      `${subnetId} has IPv6 only, and Cloudcroft carries nothing in such a subnet.`,
    );
    dump.setAside('Subnets', item, 'It has no IPv4 block.');
    return;
  }
  const vpcId = item.id('VpcId');
  if (target.vpcs.get(vpcId) === undefined) {
    dump.report.tell('left out', `${subnetId} is in ${vpcId}, which is in no file.`);
    dump.setAside('Subnets', item, 'Its VPC is in no file.');
    return;
  }
  const names = item.item('PrivateDnsNameOptionsOnLaunch');
  target.subnets.put({
    subnetId,
    ordinal: target.takeOrdinal(),
    vpcId,
    cidrBlock,
    ipv6CidrBlockAssociations: item.items('Ipv6CidrBlockAssociationSet').map(readIpv6Block),
    availabilityZone: item.text('AvailabilityZone') ?? `${target.scope.region}a`,
    isDefaultForAz: item.flag('DefaultForAz'),
    mapPublicIpOnLaunch: item.flag('MapPublicIpOnLaunch'),
    assignIpv6AddressOnCreation: item.flag('AssignIpv6AddressOnCreation'),
    enableDns64: item.flag('EnableDns64'),
    privateDnsHostnameType: names?.word('HostnameType', ['ip-name', 'resource-name']) ?? 'ip-name',
    enableResourceNameDnsARecord: names?.flag('EnableResourceNameDnsARecord') ?? false,
    enableResourceNameDnsAaaaRecord: names?.flag('EnableResourceNameDnsAAAARecord') ?? false,
    tags: item.tags(),
  });
}

/** Instances ask their DHCP options for a resolver: a set that is in no file is taken as AWS's own. */
function completeDhcpOptions(dump: Dump, target: Target): void {
  for (const { vpcId, dhcpOptionsId } of target.vpcs.values()) {
    if (dhcpOptionsId === 'default' || target.dhcpOptions.get(dhcpOptionsId) !== undefined) continue;
    dump.report.tell(
      'assumed',
      `${dhcpOptionsId}, the DHCP options of ${vpcId}, is in no file; taken as AWS’s own.`,
    );
    putOwnDhcpOptions(target, dhcpOptionsId);
  }
  // A region with none is one that nobody has used yet, and would be given a default VPC.
  if (target.dhcpOptions.size === 0) putOwnDhcpOptions(target, `dopt-${madeUpDigits(target.scope.region)}`);
}

function putOwnDhcpOptions(target: Target, dhcpOptionsId: string): void {
  const { region } = target.scope;
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  target.dhcpOptions.put({
    dhcpOptionsId,
    configurations: [
      { key: 'domain-name', values: [domain] },
      { key: 'domain-name-servers', values: ['AmazonProvidedDNS'] },
    ],
    tags: [],
  });
}
