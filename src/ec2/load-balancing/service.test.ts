import { expect, test } from 'vitest';
import { given, TestRegion } from '../../../test/support/ec2.ts';
import { askLoadBalancing } from '../../../test/support/load-balancers.ts';

type Parameters = Readonly<Record<string, string>>;

/** A VPC with a subnet in two zones, and how its owner asks. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const subnet = (CidrBlock: string, AvailabilityZone: string) =>
    given(region.call('CreateSubnet', { VpcId, CidrBlock, AvailabilityZone }).Subnet?.SubnetId);
  const subnets = [subnet('10.0.0.0/24', 'us-east-1a'), subnet('10.0.1.0/24', 'us-east-1b')] as const;
  const ask = (action: string, parameters: Parameters = {}): Promise<string> =>
    askLoadBalancing(region, action, parameters);
  return { region, VpcId, subnets, ask };
}

/** The text of the first element of a name. */
function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? `no ${name} in ${xml}`;
}

/** `Code: message` of a refusal, or the whole reply. */
function refusalOf(xml: string): string {
  return xml.startsWith('<ErrorResponse') ? `${textOf(xml, 'Code')}: ${textOf(xml, 'Message')}` : xml;
}

/** A region with an internal load balancer, a target group of one address, and a listener. */
async function newBalancer() {
  const made = newRegion();
  const { VpcId, subnets, ask } = made;
  const balancer = textOf(
    await ask('CreateLoadBalancer', {
      Name: 'front',
      Type: 'network',
      Scheme: 'internal',
      'Subnets.member.1': subnets[0],
      'Subnets.member.2': subnets[1],
    }),
    'LoadBalancerArn',
  );
  const group = textOf(
    await ask('CreateTargetGroup', {
      Name: 'servers',
      Protocol: 'TCP',
      Port: '8080',
      VpcId,
      TargetType: 'ip',
    }),
    'TargetGroupArn',
  );
  const listen = (port: string, parameters: Parameters = {}) =>
    ask('CreateListener', {
      LoadBalancerArn: balancer,
      Protocol: 'TCP',
      Port: port,
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': group,
      ...parameters,
    });
  return { ...made, balancer, group, listen };
}

test('a load balancer has a managed interface in each subnet, and is shown in the words of AWS', async () => {
  const { region, ask, subnets, VpcId, balancer } = await newBalancer();
  const digits = balancer.slice(-16);
  expect(balancer).toBe(
    `arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/front/${digits}`,
  );
  expect(await ask('DescribeLoadBalancers', { 'Names.member.1': 'front' })).toBe(
    '<DescribeLoadBalancersResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">' +
      '<DescribeLoadBalancersResult><LoadBalancers><member>' +
      `<LoadBalancerArn>${balancer}</LoadBalancerArn>` +
      `<DNSName>front-${digits}.elb.us-east-1.amazonaws.com</DNSName>` +
      '<CanonicalHostedZoneId>Z26RNL4JYFTOTI</CanonicalHostedZoneId>' +
      '<CreatedTime>2026-01-02T03:04:05.000Z</CreatedTime><LoadBalancerName>front</LoadBalancerName>' +
      `<Scheme>internal</Scheme><VpcId>${VpcId}</VpcId><State><Code>provisioning</Code></State>` +
      '<Type>network</Type><AvailabilityZones>' +
      `<member><ZoneName>us-east-1a</ZoneName><SubnetId>${subnets[0]}</SubnetId><LoadBalancerAddresses>` +
      '<member><PrivateIPv4Address>10.0.0.4</PrivateIPv4Address></member></LoadBalancerAddresses></member>' +
      `<member><ZoneName>us-east-1b</ZoneName><SubnetId>${subnets[1]}</SubnetId><LoadBalancerAddresses>` +
      '<member><PrivateIPv4Address>10.0.1.4</PrivateIPv4Address></member></LoadBalancerAddresses></member>' +
      '</AvailabilityZones><IpAddressType>ipv4</IpAddressType></member></LoadBalancers>' +
      '</DescribeLoadBalancersResult><ResponseMetadata>' +
      '<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>' +
      '</DescribeLoadBalancersResponse>',
  );
  const filter = { Name: 'description', Values: [`ELB net/front/${digits}`] };
  expect(region.call('DescribeNetworkInterfaces', { Filters: [filter] }).NetworkInterfaces).toMatchObject(
    subnets.map((SubnetId) => ({
      SubnetId,
      InterfaceType: 'network_load_balancer',
      RequesterManaged: true,
      Status: 'in-use',
    })),
  );
});

const NAME = { Name: 'front', Type: 'network', Scheme: 'internal' };

