import { describe, expect, it } from 'vitest';
import { refusalOf, type TestRegion } from '../../../test/support/ec2.ts';
import { recordType, TypeBench } from '../../../test/support/type-bench.ts';
import { layGround } from '../../../test/support/type-cases.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf } from '../action-input.ts';
import { checkProperties } from '../properties.ts';
import { resourceTypes } from './index.ts';

describe('properties that are not those of their type are refused', () => {
  it.each<[string, ValueMap, string]>([
    ['AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsSupport: 'TRUE' }, 'no error'],
    ['AWS::EC2::VPC', { Cidr: '10.0.0.0/16' }, 'Encountered unsupported property Cidr'],
    ['AWS::EC2::VPC', { toString: 'x' }, 'Encountered unsupported property toString'],
    [
      'AWS::EC2::VPC',
      { EnableDnsSupport: 'yes' },
      'Value of property EnableDnsSupport must be of type Boolean',
    ],
    ['AWS::EC2::VPC', { Tags: { Name: 'a' } }, 'Value of property Tags must be of type List'],
    ['AWS::EC2::VPC', { CidrBlock: ['10.0.0.0/16'] }, 'Value of property CidrBlock must be of type String'],
    ['AWS::EC2::VPC', { CidrBlock: null }, 'Value of property CidrBlock must be of type String'],
    ['AWS::EC2::Subnet', { CidrBlock: '10.0.0.0/24' }, 'Property VpcId cannot be empty.'],
    ['AWS::EC2::Subnet', { VpcId: '' }, 'Property VpcId cannot be empty.'],
    ['AWS::EC2::TransitGateway', { AmazonSideAsn: '64512' }, 'no error'],
    [
      'AWS::EC2::TransitGateway',
      { AmazonSideAsn: 1.5 },
      'Value of property AmazonSideAsn must be of type Integer',
    ],
    ['AWS::EC2::VPCEndpoint', { VpcId: 'v', ServiceName: 's', PolicyDocument: '{}' }, 'no error'],
    [
      'AWS::EC2::VPCEndpoint',
      { VpcId: 'v', ServiceName: 's', PolicyDocument: [] },
      'Value of property PolicyDocument must be of type Json',
    ],
    [
      'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: 'x' },
      'Value of property LaunchTemplateData must be of type Map',
    ],
  ])('%s %j: %s', (name, properties, expected) => {
    const type = resourceTypes.get(name);
    const said = refusalOf(() => checkProperties(type ?? { properties: {} }, properties));
    expect(said.replace('ValidationError: ', '')).toBe(expected);
  });

  it.each<[ValueMap, string]>([
    [{ MinCount: '1', Monitoring: { Enabled: 'true' } }, 'no error'],
    [{ MinCount: 'one' }, 'Value of property MinCount must be of type Integer'],
    [{ Colour: 'red' }, 'Encountered unsupported property Colour'],
    [{ Monitoring: true }, 'Value of property Monitoring must be of type Map'],
    [{ Monitoring: { On: true } }, 'Encountered unsupported property Monitoring.On'],
    [
      { NetworkInterfaces: [{ DeviceIndex: '0' }, { DeviceIndex: [] }] },
      'Value of property NetworkInterfaces[1].DeviceIndex must be of type Integer',
    ],
    [
      { MetadataOptions: { HttpTokens: 'always' } },
      "Value of property MetadataOptions.HttpTokens must be one of optional, required: 'always'",
    ],
    [
      { InstanceType: 'huge' },
      "Value of property InstanceType must be one of the values it may have: 'huge'",
    ],
  ])('members of an action’s input: %j: %s', (values, expected) => {
    const said = refusalOf(() => inputOf('RunInstances', values));
    expect(said.replace('ValidationError: ', '')).toBe(expected);
  });
});

describe('what cannot be made is refused', () => {
  it.each<[string, ValueMap, string]>([
    ['AWS::EC2::VPC', { CidrBlock: '10.0.0.0/8' }, 'is invalid'],
    [
      'AWS::EC2::VPC',
      { CidrBlock: '10.8.0.0/16', Tags: [{ Key: 'aws:x', Value: '1' }] },
      'aws: prefixed tag key',
    ],
    [
      'AWS::EC2::VPC',
      { CidrBlock: '10.8.0.0/16', Tags: [{ Name: 'x' }] },
      'Encountered unsupported property Tags[0].Name',
    ],
    ['AWS::EC2::Subnet', { VpcId: 'VPC', CidrBlock: '10.9.0.0/24' }, 'is invalid'],
    [
      'AWS::EC2::SubnetNetworkAclAssociation',
      { SubnetId: 'subnet-0123456789abcdef0', NetworkAclId: 'acl-1' },
      "The subnet ID 'subnet-0123456789abcdef0' does not exist",
    ],
    [
      'AWS::EC2::NatGateway',
      { SubnetId: 'SUBNET', AllocationId: 'eipalloc-0123456789abcdef0' },
      'could not be associated with this NAT gateway',
    ],
    [
      'AWS::EC2::SecurityGroup',
      {
        GroupDescription: 'x',
        VpcId: 'VPC',
        SecurityGroupIngress: [{ IpProtocol: 'tcp', CidrIp: '10.0.0.0/8' }],
      },
      'Must specify both from and to ports with TCP/UDP',
    ],
    [
      'AWS::EC2::FlowLog',
      {
        ResourceId: 'vpc-0123456789abcdef0',
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::flows',
      },
      "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ],
    [
      'AWS::EC2::VPCPeeringConnection',
      { VpcId: 'VPC', PeerVpcId: 'vpc-0123456789abcdef0' },
      'Failed due to incorrect VPC-ID',
    ],
    ['AWS::Lambda::Function', { Code: { ZipFile: 'x' }, Role: 'r' }, 'Cloudcroft runs no Lambda functions'],
    ['AWS::SSM::Parameter', { Type: 'Text', Value: 'x' }, "Value 'Text' at 'type' failed"],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { Type: 'application', Subnets: ['SUBNET'] },
      'no load balancers of type application',
    ],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { Name: 'inner', Type: 'network', Scheme: 'internal', Subnets: ['SUBNET'] },
      "the name 'inner' exists already",
    ],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { Type: 'network', Subnets: ['SUBNET'], SecurityGroups: ['sg-1'] },
      'does not support SecurityGroups',
    ],
    [
      'Custom::VpcRestrictDefaultSG',
      { ServiceToken: 'x', DefaultSecurityGroupId: 'sg-0123456789abcdef0' },
      "The security group 'sg-0123456789abcdef0' does not exist",
    ],
  ])('%s %j: %s', async (name, template, expected) => {
    const bench = await TypeBench.start();
    const ground = await layGround(bench);
    const text = JSON.stringify(template)
      .replaceAll('"VPC"', `"${ground['vpc']}"`)
      .replaceAll('"SUBNET"', `"${ground['subnet']}"`);
    // `ResourceType: VPC` of a flow log is a word, not the ground's id.
    const properties: ValueMap = JSON.parse(
      text.replace(`"ResourceType":"${ground['vpc']}"`, '"ResourceType":"VPC"'),
    );
    await expect(bench.create(name, properties)).rejects.toThrow(expected);
  });

  it('a name that is taken is refused', async () => {
    const bench = await TypeBench.start();
    const properties = { LogGroupName: '/flows' };
    await bench.create('AWS::Logs::LogGroup', properties);
    await expect(bench.create('AWS::Logs::LogGroup', properties)).rejects.toThrow(
      "Resource of type 'AWS::Logs::LogGroup' with identifier '/flows' already exists.",
    );
  });
});

