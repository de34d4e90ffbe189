import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { completeVpc } from '../../control/lifecycle.ts';

function newGateway(isPublic: boolean, rest: object = {}) {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const allocate = () => given(region.call('AllocateAddress', {}).AllocationId);
  const create = (more: object = {}) =>
    given(
      region.call('CreateNatGateway', {
        SubnetId,
        ...(isPublic ? { AllocationId: allocate() } : { ConnectivityType: 'private' as const }),
        ...more,
      }).NatGateway,
    );
  const NatGatewayId = given(create(rest).NatGatewayId);
  const settle = () => region.write(({ tx, now }) => completeVpc(tx, VpcId, now));
  const statuses = (id = NatGatewayId) =>
    given(
      region.call('DescribeNatGateways', { NatGatewayIds: [id] }).NatGateways?.[0]?.NatGatewayAddresses,
    ).map(({ PrivateIp, Status }) => `${PrivateIp} ${Status}`);
  settle();
  return { region, NatGatewayId, allocate, create, settle, statuses };
}

test('S50 a public gateway takes more Elastic IPs, which succeed once packets follow', () => {
  const { region, NatGatewayId, allocate, settle, statuses } = newGateway(true);
  const AllocationIds = [allocate(), allocate()];
  expect(region.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds })).toMatchObject({
    NatGatewayAddresses: [
      { IsPrimary: true, Status: 'succeeded', PrivateIp: '10.0.0.4' },
      { IsPrimary: false, Status: 'associating', PrivateIp: '10.0.0.5', AllocationId: AllocationIds[0] },
      { IsPrimary: false, Status: 'associating', PrivateIp: '10.0.0.6', AllocationId: AllocationIds[1] },
    ],
  });
  settle();
  expect(statuses()).toEqual(['10.0.0.4 succeeded', '10.0.0.5 succeeded', '10.0.0.6 succeeded']);
});

test('S60 an Elastic IP that is taken away drains first, and nothing else is changed meanwhile', () => {
  const { region, NatGatewayId, allocate, settle, statuses } = newGateway(true);
  const AllocationIds = [allocate()];
  const made = region.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds });
  settle();
  const [primary, second] = given(made.NatGatewayAddresses);
  const drop = (id: string | undefined, MaxDrainDurationSeconds?: number) =>
    region.call('DisassociateNatGatewayAddress', {
      NatGatewayId,
      AssociationIds: [given(id)],
      ...(MaxDrainDurationSeconds === undefined ? {} : { MaxDrainDurationSeconds }),
    });
  expect(refusalOf(() => drop(primary?.AssociationId))).toMatch(
    /^InvalidParameterValue: The primary address/,
  );
  expect(refusalOf(() => drop('eipassoc-1'))).toMatch(/^InvalidAssociationID.NotFound/);
  expect(refusalOf(() => drop(second?.AssociationId, 5000))).toMatch(/The range is 1 to 4000/);
  drop(second?.AssociationId, 60);
  settle();
  expect(statuses()).toEqual(['10.0.0.4 succeeded', '10.0.0.5 disassociating']);
  expect(region.world.addresses.get(AllocationIds[0] ?? '')?.associationId).toBe(second?.AssociationId);
  expect(region.world.natGateways.get(NatGatewayId)?.secondaryAddresses).toMatchObject([
    { drainsUntil: '2026-01-02T03:05:05.000Z' },
  ]);
  const refusal = `IncorrectState: Address 10.0.0.5 of NAT gateway ${NatGatewayId} is disassociating: wait until it is gone.`;
  expect(refusalOf(() => drop(second?.AssociationId))).toBe(refusal);
  expect(
    refusalOf(() => region.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds: [allocate()] })),
  ).toBe(refusal);
});

test('S50 a private gateway takes more private addresses, by name or number, eight at most', () => {
  const { region, NatGatewayId, settle, statuses } = newGateway(false);
  const add = (rest: object) => region.call('AssignPrivateNatGatewayAddress', { NatGatewayId, ...rest });
  add({ PrivateIpAddresses: ['10.0.0.9'] });
  add({ PrivateIpAddressCount: 1 });
  expect(statuses()).toEqual(['10.0.0.4 succeeded', '10.0.0.9 assigning', '10.0.0.5 assigning']);
  expect(refusalOf(() => add({ PrivateIpAddressCount: 6 }))).toMatch(/^NatGatewayAddressLimitExceeded/);
  expect(refusalOf(() => add({ PrivateIpAddresses: ['10.0.0.9'] }))).toMatch(/^InvalidIPAddress.InUse/);
  settle();
  region.call('UnassignPrivateNatGatewayAddress', { NatGatewayId, PrivateIpAddresses: ['10.0.0.9'] });
  expect(statuses()).toEqual(['10.0.0.4 succeeded', '10.0.0.9 unassigning', '10.0.0.5 succeeded']);
});

