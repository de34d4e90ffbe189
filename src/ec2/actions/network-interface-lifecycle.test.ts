import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { imagesOf } from '../catalogue/images.ts';

function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(
    region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', AvailabilityZone: 'us-east-1a' }).Subnet
      ?.SubnetId,
  );
  const make = (rest: object = {}) =>
    given(region.call('CreateNetworkInterface', { SubnetId, ...rest }).NetworkInterface?.NetworkInterfaceId);
  const show = (id: string) =>
    given(region.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] }).NetworkInterfaces?.[0]);
  const addresses = (id: string) => show(id).PrivateIpAddresses?.map((each) => each.PrivateIpAddress);
  const ImageId = given(imagesOf('us-east-1').find(({ architecture }) => architecture === 'x86_64')).imageId;
  const launch = (rest: object) =>
    given(
      region.call('RunInstances', { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...rest })
        .Instances?.[0],
    );
  /** An instance that is running, as control makes it. */
  const run = (rest: object = { SubnetId }) => {
    const InstanceId = given(launch(rest).InstanceId);
    region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(InstanceId)), state: 'running' }));
    return InstanceId;
  };
  return { region, VpcId, SubnetId, make, show, addresses, launch, run };
}

test('an interface is made with its addresses, and available when it is looked at', () => {
  const { region, SubnetId, show } = newRegion();
  const { NetworkInterface: made } = region.call('CreateNetworkInterface', {
    SubnetId,
    Description: 'spare',
    PrivateIpAddress: '10.0.0.20',
    SecondaryPrivateIpAddressCount: 2,
    TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'Name', Value: 'spare' }] }],
  });
  expect(made).toMatchObject({ Status: 'pending', Description: 'spare', PrivateIpAddress: '10.0.0.20' });
  expect(show(given(made?.NetworkInterfaceId))).toMatchObject({
    Status: 'available',
    InterfaceType: 'interface',
    SourceDestCheck: true,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: '10.0.0.20' },
      { Primary: false, PrivateIpAddress: '10.0.0.4' },
      { Primary: false, PrivateIpAddress: '10.0.0.5' },
    ],
    TagSet: [{ Key: 'Name', Value: 'spare' }],
  });
});

