import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** A VPC 10.0.0.0/16 with a subnet 10.0.1.0/24, an interface in it, an attached gateway, and a table of its own. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' }).Subnet?.SubnetId);
  const made = region.call('CreateNetworkInterface', { SubnetId });
  const NetworkInterfaceId = given(made.NetworkInterface?.NetworkInterfaceId);
  const newGateway = () => given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  const GatewayId = newGateway();
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId: GatewayId });
  const newTable = () => given(region.call('CreateRouteTable', { VpcId }).RouteTable?.RouteTableId);
  const RouteTableId = newTable();
  const mainId = given(
    region.world.routeTables
      .where('vpcId', VpcId)
      .find(({ associations }) => associations.some(({ isMain }) => isMain)),
  ).routeTableId;
  return {
    region,
    VpcId,
    SubnetId,
    NetworkInterfaceId,
    GatewayId,
    newGateway,
    newTable,
    RouteTableId,
    mainId,
  };
}

test('S30 a table is associated with the gateway of its VPC, found by it, and let go', () => {
  const { region, GatewayId, RouteTableId, newTable } = newRegion();
  const { AssociationId } = region.call('AssociateRouteTable', { RouteTableId, GatewayId });
  const Filters = [{ Name: 'association.gateway-id', Values: [GatewayId] }];
  const found = () =>
    region.call('DescribeRouteTables', { Filters }).RouteTables?.map((each) => each.Associations);
  const shown = {
    RouteTableAssociationId: AssociationId,
    RouteTableId,
    Main: false,
    AssociationState: { State: 'associated' },
    SubnetId: undefined,
    GatewayId,
  };
  expect(found()).toEqual([[shown]]);
  // Again it is the same; the gateway has one table only.
  expect(region.call('AssociateRouteTable', { RouteTableId, GatewayId }).AssociationId).toBe(AssociationId);
  const other = newTable();
  expect(refusalOf(() => region.call('AssociateRouteTable', { RouteTableId: other, GatewayId }))).toMatch(
    /^Resource.AlreadyAssociated/,
  );
  expect(refusalOf(() => region.call('DeleteRouteTable', { RouteTableId }))).toMatch(/^DependencyViolation/);
  const replaced = region.call('ReplaceRouteTableAssociation', { AssociationId, RouteTableId: other });
  expect(found()).toMatchObject([[{ RouteTableId: other, GatewayId }]]);
  region.call('DisassociateRouteTable', { AssociationId: replaced.NewAssociationId });
  expect(found()).toEqual([]);
});

test('S30 its routes lead all of the VPC or a subnet to an interface, or back to local', () => {
  const { region, VpcId, GatewayId, RouteTableId, NetworkInterfaceId } = newRegion();
  region.call('AssociateRouteTable', { RouteTableId, GatewayId });
  const subnet = { RouteTableId, DestinationCidrBlock: '10.0.1.0/24' };
  const whole = { RouteTableId, DestinationCidrBlock: '10.0.0.0/16' };
  const routes = () =>
    region
      .call('DescribeRouteTables', { RouteTableIds: [RouteTableId] })
      .RouteTables?.[0]?.Routes?.map(
        ({ DestinationCidrBlock, GatewayId: id, NetworkInterfaceId: eni }) =>
          `${DestinationCidrBlock} ${id ?? eni}`,
      );
  region.call('CreateRoute', { ...subnet, NetworkInterfaceId });
  region.call('ReplaceRoute', { ...whole, NetworkInterfaceId });
  expect(routes()).toEqual([`10.0.0.0/16 ${NetworkInterfaceId}`, `10.0.1.0/24 ${NetworkInterfaceId}`]);
  region.call('ReplaceRoute', { ...whole, LocalTarget: true });
  expect(routes()).toEqual(['10.0.0.0/16 local', `10.0.1.0/24 ${NetworkInterfaceId}`]);
  const refused = (act: () => unknown) => refusalOf(act);
  expect(
    refused(() => region.call('CreateRoute', { ...whole, DestinationCidrBlock: '0.0.0.0/0', GatewayId })),
  ).toBe(
    `InvalidParameterValue: Route table contains unsupported route target: ${GatewayId}. The route table of a gateway supports only local, interface and Gateway Load Balancer endpoint targets.`,
  );
  expect(
    refused(() =>
      region.call('CreateRoute', { RouteTableId, DestinationCidrBlock: '8.8.8.0/24', NetworkInterfaceId }),
    ),
  ).toBe("InvalidParameterValue: Route destination doesn't match any subnet CIDR blocks.");
  const lists = region.call('DescribePrefixLists', {}).PrefixLists;
  const DestinationPrefixListId = given(lists?.[0]?.PrefixListId);
  expect(
    refused(() => region.call('CreateRoute', { RouteTableId, DestinationPrefixListId, NetworkInterfaceId })),
  ).toContain('cannot have prefix lists');
  expect(
    refused(() =>
      region.call('CreateVpcEndpoint', {
        VpcId,
        ServiceName: 'com.amazonaws.us-east-1.s3',
        RouteTableIds: [RouteTableId],
      }),
    ),
  ).toContain('is associated with a gateway');
});

