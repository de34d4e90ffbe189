import type { Vpc } from '../../model/records.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { changedFlag, deleteOnceFree, given, partsOf, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const vpc: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPC',
  properties: declareProperties({
    CidrBlock: 'String replace',
    EnableDnsHostnames: 'Boolean',
    EnableDnsSupport: 'Boolean',
    InstanceTenancy: 'String',
    Ipv4IpamPoolId: 'String replace',
    Ipv4NetmaskLength: 'Integer replace',
    Tags: 'List',
  }),
  attributes: [
    'CidrBlock',
    'CidrBlockAssociations',
    'DefaultNetworkAcl',
    'DefaultSecurityGroup',
    'Ipv6CidrBlocks',
    'VpcId',
  ],
  /** A VPC's tenancy can become `default`, and nothing else. */
  needsReplacement: (before, after) =>
    (before['InstanceTenancy'] ?? 'default') !== (after['InstanceTenancy'] ?? 'default') &&
    after['InstanceTenancy'] === 'dedicated',
  create(context, properties) {
    const names = ['CidrBlock', 'InstanceTenancy', 'Ipv4IpamPoolId', 'Ipv4NetmaskLength'];
    const made = context.call('CreateVpc', inputOf('CreateVpc', pick(properties, ...names)));
    const vpcId = given(made.Vpc?.VpcId);
    changeDnsFlags(context, vpcId, {}, properties);
    tagResource(context, vpcId, properties);
    return vpcId;
  },
  update(context, vpcId, before, after) {
    changeDnsFlags(context, vpcId, before, after);
    if (before['InstanceTenancy'] === 'dedicated' && after['InstanceTenancy'] !== 'dedicated') {
      context.call('ModifyVpcTenancy', { VpcId: vpcId, InstanceTenancy: 'default' });
    }
    retagResource(context, vpcId, before, after);
  },
  ...deleteOnceFree(
    (_, vpcId) => vpcId,
    (context, vpcId) => context.call('DeleteVpc', { VpcId: vpcId }),
  ),
  attributesOf({ action: { tx } }, vpcId) {
    const found = tx.vpcs.get(vpcId);
    if (found === undefined) return {};
    const acl = tx.networkAcls.where('vpcId', vpcId).find(({ isDefault }) => isDefault);
    const group = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === 'default');
    return {
      VpcId: vpcId,
      CidrBlock: found.cidrBlock,
      CidrBlockAssociations: found.cidrBlockAssociations.map(({ associationId }) => associationId),
      Ipv6CidrBlocks: found.ipv6CidrBlockAssociations.map(({ ipv6CidrBlock }) => ipv6CidrBlock),
      ...(acl === undefined ? {} : { DefaultNetworkAcl: acl.networkAclId }),
      ...(group === undefined ? {} : { DefaultSecurityGroup: group.groupId }),
    };
  },
};

function changeDnsFlags(context: ResourceContext, VpcId: string, before: ValueMap, after: ValueMap): void {
  const support = changedFlag('EnableDnsSupport', true, before, after);
  if (support !== undefined)
    context.call('ModifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: support } });
  const hostnames = changedFlag('EnableDnsHostnames', false, before, after);
  if (hostnames !== undefined) {
    context.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: hostnames } });
  }
}

const vpcCidrBlock: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCCidrBlock',
  properties: declareProperties({
    VpcId: 'String! replace',
    CidrBlock: 'String replace',
    AmazonProvidedIpv6CidrBlock: 'Boolean replace',
    Ipv6CidrBlock: 'String replace',
    Ipv6CidrBlockNetworkBorderGroup: 'String replace',
    Ipv6Pool: 'String replace',
    Ipv4IpamPoolId: 'String replace',
    Ipv4NetmaskLength: 'Integer replace',
    Ipv6IpamPoolId: 'String replace',
    Ipv6NetmaskLength: 'Integer replace',
  }),
  attributes: ['Id', 'Ipv6CidrBlock'],
  create(context, properties) {
    const made = context.call('AssociateVpcCidrBlock', inputOf('AssociateVpcCidrBlock', properties));
    const { CidrBlockAssociation: ipv4, Ipv6CidrBlockAssociation: ipv6 } = made;
    return given(ipv4?.AssociationId ?? ipv6?.AssociationId);
  },
  delete(context, AssociationId) {
    unlessGone(() => context.call('DisassociateVpcCidrBlock', { AssociationId }));
  },
  attributesOf({ action: { tx } }, associationId, properties) {
    const found: Vpc | undefined = tx.vpcs.get(new PropertyReader(properties).demand('VpcId'));
    const ipv6 = found?.ipv6CidrBlockAssociations.find((each) => each.associationId === associationId);
    return { Id: associationId, ...(ipv6 === undefined ? {} : { Ipv6CidrBlock: ipv6.ipv6CidrBlock }) };
  },
};

/** The names of DHCP's options, by those that templates have. */
const DHCP_OPTIONS = {
  DomainName: 'domain-name',
  DomainNameServers: 'domain-name-servers',
  NtpServers: 'ntp-servers',
  NetbiosNameServers: 'netbios-name-servers',
  NetbiosNodeType: 'netbios-node-type',
  Ipv6AddressPreferredLeaseTime: 'ipv6-address-preferred-lease-time',
};

const dhcpOptions: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::DHCPOptions',
  properties: declareProperties({
    DomainName: 'String replace',
    DomainNameServers: 'List replace',
    NtpServers: 'List replace',
    NetbiosNameServers: 'List replace',
    NetbiosNodeType: 'Integer replace',
    Ipv6AddressPreferredLeaseTime: 'Integer replace',
    Tags: 'List',
  }),
  attributes: ['DhcpOptionsId'],
  create(context, properties) {
    const read = new PropertyReader(properties);
    const DhcpConfigurations = Object.entries(DHCP_OPTIONS).flatMap(([name, Key]) => {
      const value = properties[name];
      if (value === undefined) return [];
      return [{ Key, Values: Array.isArray(value) ? [...read.texts(name)] : [read.demand(name)] }];
    });
    const made = context.call('CreateDhcpOptions', { DhcpConfigurations });
    const id = given(made.DhcpOptions?.DhcpOptionsId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, DhcpOptionsId) {
    unlessGone(() => context.call('DeleteDhcpOptions', { DhcpOptionsId }));
  },
  attributesOf: (_, id) => ({ DhcpOptionsId: id }),
};

const dhcpOptionsAssociation: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCDHCPOptionsAssociation',
  properties: declareProperties({ VpcId: 'String! replace', DhcpOptionsId: 'String!' }),
  attributes: [],
  create(context, properties) {
    const input = inputOf('AssociateDhcpOptions', properties);
    context.call('AssociateDhcpOptions', input);
    return `${input.DhcpOptionsId}|${input.VpcId}`;
  },
  update(context, _id, _before, after) {
    context.call('AssociateDhcpOptions', inputOf('AssociateDhcpOptions', after));
  },
  /** Without options of its own, a VPC has none: there is no association that could be taken back. */
  delete(context, physicalId) {
    const [, VpcId] = partsOf(physicalId);
    unlessGone(() => context.call('AssociateDhcpOptions', { VpcId, DhcpOptionsId: 'default' }));
  },
};

/** VPCs, their further blocks and their DHCP options. */
export const vpcTypes: readonly RecordType[] = [vpc, vpcCidrBlock, dhcpOptions, dhcpOptionsAssociation];