const creations: readonly (readonly [rest: object, refusal: RegExp])[] = [
  [{ SubnetId: 'subnet-0123' }, /^InvalidSubnetID.NotFound/],
  [{ PrivateIpAddress: '10.0.1.4' }, /^InvalidParameterValue: Address does not fall within/],
  [{ PrivateIpAddress: '10.0.0.1' }, /^InvalidParameterValue: Address is in subnet's reserved/],
  [{ PrivateIpAddress: '10.0.0.300' }, /^InvalidParameterValue: Value \(10.0.0.300\)/],
  [{ SecondaryPrivateIpAddressCount: 0 }, /^InvalidParameterValue: Value \(0\)/],
  [{ SecondaryPrivateIpAddressCount: 251 }, /^InsufficientFreeAddressesInSubnet/],
  [
    { SecondaryPrivateIpAddressCount: 1, PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.9' }] },
    /^InvalidParameterCombination/,
  ],
  [
    {
      PrivateIpAddresses: [
        { Primary: true, PrivateIpAddress: '10.0.0.9' },
        { Primary: true, PrivateIpAddress: '10.0.0.8' },
      ],
    },
    /^InvalidParameterValue: Only one primary/,
  ],
  [{ Groups: ['sg-0123'] }, /^InvalidGroup.NotFound/],
  [{ InterfaceType: 'efa' }, /^UnsupportedOperation/],
  [{ Ipv4PrefixCount: 1 }, /^UnsupportedOperation/],
  [{ EnablePrimaryIpv6: true }, /^UnsupportedOperation: .* a primary IPv6 address/],
  [{ Description: 'x'.repeat(256) }, /^InvalidParameterValue: Invalid description/],
];

test.each(creations)('an interface with %j is refused', (rest, refusal) => {
  const { region, SubnetId } = newRegion();
  expect(refusalOf(() => region.call('CreateNetworkInterface', { SubnetId, ...rest }))).toMatch(refusal);
});

test('S116 an interface is attached, in use, detached and deleted', () => {
  const { region, make, show, run } = newRegion();
  const NetworkInterfaceId = make();
  const InstanceId = run();
  const { AttachmentId } = region.call('AttachNetworkInterface', {
    NetworkInterfaceId,
    InstanceId,
    DeviceIndex: 1,
  });
  expect(show(NetworkInterfaceId)).toMatchObject({
    Status: 'in-use',
    Attachment: { AttachmentId, InstanceId, DeviceIndex: 1, DeleteOnTermination: false, Status: 'attached' },
  });
  expect(refusalOf(() => region.call('DeleteNetworkInterface', { NetworkInterfaceId }))).toBe(
    `InvalidParameterValue: Network interface '${NetworkInterfaceId}' is currently in use.`,
  );
  const instance = region.call('DescribeInstances', { InstanceIds: [InstanceId] }).Reservations?.[0];
  expect(instance?.Instances?.[0]?.NetworkInterfaces?.map((eni) => eni.Attachment?.DeviceIndex)).toEqual([
    0, 1,
  ]);
  region.call('DetachNetworkInterface', { AttachmentId });
  expect(show(NetworkInterfaceId).Status).toBe('available');
  region.call('DeleteNetworkInterface', { NetworkInterfaceId });
  expect(refusalOf(() => show(NetworkInterfaceId))).toMatch(/^InvalidNetworkInterfaceID.NotFound/);
});

test('S116 what cannot be attached, and what cannot be detached', () => {
  const { region, VpcId, make, run, show } = newRegion();
  const InstanceId = run();
  const attach = (NetworkInterfaceId: string, DeviceIndex = 1) =>
    region.call('AttachNetworkInterface', { NetworkInterfaceId, InstanceId, DeviceIndex });
  const elsewhere = given(
    region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1b' }).Subnet
      ?.SubnetId,
  );
  expect(refusalOf(() => attach(make({ SubnetId: elsewhere })))).toMatch(/same availability zone$/);
  expect(refusalOf(() => attach(make(), 0))).toBe(
    `InvalidParameterValue: Instance '${InstanceId}' already has an interface attached at device index '0'.`,
  );
  expect(refusalOf(() => attach(make({ SecondaryPrivateIpAddressCount: 2 })))).toMatch(
    /^PrivateIpAddressLimitExceeded/,
  );
  const second = make();
  attach(second);
  expect(refusalOf(() => attach(second, 2))).toBe(
    `InvalidNetworkInterface.InUse: Interface: [${second}] in use.`,
  );
  expect(refusalOf(() => attach(make(), 2))).toBe(
    'AttachmentLimitExceeded: Interface count 3 exceeds the limit for t3.micro',
  );
  const primary = given(
    region
      .call('DescribeNetworkInterfaces', {})
      .NetworkInterfaces?.find(({ Attachment }) => Attachment?.DeviceIndex === 0)?.NetworkInterfaceId,
  );
  const { AttachmentId } = given(show(primary).Attachment);
  expect(refusalOf(() => region.call('DetachNetworkInterface', { AttachmentId }))).toBe(
    'OperationNotPermitted: The network interface at device index 0 and networkCard index 0 cannot be detached.',
  );
  expect(refusalOf(() => region.call('DetachNetworkInterface', { AttachmentId: 'eni-attach-0' }))).toBe(
    "InvalidAttachmentID.NotFound: The attachment ID 'eni-attach-0' does not exist",
  );
  region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(InstanceId)), state: 'stopping' }));
  expect(refusalOf(() => attach(make(), 2))).toMatch(/^IncorrectState/);
});

test('an instance is launched with an interface there is, which outlives it', () => {
  const { make, launch, show } = newRegion();
  const NetworkInterfaceId = make({ PrivateIpAddress: '10.0.0.77' });
  const instance = launch({ NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] });
  expect(instance).toMatchObject({ PrivateIpAddress: '10.0.0.77' });
  expect(show(NetworkInterfaceId).Attachment).toMatchObject({
    InstanceId: instance.InstanceId,
    DeviceIndex: 0,
    DeleteOnTermination: false,
  });
  expect(refusalOf(() => launch({ NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] }))).toBe(
    `InvalidNetworkInterface.InUse: Interface: [${NetworkInterfaceId}] in use.`,
  );
});