test.each<readonly [string, (setting: ReturnType<typeof newRegion>) => void, string]>([
  [
    'that leads out of the VPC',
    ({ region, GatewayId, RouteTableId }) =>
      region.call('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }),
    'contains unsupported route target',
  ],
  [
    'to which a VPN gateway propagates',
    ({ region, VpcId, RouteTableId }) => {
      const { VpnGateway } = region.call('CreateVpnGateway', { Type: 'ipsec.1' });
      const GatewayId = given(VpnGateway?.VpnGatewayId);
      region.call('AttachVpnGateway', { VpnGatewayId: GatewayId, VpcId });
      region.call('EnableVgwRoutePropagation', { RouteTableId, GatewayId });
    },
    'have route propagation enabled',
  ],
])('a table %s cannot be a gateway’s', (_, change, refusal) => {
  const setting = newRegion();
  change(setting);
  const { region, GatewayId, RouteTableId } = setting;
  expect(refusalOf(() => region.call('AssociateRouteTable', { RouteTableId, GatewayId }))).toContain(refusal);
});

test('S21 a main table is no gateway’s, nor is a gateway’s table made the main one', () => {
  const { region, GatewayId, RouteTableId, mainId } = newRegion();
  expect(refusalOf(() => region.call('AssociateRouteTable', { RouteTableId: mainId, GatewayId }))).toContain(
    'is the main route table',
  );
  region.call('AssociateRouteTable', { RouteTableId, GatewayId });
  const AssociationId = given(region.world.routeTables.get(mainId)?.associations[0]).routeTableAssociationId;
  expect(
    refusalOf(() => region.call('ReplaceRouteTableAssociation', { AssociationId, RouteTableId })),
  ).toContain('cannot be the main route table');
});

test('a gateway that is nowhere, elsewhere, or beside a subnet, is refused', () => {
  const { region, SubnetId, GatewayId, RouteTableId, newGateway } = newRegion();
  const refused = (rest: object) =>
    refusalOf(() => region.call('AssociateRouteTable', { RouteTableId, ...rest }));
  expect(refused({ GatewayId: 'igw-0123456789abcdef0' })).toMatch(/^InvalidGatewayID.NotFound/);
  expect(refused({ GatewayId: newGateway() })).toContain('belong to different networks');
  expect(refused({ GatewayId, SubnetId })).toMatch(/^InvalidParameterCombination/);
  expect(refused({})).toMatch(/^MissingParameter/);
});

test('a VPN gateway takes a table, too; a gateway that is deleted lets its table go', () => {
  const { region, VpcId, GatewayId, RouteTableId } = newRegion();
  const VpnGatewayId = given(region.call('CreateVpnGateway', { Type: 'ipsec.1' }).VpnGateway?.VpnGatewayId);
  region.call('AttachVpnGateway', { VpnGatewayId, VpcId });
  region.call('AssociateRouteTable', { RouteTableId, GatewayId: VpnGatewayId });
  region.call('AssociateRouteTable', { RouteTableId, GatewayId });
  const users = () => region.world.routeTables.get(RouteTableId)?.associations.map((each) => each.gatewayId);
  expect(users()).toEqual([VpnGatewayId, GatewayId]);
  expect(
    refusalOf(() => region.call('EnableVgwRoutePropagation', { RouteTableId, GatewayId: VpnGatewayId })),
  ).toContain('have route propagation enabled');
  region.call('DetachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
  region.call('DeleteInternetGateway', { InternetGatewayId: GatewayId });
  expect(users()).toEqual([VpnGatewayId]);
});
