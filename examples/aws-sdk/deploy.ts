/**
 * The course's network, by the AWS SDK: `node deploy.ts` makes it, `node destroy.ts` ends it.
 *
 * Which cloud it goes to is said by the environment alone: `eval "$(croft env)"` for Cloudcroft, your own profile for AWS.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EC2,
  type Instance,
  type ResourceType,
  type TagSpecification,
  waitUntilInstanceRunning,
  waitUntilNatGatewayAvailable,
} from '@aws-sdk/client-ec2';

/** Who may log into the bastion: the laptop of the simulated Internet. At AWS, your own address as checkip.amazonaws.com says it. */
const LAPTOP = process.env['LAPTOP'] ?? '198.51.100.10/32';

const ec2 = new EC2();
const region = await ec2.config.region();
const patience = { client: ec2, maxWaitTime: 600, minDelay: 1, maxDelay: 5 };

/** A tag that names what is made. */
function named(type: ResourceType, name: string): TagSpecification[] {
  return [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }];
}

/** What the SDK's types call optional, though the answer to a command that succeeded has it. */
function demand<Type>(value: Type | undefined): Type {
  if (value === undefined) throw new Error('the answer lacks what was asked for');
  return value;
}

console.log('1. A VPC, and two subnets');
const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications: named('vpc', 'course') });
const VpcId = demand(Vpc?.VpcId);
// An interface endpoint's private DNS name needs both DNS attributes; the other one is on from the start.
await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } });
const publicSubnet = await makeSubnet('public', '10.0.0.0/24');
const privateSubnet = await makeSubnet('private', '10.0.1.0/24');

async function makeSubnet(name: string, CidrBlock: string): Promise<string> {
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock, TagSpecifications: named('subnet', name) });
  return demand(Subnet?.SubnetId);
}

console.log('2. An internet gateway, and the route that makes a subnet public');
const { InternetGateway } = await ec2.createInternetGateway({
  TagSpecifications: named('internet-gateway', 'course'),
});
const InternetGatewayId = demand(InternetGateway?.InternetGatewayId);
await ec2.attachInternetGateway({ VpcId, InternetGatewayId });
const publicTable = await makeTable('public', publicSubnet);
await ec2.createRoute({
  RouteTableId: publicTable,
  DestinationCidrBlock: '0.0.0.0/0',
  GatewayId: InternetGatewayId,
});
await ec2.modifySubnetAttribute({ SubnetId: publicSubnet, MapPublicIpOnLaunch: { Value: true } });

async function makeTable(name: string, SubnetId: string): Promise<string> {
  const { RouteTable } = await ec2.createRouteTable({
    VpcId,
    TagSpecifications: named('route-table', name),
  });
  const RouteTableId = demand(RouteTable?.RouteTableId);
  await ec2.associateRouteTable({ RouteTableId, SubnetId });
  return RouteTableId;
}

console.log('3. A NAT gateway with an Elastic IP: the way out of the private subnet, and no way in');
const privateTable = await makeTable('private', privateSubnet);
const { AllocationId } = await ec2.allocateAddress({
  Domain: 'vpc',
  TagSpecifications: named('elastic-ip', 'nat'),
});
const { NatGateway } = await ec2.createNatGateway({
  SubnetId: publicSubnet,
  AllocationId,
  TagSpecifications: named('natgateway', 'nat'),
});
const NatGatewayId = demand(NatGateway?.NatGatewayId);
await waitUntilNatGatewayAvailable(patience, { NatGatewayIds: [NatGatewayId] });
await ec2.createRoute({ RouteTableId: privateTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId });

console.log('4. Security groups: stateful, of an interface; they can name each other');
const bastionGroup = await makeGroup('bastion', 'SSH from the laptop');
const privateGroup = await makeGroup('private', 'the bastion');
const endpointGroup = await makeGroup('endpoint', 'HTTPS from inside');
await ec2.authorizeSecurityGroupIngress({
  GroupId: bastionGroup,
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: LAPTOP }] }],
});
// Everything from the bastion. That is too much, and the network ACL of step 5 narrows it.
await ec2.authorizeSecurityGroupIngress({
  GroupId: privateGroup,
  IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: bastionGroup }] }],
});
await ec2.authorizeSecurityGroupIngress({
  GroupId: endpointGroup,
  IpPermissions: [
    { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: privateGroup }] },
  ],
});

async function makeGroup(GroupName: string, Description: string): Promise<string> {
  return demand((await ec2.createSecurityGroup({ VpcId, GroupName, Description })).GroupId);
}

