import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { imagesOf } from '../catalogue/images.ts';

const BLOCK = '2001:db8:c000:1:';

/** A subnet with an IPv6 block, as it is once one is associated. */
function newRegion({ hasBlock = true, assignIpv6AddressOnCreation = false } = {}) {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  region.write(({ tx }) =>
    tx.subnets.put({
      ...given(tx.subnets.get(SubnetId)),
      assignIpv6AddressOnCreation,
      ipv6CidrBlockAssociations: hasBlock
        ? [{ associationId: 'subnet-cidr-assoc-1', ipv6CidrBlock: `${BLOCK}:/64`, state: 'associated' }]
        : [],
    }),
  );
  const make = (rest: object = {}) =>
    given(region.call('CreateNetworkInterface', { SubnetId, ...rest }).NetworkInterface?.NetworkInterfaceId);
  const addresses = (id: string) => region.world.networkInterfaces.get(id)?.ipv6Addresses;
  return { region, SubnetId, make, addresses };
}

test('addresses are given at creation, by name or by number', () => {
  const { make, addresses } = newRegion();
  expect(addresses(make())).toEqual([]);
  expect(addresses(make({ Ipv6Addresses: [{ Ipv6Address: '2001:DB8:C000:1:0:0:0:A' }] }))).toEqual([
    `${BLOCK}:a`,
  ]);
  expect(addresses(make({ Ipv6AddressCount: 2 }))).toHaveLength(2);
});

test('a subnet may give each new interface one; a request can ask for none', () => {
  const { make, addresses } = newRegion({ assignIpv6AddressOnCreation: true });
  expect(addresses(make())).toHaveLength(1);
  expect(addresses(make({ Ipv6AddressCount: 0 }))).toEqual([]);
});

test('addresses are assigned, shown, found and unassigned', () => {
  const { region, make, addresses } = newRegion();
  const NetworkInterfaceId = make();
  const named = `${BLOCK}:20`;
  const reply = region.call('AssignIpv6Addresses', { NetworkInterfaceId, Ipv6Addresses: [named] });
  expect(reply).toMatchObject({ NetworkInterfaceId, AssignedIpv6Addresses: [named] });
  region.call('AssignIpv6Addresses', { NetworkInterfaceId, Ipv6AddressCount: 1 });
  expect(addresses(NetworkInterfaceId)).toHaveLength(2);
  const found = region.call('DescribeNetworkInterfaces', {
    Filters: [{ Name: 'ipv6-addresses.ipv6-address', Values: [named] }],
  }).NetworkInterfaces;
  expect(found).toMatchObject([{ NetworkInterfaceId, Ipv6Address: named }]);
  const gone = region.call('UnassignIpv6Addresses', { NetworkInterfaceId, Ipv6Addresses: [named] });
  expect(gone.UnassignedIpv6Addresses).toEqual([named]);
  expect(addresses(NetworkInterfaceId)).toHaveLength(1);
});

const refusals: readonly (readonly [rest: object, refusal: RegExp])[] = [
  [{}, /^MissingParameter/],
  [{ Ipv6AddressCount: -1 }, /^InvalidParameterValue: Value \(-1\)/],
  [{ Ipv6AddressCount: 1, Ipv6Addresses: [`${BLOCK}:9`] }, /^InvalidParameterCombination/],
  [{ Ipv6Addresses: ['10.0.0.9'] }, /^InvalidParameterValue: Value \(10.0.0.9\)/],
  [{ Ipv6Addresses: ['2001:db8::9'] }, /does not fall within the subnet's address range$/],
  [{ Ipv6Addresses: [`${BLOCK}:1`] }, /in subnet's reserved address range$/],
  [{ Ipv6Addresses: [`${BLOCK}:77`] }, /^InvalidIPAddress.InUse/],
  [{ Ipv6PrefixCount: 1 }, /^UnsupportedOperation/],
];

test.each(refusals)('assigning with %j is refused', (rest, refusal) => {
  const { region, make } = newRegion();
  make({ Ipv6Addresses: [{ Ipv6Address: `${BLOCK}:77` }] });
  const NetworkInterfaceId = make();
  expect(refusalOf(() => region.call('AssignIpv6Addresses', { NetworkInterfaceId, ...rest }))).toMatch(
    refusal,
  );
});

test('what is not there is not unassigned, and without a block nothing is assigned', () => {
  const { region, make } = newRegion({ hasBlock: false });
  const NetworkInterfaceId = make();
  const Ipv6Addresses = [`${BLOCK}:9`];
  expect(
    refusalOf(() => region.call('UnassignIpv6Addresses', { NetworkInterfaceId, Ipv6Addresses })),
  ).toMatch(/^InvalidParameterValue: Some of the specified addresses are not assigned/);
  expect(
    refusalOf(() => region.call('AssignIpv6Addresses', { NetworkInterfaceId, Ipv6AddressCount: 1 })),
  ).toMatch(/has no IPv6 CIDR block\.$/);
});

test('an instance is launched with addresses, and found by them and by any interface of its own', () => {
  const { region, SubnetId } = newRegion();
  const { imageId: ImageId } = given(imagesOf('us-east-1').find((image) => image.architecture === 'x86_64'));
  region.call('RunInstances', {
    ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    NetworkInterfaces: [
      { DeviceIndex: 0, SubnetId, Ipv6Addresses: [{ Ipv6Address: `${BLOCK}:50` }] },
      { DeviceIndex: 1, SubnetId, PrivateIpAddress: '10.0.0.99' },
    ],
  });
  const count = (Name: string, value: string) =>
    region.call('DescribeInstances', { Filters: [{ Name, Values: [value] }] }).Reservations?.length;
  expect(count('ipv6-address', `${BLOCK}:50`)).toBe(1);
  expect(count('network-interface.ipv6-addresses.ipv6-address', `${BLOCK}:50`)).toBe(1);
  expect(count('network-interface.addresses.private-ip-address', '10.0.0.99')).toBe(1);
  expect(count('network-interface.attachment.device-index', '1')).toBe(1);
  expect(count('network-interface.attachment.device-index', '2')).toBe(0);
  expect(count('network-interface.subnet-id', SubnetId)).toBe(1);
});
