import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { completeVpc } from '../../control/lifecycle.ts';

function newGateway(isPublic: boolean) {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const allocate = () => given(region.call('AllocateAddress', {}).AllocationId);
  const made = region.call('CreateNatGateway', {
    SubnetId,
    ...(isPublic ? { AllocationId: allocate() } : { ConnectivityType: 'private' as const }),
  });
  const NatGatewayId = given(made.NatGateway?.NatGatewayId);
  region.write(({ tx, now }) => completeVpc(tx, VpcId, now));
  const show = () =>
    given(region.call('DescribeNatGateways', { NatGatewayIds: [NatGatewayId] }).NatGateways?.[0]);
  return { region, NatGatewayId, allocate, show };
}

test('S50 a public gateway takes more Elastic IPs, which are associating, and gives them back', () => {
  const { region, NatGatewayId, allocate, show } = newGateway(true);
  const AllocationIds = [allocate(), allocate()];
  const given1 = region.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds });
  expect(given1.NatGatewayAddresses).toMatchObject([
    { IsPrimary: true, Status: 'succeeded', PrivateIp: '10.0.0.4' },
    { IsPrimary: false, Status: 'associating', PrivateIp: '10.0.0.5', AllocationId: AllocationIds[0] },
    { IsPrimary: false, Status: 'associating', PrivateIp: '10.0.0.6', AllocationId: AllocationIds[1] },
  ]);
  const [primary, second] = show().NatGatewayAddresses ?? [];
  const drop = (id: string | undefined) =>
    region.call('DisassociateNatGatewayAddress', { NatGatewayId, AssociationIds: [given(id)] });
  expect(refusalOf(() => drop(primary?.AssociationId))).toMatch(
    /^InvalidParameterValue: The primary address/,
  );
  drop(second?.AssociationId);
  expect(show().NatGatewayAddresses).toHaveLength(2);
  expect(region.world.addresses.get(AllocationIds[0] ?? '')?.associationId).toBeUndefined();
  expect(refusalOf(() => drop(second?.AssociationId))).toMatch(/^InvalidAssociationID.NotFound/);
});

test('S50 a private gateway takes more private addresses, by name or number, eight at most', () => {
  const { region, NatGatewayId, show } = newGateway(false);
  const add = (rest: object) => region.call('AssignPrivateNatGatewayAddress', { NatGatewayId, ...rest });
  add({ PrivateIpAddresses: ['10.0.0.9'] });
  expect(add({ PrivateIpAddressCount: 1 }).NatGatewayAddresses?.map(({ PrivateIp }) => PrivateIp)).toEqual([
    '10.0.0.4',
    '10.0.0.9',
    '10.0.0.5',
  ]);
  expect(refusalOf(() => add({ PrivateIpAddressCount: 6 }))).toMatch(/^NatGatewayAddressLimitExceeded/);
  expect(refusalOf(() => add({ PrivateIpAddresses: ['10.0.0.9'] }))).toMatch(/^InvalidIPAddress.InUse/);
  region.call('UnassignPrivateNatGatewayAddress', { NatGatewayId, PrivateIpAddresses: ['10.0.0.9'] });
  expect(show().NatGatewayAddresses?.map(({ PrivateIp }) => PrivateIp)).toEqual(['10.0.0.4', '10.0.0.5']);
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
  const { region, show } = newGateway(true);
  const NetworkInterfaceId = given(show().NatGatewayAddresses?.[0]?.NetworkInterfaceId);
  const shown = region.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [NetworkInterfaceId] });
  expect(shown.NetworkInterfaces?.[0]).toMatchObject({
    InterfaceType: 'nat_gateway',
    RequesterManaged: true,
    SourceDestCheck: false,
    Groups: [],
  });
  const GroupId = given(
    region.call('DescribeSecurityGroups', {
      Filters: [{ Name: 'vpc-id', Values: [show().VpcId ?? ''] }],
    }).SecurityGroups?.[0]?.GroupId,
  );
  const refusal = /^(AuthFailure|OperationNotPermitted): You do not have permission/;
  for (const change of [{ Groups: [GroupId] }, { SourceDestCheck: { Value: true } }]) {
    const modify = () => region.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...change });
    expect(refusalOf(modify)).toMatch(refusal);
  }
  expect(refusalOf(() => region.call('DeleteNetworkInterface', { NetworkInterfaceId }))).toMatch(refusal);
});
