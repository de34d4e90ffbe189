import type { CreateVpcEndpointRequest, ModifyVpcEndpointRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../test/support/ec2.ts';

/** A VPC with a subnet, and an interface endpoint to be made in it. */
function prepare() {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const CidrBlock = '10.0.0.0/24';
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
  const make = (more: Partial<CreateVpcEndpointRequest> = {}) =>
    given(
      region.call('CreateVpcEndpoint', {
        VpcId,
        VpcEndpointType: 'Interface',
        ServiceName: 'com.amazonaws.us-east-1.sts',
        SubnetIds: [SubnetId],
        PrivateDnsEnabled: false,
        ...more,
      }).VpcEndpoint,
    );
  const change = (VpcEndpointId: string | undefined, more: Partial<ModifyVpcEndpointRequest>) =>
    region.call('ModifyVpcEndpoint', { VpcEndpointId, ...more });
  const addresses = () =>
    region
      .call('DescribeNetworkInterfaces', { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] })
      .NetworkInterfaces?.map(({ PrivateIpAddress }) => PrivateIpAddress);
  return { SubnetId, make, change, addresses };
}

test('an endpoint’s interface has the address that its subnet’s configuration says; another is another interface', () => {
  const { SubnetId, make, change, addresses } = prepare();
  const made = make({ SubnetConfigurations: [{ SubnetId, Ipv4: '10.0.0.77' }] });
  expect(addresses()).toEqual(['10.0.0.77']);
  change(made.VpcEndpointId, { SubnetConfigurations: [{ SubnetId, Ipv4: '10.0.0.77' }] });
  expect(addresses()).toEqual(['10.0.0.77']);
  change(made.VpcEndpointId, { SubnetConfigurations: [{ SubnetId, Ipv4: '10.0.0.78' }] });
  expect(addresses()).toEqual(['10.0.0.78']);
});

test.each<[string, Partial<CreateVpcEndpointRequest>]>([
  ['InvalidParameterValue', { SubnetConfigurations: [{ SubnetId: 'subnet-1', Ipv4: '10.0.0.9' }] }],
  ['UnsupportedOperation', { IpAddressType: 'dualstack' }],
  ['UnsupportedOperation', { ServiceRegion: 'eu-west-1' }],
  ['UnsupportedOperation', { DnsOptions: { DnsRecordIpType: 'ipv6' } }],
  ['UnsupportedOperation', { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } }],
  ['UnsupportedOperation', { DnsOptions: { PrivateDnsPreference: 'ALL_DOMAINS' } }],
  ['no error', { IpAddressType: 'ipv4', ServiceRegion: 'us-east-1' }],
  ['no error', { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: false } }],
])('%s: an endpoint with %j', (code, options) => {
  const { make } = prepare();
  expect(refusalOf(() => make(options)).split(':')[0]).toBe(code);
});

test('addresses outside the subnet, taken or of IPv6 are refused', () => {
  const { SubnetId, make } = prepare();
  const wish = (Ipv4: string) => refusalOf(() => make({ SubnetConfigurations: [{ SubnetId, Ipv4 }] }));
  expect(wish('10.0.1.5')).toBe(
    "InvalidParameterValue: Address does not fall within the subnet's address range",
  );
  expect(wish('10.0.0.9')).toBe('no error');
  expect(wish('10.0.0.9')).toBe('InvalidIPAddress.InUse: Address 10.0.0.9 is in use.');
  const Ipv6 = '2600:1f18::1';
  expect(refusalOf(() => make({ SubnetConfigurations: [{ SubnetId, Ipv6 }] }))).toMatch(
    /^UnsupportedOperation: /,
  );
});

test('an interface endpoint shows that its names lead to IPv4 addresses', () => {
  const { make } = prepare();
  expect(make({ DnsOptions: { DnsRecordIpType: 'ipv4' } }).DnsOptions).toEqual({ DnsRecordIpType: 'ipv4' });
});
