import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** A VPC 10.0.0.0/16 with a subnet 10.0.1.0/24, an attached gateway and a table of its own; and another VPC. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const vpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const otherVpcId = given(region.call('CreateVpc', { CidrBlock: '10.9.0.0/16' }).Vpc?.VpcId);
  const subnetId = given(
    region.call('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' }).Subnet?.SubnetId,
  );
  const igwId = given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: igwId });
  const tableId = given(region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId);
  const mainId = given(
    region.world.routeTables.where('vpcId', vpcId).find(({ routeTableId }) => routeTableId !== tableId),
  ).routeTableId;
  return { region, vpcId, otherVpcId, subnetId, igwId, tableId, mainId };
}

function routesOf(region: TestRegion, tableId: string): unknown[] {
  const table = region.call('DescribeRouteTables', { RouteTableIds: [tableId] }).RouteTables?.[0];
  return given(table?.Routes).map((route) => [
    route.DestinationCidrBlock ?? route.DestinationPrefixListId,
    route.GatewayId ?? route.NatGatewayId ?? route.NetworkInterfaceId,
    route.State,
  ]);
}

/** An interface as another family makes it. */
function putInterface(region: TestRegion, vpcId: string, subnetId: string): string {
  return region.write((context) => {
    const networkInterfaceId = context.newId('eni');
    context.tx.networkInterfaces.put({
      networkInterfaceId,
      ordinal: context.tx.takeOrdinal(),
      subnetId,
      vpcId,
      availabilityZone: 'us-east-1a',
      description: '',
      interfaceType: 'interface',
      macAddress: '02:00:00:00:00:01',
      privateIpAddresses: ['10.0.1.10'],
      ipv6Addresses: [],
      groupIds: [],
      sourceDestCheck: false,
      createTime: context.now.toISOString(),
      tags: [],
    });
    return networkInterfaceId;
  });
}