test.each<[string, string, Parameters, string]>([
  [
    'another type',
    'CreateLoadBalancer',
    { Name: 'front' },
    'InvalidConfigurationRequest: Cloudcroft has no load balancers of type application: it has Network Load Balancers, of type network.',
  ],
  ['no subnet', 'CreateLoadBalancer', NAME, 'ValidationError: At least one subnet must be specified'],
  [
    'an unknown subnet',
    'CreateLoadBalancer',
    { ...NAME, 'Subnets.member.1': 'subnet-1' },
    "SubnetNotFound: The subnet ID 'subnet-1' does not exist",
  ],
  [
    'a name that is none',
    'CreateLoadBalancer',
    { ...NAME, Name: '-front' },
    "ValidationError: The name '-front' must have at most 32 letters, digits and hyphens, and not begin or end with a hyphen",
  ],
  [
    'an unknown load balancer',
    'DescribeLoadBalancers',
    { 'Names.member.1': 'x' },
    'LoadBalancerNotFound: One or more load balancers not found',
  ],
  [
    'an unknown target group',
    'DescribeTargetGroups',
    { 'Names.member.1': 'x' },
    'TargetGroupNotFound: One or more target groups not found',
  ],
  [
    'an unknown listener',
    'DeleteListener',
    { ListenerArn: 'x' },
    'ListenerNotFound: One or more listeners not found',
  ],
  [
    'another protocol',
    'CreateTargetGroup',
    { Name: 'x', Protocol: 'TLS', Port: '1', VpcId: '$vpc' },
    "ValidationError: Protocol 'TLS' is not supported by Cloudcroft: it has TCP, UDP, TCP_UDP",
  ],
  [
    'a VPC that is not there',
    'CreateTargetGroup',
    { Name: 'x', VpcId: 'vpc-1' },
    "ValidationError: The VPC ID 'vpc-1' is not found",
  ],
  [
    'what nobody looks at',
    'DescribeTags',
    { 'ResourceArns.member.1': '$group', Colour: 'red' },
    'ValidationError: Cloudcroft does not support Colour of DescribeTags.',
  ],
  [
    'an action that is not there',
    'CreateRule',
    {},
    'InvalidAction: The action CreateRule is not valid for this web service.',
  ],
])('%s is refused', async (_, action, parameters, refusal) => {
  const { ask, VpcId } = newRegion();
  const group = textOf(
    await ask('CreateTargetGroup', { Name: 'servers', Protocol: 'TCP', Port: '80', VpcId }),
    'TargetGroupArn',
  );
  const filled = Object.entries(parameters).map(([name, value]) => [
    name,
    value.replace('$vpc', VpcId).replace('$group', group),
  ]);
  const reply = refusalOf(await ask(action, Object.fromEntries(filled)));
  expect(reply).toBe(refusal);
});

test('a listener forwards to one target group of its protocol, at a port of its own', async () => {
  const { ask, VpcId, subnets, balancer, group, listen } = await newBalancer();
  const listener = textOf(await listen('80'), 'ListenerArn');
  expect(listener.startsWith(`${balancer.replace(':loadbalancer/', ':listener/')}/`)).toBe(true);
  expect(refusalOf(await listen('80'))).toBe(
    `DuplicateListener: A listener already exists on this port for this load balancer '${balancer}'`,
  );
  expect(refusalOf(await listen('81', { Protocol: 'UDP' }))).toBe(
    "InvalidConfigurationRequest: Listener protocol 'UDP' is not supported with a target group with the protocol 'TCP'",
  );
  expect(refusalOf(await ask('DeleteTargetGroup', { TargetGroupArn: group }))).toBe(
    `ResourceInUse: Target group '${group}' is currently in use by a listener or a rule`,
  );
  const other = textOf(
    await ask('CreateLoadBalancer', { ...NAME, Name: 'other', 'Subnets.member.1': subnets[0] }),
    'LoadBalancerArn',
  );
  expect(refusalOf(await listen('80', { LoadBalancerArn: other }))).toBe(
    `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${group}`,
  );
  expect(textOf(await ask('ModifyListener', { ListenerArn: listener, Port: '81' }), 'Port')).toBe('81');
  const named = await ask('DescribeTargetGroups', { LoadBalancerArn: balancer });
  expect(textOf(named, 'VpcId')).toBe(VpcId);
  await ask('DeleteListener', { ListenerArn: listener });
  expect(await ask('DescribeListeners', { LoadBalancerArn: balancer })).toContain('<Listeners></Listeners>');
});

