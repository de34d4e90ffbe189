import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const create = (): string =>
    given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  return { region, VpcId, create };
}

test('S34 a VPC has one gateway, and a gateway one VPC', () => {
  const { region, VpcId, create } = newRegion();
  const [one, other] = [create(), create()];
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId: one });
  expect(refusalOf(() => region.call('AttachInternetGateway', { VpcId, InternetGatewayId: one }))).toBe(
    `Resource.AlreadyAssociated: resource ${one} is already attached to network ${VpcId}`,
  );
  expect(refusalOf(() => region.call('AttachInternetGateway', { VpcId, InternetGatewayId: other }))).toBe(
    `InvalidParameterValue: Network ${VpcId} already has an internet gateway attached`,
  );
});

test('an attached gateway is shown with its VPC, and not deleted before it is detached', () => {
  const { region, VpcId, create } = newRegion();
  const InternetGatewayId = create();
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId });
  const describe = () => region.call('DescribeInternetGateways', { InternetGatewayIds: [InternetGatewayId] });
  expect(describe().InternetGateways?.[0]?.Attachments).toEqual([{ VpcId, State: 'available' }]);
  expect(refusalOf(() => region.call('DeleteInternetGateway', { InternetGatewayId }))).toBe(
    `DependencyViolation: The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
  );
  region.call('DetachInternetGateway', { VpcId, InternetGatewayId });
  expect(describe().InternetGateways?.[0]?.Attachments).toEqual([]);
  expect(refusalOf(() => region.call('DetachInternetGateway', { VpcId, InternetGatewayId }))).toBe(
    `Gateway.NotAttached: resource ${InternetGatewayId} is not attached to network ${VpcId}`,
  );
  region.call('DeleteInternetGateway', { InternetGatewayId });
  expect(refusalOf(describe)).toBe(
    `InvalidInternetGatewayID.NotFound: The internetGateway ID '${InternetGatewayId}' does not exist`,
  );
});

test('S35 a gateway is not detached while something in the VPC has a public address', () => {
  const { region, VpcId, create } = newRegion();
  const InternetGatewayId = create();
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId });
  region.write(({ tx, now }) => {
    tx.networkInterfaces.put({
      networkInterfaceId: 'eni-0123456789abcdef0',
      ordinal: tx.takeOrdinal(),
      subnetId: 'subnet-0123456789abcdef0',
      vpcId: VpcId,
      availabilityZone: 'us-east-1a',
      description: '',
      interfaceType: 'interface',
      macAddress: '02:00:00:00:00:01',
      privateIpAddresses: ['10.0.0.10'],
      ipv6Addresses: [],
      groupIds: [],
      sourceDestCheck: true,
      autoAssignedPublicIp: '203.0.113.10',
      createTime: now.toISOString(),
      tags: [],
    });
  });
  expect(refusalOf(() => region.call('DetachInternetGateway', { VpcId, InternetGatewayId }))).toBe(
    `DependencyViolation: Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
});
