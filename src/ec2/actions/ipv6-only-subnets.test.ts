import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { lintWorlds } from '../../analyze/findings/lint.ts';
import { planVpc } from '../../plan/plan.ts';

const BLOCK = '2001:db8:c000:1::/64';

function newVpc() {
  const region = new TestRegion({ isSeeded: true });
  const made = region.call('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  const VpcId = given(made.Vpc?.VpcId);
  const create = (more: object = {}) =>
    given(region.call('CreateSubnet', { VpcId, Ipv6Native: true, Ipv6CidrBlock: BLOCK, ...more }).Subnet);
  return { region, VpcId, create };
}

test('a subnet of IPv6 only has no IPv4 block and no IPv4 addresses, and is found as such', () => {
  const { region, VpcId, create } = newVpc();
  const subnet = create();
  expect(subnet).toMatchObject({
    Ipv6Native: true,
    AvailableIpAddressCount: 0,
    AssignIpv6AddressOnCreation: true,
    MapPublicIpOnLaunch: false,
    Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: BLOCK }],
    PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name' },
  });
  expect(subnet).not.toHaveProperty('CidrBlock');
  const both = given(
    region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8:c000:2::/64' })
      .Subnet,
  );
  expect(both).toMatchObject({ Ipv6Native: false, AssignIpv6AddressOnCreation: false });
  const find = (native: string) => {
    const Filters = [
      { Name: 'vpc-id', Values: [VpcId] },
      { Name: 'ipv6-native', Values: [native] },
    ];
    return region.call('DescribeSubnets', { Filters }).Subnets?.map(({ SubnetId }) => SubnetId);
  };
  expect([find('true'), find('false')]).toEqual([[subnet.SubnetId], [both.SubnetId]]);
});

test.each<[input: object, refusal: string]>([
  [
    { CidrBlock: '10.0.0.0/24' },
    'InvalidParameterCombination: You cannot specify an IPv4 CIDR block for an IPv6 only subnet.',
  ],
  [{ Ipv6CidrBlock: undefined }, 'MissingParameter: The request must contain the parameter ipv6CidrBlock'],
  [{ Ipv6Native: false }, "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."],
])('a subnet of IPv6 only with %j is refused', (input, refusal) => {
  const { create } = newVpc();
  expect(refusalOf(() => create(input))).toBe(refusal);
});

test('what is of IPv4 cannot be turned on in it; what is of IPv6 can', () => {
  const { region, create } = newVpc();
  const { SubnetId } = create();
  const change = (input: object) => () => region.call('ModifySubnetAttribute', { SubnetId, ...input });
  for (const input of [
    { MapPublicIpOnLaunch: { Value: true } },
    { EnableResourceNameDnsARecordOnLaunch: { Value: true } },
    { PrivateDnsHostnameTypeOnLaunch: 'ip-name' },
  ]) {
    expect(refusalOf(change(input))).toBe(
      'InvalidParameterValue: An IPv6 only subnet gives no IPv4 address: use instance names made of ids, and AAAA records.',
    );
  }
  for (const input of [
    { MapPublicIpOnLaunch: { Value: false } },
    { EnableResourceNameDnsAAAARecordOnLaunch: { Value: true } },
    { EnableDns64: { Value: true } },
    { PrivateDnsHostnameTypeOnLaunch: 'resource-name' },
  ]) {
    expect(refusalOf(change(input))).toBe('no error');
  }
  const [shown] = region.call('DescribeSubnets', { SubnetIds: [given(SubnetId)] }).Subnets ?? [];
  const AssociationId = given(shown?.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId);
  expect(refusalOf(() => region.call('DisassociateSubnetCidrBlock', { AssociationId }))).toBe(
    `InvalidParameterValue: The subnet ${SubnetId} has IPv6 only: its CIDR block cannot be disassociated.`,
  );
});

test('nothing can be put into it: Cloudcroft says so', () => {
  const { region, create } = newVpc();
  const SubnetId = given(create().SubnetId);
  const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }];
  const ImageId = region.call('DescribeImages', { Filters }).Images?.[0]?.ImageId;
  const refusal = `UnsupportedOperation: The subnet ${SubnetId} has IPv6 only, and Cloudcroft has no interfaces without IPv4: use a subnet with both.`;
  expect(refusalOf(() => region.call('CreateNetworkInterface', { SubnetId }))).toBe(refusal);
  const launch = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId } as const;
  expect(refusalOf(() => region.call('RunInstances', launch))).toBe(refusal);
  const privately = { SubnetId, ConnectivityType: 'private' } as const;
  expect(refusalOf(() => region.call('CreateNatGateway', privately))).toBe(refusal);
});

test('it has its route table and its network ACL, and goes', () => {
  const { region, VpcId, create } = newVpc();
  const SubnetId = given(create().SubnetId);
  const RouteTableId = region.call('CreateRouteTable', { VpcId }).RouteTable?.RouteTableId;
  region.call('AssociateRouteTable', { RouteTableId, SubnetId });
  const Filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }];
  expect(region.call('DescribeNetworkAcls', { Filters }).NetworkAcls).toHaveLength(1);
  expect(region.call('DescribeRouteTables', { Filters }).RouteTables).toMatchObject([{ RouteTableId }]);
  expect(refusalOf(() => region.call('DeleteSubnet', { SubnetId }))).toBe('no error');
});

test('the rules of its VPC, whose tables lead to an appliance, and what is found in it are of the others', () => {
  const { region, VpcId, create } = newVpc();
  const make = (CidrBlock: string) =>
    given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
  const [near, far] = [make('10.0.0.0/24'), make('10.0.1.0/24')];
  const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }];
  const ImageId = region.call('DescribeImages', { Filters }).Images?.[0]?.ImageId;
  const launch = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: near } as const;
  const instance = region.call('RunInstances', launch).Instances?.[0];
  const NetworkInterfaceId = instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId;
  const leading = (to: string, ...subnets: readonly string[]) => {
    const RouteTableId = given(region.call('CreateRouteTable', { VpcId }).RouteTable?.RouteTableId);
    region.call('CreateRoute', { RouteTableId, DestinationCidrBlock: to, NetworkInterfaceId });
    for (const SubnetId of subnets) region.call('AssociateRouteTable', { RouteTableId, SubnetId });
  };
  leading('10.0.1.0/24', near, given(create().SubnetId));
  leading('10.0.0.0/24', far);
  const planned = JSON.stringify(planVpc(region.world, VpcId, [region.world]));
  expect(planned).toContain('. 10.0.0.0/24');
  expect(planned).toContain('. 10.0.1.0/24');
  expect(planned).not.toContain('undefined');
  expect(JSON.stringify(lintWorlds([region.world], { rules: [], severity: 'advice' }))).not.toContain(
    'undefined',
  );
});