test('S50 a gateway is made with several addresses', () => {
  const one = newGateway(false, { SecondaryPrivateIpAddressCount: 2 });
  expect(one.statuses()).toEqual(['10.0.0.4 succeeded', '10.0.0.5 succeeded', '10.0.0.6 succeeded']);
  const named = one.create({ SecondaryPrivateIpAddresses: ['10.0.0.77'] });
  expect(named.NatGatewayAddresses).toMatchObject([
    { PrivateIp: '10.0.0.7', IsPrimary: true },
    { PrivateIp: '10.0.0.77', IsPrimary: false, Status: 'assigning' },
  ]);
  const { allocate, create, region } = newGateway(true);
  const SecondaryAllocationIds = [allocate()];
  const made = create({ SecondaryAllocationIds, SecondaryPrivateIpAddresses: ['10.0.0.70'] });
  expect(made.NatGatewayAddresses).toMatchObject([
    { PrivateIp: '10.0.0.5', IsPrimary: true },
    { PrivateIp: '10.0.0.70', AllocationId: SecondaryAllocationIds[0], Status: 'associating' },
  ]);
  expect(region.world.addresses.get(SecondaryAllocationIds[0] ?? '')).toMatchObject({
    privateIpAddress: '10.0.0.70',
    networkInterfaceId: made.NatGatewayAddresses?.[0]?.NetworkInterfaceId,
  });
  expect(create({ SecondaryAllocationIds })).toMatchObject({
    State: 'failed',
    FailureCode: 'Resource.AlreadyAssociated',
  });
});

test.each<readonly [boolean, object, string]>([
  [
    true,
    { SecondaryPrivateIpAddressCount: 1 },
    'InvalidParameterCombination: SecondaryPrivateIpAddressCount',
  ],
  [true, { SecondaryPrivateIpAddresses: ['10.0.0.9'] }, 'InvalidParameterCombination: As many'],
  [false, { SecondaryAllocationIds: ['eipalloc-1'] }, 'InvalidParameterCombination: SecondaryAllocationIds'],
  [false, { SecondaryPrivateIpAddressCount: 8 }, 'InvalidParameterValue'],
  [
    false,
    { SecondaryPrivateIpAddressCount: 1, SecondaryPrivateIpAddresses: ['10.0.0.9'] },
    'InvalidParameterCombination: Only one',
  ],
])('a gateway, public: %s, cannot be made with %j', (isPublic, rest, refusal) => {
  const { create } = newGateway(isPublic);
  expect(refusalOf(() => create(rest))).toContain(refusal);
});

test('each kind of gateway has its own actions', () => {
  const { region, NatGatewayId, allocate } = newGateway(false);
  expect(
    refusalOf(() => region.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds: [allocate()] })),
  ).toMatch(/^UnsupportedOperation/);
});

test('an Elastic IP that is offered moves to the account that accepts it', () => {
  const region = new TestRegion();
  const { AllocationId = '', PublicIp = '' } = region.call('AllocateAddress', {});
  const other = region.elsewhere({ account: '210987654321' });
  const accept = () => other.call('AcceptAddressTransfer', { Address: PublicIp });
  expect(refusalOf(accept)).toBe(`InvalidAddress.NotFound: Address '${PublicIp}' not found.`);
  const offered = region.call('EnableAddressTransfer', { AllocationId, TransferAccountId: '210987654321' });
  expect(offered.AddressTransfer).toMatchObject({
    AddressTransferStatus: 'pending',
    TransferOfferExpirationTimestamp: new Date('2026-01-09T03:04:05.000Z'),
  });
  expect(region.call('DescribeAddressTransfers', {}).AddressTransfers).toHaveLength(1);
  expect(accept().AddressTransfer).toMatchObject({ AddressTransferStatus: 'accepted', PublicIp });
  expect(region.call('DescribeAddresses', {}).Addresses).toEqual([]);
  expect(other.call('DescribeAddresses', {}).Addresses).toMatchObject([{ PublicIp }]);
});

test('S53 S58 the interface of a gateway has no security group, and is not the user’s to change', () => {
  const { region, create } = newGateway(true);
  const gateway = create();
  const NetworkInterfaceId = given(gateway.NatGatewayAddresses?.[0]?.NetworkInterfaceId);
  const shown = region.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [NetworkInterfaceId] });
  expect(shown.NetworkInterfaces?.[0]).toMatchObject({
    InterfaceType: 'nat_gateway',
    RequesterManaged: true,
    SourceDestCheck: false,
    Groups: [],
  });
  const GroupId = given(
    region.call('DescribeSecurityGroups', {
      Filters: [{ Name: 'vpc-id', Values: [gateway.VpcId ?? ''] }],
    }).SecurityGroups?.[0]?.GroupId,
  );
  const refusal = /^(AuthFailure|OperationNotPermitted): You do not have permission/;
  for (const change of [{ Groups: [GroupId] }, { SourceDestCheck: { Value: true } }]) {
    const modify = () => region.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...change });
    expect(refusalOf(modify)).toMatch(refusal);
  }
  expect(refusalOf(() => region.call('DeleteNetworkInterface', { NetworkInterfaceId }))).toMatch(refusal);
});
