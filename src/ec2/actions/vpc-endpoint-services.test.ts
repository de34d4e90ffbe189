import type { CreateVpcEndpointRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { BALANCER, placeLoadBalancer } from '../../../test/support/load-balancers.ts';
import { completeVpc } from '../../control/lifecycle.ts';

const STS = 'com.amazonaws.us-east-1.sts';

function newVpc(region: TestRegion, names = true) {
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const subnet = (CidrBlock: string, AvailabilityZone: string) =>
    given(region.call('CreateSubnet', { VpcId, CidrBlock, AvailabilityZone }).Subnet?.SubnetId);
  const SubnetIds = [subnet('10.0.0.0/24', 'us-east-1a'), subnet('10.0.1.0/24', 'us-east-1b')];
  if (names) region.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  const endpoint = (rest: Partial<CreateVpcEndpointRequest> = {}) =>
    given(
      region.call('CreateVpcEndpoint', {
        VpcId,
        VpcEndpointType: 'Interface',
        ServiceName: STS,
        SubnetIds,
        ...rest,
      }).VpcEndpoint,
    );
  return { VpcId, SubnetIds, subnet, endpoint };
}

test('S104 an interface endpoint has a managed interface a subnet, and the default group', () => {
  const region = new TestRegion({ isSeeded: true });
  const { VpcId, SubnetIds, endpoint } = newVpc(region);
  const made = endpoint();
  const id = given(made.VpcEndpointId);
  expect(made).toMatchObject({
    VpcEndpointType: 'Interface',
    State: 'pending',
    SubnetIds,
    Groups: [{ GroupName: 'default' }],
    PrivateDnsEnabled: true,
    RouteTableIds: [],
  });
  expect(made.DnsEntries?.map(({ DnsName }) => DnsName)).toEqual([
    `${id}-${id.slice(-8)}.sts.us-east-1.vpce.amazonaws.com`,
    `${id}-${id.slice(-8)}-us-east-1a.sts.us-east-1.vpce.amazonaws.com`,
    `${id}-${id.slice(-8)}-us-east-1b.sts.us-east-1.vpce.amazonaws.com`,
    'sts.us-east-1.amazonaws.com',
  ]);
  const filter = { Name: 'vpc-id', Values: [VpcId] };
  expect(region.call('DescribeNetworkInterfaces', { Filters: [filter] }).NetworkInterfaces).toMatchObject(
    SubnetIds.map((SubnetId) => ({
      SubnetId,
      InterfaceType: 'vpc_endpoint',
      RequesterManaged: true,
      Description: `VPC Endpoint Interface ${id}`,
    })),
  );
});

test('it is available once its packets are carried; deleted, its interfaces go', () => {
  const region = new TestRegion({ isSeeded: true });
  const { VpcId, endpoint } = newVpc(region);
  const id = given(endpoint().VpcEndpointId);
  const settle = () => region.write(({ tx, now }) => completeVpc(tx, VpcId, now));
  const show = () => region.call('DescribeVpcEndpoints', { VpcEndpointIds: [id] }).VpcEndpoints?.[0];
  settle();
  expect(show()?.State).toBe('available');
  region.call('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  settle();
  expect(show()).toMatchObject({ State: 'deleted', NetworkInterfaceIds: [] });
  expect(region.world.networkInterfaces.where('vpcId', VpcId)).toEqual([]);
});

test('S105 private DNS needs both DNS attributes', () => {
  const region = new TestRegion({ isSeeded: true });
  const { VpcId, endpoint } = newVpc(region, false);
  expect(refusalOf(() => endpoint())).toBe(
    `InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${VpcId}`,
  );
  expect(endpoint({ PrivateDnsEnabled: false }).PrivateDnsEnabled).toBe(false);
});

test('S104 two subnets of one zone are refused, and what is for gateway endpoints', () => {
  const region = new TestRegion({ isSeeded: true });
  const { SubnetIds, subnet, endpoint } = newVpc(region);
  const same = subnet('10.0.2.0/24', 'us-east-1a');
  expect(refusalOf(() => endpoint({ SubnetIds: [...SubnetIds, same] }))).toMatch(
    /^DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of/,
  );
  expect(refusalOf(() => endpoint({ RouteTableIds: ['rtb-1'] }))).toMatch(/^InvalidParameterCombination/);
  expect(refusalOf(() => endpoint({ ServiceName: 'com.amazonaws.us-east-1.nothing' }))).toBe(
    "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-east-1.nothing' does not exist",
  );
});

test('its subnets and groups change, and its interfaces with them', () => {
  const region = new TestRegion({ isSeeded: true });
  const { VpcId, SubnetIds, endpoint } = newVpc(region);
  const id = given(endpoint({ SubnetIds: SubnetIds.slice(0, 1) }).VpcEndpointId);
  const GroupId = given(
    region.call('CreateSecurityGroup', { VpcId, GroupName: 'g', Description: 'g' }).GroupId,
  );
  const [first = '', second = ''] = SubnetIds;
  const before = region.world.vpcEndpoints.get(id)?.groupIds ?? [];
  region.call('ModifyVpcEndpoint', {
    VpcEndpointId: id,
    AddSubnetIds: [second],
    RemoveSubnetIds: [first],
    AddSecurityGroupIds: [GroupId],
    RemoveSecurityGroupIds: [...before],
    PrivateDnsEnabled: false,
  });
  expect(region.call('DescribeVpcEndpoints', { VpcEndpointIds: [id] }).VpcEndpoints).toMatchObject([
    { SubnetIds: [second], Groups: [{ GroupId }], PrivateDnsEnabled: false },
  ]);
  expect(region.world.networkInterfaces.where('vpcId', VpcId)).toMatchObject([
    { subnetId: second, groupIds: [GroupId] },
  ]);
});

test('an endpoint that says no type is a gateway, which few services have', () => {
  const region = new TestRegion({ isSeeded: true });
  const { VpcId } = newVpc(region);
  const make = (service: string) => () =>
    region.call('CreateVpcEndpoint', { VpcId, ServiceName: `com.amazonaws.us-east-1.${service}` });
  expect(refusalOf(make('sts'))).toBe(
    'InvalidParameter: Endpoint type (Gateway) does not match available service types ([Interface]).',
  );
  expect(refusalOf(make('nothing'))).toMatch(/^InvalidServiceName/);
  expect(refusalOf(make('s3'))).toBe('no error');
});

test('services are listed and filtered by type', () => {
  const region = new TestRegion({ isSeeded: true });
  const names = (type: string) =>
    region.call('DescribeVpcEndpointServices', { Filters: [{ Name: 'service-type', Values: [type] }] })
      .ServiceNames;
  expect(names('Gateway')).toEqual(['com.amazonaws.us-east-1.dynamodb', 'com.amazonaws.us-east-1.s3']);
  expect(names('Interface')).toContain(STS);
});

test('a service of both types comes twice, once for each', () => {
  const region = new TestRegion({ isSeeded: true });
  const S3 = 'com.amazonaws.us-east-1.s3';
  const { ServiceNames, ServiceDetails } = region.call('DescribeVpcEndpointServices', { ServiceNames: [S3] });
  expect(ServiceNames).toEqual([S3, S3]);
  expect(ServiceDetails).toMatchObject([
    { ServiceType: [{ ServiceType: 'Gateway' }], BaseEndpointDnsNames: ['s3.us-east-1.amazonaws.com'] },
    {
      ServiceType: [{ ServiceType: 'Interface' }],
      BaseEndpointDnsNames: ['s3.us-east-1.vpce.amazonaws.com'],
      PrivateDnsName: 's3.us-east-1.amazonaws.com',
      PrivateDnsNameVerificationState: 'verified',
    },
  ]);
  expect(ServiceDetails?.[0]).not.toHaveProperty('PrivateDnsName');
  const ids = ServiceDetails?.map(({ ServiceId }) => ServiceId) ?? [];
  expect(ids).toEqual([
    expect.stringMatching(/^vpce-svc-[0-9a-f]{17}$/),
    expect.stringMatching(/^vpce-svc-[0-9a-f]{17}$/),
  ]);
  expect(ids[0]).not.toBe(ids[1]);
  const pages = (NextToken?: string): string[] => {
    const page = region.call('DescribeVpcEndpointServices', { MaxResults: 7, NextToken });
    return [...(page.ServiceNames ?? []), ...(page.NextToken === undefined ? [] : pages(page.NextToken))];
  };
  expect(pages()).toEqual(region.call('DescribeVpcEndpointServices', {}).ServiceNames);
});

const hosts: readonly (readonly [service: string, host: string])[] = [
  ['rds', 'rds'],
  ['elasticfilesystem', 'elasticfilesystem'],
  ['sagemaker.api', 'api.sagemaker'],
  ['kinesis-streams', 'kinesis'],
  ['kinesis-firehose', 'firehose'],
  ['ecs-agent', 'ecs-a'],
];

test.each(hosts)('the endpoint to %s stands for the host %s', (service, host) => {
  const region = new TestRegion({ isSeeded: true });
  const { SubnetIds, endpoint } = newVpc(region);
  const ServiceName = `com.amazonaws.us-east-1.${service}`;
  const { VpcEndpointId: id = '', DnsEntries } = endpoint({ ServiceName, SubnetIds: SubnetIds.slice(0, 1) });
  expect(DnsEntries?.map(({ DnsName }) => DnsName)).toEqual([
    `${id}-${id.slice(-8)}.${host}.us-east-1.vpce.amazonaws.com`,
    `${id}-${id.slice(-8)}-us-east-1a.${host}.us-east-1.vpce.amazonaws.com`,
    `${host}.us-east-1.amazonaws.com`,
  ]);
});

function newService(state: 'provisioning' | 'active' = 'active') {
  const region = new TestRegion({ isSeeded: true });
  placeLoadBalancer(region, BALANCER, state);
  const service = given(
    region.call('CreateVpcEndpointServiceConfiguration', { NetworkLoadBalancerArns: [BALANCER] })
      .ServiceConfiguration,
  );
  const ServiceId = given(service.ServiceId);
  const ServiceName = given(service.ServiceName);
  return { region, service, ServiceId, ServiceName };
}

test('a service waits for its load balancers, takes requests, and is named by its id', () => {
  expect(newService('provisioning').service.ServiceState).toBe('Pending');
  const { service, ServiceId } = newService();
  expect(service).toMatchObject({
    ServiceName: `com.amazonaws.vpce.us-east-1.${ServiceId}`,
    ServiceState: 'Available',
    ServiceType: [{ ServiceType: 'Interface' }],
    AcceptanceRequired: true,
    NetworkLoadBalancerArns: [BALANCER],
    SupportedIpAddressTypes: ['ipv4'],
  });
});

const refusals: readonly (readonly [input: object, refusal: string])[] = [
  [
    {},
    'MissingParameter: The request must contain the parameter NetworkLoadBalancerArn or GatewayLoadBalancerArn',
  ],
  [{ NetworkLoadBalancerArns: ['lb'] }, 'InvalidParameter: Invalid load balancer ARN: lb'],
  [
    { NetworkLoadBalancerArns: [`${BALANCER}0`] },
    `InvalidParameter: Invalid load balancer ARN: ${BALANCER}0`,
  ],
  [
    { NetworkLoadBalancerArns: [BALANCER], SupportedIpAddressTypes: ['ipx'] },
    'InvalidParameterValue: Value (ipx) for parameter SupportedIpAddressTypes is invalid. The types are ipv4 and ipv6.',
  ],
];

test.each(refusals)('a service with %j is refused', (input, refusal) => {
  const region = new TestRegion({ isSeeded: true });
  placeLoadBalancer(region);
  expect(refusalOf(() => region.call('CreateVpcEndpointServiceConfiguration', input))).toBe(refusal);
});

test('another account sees a service once it is allowed, and waits to be let in', () => {
  const { region, ServiceId, ServiceName } = newService();
  const other = region.elsewhere({ account: '210987654321' });
  const { endpoint } = newVpc(other);
  const connect = () => endpoint({ ServiceName, PrivateDnsEnabled: false });
  expect(refusalOf(connect)).toMatch(/^InvalidServiceName/);
  const allowed = region.call('ModifyVpcEndpointServicePermissions', {
    ServiceId,
    AddAllowedPrincipals: ['arn:aws:iam::210987654321:root'],
  });
  expect(allowed.AddedPrincipals).toMatchObject([{ PrincipalType: 'Account', ServiceId }]);
  expect(region.call('DescribeVpcEndpointServicePermissions', { ServiceId }).AllowedPrincipals).toHaveLength(
    1,
  );
  const made = connect();
  expect(made).toMatchObject({ State: 'pendingAcceptance', DnsEntries: [] });
  const id = given(made.VpcEndpointId);
  expect(region.call('DescribeVpcEndpointConnections', {}).VpcEndpointConnections).toMatchObject([
    { VpcEndpointId: id, VpcEndpointOwner: '210987654321', VpcEndpointState: 'pendingAcceptance' },
  ]);
  const remove = () => region.call('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [ServiceId] });
  expect(remove().Unsuccessful).toMatchObject([{ Error: { Code: 'ExistingVpcEndpointConnections' } }]);
  const one = { ServiceId, VpcEndpointIds: [id] };
  expect(region.call('AcceptVpcEndpointConnections', one).Unsuccessful).toEqual([]);
  expect(other.world.vpcEndpoints.get(id)?.state).toBe('pending');
  expect(region.call('AcceptVpcEndpointConnections', one).Unsuccessful).toMatchObject([
    { Error: { Code: 'InvalidState' } },
  ]);
  expect(region.call('RejectVpcEndpointConnections', one).Unsuccessful).toEqual([]);
  expect(other.world.vpcEndpoints.get(id)?.state).toBe('rejected');
  expect(remove().Unsuccessful).toEqual([]);
  expect(remove().Unsuccessful).toMatchObject([{ Error: { Code: 'InvalidVpcEndpointServiceId.NotFound' } }]);
});

test('a service changes: acceptance, its private name, its load balancers', () => {
  const { region, ServiceId } = newService();
  const other = `${BALANCER.slice(0, -1)}0`;
  placeLoadBalancer(region, other);
  region.call('ModifyVpcEndpointServiceConfiguration', {
    ServiceId,
    AcceptanceRequired: false,
    PrivateDnsName: 'api.example.com',
    AddNetworkLoadBalancerArns: [other],
    RemoveNetworkLoadBalancerArns: [BALANCER],
  });
  const Filters = [{ Name: 'service-id', Values: [ServiceId] }];
  expect(
    region.call('DescribeVpcEndpointServiceConfigurations', { Filters }).ServiceConfigurations,
  ).toMatchObject([
    {
      AcceptanceRequired: false,
      PrivateDnsName: 'api.example.com',
      PrivateDnsNameConfiguration: { State: 'pendingVerification', Type: 'TXT' },
      NetworkLoadBalancerArns: [other],
    },
  ]);
});

test('its private name is used once it is verified', () => {
  const { region, ServiceId, ServiceName } = newService();
  const { VpcId, endpoint } = newVpc(region);
  const change = (PrivateDnsName: string) =>
    region.call('ModifyVpcEndpointServiceConfiguration', { ServiceId, PrivateDnsName });
  const verify = () => region.call('StartVpcEndpointServicePrivateDnsVerification', { ServiceId });
  const state = () =>
    region.call('DescribeVpcEndpointServiceConfigurations', { ServiceIds: [ServiceId] })
      .ServiceConfigurations?.[0]?.PrivateDnsNameConfiguration?.State;
  expect(refusalOf(verify)).toBe(`InvalidParameter: Service ${ServiceId} has no private DNS name.`);
  change('api.example.com');
  expect(state()).toBe('pendingVerification');
  expect(endpoint({ ServiceName }).PrivateDnsEnabled).toBe(false);
  expect(refusalOf(() => endpoint({ ServiceName, PrivateDnsEnabled: true }))).toBe(
    `InvalidParameter: Private DNS can't be enabled because the service ${ServiceName} has not verified the private DNS name.`,
  );
  verify();
  expect(state()).toBe('verified');
  const made = endpoint({ ServiceName });
  expect(made.PrivateDnsEnabled).toBe(true);
  region.call('AcceptVpcEndpointConnections', { ServiceId, VpcEndpointIds: [given(made.VpcEndpointId)] });
  region.write(({ tx, now }) => completeVpc(tx, VpcId, now));
  const shown = region.call('DescribeVpcEndpoints', { VpcEndpointIds: [given(made.VpcEndpointId)] });
  expect(shown.VpcEndpoints?.[0]?.State).toBe('available');
  expect(shown.VpcEndpoints?.[0]?.DnsEntries?.at(-1)?.DnsName).toBe('api.example.com');
  change('other.example.com');
  expect(state()).toBe('pendingVerification');
});

test('an endpoint stands in zones where the service has a load balancer, and waits for it', () => {
  const { region, ServiceId, ServiceName } = newService('provisioning');
  const { VpcId, subnet, endpoint } = newVpc(region);
  const far = subnet('10.0.3.0/24', 'us-east-1c');
  expect(refusalOf(() => endpoint({ ServiceName, SubnetIds: [far] }))).toBe(
    `InvalidParameter: The VPC endpoint service does not support the availability zone of the subnet: ${far}.`,
  );
  const id = given(endpoint({ ServiceName }).VpcEndpointId);
  region.call('AcceptVpcEndpointConnections', { ServiceId, VpcEndpointIds: [id] });
  const settle = (vpcId: string) => region.write(({ tx, now }) => completeVpc(tx, vpcId, now));
  settle(VpcId);
  expect(region.world.vpcEndpoints.get(id)?.state).toBe('pending');
  settle(given(region.world.loadBalancers.get(BALANCER)?.vpcId));
  settle(VpcId);
  expect(region.world.vpcEndpoints.get(id)?.state).toBe('available');
});
