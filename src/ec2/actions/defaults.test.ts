import { expect, test } from 'vitest';
import { given, REGION, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

test('S15 a region begins with a default VPC that is public in every zone', () => {
  const region = new TestRegion({ isSeeded: true });
  const vpc = given(region.call('DescribeVpcs', {}).Vpcs?.[0]);
  expect(vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16', InstanceTenancy: 'default' });
  expect(region.world.vpcs.get(given(vpc.VpcId))).toMatchObject({
    enableDnsSupport: true,
    enableDnsHostnames: true,
  });
  const subnets = region.call('DescribeSubnets', {}).Subnets ?? [];
  expect(subnets.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock])).toEqual([
    ['us-east-1a', '172.31.0.0/20'],
    ['us-east-1b', '172.31.16.0/20'],
    ['us-east-1c', '172.31.32.0/20'],
    ['us-east-1d', '172.31.48.0/20'],
    ['us-east-1e', '172.31.64.0/20'],
    ['us-east-1f', '172.31.80.0/20'],
  ]);
  expect(subnets.every((subnet) => subnet.DefaultForAz && subnet.MapPublicIpOnLaunch)).toBe(true);
  expect(subnets[0]?.AvailableIpAddressCount).toBe(4091);
  const igw = given(region.call('DescribeInternetGateways', {}).InternetGateways?.[0]);
  expect(region.call('DescribeRouteTables', {}).RouteTables?.[0]?.Routes).toMatchObject([
    { DestinationCidrBlock: '172.31.0.0/16', GatewayId: 'local', State: 'active' },
    { DestinationCidrBlock: '0.0.0.0/0', GatewayId: igw.InternetGatewayId, State: 'active' },
  ]);
});

test('S94 S95 a region begins with DHCP options that name its domain and its DNS', () => {
  const region = new TestRegion({ isSeeded: true });
  const options = given(region.call('DescribeDhcpOptions', {}).DhcpOptions?.[0]);
  expect(options.DhcpConfigurations).toEqual([
    { Key: 'domain-name', Values: [{ Value: 'ec2.internal' }] },
    { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
  ]);
  const [vpc] = [...region.world.vpcs.values()];
  expect(vpc?.dhcpOptionsId).toBe(options.DhcpOptionsId);
});

test("S98 a region has AWS's prefix lists", () => {
  const region = new TestRegion({ isSeeded: true });
  const lists = region.call('DescribePrefixLists', {}).PrefixLists ?? [];
  expect(lists.map(({ PrefixListName, Cidrs }) => [PrefixListName, Cidrs])).toEqual([
    [`com.amazonaws.${REGION}.s3`, ['52.219.0.0/22']],
    [`com.amazonaws.${REGION}.dynamodb`, ['52.94.0.0/24']],
  ]);
  const PrefixListId = given(lists[0]?.PrefixListId);
  expect(region.call('GetManagedPrefixListEntries', { PrefixListId }).Entries).toEqual([
    { Cidr: '52.219.0.0/22', Description: undefined },
  ]);
  const Filters = [{ Name: 'owner-id', Values: ['AWS'] }];
  expect(region.call('DescribeManagedPrefixLists', { Filters }).PrefixLists).toHaveLength(2);
});

test('there is one default VPC; deleted, it is made anew', () => {
  const region = new TestRegion({ isSeeded: true });
  expect(refusalOf(() => region.call('CreateDefaultVpc', {}))).toBe(
    'DefaultVpcAlreadyExists: A Default VPC already exists for this account in this region.',
  );
  const [vpc] = [...region.world.vpcs.values()];
  const VpcId = given(vpc).vpcId;
  for (const subnet of region.world.subnets.where('vpcId', VpcId)) {
    region.call('DeleteSubnet', { SubnetId: subnet.subnetId });
  }
  const [gateway] = region.world.internetGateways.where('vpcId', VpcId);
  region.call('DetachInternetGateway', { VpcId, InternetGatewayId: gateway?.internetGatewayId });
  region.call('DeleteVpc', { VpcId });
  expect(refusalOf(() => region.call('CreateDefaultSubnet', { AvailabilityZone: 'us-east-1a' }))).toMatch(
    /^DefaultVpcDoesNotExist/,
  );
  expect(refusalOf(() => region.call('CreateSecurityGroup', { GroupName: 'x', Description: 'd' }))).toBe(
    'VPCIdNotSpecified: No default VPC for this user',
  );
  expect(region.call('CreateDefaultVpc', {}).Vpc?.IsDefault).toBe(true);
  expect(region.world.subnets.size).toBe(6);
});

test('a default subnet is made where it lacks, in the first free block', () => {
  const region = new TestRegion({ isSeeded: true });
  const second = given([...region.world.subnets.values()][1]);
  region.call('DeleteSubnet', { SubnetId: second.subnetId });
  expect(region.call('CreateDefaultSubnet', { AvailabilityZone: 'us-east-1b' }).Subnet?.CidrBlock).toBe(
    second.cidrBlock,
  );
  expect(refusalOf(() => region.call('CreateDefaultSubnet', { AvailabilityZone: 'us-east-1b' }))).toMatch(
    /^DefaultSubnetAlreadyExistsInAvailabilityZone: 'subnet-.*' is already the default subnet in us-east-1b\.$/,
  );
  expect(refusalOf(() => region.call('CreateDefaultSubnet', { AvailabilityZone: 'mars-1a' }))).toMatch(
    /^InvalidParameterValue/,
  );
});

test('S95 DHCP options are made, given to a VPC, and not deleted while it has them', () => {
  const region = new TestRegion({ isSeeded: true });
  const DhcpConfigurations = [{ Key: 'domain-name', Values: ['example.com'] }];
  const DhcpOptionsId = given(
    region.call('CreateDhcpOptions', { DhcpConfigurations }).DhcpOptions?.DhcpOptionsId,
  );
  const [vpc] = [...region.world.vpcs.values()];
  const VpcId = given(vpc).vpcId;
  region.call('AssociateDhcpOptions', { VpcId, DhcpOptionsId });
  expect(refusalOf(() => region.call('DeleteDhcpOptions', { DhcpOptionsId }))).toBe(
    `DependencyViolation: The dhcpOptions '${DhcpOptionsId}' has dependencies and cannot be deleted.`,
  );
  region.call('AssociateDhcpOptions', { VpcId, DhcpOptionsId: 'default' });
  region.call('DeleteDhcpOptions', { DhcpOptionsId });
  expect(
    refusalOf(() => region.call('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'x', Values: ['y'] }] })),
  ).toMatch(/^InvalidParameterValue/);
});
