import { noSuchSubnet } from '../../ec2/errors.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { changedFlag, deleteOnceFree, given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

/** Flags that CreateSubnet does not take: ModifySubnetAttribute has them, one at a time. */
const FLAGS = ['MapPublicIpOnLaunch', 'AssignIpv6AddressOnCreation', 'EnableDns64'];
const NAME_OPTIONS = ['EnableResourceNameDnsARecord', 'EnableResourceNameDnsAAAARecord', 'HostnameType'];

const subnet: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::Subnet',
  properties: declareProperties({
    VpcId: 'String! replace',
    CidrBlock: 'String replace',
    AvailabilityZone: 'String replace',
    AvailabilityZoneId: 'String replace',
    AssignIpv6AddressOnCreation: 'Boolean',
    EnableDns64: 'Boolean',
    Ipv6CidrBlock: 'String',
    Ipv6Native: 'Boolean replace',
    MapPublicIpOnLaunch: 'Boolean',
    OutpostArn: 'String replace',
    PrivateDnsNameOptionsOnLaunch: 'Map',
    Tags: 'List',
  }),
  attributes: [
    'AvailabilityZone',
    'AvailabilityZoneId',
    'CidrBlock',
    'Ipv6CidrBlocks',
    'NetworkAclAssociationId',
    'OutpostArn',
    'SubnetId',
    'VpcId',
  ],
  create(context, properties) {
    const names = ['VpcId', 'CidrBlock', 'AvailabilityZone', 'AvailabilityZoneId', 'Ipv6CidrBlock'];
    const input = inputOf('CreateSubnet', pick(properties, ...names, 'Ipv6Native', 'OutpostArn'));
    const made = context.call('CreateSubnet', input).Subnet;
    const subnetId = given(made?.SubnetId);
    changeAttributes(context, subnetId, {}, properties);
    tagResource(context, subnetId, properties);
    return subnetId;
  },
  update(context, subnetId, before, after) {
    changeIpv6Block(context, subnetId, before, after);
    changeAttributes(context, subnetId, before, after);
    retagResource(context, subnetId, before, after);
  },
  ...deleteOnceFree(
    ({ action: { tx } }, subnetId) => tx.subnets.get(subnetId)?.vpcId,
    (context, SubnetId) => context.call('DeleteSubnet', { SubnetId }),
  ),
  attributesOf(context, subnetId) {
    const { tx } = context.action;
    const found = tx.subnets.get(subnetId);
    const shown = context.call('DescribeSubnets', { SubnetIds: [subnetId] }).Subnets?.[0];
    if (found === undefined || shown === undefined) return {};
    const associations = tx.networkAcls.where('vpcId', found.vpcId).flatMap((acl) => acl.associations);
    const association = associations.find((each) => each.subnetId === subnetId);
    return {
      SubnetId: subnetId,
      VpcId: found.vpcId,
      ...(found.cidrBlock === undefined ? {} : { CidrBlock: found.cidrBlock }),
      AvailabilityZone: found.availabilityZone,
      AvailabilityZoneId: shown.AvailabilityZoneId ?? '',
      Ipv6CidrBlocks: found.ipv6CidrBlockAssociations.map(({ ipv6CidrBlock }) => ipv6CidrBlock),
      ...(association === undefined ? {} : { NetworkAclAssociationId: association.networkAclAssociationId }),
    };
  },
};

function changeAttributes(
  context: ResourceContext,
  SubnetId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  for (const name of FLAGS) {
    const value = changedFlag(name, false, before, after);
    if (value !== undefined) {
      const change = inputOf('ModifySubnetAttribute', { SubnetId, [name]: { Value: value } });
      context.call('ModifySubnetAttribute', change);
    }
  }
  changeNameOptions(context, SubnetId, before, after);
}

function changeNameOptions(
  context: ResourceContext,
  SubnetId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  const name = 'PrivateDnsNameOptionsOnLaunch';
  if (isSameValue(before[name], after[name])) return;
  const options = new PropertyReader(after).structure(name, NAME_OPTIONS);
  const changes = [
    { EnableResourceNameDnsARecordOnLaunch: { Value: options?.flag(NAME_OPTIONS[0] ?? '') ?? false } },
    { EnableResourceNameDnsAAAARecordOnLaunch: { Value: options?.flag(NAME_OPTIONS[1] ?? '') ?? false } },
    { PrivateDnsHostnameTypeOnLaunch: options?.text('HostnameType') ?? 'ip-name' },
  ];
  for (const change of changes) {
    context.call('ModifySubnetAttribute', inputOf('ModifySubnetAttribute', { SubnetId, ...change }));
  }
}