test('S28 a route lives on as a blackhole when its gateway is detached, and comes back with it', () => {
  const { region, vpcId, igwId, tableId } = newRegion();
  region.call('CreateRoute', { RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igwId });
  const local = ['10.0.0.0/16', 'local', 'active'];
  expect(routesOf(region, tableId)).toEqual([local, ['0.0.0.0/0', igwId, 'active']]);
  region.call('DetachInternetGateway', { VpcId: vpcId, InternetGatewayId: igwId });
  expect(routesOf(region, tableId)).toEqual([local, ['0.0.0.0/0', igwId, 'blackhole']]);
  const Filters = [{ Name: 'route.state', Values: ['blackhole'] }];
  expect(region.call('DescribeRouteTables', { Filters }).RouteTables).toHaveLength(1);
  region.call('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: igwId });
  expect(routesOf(region, tableId)).toEqual([local, ['0.0.0.0/0', igwId, 'active']]);
});

test('S28 a route to a NAT gateway is active until it is deleted', () => {
  const { region, vpcId, subnetId, tableId } = newRegion();
  const natGatewayId = 'nat-0123456789abcdef0';
  const gateway = {
    natGatewayId,
    subnetId,
    vpcId,
    connectivityType: 'public',
    state: 'available',
    createTime: '2026-01-02T03:04:05.000Z',
    tags: [],
  } as const;
  region.write(({ tx }) => tx.natGateways.put(gateway));
  const route = { RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: natGatewayId };
  region.call('CreateRoute', route);
  expect(routesOf(region, tableId)[1]).toEqual(['0.0.0.0/0', natGatewayId, 'active']);
  region.write(({ tx }) => tx.natGateways.put({ ...gateway, state: 'deleted' }));
  expect(routesOf(region, tableId)[1]).toEqual(['0.0.0.0/0', natGatewayId, 'blackhole']);
  expect(refusalOf(() => region.call('ReplaceRoute', route))).toBe(
    `NatGatewayNotFound: The Nat Gateway ${natGatewayId} was not found`,
  );
});

test('a destination is canonicalised, replaced and deleted under any of its names', () => {
  const { region, igwId, tableId } = newRegion();
  region.call('CreateRoute', {
    RouteTableId: tableId,
    DestinationCidrBlock: '192.0.2.77/24',
    GatewayId: igwId,
  });
  expect(routesOf(region, tableId)[1]).toEqual(['192.0.2.0/24', igwId, 'active']);
  region.call('ReplaceRoute', {
    RouteTableId: tableId,
    DestinationCidrBlock: '192.0.2.1/24',
    GatewayId: igwId,
  });
  region.call('DeleteRoute', { RouteTableId: tableId, DestinationCidrBlock: '192.0.2.0/24' });
  expect(routesOf(region, tableId)).toHaveLength(1);
});

test('a route may lead to a prefix list', () => {
  const { region, igwId, tableId } = newRegion();
  const listId = given(region.call('DescribePrefixLists', {}).PrefixLists?.[0]?.PrefixListId);
  const route = { RouteTableId: tableId, DestinationPrefixListId: listId, GatewayId: igwId };
  region.call('CreateRoute', route);
  expect(routesOf(region, tableId)[1]).toEqual([listId, igwId, 'active']);
  expect(refusalOf(() => region.call('CreateRoute', route))).toBe(
    `RouteAlreadyExists: The route identified by ${listId} already exists.`,
  );
});

test('S107 a table has one gateway endpoint of a service', () => {
  const { region, vpcId, tableId } = newRegion();
  const other = given(region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId);
  const create = (service: string, ...RouteTableIds: readonly string[]) =>
    refusalOf(() =>
      region.call('CreateVpcEndpoint', {
        VpcId: vpcId,
        ServiceName: `com.amazonaws.us-east-1.${service}`,
        RouteTableIds: [...RouteTableIds],
      }),
    );
  expect(create('s3', tableId)).toBe('no error');
  const list = region.call('DescribePrefixLists', {
    Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.us-east-1.s3'] }],
  });
  expect(create('s3', other, tableId)).toBe(
    `RouteAlreadyExists: route table ${tableId} already has a route with destination-prefix-list-id ${list.PrefixLists?.[0]?.PrefixListId}`,
  );
  expect([create('dynamodb', tableId), create('s3', other)]).toEqual(['no error', 'no error']);
});

test('S24 a route inside the VPC matches a whole subnet and leads to an interface', () => {
  const { region, vpcId, subnetId, igwId, tableId } = newRegion();
  const eni = putInterface(region, vpcId, subnetId);
  const create = (DestinationCidrBlock: string, target: object) =>
    refusalOf(() => region.call('CreateRoute', { RouteTableId: tableId, DestinationCidrBlock, ...target }));
  expect(create('10.0.1.0/25', { NetworkInterfaceId: eni })).toMatch(
    /^InvalidParameterValue: .*10\.0\.1\.0\/25/,
  );
  expect(create('10.0.1.0/24', { GatewayId: igwId })).toMatch(/^InvalidParameterValue: .*only an interface/);
  expect(create('10.0.1.0/24', { NetworkInterfaceId: eni })).toBe('no error');
});

test('S19 the local route cannot be deleted; its target can be replaced and restored', () => {
  const { region, vpcId, subnetId, igwId, tableId } = newRegion();
  const eni = putInterface(region, vpcId, subnetId);
  const local = { RouteTableId: tableId, DestinationCidrBlock: '10.0.0.0/16' };
  expect(refusalOf(() => region.call('DeleteRoute', local))).toBe(
    `InvalidParameterValue: cannot remove local route 10.0.0.0/16 in route table ${tableId}`,
  );
  expect(refusalOf(() => region.call('ReplaceRoute', { ...local, GatewayId: igwId }))).toMatch(
    /^InvalidParameterValue/,
  );
  region.call('ReplaceRoute', { ...local, NetworkInterfaceId: eni });
  expect(routesOf(region, tableId)[0]).toEqual(['10.0.0.0/16', eni, 'blackhole']);
  region.call('ReplaceRoute', { ...local, LocalTarget: true });
  expect(routesOf(region, tableId)[0]).toEqual(['10.0.0.0/16', 'local', 'active']);
});

test('S18 a table has fifty routes at most', () => {
  const { region, igwId, tableId } = newRegion();
  const create = (index: number) =>
    region.call('CreateRoute', {
      RouteTableId: tableId,
      DestinationCidrBlock: `192.0.${index}.0/24`,
      GatewayId: igwId,
    });
  for (let index = 0; index < 50; index++) create(index);
  expect(refusalOf(() => create(50))).toBe(
    'RouteLimitExceeded: The maximum number of routes has been reached.',
  );
});

type Ids = ReturnType<typeof newRegion>;
type RouteInput = Parameters<typeof createInput>[1];
function createInput(
  { tableId }: Ids,
  route: {
    DestinationCidrBlock?: string;
    GatewayId?: string;
    NatGatewayId?: string;
    NetworkInterfaceId?: string;
    InstanceId?: string;
    DestinationPrefixListId?: string;
  },
) {
  return { RouteTableId: tableId, ...route };
}

const refusals: readonly (readonly [
  what: string,
  route: (ids: Ids) => RouteInput,
  refusal: (ids: Ids) => string,
])[] = [
  [
    'S29 the VPC itself',
    ({ igwId }) => ({ DestinationCidrBlock: '10.0.0.0/16', GatewayId: igwId }),
    () => 'RouteAlreadyExists: The route identified by 10.0.0.0/16 already exists.',
  ],
  [
    'S25 the services',
    ({ igwId }) => ({ DestinationCidrBlock: '169.254.169.0/24', GatewayId: igwId }),
    () =>
      'InvalidParameterValue: The destination CIDR block 169.254.169.0/24 is not supported: 169.254.168.0/22 is used by AWS services.',
  ],
  [
    'S25 wider than the services',
    ({ igwId }) => ({ DestinationCidrBlock: '169.254.0.0/16', GatewayId: igwId }),
    () => 'no error',
  ],
  [
    'no block',
    ({ igwId }) => ({ DestinationCidrBlock: '10.0.0', GatewayId: igwId }),
    () =>
      'InvalidParameterValue: Value (10.0.0) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.',
  ],
  [
    'no destination',
    ({ igwId }) => ({ GatewayId: igwId }),
    () => 'MissingParameter: The request must contain the parameter destinationCidrBlock',
  ],
  [
    'no target',
    () => ({ DestinationCidrBlock: '0.0.0.0/0' }),
    () => 'MissingParameter: The request must contain the parameter gatewayId',
  ],
  [
    'two targets',
    ({ igwId }) => ({ DestinationCidrBlock: '0.0.0.0/0', GatewayId: igwId, NatGatewayId: 'nat-1' }),
    () => 'InvalidParameterCombination: Only one target of a route may be specified.',
  ],
  [
    'a missing gateway',
    () => ({ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-0' }),
    () => "InvalidGatewayID.NotFound: The gateway ID 'igw-0' does not exist",
  ],
  [
    'a missing NAT gateway',
    () => ({ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-0' }),
    () => 'NatGatewayNotFound: The Nat Gateway nat-0 was not found',
  ],
  [
    'a missing interface',
    () => ({ DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: 'eni-0' }),
    () => "InvalidNetworkInterfaceID.NotFound: The networkInterface ID 'eni-0' does not exist",
  ],
  [
    'a missing instance',
    () => ({ DestinationCidrBlock: '0.0.0.0/0', InstanceId: 'i-0' }),
    () => "InvalidInstanceID.NotFound: The instance ID 'i-0' does not exist",
  ],
  [
    'a missing prefix list',
    ({ igwId }) => ({ DestinationPrefixListId: 'pl-0', GatewayId: igwId }),
    () => "InvalidPrefixListID.NotFound: The prefix list ID 'pl-0' does not exist",
  ],
];

test.each(refusals)('a route to %s', (_, route, refusal) => {
  const ids = newRegion();
  expect(refusalOf(() => ids.region.call('CreateRoute', createInput(ids, route(ids))))).toBe(refusal(ids));
});

test('S29 a route that is not there is neither replaced nor deleted', () => {
  const { region, igwId, tableId } = newRegion();
  const route = { RouteTableId: tableId, DestinationCidrBlock: '192.0.2.0/24' };
  expect(refusalOf(() => region.call('ReplaceRoute', { ...route, GatewayId: igwId }))).toBe(
    "InvalidParameterValue: There is no route defined for '192.0.2.0/24' in the route table. Use CreateRoute instead.",
  );
  expect(refusalOf(() => region.call('DeleteRoute', route))).toBe(
    `InvalidRoute.NotFound: no route with destination-cidr-block 192.0.2.0/24 in route table ${tableId}`,
  );
});

test("another VPC's gateway is no target", () => {
  const { region, otherVpcId, igwId } = newRegion();
  const [table] = region.world.routeTables.where('vpcId', otherVpcId);
  const RouteTableId = given(table).routeTableId;
  expect(
    refusalOf(() =>
      region.call('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igwId }),
    ),
  ).toBe(
    `InvalidParameterValue: route table ${RouteTableId} and network gateway ${igwId} belong to different networks`,
  );
});

test('S20 S22 a subnet has one table; a table in use is not deleted', () => {
  const { region, vpcId, otherVpcId, subnetId, tableId, mainId } = newRegion();
  const associate = (RouteTableId: string) =>
    region.call('AssociateRouteTable', { RouteTableId, SubnetId: subnetId });
  const AssociationId = given(associate(tableId).AssociationId);
  expect(associate(tableId).AssociationId).toBe(AssociationId);
  expect(refusalOf(() => associate(mainId))).toBe(
    `Resource.AlreadyAssociated: the specified association for route table ${mainId} conflicts with an existing association`,
  );
  const [foreign] = region.world.routeTables.where('vpcId', otherVpcId);
  expect(refusalOf(() => associate(given(foreign).routeTableId))).toMatch(/belong to different networks$/);
  expect(refusalOf(() => region.call('DeleteRouteTable', { RouteTableId: tableId }))).toBe(
    `DependencyViolation: The routeTable '${tableId}' has dependencies and cannot be deleted.`,
  );
  region.call('DisassociateRouteTable', { AssociationId });
  region.call('DeleteRouteTable', { RouteTableId: tableId });
  expect(region.world.routeTables.where('vpcId', vpcId)).toHaveLength(1);
  expect(refusalOf(() => region.call('DisassociateRouteTable', { AssociationId }))).toBe(
    `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
  );
});

test('S21 the main table is not deleted nor dissociated, but replaced', () => {
  const { region, tableId, mainId } = newRegion();
  const association = given(region.world.routeTables.get(mainId)?.associations[0]).routeTableAssociationId;
  expect(refusalOf(() => region.call('DeleteRouteTable', { RouteTableId: mainId }))).toMatch(
    /^DependencyViolation/,
  );
  expect(refusalOf(() => region.call('DisassociateRouteTable', { AssociationId: association }))).toBe(
    `InvalidParameterValue: cannot disassociate the main route table association ${association}`,
  );
  const replaced = region.call('ReplaceRouteTableAssociation', {
    AssociationId: association,
    RouteTableId: tableId,
  });
  expect(region.world.routeTables.get(tableId)?.associations).toEqual([
    { routeTableAssociationId: replaced.NewAssociationId, isMain: true },
  ]);
  expect(region.world.routeTables.get(mainId)?.associations).toEqual([]);
  region.call('DeleteRouteTable', { RouteTableId: mainId });
});
