import { expect, test } from 'vitest';
import { given, TestRegion } from '../../test/support/ec2.ts';
import { purgeExpired } from './expiry.ts';
import { completePeerings } from './lifecycle.ts';
import { completeTransitGateway } from './transit.ts';

/** The clock of a TestRegion stands at 2026-01-02T03:04:05Z. */
const at = (text: string) => new Date(`2026-01-${text}:04:05.001Z`);

function newRequest() {
  const region = new TestRegion();
  const peer = region.elsewhere({ region: 'eu-west-1', account: '210987654321' });
  const make = (where: TestRegion, CidrBlock: string) =>
    given(where.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
  const VpcId = make(region, '10.0.0.0/16');
  const reply = region.call('CreateVpcPeeringConnection', {
    VpcId,
    PeerVpcId: make(peer, '10.1.0.0/16'),
    PeerOwnerId: peer.scope.account,
    PeerRegion: peer.scope.region,
  });
  const id = given(reply.VpcPeeringConnection?.VpcPeeringConnectionId);
  const codes = () =>
    [region, peer].map(({ world }) => world.vpcPeeringConnections.get(id)?.status.code ?? 'gone');
  return { region, peer, VpcId, input: { VpcPeeringConnectionId: id }, codes };
}

test('S109 a peering request that nobody answers for seven days expires, and vanishes two days later', () => {
  const { region, codes } = newRequest();
  purgeExpired(region.store, at('09T02'));
  expect(codes()).toEqual(['pending-acceptance', 'pending-acceptance']);
  purgeExpired(region.store, at('09T03'));
  expect(codes()).toEqual(['expired', 'expired']);
  purgeExpired(region.store, at('11T02'));
  expect(codes()).toEqual(['expired', 'expired']);
  purgeExpired(region.store, at('11T03'));
  purgeExpired(region.store, at('11T04'));
  expect(codes()).toEqual(['gone', 'gone']);
});

test('S109 who rejects a request sees it for two hours more, who asked for two days', () => {
  const { region, peer, input, codes } = newRequest();
  peer.call('RejectVpcPeeringConnection', input);
  purgeExpired(region.store, at('02T05'));
  expect(codes()).toEqual(['rejected', 'gone']);
  purgeExpired(region.store, at('04T03'));
  expect(codes()).toEqual(['gone', 'gone']);
});

test('a connection becomes active, and is gone, in both worlds at once', () => {
  const { region, peer, VpcId, input, codes } = newRequest();
  peer.call('AcceptVpcPeeringConnection', input);
  expect(codes()).toEqual(['provisioning', 'provisioning']);
  region.write(({ tx }) => completePeerings(tx, VpcId));
  expect(codes()).toEqual(['active', 'active']);
  region.call('DeleteVpcPeeringConnection', input);
  expect(codes()).toEqual(['deleting', 'deleting']);
  region.write(({ tx }) => completePeerings(tx, VpcId));
  expect(codes()).toEqual(['deleted', 'deleted']);
});

test('deleted VPN and customer gateways stay visible for an hour', () => {
  const region = new TestRegion();
  const vpn = region.call('CreateVpnGateway', { Type: 'ipsec.1' }).VpnGateway?.VpnGatewayId;
  const customer = region.call('CreateCustomerGateway', { Type: 'ipsec.1', IpAddress: '203.0.113.9' })
    .CustomerGateway?.CustomerGatewayId;
  region.call('DeleteVpnGateway', { VpnGatewayId: vpn });
  region.call('DeleteCustomerGateway', { CustomerGatewayId: customer });
  const sizes = () => [region.world.vpnGateways.size, region.world.customerGateways.size];
  purgeExpired(region.store, at('02T03'));
  expect(sizes()).toEqual([1, 1]);
  purgeExpired(region.store, at('02T04'));
  expect(sizes()).toEqual([0, 0]);
});

test('a deleted transit gateway stays visible for an hour, and its route table with it', () => {
  const region = new TestRegion();
  const TransitGatewayId = given(region.call('CreateTransitGateway', {}).TransitGateway?.TransitGatewayId);
  region.call('DeleteTransitGateway', { TransitGatewayId });
  region.write(({ tx }) => completeTransitGateway(tx, TransitGatewayId));
  purgeExpired(region.store, at('02T03'));
  expect(region.world.transitGateways.get(TransitGatewayId)?.state).toBe('deleted');
  purgeExpired(region.store, at('02T04'));
  expect(region.world.transitGateways.size + region.world.transitGatewayRouteTables.size).toBe(0);
});

test('S48 terminated instances, failed NAT gateways and deleted endpoints stay visible for an hour', () => {
  const region = new TestRegion({ isSeeded: true });
  const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }];
  const ImageId = region.call('DescribeImages', { Filters }).Images?.[0]?.ImageId;
  const launched = region.call('RunInstances', {
    ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
  });
  const instanceId = given(launched.Instances?.[0]?.InstanceId);
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId;
  const { AllocationId } = region.call('AllocateAddress', {});
  // Without an internet gateway it fails (S46).
  const gateway = given(region.call('CreateNatGateway', { SubnetId, AllocationId }).NatGateway);
  const ServiceName = 'com.amazonaws.us-east-1.s3';
  const endpoint = given(region.call('CreateVpcEndpoint', { VpcId, ServiceName }).VpcEndpoint);
  region.write(({ tx, now }) => {
    const instance = given(tx.instances.get(instanceId));
    tx.instances.put({ ...instance, state: 'terminated', terminateTime: now.toISOString() });
    const record = given(tx.vpcEndpoints.get(given(endpoint.VpcEndpointId)));
    tx.vpcEndpoints.put({ ...record, state: 'deleted', deleteTime: now.toISOString() });
  });
  const visible = () => [
    region.world.instances.get(instanceId)?.state,
    region.world.natGateways.get(given(gateway.NatGatewayId))?.state,
    region.world.vpcEndpoints.get(given(endpoint.VpcEndpointId))?.state,
  ];
  purgeExpired(region.store, new Date('2026-01-02T04:04:04.999Z'));
  expect(visible()).toEqual(['terminated', 'failed', 'deleted']);
  purgeExpired(region.store, at('02T04'));
  expect(visible()).toEqual([undefined, undefined, undefined]);
});
