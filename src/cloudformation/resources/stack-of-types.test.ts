import { expect, it } from 'vitest';
import { TypeBench } from '../../../test/support/type-bench.ts';
import type { Value, ValueMap } from '../../template/value.ts';

/** A resource of a stack; `@Name` in a property is its `Ref`, `@Name.Attribute` its attribute. */
type Declared = readonly [name: string, type: string, properties: ValueMap];

const IMAGE = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** What CDK makes of a VPC of two stacks of addresses with a bastion and an endpoint. */
const STACK: readonly Declared[] = [
  ['Vpc', 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsHostnames: true, EnableDnsSupport: true }],
  ['Ipv6', 'AWS::EC2::VPCCidrBlock', { VpcId: '@Vpc', AmazonProvidedIpv6CidrBlock: true }],
  [
    'Restrict',
    'Custom::VpcRestrictDefaultSG',
    { ServiceToken: 'f', DefaultSecurityGroupId: '@Vpc.DefaultSecurityGroup', Account: '123456789012' },
  ],
  ['Igw', 'AWS::EC2::InternetGateway', {}],
  ['Attachment', 'AWS::EC2::VPCGatewayAttachment', { VpcId: '@Vpc', InternetGatewayId: '@Igw' }],
  ['Eigw', 'AWS::EC2::EgressOnlyInternetGateway', { VpcId: '@Vpc' }],
  ['Public', 'AWS::EC2::Subnet', { VpcId: '@Vpc', CidrBlock: '10.0.0.0/24', MapPublicIpOnLaunch: true }],
  ['PublicTable', 'AWS::EC2::RouteTable', { VpcId: '@Vpc' }],
  [
    'PublicAssociation',
    'AWS::EC2::SubnetRouteTableAssociation',
    { RouteTableId: '@PublicTable', SubnetId: '@Public' },
  ],
  [
    'PublicRoute',
    'AWS::EC2::Route',
    { RouteTableId: '@PublicTable', DestinationCidrBlock: '0.0.0.0/0', GatewayId: '@Igw' },
  ],
  ['Eip', 'AWS::EC2::EIP', { Domain: 'vpc' }],
  ['Nat', 'AWS::EC2::NatGateway', { SubnetId: '@Public', AllocationId: '@Eip.AllocationId' }],
  ['Private', 'AWS::EC2::Subnet', { VpcId: '@Vpc', CidrBlock: '10.0.1.0/24', MapPublicIpOnLaunch: false }],
  ['PrivateTable', 'AWS::EC2::RouteTable', { VpcId: '@Vpc' }],
  [
    'PrivateAssociation',
    'AWS::EC2::SubnetRouteTableAssociation',
    { RouteTableId: '@PrivateTable', SubnetId: '@Private' },
  ],
  [
    'PrivateRoute',
    'AWS::EC2::Route',
    { RouteTableId: '@PrivateTable', DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: '@Nat' },
  ],
  [
    'PrivateRoute6',
    'AWS::EC2::Route',
    {
      RouteTableId: '@PrivateTable',
      DestinationIpv6CidrBlock: '::/0',
      EgressOnlyInternetGatewayId: '@Eigw',
    },
  ],
  [
    'S3',
    'AWS::EC2::VPCEndpoint',
    {
      VpcId: '@Vpc',
      ServiceName: 'com.amazonaws.us-east-1.s3',
      VpcEndpointType: 'Gateway',
      RouteTableIds: ['@PrivateTable', '@PublicTable'],
    },
  ],
  ['Role', 'AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [] } }],
  ['Profile', 'AWS::IAM::InstanceProfile', { Roles: ['@Role'] }],
  [
    'Group',
    'AWS::EC2::SecurityGroup',
    {
      VpcId: '@Vpc',
      GroupDescription: 'bastion',
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1', Description: 'all' }],
    },
  ],
  [
    'FromItself',
    'AWS::EC2::SecurityGroupIngress',
    {
      GroupId: '@Group.GroupId',
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      SourceSecurityGroupId: '@Group.GroupId',
    },
  ],
  [
    'Template',
    'AWS::EC2::LaunchTemplate',
    { LaunchTemplateName: 'imdsv2', LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required' } } },
  ],
  [
    'Bastion',
    'AWS::EC2::Instance',
    {
      ImageId: IMAGE,
      InstanceType: 't3.nano',
      SubnetId: '@Public',
      SecurityGroupIds: ['@Group.GroupId'],
      IamInstanceProfile: '@Profile',
      LaunchTemplate: { LaunchTemplateName: 'imdsv2', Version: '@Template.LatestVersionNumber' },
    },
  ],
  ['Inside', 'AWS::EC2::Instance', { ImageId: IMAGE, SubnetId: '@Private' }],
];

it('a stack is made, each resource of those before it, and ended in the other order: then nothing is left', async () => {
  const bench = await TypeBench.start();
  const before = bench.living();
  const made = new Map<
    string,
    { readonly type: string; readonly id: string; readonly properties: ValueMap }
  >();
  const resolve = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each)]));
    }
    const [, name = '', attribute] = /^@(\w+)(?:\.(\w+))?$/.exec(String(value)) ?? [];
    const found = made.get(name);
    if (found === undefined) return value;
    if (attribute === undefined) return bench.ref(found.type, found.id);
    return (
      bench.attributes(found.type, found.id, found.properties)[attribute] ?? `no ${attribute} of ${name}`
    );
  };
  for (const [name, type, declared] of STACK) {
    const properties: ValueMap = Object.fromEntries(
      Object.entries(declared).map(([key, value]) => [key, resolve(value)]),
    );
    const placement = { logicalId: name, generatedName: `Net-${name}-1A2B3C4D5E6F` };
    made.set(name, { type, id: await bench.create(type, properties, placement), properties });
  }
  const instance = bench.region.world.instances.get(made.get('Bastion')?.id ?? '');
  expect([instance?.state, instance?.metadataOptions.httpTokens]).toEqual(['running', 'required']);
  expect(instance?.instanceProfile?.arn).toBe(
    'arn:aws:iam::123456789012:instance-profile/Net-Profile-1A2B3C4D5E6F',
  );
  for (const { type, id, properties } of [...made.values()].toReversed()) {
    await bench.delete(type, id, properties);
  }
  expect(bench.living()).toEqual(before);
  expect(bench.controlled.failures).toEqual([]);
});