test('S117 an interface has its public address by the subnet it was made in', () => {
  const { region, SubnetId, make, launch } = newRegion();
  region.call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  const NetworkInterfaceId = make();
  region.call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: false } });
  const instance = launch({ NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] });
  expect(instance.PublicIpAddress).toMatch(/^198\.18\./);
  expect(launch({ SubnetId }).PublicIpAddress).toBeUndefined();
});

test('a public address can be given to the first interface of a running instance, and taken back', () => {
  const { region, run } = newRegion();
  const InstanceId = run();
  const describe = () =>
    region.call('DescribeInstances', { InstanceIds: [InstanceId] }).Reservations?.[0]?.Instances?.[0];
  const NetworkInterfaceId = given(describe()?.NetworkInterfaces?.[0]?.NetworkInterfaceId);
  const modify = (AssociatePublicIpAddress: boolean) =>
    region.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, AssociatePublicIpAddress });
  modify(true);
  expect(describe()?.PublicIpAddress).toMatch(/^198\.18\./);
  modify(false);
  expect(describe()?.PublicIpAddress).toBeUndefined();
});

test('S40 an instance with two interfaces gets no public address by itself', () => {
  const { region, SubnetId, launch } = newRegion();
  region.call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  const NetworkInterfaces = [
    { DeviceIndex: 1, SubnetId, PrivateIpAddress: '10.0.0.51' },
    { DeviceIndex: 0, SubnetId, PrivateIpAddress: '10.0.0.50' },
  ];
  const instance = launch({ NetworkInterfaces });
  expect(instance.PrivateIpAddress).toBe('10.0.0.50');
  expect(instance.PublicIpAddress).toBeUndefined();
  expect(instance.NetworkInterfaces?.map((eni) => eni.PrivateIpAddress)).toEqual(['10.0.0.50', '10.0.0.51']);
});

const launches: readonly (readonly [interfaces: object[], rest: object, refusal: RegExp])[] = [
  [[{ DeviceIndex: 0 }], { SubnetId: 'subnet-1' }, /instance-level subnet ID may not be specified/],
  [[{ DeviceIndex: 0 }], { SecurityGroupIds: ['sg-1'] }, /instance-level security groups may not/],
  [[{ DeviceIndex: 0 }, {}], {}, /requires a device index\.$/],
  [[{ DeviceIndex: 0 }, { DeviceIndex: 0 }], {}, /requires a unique device index\.$/],
  [[{ DeviceIndex: 1, SubnetId: 'S' }], {}, /device index 0 must be specified/],
  [
    [{ DeviceIndex: 0, AssociatePublicIpAddress: true }, { DeviceIndex: 1 }],
    {},
    /^InvalidParameterCombination: The associatePublicIPAddress parameter cannot be specified/,
  ],
  [[{ DeviceIndex: 0 }, { DeviceIndex: 1 }, { DeviceIndex: 2 }], {}, /^AttachmentLimitExceeded/],
  [
    [{ DeviceIndex: 0, NetworkInterfaceId: 'eni-0', SubnetId: 'S' }],
    {},
    /network interface ID and a subnet$/,
  ],
  [[{ DeviceIndex: 0, NetworkInterfaceId: 'eni-0', DeleteOnTermination: true }], {}, /termination as true$/],
  [[{ DeviceIndex: 0, NetworkInterfaceId: 'eni-0' }], { MaxCount: 2 }, /more than one instance\.$/],
  [[{ DeviceIndex: 0, NetworkInterfaceId: 'eni-0' }], {}, /^InvalidNetworkInterfaceID.NotFound/],
];

test.each(launches)('a launch with interfaces %j and %j is refused', (interfaces, rest, refusal) => {
  const { SubnetId, launch } = newRegion();
  const NetworkInterfaces = interfaces.map((each) => ('SubnetId' in each ? { ...each, SubnetId } : each));
  expect(refusalOf(() => launch({ NetworkInterfaces, ...rest }))).toMatch(refusal);
});