describe('a deletion waits for what is going, and for nothing else', () => {
  it('a subnet, a group and a gateway’s attachment of an instance that is terminated', async () => {
    const bench = await TypeBench.start();
    const { vpc = '', subnet = '', group = '', instance = '' } = await layGround(bench);
    bench.region.call('ModifyInstanceAttribute', { InstanceId: instance, Groups: [group] });
    const type = recordType('AWS::EC2::SecurityGroup');
    const refused = refusalOf(() => bench.run((context) => type.delete(context, group, {})));
    expect(refused).toContain('DependencyViolation');
    bench.run((context) => recordType('AWS::EC2::Instance').delete(context, instance, {}));
    bench.run((context) => type.delete(context, group, {}));
    expect(bench.run((context) => type.isGone?.(context, group))).toBe('busy');
    expect(bench.region.world.securityGroups.get(group)).toBeDefined();
    await bench.controlled.control.idle();
    expect(bench.run((context) => type.isGone?.(context, group))).toBe('done');
    expect(bench.region.world.securityGroups.get(group)).toBeUndefined();
    // The load balancer's node and others are in the subnet still, and nothing goes.
    const gone = bench.run((context) => recordType('AWS::EC2::Subnet').isGone?.(context, subnet));
    expect(gone).toEqual({ failed: `The subnet '${subnet}' has dependencies and cannot be deleted.` });
    expect(refusalOf(() => bench.run((c) => recordType('AWS::EC2::VPC').delete(c, vpc, {})))).toContain(
      'DependencyViolation',
    );
  });
});