console.log('5. A network ACL: stateless, of a subnet; the lowest number that fits decides');
const { NetworkAcl } = await ec2.createNetworkAcl({
  VpcId,
  TagSpecifications: named('network-acl', 'private'),
});
const NetworkAclId = demand(NetworkAcl?.NetworkAclId);
const TCP = '6';
const inwards = { NetworkAclId, Egress: false };
const outwards = { NetworkAclId, Egress: true };
await ec2.createNetworkAclEntry({
  ...inwards,
  RuleNumber: 100,
  RuleAction: 'allow',
  Protocol: TCP,
  PortRange: { From: 22, To: 22 },
  CidrBlock: '10.0.0.0/24',
});
// Answers to what the private instance asks come back to high ports: an ACL remembers no connection.
await ec2.createNetworkAclEntry({
  ...inwards,
  RuleNumber: 110,
  RuleAction: 'allow',
  Protocol: TCP,
  PortRange: { From: 1024, To: 65535 },
  CidrBlock: '0.0.0.0/0',
});
// No mail from here, though rule 100 would allow it.
await ec2.createNetworkAclEntry({
  ...outwards,
  RuleNumber: 90,
  RuleAction: 'deny',
  Protocol: TCP,
  PortRange: { From: 25, To: 25 },
  CidrBlock: '0.0.0.0/0',
});
await ec2.createNetworkAclEntry({
  ...outwards,
  RuleNumber: 100,
  RuleAction: 'allow',
  Protocol: '-1',
  CidrBlock: '0.0.0.0/0',
});
// A subnet always has one ACL: its first one is exchanged.
const { NetworkAcls } = await ec2.describeNetworkAcls({
  Filters: [{ Name: 'association.subnet-id', Values: [privateSubnet] }],
});
const first = NetworkAcls?.[0]?.Associations?.find(({ SubnetId }) => SubnetId === privateSubnet);
await ec2.replaceNetworkAclAssociation({ AssociationId: first?.NetworkAclAssociationId, NetworkAclId });

console.log('6. Endpoints: AWS’s services without the Internet');
// A gateway endpoint is a route to a prefix list; it costs nothing.
for (const service of ['s3', 'dynamodb']) {
  await ec2.createVpcEndpoint({
    VpcId,
    ServiceName: `com.amazonaws.${region}.${service}`,
    RouteTableIds: [privateTable],
    TagSpecifications: named('vpc-endpoint', `${service}-endpoint`),
  });
}
// An interface endpoint is an address in the subnet, to which the service's own name resolves in the VPC.
await ec2.createVpcEndpoint({
  VpcId,
  VpcEndpointType: 'Interface',
  ServiceName: `com.amazonaws.${region}.sts`,
  SubnetIds: [privateSubnet],
  SecurityGroupIds: [endpointGroup],
  PrivateDnsEnabled: true,
  TagSpecifications: named('vpc-endpoint', 'sts-endpoint'),
});

console.log('7. A key pair, and an instance in each subnet');
const { KeyMaterial } = await ec2.createKeyPair({ KeyName: 'course', KeyType: 'ed25519' });
const keyFile = join(import.meta.dirname, 'course.pem');
rmSync(keyFile, { force: true });
// ssh refuses a private key that others may read.
writeFileSync(keyFile, demand(KeyMaterial), { mode: 0o400 });
const { Images = [] } = await ec2.describeImages({
  Owners: ['amazon'],
  Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
});
const [newest] = Images.sort((one, other) =>
  (other.CreationDate ?? '').localeCompare(one.CreationDate ?? ''),
);
const bastion = await runInstance('bastion', publicSubnet, bastionGroup);
const inside = await runInstance('private', privateSubnet, privateGroup);
const InstanceIds = [demand(bastion.InstanceId), demand(inside.InstanceId)];
await waitUntilInstanceRunning(patience, { InstanceIds });

async function runInstance(name: string, SubnetId: string, group: string): Promise<Instance> {
  const { Instances } = await ec2.runInstances({
    ImageId: newest?.ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    KeyName: 'course',
    SubnetId,
    SecurityGroupIds: [group],
    TagSpecifications: named('instance', name),
  });
  return demand(Instances?.[0]);
}

// A public address is there once the instance runs.
const { Reservations } = await ec2.describeInstances({ InstanceIds: [demand(bastion.InstanceId)] });
const address = Reservations?.[0]?.Instances?.[0]?.PublicIpAddress;
console.log(`
The bastion is ${address}, the private instance ${inside.PrivateIpAddress}. Log in, in Cloudcroft from the laptop (croft laptop):

  ssh -i course.pem ec2-user@${address}`);