test('secondary addresses are assigned and unassigned; those of an instance by its type', () => {
  const { region, make, addresses, run } = newRegion();
  const NetworkInterfaceId = make();
  const assign = (rest: object) =>
    region.call('AssignPrivateIpAddresses', { NetworkInterfaceId, ...rest }).AssignedPrivateIpAddresses;
  const unassign = (...PrivateIpAddresses: string[]) =>
    region.call('UnassignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses });
  expect(assign({ SecondaryPrivateIpAddressCount: 2 })).toEqual([
    { PrivateIpAddress: '10.0.0.5' },
    { PrivateIpAddress: '10.0.0.6' },
  ]);
  assign({ PrivateIpAddresses: ['10.0.0.40'] });
  expect(addresses(NetworkInterfaceId)).toEqual(['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.40']);
  unassign('10.0.0.5', '10.0.0.6');
  expect(addresses(NetworkInterfaceId)).toEqual(['10.0.0.4', '10.0.0.40']);
  expect(refusalOf(() => unassign('10.0.0.4'))).toMatch(/^InvalidParameterValue: The primary private IP/);
  expect(refusalOf(() => unassign('10.0.0.9'))).toBe(
    `InvalidParameterValue: Some of the specified addresses are not assigned to interface ${NetworkInterfaceId}`,
  );
  const InstanceId = run();
  region.call('AttachNetworkInterface', { NetworkInterfaceId, InstanceId, DeviceIndex: 1 });
  expect(refusalOf(() => assign({ SecondaryPrivateIpAddressCount: 1 }))).toBe(
    `PrivateIpAddressLimitExceeded: ${NetworkInterfaceId}: Number of private addresses will exceed limit.`,
  );
  expect(refusalOf(() => assign({}))).toMatch(/^MissingParameter/);
});

test('a secondary address moves when it may, and its Elastic IP with it', () => {
  const { region, VpcId, make, addresses, show } = newRegion();
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const from = make({ PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.30' }] });
  const to = make();
  const { AllocationId, PublicIp } = region.call('AllocateAddress', {});
  region.call('AssociateAddress', {
    AllocationId,
    NetworkInterfaceId: from,
    PrivateIpAddress: '10.0.0.30',
  });
  expect(show(from).PrivateIpAddresses?.map(({ Association }) => Association?.PublicIp)).toEqual([
    undefined,
    PublicIp,
  ]);
  const move = (rest: object = {}, address = '10.0.0.30') =>
    region.call('AssignPrivateIpAddresses', {
      NetworkInterfaceId: to,
      PrivateIpAddresses: [address],
      ...rest,
    });
  expect(refusalOf(move)).toBe('InvalidIPAddress.InUse: Address 10.0.0.30 is in use.');
  const primary = given(show(from).PrivateIpAddress);
  expect(refusalOf(() => move({ AllowReassignment: true }, primary))).toMatch(/^InvalidIPAddress.InUse/);
  move({ AllowReassignment: true });
  expect(addresses(from)).toEqual([primary]);
  expect(show(to).PrivateIpAddresses?.[1]).toMatchObject({
    PrivateIpAddress: '10.0.0.30',
    Association: { PublicIp },
  });
  region.call('UnassignPrivateIpAddresses', { NetworkInterfaceId: to, PrivateIpAddresses: ['10.0.0.30'] });
  expect(region.call('DescribeAddresses', {}).Addresses?.[0]?.AssociationId).toBeUndefined();
});

test('the groups that interfaces of a VPC can have, by page and by filter', () => {
  const { region, VpcId } = newRegion();
  region.call('CreateSecurityGroup', { VpcId, GroupName: 'web', Description: 'for web' });
  const groups = (rest: object = {}) =>
    region.call('GetSecurityGroupsForVpc', { VpcId, ...rest }).SecurityGroupForVpcs ?? [];
  expect(groups().map(({ GroupName }) => GroupName)).toEqual(['default', 'web']);
  expect(groups({ Filters: [{ Name: 'group-name', Values: ['w*'] }] })).toMatchObject([
    { GroupName: 'web', PrimaryVpcId: VpcId, OwnerId: '123456789012' },
  ]);
  expect(refusalOf(() => groups({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }))).toMatch(
    /^InvalidParameterValue: The filter 'vpc-id' is invalid/,
  );
  expect(refusalOf(() => groups({ VpcId: 'vpc-0' }))).toMatch(/^InvalidVpcID.NotFound/);
});