describe('a peering connection', () => {
  const side = async () => {
    const bench = await TypeBench.start();
    const peer = bench.region.elsewhere({ region: 'eu-west-1' });
    const vpc = peer.call('CreateVpc', { CidrBlock: '10.50.0.0/16' }).Vpc?.VpcId ?? '';
    return { bench, vpc, own: (await layGround(bench))['vpc'] ?? '' };
  };

  it('with a VPC of the same account in another region is accepted by itself', async () => {
    const { bench, vpc, own } = await side();
    const properties = { VpcId: own, PeerVpcId: vpc, PeerRegion: 'eu-west-1' };
    const id = await bench.create('AWS::EC2::VPCPeeringConnection', properties);
    expect(bench.region.world.vpcPeeringConnections.get(id)?.status.code).toBe('active');
  });

  it.each([
    ['a role of its', { PeerRoleArn: 'arn:aws:iam::210987654321:role/acceptor' }, 'active'],
    ['no role', {}, 'pending-acceptance'],
    ['a role of a third', { PeerRoleArn: 'arn:aws:iam::111111111111:role/acceptor' }, 'pending-acceptance'],
  ])('with a VPC of another account and %s', async (_, role, expected) => {
    const { bench, own } = await side();
    const other: TestRegion = bench.region.elsewhere({ account: '210987654321' });
    const vpc = other.call('CreateVpc', { CidrBlock: '10.60.0.0/16' }).Vpc?.VpcId ?? '';
    const properties = { VpcId: own, PeerVpcId: vpc, PeerOwnerId: '210987654321', ...role };
    const id = await bench.create('AWS::EC2::VPCPeeringConnection', properties);
    expect(bench.region.world.vpcPeeringConnections.get(id)?.status.code).toBe(expected);
  });
});

it('a key that is made is a parameter that only its owner’s name finds, and goes with its pair', async () => {
  const bench = await TypeBench.start();
  const properties = { KeyName: 'deploy', KeyType: 'ed25519' };
  const id = await bench.create('AWS::EC2::KeyPair', properties);
  const pair = bench.region.world.keyPairs.where('keyName', id)[0];
  const [parameter, ...others] = [...bench.region.world.parameters.values()];
  expect(others).toEqual([]);
  expect([parameter?.name, parameter?.type]).toEqual([`/ec2/keypair/${pair?.keyPairId}`, 'SecureString']);
  expect(parameter?.value).toMatch(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  await bench.delete('AWS::EC2::KeyPair', id, properties);
  expect([...bench.region.world.parameters.values()]).toEqual([]);
});