test('targets: registered, what becomes of their packets, deregistered', async () => {
  const { ask, group, listen } = await newBalancer();
  const health = (id: string) =>
    ask('DescribeTargetHealth', { TargetGroupArn: group, 'Targets.member.1.Id': id });
  const register = (id: string) =>
    ask('RegisterTargets', { TargetGroupArn: group, 'Targets.member.1.Id': id });
  expect(refusalOf(await register('192.0.2.1'))).toMatch(
    /^InvalidTarget: The IP address '192.0.2.1' is not in the VPC/,
  );
  await register('10.0.0.77');
  expect(textOf(await health('10.0.0.77'), 'Reason')).toBe('Target.NotInUse');
  await listen('80');
  expect(textOf(await health('10.0.0.77'), 'Description')).toBe('No running instance has the address');
  // The load balancer's own node has this one.
  await register('10.0.0.4');
  const reached = await health('10.0.0.4');
  expect([textOf(reached, 'State'), textOf(reached, 'HealthCheckPort')]).toEqual(['unavailable', '8080']);
  await ask('DeregisterTargets', { TargetGroupArn: group, 'Targets.member.1.Id': '10.0.0.4' });
  expect(textOf(await health('10.0.0.4'), 'Reason')).toBe('Target.NotRegistered');
});

test('attributes: those that are done can be set, the others are refused', async () => {
  const { ask, balancer, group } = await newBalancer();
  const set = (Key: string, Value: string) =>
    ask('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: balancer,
      'Attributes.member.1.Key': Key,
      'Attributes.member.1.Value': Value,
    });
  expect(await set('load_balancing.cross_zone.enabled', 'true')).toContain(
    '<Key>load_balancing.cross_zone.enabled</Key><Value>true</Value>',
  );
  expect(refusalOf(await set('access_logs.s3.enabled', 'true'))).toBe(
    "ValidationError: The attribute 'access_logs.s3.enabled' cannot be 'true': Cloudcroft has 'false' only.",
  );
  expect(refusalOf(await set('colour', 'red'))).toBe(
    "ValidationError: Load balancer attribute key 'colour' is not recognized",
  );
  expect(await ask('DescribeTargetGroupAttributes', { TargetGroupArn: group })).toContain(
    '<Key>preserve_client_ip.enabled</Key><Value>false</Value>',
  );
});

test('tags of each kind', async () => {
  const { ask, balancer, group, listen } = await newBalancer();
  const listener = textOf(await listen('80'), 'ListenerArn');
  for (const arn of [balancer, group, listener]) {
    const one = { 'ResourceArns.member.1': arn };
    await ask('AddTags', { ...one, 'Tags.member.1.Key': 'Name', 'Tags.member.1.Value': 'it' });
    expect(textOf(await ask('DescribeTags', one), 'Value')).toBe('it');
    await ask('RemoveTags', { ...one, 'TagKeys.member.1': 'Name' });
    expect(await ask('DescribeTags', one)).toContain('<Tags></Tags>');
  }
});

test('deleted, its listeners and interfaces go; protected, or behind a service, it stays', async () => {
  const { region, ask, VpcId, balancer, listen } = await newBalancer();
  await listen('80');
  const drop = () => ask('DeleteLoadBalancer', { LoadBalancerArn: balancer });
  const protect = (Value: string) =>
    ask('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: balancer,
      'Attributes.member.1.Key': 'deletion_protection.enabled',
      'Attributes.member.1.Value': Value,
    });
  await protect('true');
  expect(refusalOf(await drop())).toMatch(/^OperationNotPermitted: /);
  await protect('false');
  const { ServiceConfiguration: service } = region.call('CreateVpcEndpointServiceConfiguration', {
    NetworkLoadBalancerArns: [balancer],
  });
  expect(refusalOf(await drop())).toMatch(/^ResourceInUse: /);
  region.call('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [given(service?.ServiceId)] });
  await drop();
  expect(region.world.networkInterfaces.where('vpcId', VpcId)).toEqual([]);
  expect([region.world.loadBalancers.size, region.world.listeners.size]).toEqual([0, 0]);
});

test('an internet-facing one needs an internet gateway, and gets public addresses', async () => {
  const { region, ask, VpcId, subnets } = newRegion();
  const create = () =>
    ask('CreateLoadBalancer', { Name: 'public', Type: 'network', 'Subnets.member.1': subnets[0] });
  expect(refusalOf(await create())).toBe(`InvalidSubnet: VPC ${VpcId} has no internet gateway`);
  const gateway = region.call('CreateInternetGateway', {}).InternetGateway;
  const InternetGatewayId = given(gateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const arn = textOf(await create(), 'LoadBalancerArn');
  expect(textOf(await create(), 'LoadBalancerArn')).toBe(arn);
  const [node] = region.world.networkInterfaces.where('vpcId', VpcId);
  expect(node?.autoAssignedPublicIp).toMatch(/^198\.18\./);
});