function changeIpv6Block(
  context: ResourceContext,
  SubnetId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  if (isSameValue(before['Ipv6CidrBlock'], after['Ipv6CidrBlock'])) return;
  const present = context.action.tx.subnets.get(SubnetId)?.ipv6CidrBlockAssociations ?? [];
  for (const { associationId } of present) {
    context.call('DisassociateSubnetCidrBlock', { AssociationId: associationId });
  }
  const Ipv6CidrBlock = new PropertyReader(after).text('Ipv6CidrBlock');
  if (Ipv6CidrBlock !== undefined) context.call('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock });
}

const subnetCidrBlock: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::SubnetCidrBlock',
  properties: declareProperties({
    SubnetId: 'String! replace',
    Ipv6CidrBlock: 'String replace',
    Ipv6IpamPoolId: 'String replace',
    Ipv6NetmaskLength: 'Integer replace',
  }),
  attributes: ['Id'],
  create(context, properties) {
    const made = context.call('AssociateSubnetCidrBlock', inputOf('AssociateSubnetCidrBlock', properties));
    return given(made.Ipv6CidrBlockAssociation?.AssociationId);
  },
  delete(context, AssociationId) {
    unlessGone(() => context.call('DisassociateSubnetCidrBlock', { AssociationId }));
  },
  attributesOf: (_, id) => ({ Id: id }),
};

/**
 * A subnet has one association with a route table, and one with a network ACL. A change swaps it in place, where CloudFormation
 * says that it replaces: so packets meet no moment without, and a rollback swaps back. The physical id is that of the first.
 */
const routeTableAssociation = tableAssociation('AWS::EC2::SubnetRouteTableAssociation', 'SubnetId', 'Id');

/** The same with the internet or VPN gateway by which packets come in that the table routes. */
const gatewayTableAssociation = tableAssociation(
  'AWS::EC2::GatewayRouteTableAssociation',
  'GatewayId',
  'AssociationId',
);

function tableAssociation(name: string, place: 'SubnetId' | 'GatewayId', attribute: string): RecordType {
  return {
    kind: 'record',
    name,
    properties: declareProperties({ RouteTableId: 'String!', [place]: 'String! replace' }),
    attributes: [attribute],
    create(context, properties) {
      const made = context.call('AssociateRouteTable', inputOf('AssociateRouteTable', properties));
      return given(made.AssociationId);
    },
    update(context, _id, _before, after) {
      const AssociationId = tableAssociationOf(context, place, after);
      const RouteTableId = new PropertyReader(after).demand('RouteTableId');
      if (AssociationId === undefined) {
        context.call('AssociateRouteTable', inputOf('AssociateRouteTable', after));
        return;
      }
      context.call('ReplaceRouteTableAssociation', { AssociationId, RouteTableId });
    },
    delete(context, _id, properties) {
      const AssociationId = tableAssociationOf(context, place, properties);
      if (AssociationId === undefined) return;
      context.call('DisassociateRouteTable', { AssociationId });
    },
    attributesOf: (context, id, properties) => ({
      [attribute]: tableAssociationOf(context, place, properties) ?? id,
    }),
  };
}

function tableAssociationOf(
  { action: { tx } }: ResourceContext,
  place: 'SubnetId' | 'GatewayId',
  properties: ValueMap,
): string | undefined {
  const id = new PropertyReader(properties).demand(place);
  const associations = [...tx.routeTables.values()].flatMap((table) => table.associations);
  return associations.find((each) => (place === 'SubnetId' ? each.subnetId : each.gatewayId) === id)
    ?.routeTableAssociationId;
}

const networkAclAssociation: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::SubnetNetworkAclAssociation',
  properties: declareProperties({ NetworkAclId: 'String!', SubnetId: 'String! replace' }),
  attributes: ['AssociationId'],
  create: guard,
  update(context, _id, _before, after) {
    guard(context, after);
  },
  /** The subnet is guarded by its VPC's default ACL again. */
  delete(context, _id, properties) {
    const { tx } = context.action;
    const AssociationId = aclAssociationOf(context, properties);
    const vpcId = tx.subnets.get(new PropertyReader(properties).demand('SubnetId'))?.vpcId;
    if (AssociationId === undefined || vpcId === undefined) return;
    const standard = tx.networkAcls.where('vpcId', vpcId).find(({ isDefault }) => isDefault);
    if (standard === undefined) return;
    const NetworkAclId = standard.networkAclId;
    context.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId });
  },
  attributesOf: (context, id, properties) => ({
    AssociationId: aclAssociationOf(context, properties) ?? id,
  }),
};

/** Every subnet is guarded by an ACL: another takes its place. A subnet that is not there is refused by its id. */
function guard(context: ResourceContext, properties: ValueMap): string {
  const read = new PropertyReader(properties);
  const subnetId = read.demand('SubnetId');
  const AssociationId = aclAssociationOf(context, properties);
  if (AssociationId === undefined) throw noSuchSubnet(subnetId);
  const NetworkAclId = read.demand('NetworkAclId');
  const made = context.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId });
  return given(made.NewAssociationId);
}

function aclAssociationOf({ action: { tx } }: ResourceContext, properties: ValueMap): string | undefined {
  const subnetId = new PropertyReader(properties).demand('SubnetId');
  const vpcId = tx.subnets.get(subnetId)?.vpcId;
  const acls = vpcId === undefined ? [] : tx.networkAcls.where('vpcId', vpcId);
  const associations = acls.flatMap((acl) => acl.associations);
  return associations.find((each) => each.subnetId === subnetId)?.networkAclAssociationId;
}

/** Subnets and what they are joined with. */
export const subnetTypes: readonly RecordType[] = [
  subnet,
  subnetCidrBlock,
  routeTableAssociation,
  gatewayTableAssociation,
  networkAclAssociation,
];
