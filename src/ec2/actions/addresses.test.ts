import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** A VPC with an internet gateway and two interfaces of its own. */
function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  const makeInterface = () =>
    given(region.call('CreateNetworkInterface', { SubnetId }).NetworkInterface?.NetworkInterfaceId);
  const interfaces = [makeInterface(), makeInterface()] as const;
  const attach = () => region.call('AttachInternetGateway', { VpcId, InternetGatewayId });
  const allocate = () => given(region.call('AllocateAddress', { Domain: 'vpc' }).AllocationId);
  const show = (AllocationId: string) =>
    given(region.call('DescribeAddresses', { AllocationIds: [AllocationId] }).Addresses?.[0]);
  return { region, VpcId, interfaces, attach, allocate, show };
}

test('S41 an Elastic IP stays allocated, with its address, until it is released', () => {
  const { region, interfaces, attach, allocate, show } = newRegion();
  attach();
  const AllocationId = allocate();
  const { PublicIp } = show(AllocationId);
  const [NetworkInterfaceId] = interfaces;
  const made = region.call('AssociateAddress', { AllocationId, NetworkInterfaceId });
  expect(show(AllocationId)).toMatchObject({ PublicIp, NetworkInterfaceId, PrivateIpAddress: '10.0.0.4' });
  const { AssociationId } = made;
  expect(refusalOf(() => region.call('ReleaseAddress', { AllocationId }))).toBe(
    `InvalidIPAddress.InUse: Address ${PublicIp} is in use.`,
  );
  region.call('DisassociateAddress', { AssociationId });
  expect(show(AllocationId)).toMatchObject({ PublicIp });
  expect(show(AllocationId).AssociationId).toBeUndefined();
  region.call('AssociateAddress', { AllocationId, NetworkInterfaceId });
  region.call('DeleteNetworkInterface', { NetworkInterfaceId });
  expect(show(AllocationId).AssociationId).toBeUndefined();
  region.call('ReleaseAddress', { AllocationId });
  expect(refusalOf(() => show(AllocationId))).toBe(
    `InvalidAllocationID.NotFound: The allocation ID '${AllocationId}' does not exist`,
  );
});

test('an address is of Amazon’s pool: there is no other', () => {
  const { region } = newRegion();
  const allocate = (PublicIpv4Pool?: string) =>
    region.call('AllocateAddress', { PublicIpv4Pool }).PublicIpv4Pool;
  expect([allocate(), allocate('amazon')]).toEqual(['amazon', 'amazon']);
  expect(refusalOf(() => allocate('ipv4pool-ec2-1'))).toBe(
    "InvalidPublicIpv4PoolID.NotFound: The pool ID 'ipv4pool-ec2-1' does not exist",
  );
});

test('S41 an association is moved where that is allowed only, and a second address replaces the first', () => {
  const { region, interfaces, attach, allocate, show } = newRegion();
  attach();
  const [one, other] = interfaces;
  const AllocationId = allocate();
  const associate = (NetworkInterfaceId: string, AllowReassociation?: boolean) =>
    region.call('AssociateAddress', {
      AllocationId,
      NetworkInterfaceId,
      ...(AllowReassociation === undefined ? {} : { AllowReassociation }),
    }).AssociationId;
  const first = associate(one);
  for (const allowed of [undefined, false]) {
    expect(refusalOf(() => associate(other, allowed))).toBe(
      `Resource.AlreadyAssociated: resource ${AllocationId} is already associated with associate-id ${first}`,
    );
  }
  expect(refusalOf(() => associate(one))).toBe('no error');
  associate(other, true);
  expect(show(AllocationId).NetworkInterfaceId).toBe(other);
  const second = allocate();
  region.call('AssociateAddress', { AllocationId: second, NetworkInterfaceId: other });
  expect([show(AllocationId).NetworkInterfaceId, show(second).NetworkInterfaceId]).toEqual([
    undefined,
    other,
  ]);
});

test('S41 an Elastic IP is of its region alone, and asks for an internet gateway', () => {
  const { region, VpcId, interfaces, allocate } = newRegion();
  const AllocationId = allocate();
  const elsewhere = region.elsewhere({ region: 'eu-west-1' });
  expect(refusalOf(() => elsewhere.call('ReleaseAddress', { AllocationId }))).toMatch(
    /^InvalidAllocationID.NotFound/,
  );
  const [NetworkInterfaceId] = interfaces;
  expect(refusalOf(() => region.call('AssociateAddress', { AllocationId, NetworkInterfaceId }))).toBe(
    `Gateway.NotAttached: Network ${VpcId} is not attached to any internet gateway`,
  );
});
