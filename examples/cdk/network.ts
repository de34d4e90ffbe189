/**
 * The course's network, as a CDK app: `croft cdk deploy` makes it here, `npx cdk deploy` at AWS, and nothing in it differs.
 *
 * CDK turns it into a CloudFormation template; look at it with `croft cdk synth`.
 */
import { App, CfnOutput, LegacyStackSynthesizer, Stack, Tags } from 'aws-cdk-lib';
import {
  AclCidr,
  AclTraffic,
  Action,
  GatewayVpcEndpointAwsService,
  Instance,
  InstanceClass,
  InstanceSize,
  InstanceType,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  KeyPair,
  KeyPairType,
  MachineImage,
  NetworkAcl,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  TrafficDirection,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';

const app = new App();
const stack = new Stack(app, 'Course', {
  description: 'The network of the course: a bastion, a private instance, and the ways between them',
  // Without assets there is nothing to upload, so the stack needs no `cdk bootstrap` before it.
  synthesizer: new LegacyStackSynthesizer(),
});

// Who may log into the bastion: the laptop of the simulated Internet. At AWS: -c laptop=YOUR-ADDRESS/32, as checkip.amazonaws.com says it.
const laptop: string = stack.node.tryGetContext('laptop') ?? '198.51.100.10/32';

// 1.-3. A VPC with its subnets. SubnetType says how each reaches the Internet: PUBLIC brings the internet gateway and a route to it,
// PRIVATE_WITH_EGRESS a NAT gateway with an Elastic IP and a route to that. One zone is enough for a course; the default is three.
const vpc = new Vpc(stack, 'Vpc', {
  ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
  maxAzs: 1,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
    { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
  ],
});
const publicSubnets = { subnetType: SubnetType.PUBLIC };
const privateSubnets = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };

// 4. Security groups: stateful, of an interface; they can name each other.
const groupOf = (name: string, description: string): SecurityGroup =>
  new SecurityGroup(stack, `${name}Group`, { vpc, description });
const bastionGroup = groupOf('Bastion', 'SSH from the laptop');
const privateGroup = groupOf('Private', 'the bastion');
const endpointGroup = groupOf('Endpoint', 'HTTPS from inside');
bastionGroup.addIngressRule(Peer.ipv4(laptop), Port.SSH);
// Everything from the bastion. That is too much, and the network ACL of step 5 narrows it.
privateGroup.addIngressRule(bastionGroup, Port.allTraffic());
endpointGroup.addIngressRule(privateGroup, Port.HTTPS);

// 5. A network ACL: stateless, of a subnet; the lowest number that fits decides.
const acl = new NetworkAcl(stack, 'PrivateAcl', { vpc, subnetSelection: privateSubnets });
for (const { ipv4CidrBlock } of vpc.publicSubnets) {
  acl.addEntry('SshFromPublic', {
    ruleNumber: 100,
    direction: TrafficDirection.INGRESS,
    cidr: AclCidr.ipv4(ipv4CidrBlock),
    traffic: AclTraffic.tcpPort(22),
  });
}
// Answers to what the private instance asks come back to high ports: an ACL remembers no connection.
acl.addEntry('Answers', {
  ruleNumber: 110,
  direction: TrafficDirection.INGRESS,
  cidr: AclCidr.anyIpv4(),
  traffic: AclTraffic.tcpPortRange(1024, 65535),
});
// No mail from here, though rule 100 would allow it.
acl.addEntry('NoMail', {
  ruleNumber: 90,
  direction: TrafficDirection.EGRESS,
  ruleAction: Action.DENY,
  cidr: AclCidr.anyIpv4(),
  traffic: AclTraffic.tcpPort(25),
});
acl.addEntry('Out', {
  ruleNumber: 100,
  direction: TrafficDirection.EGRESS,
  cidr: AclCidr.anyIpv4(),
  traffic: AclTraffic.allTraffic(),
});

// 6. Endpoints: AWS's services without the Internet. A gateway endpoint is a route to a prefix list; it costs nothing.
vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3, subnets: [privateSubnets] });
vpc.addGatewayEndpoint('DynamoDb', {
  service: GatewayVpcEndpointAwsService.DYNAMODB,
  subnets: [privateSubnets],
});
// An interface endpoint is an address in the subnet, to which the service's own name resolves in the VPC.
const sts = vpc.addInterfaceEndpoint('Sts', {
  service: InterfaceVpcEndpointAwsService.STS,
  subnets: privateSubnets,
  securityGroups: [endpointGroup],
  // CDK would let in the whole VPC.
  open: false,
});
Tags.of(sts).add('Name', 'sts-endpoint');

// 7. A key pair, and an instance in each subnet. CloudFormation keeps the private key as an SSM parameter.
const keyPair = new KeyPair(stack, 'Key', { type: KeyPairType.ED25519 });
const runInstance = (
  name: string,
  subnets: typeof publicSubnets,
  securityGroup: ISecurityGroup,
): Instance => {
  const instance = new Instance(stack, name, {
    vpc,
    vpcSubnets: subnets,
    securityGroup,
    keyPair,
    instanceType: InstanceType.of(InstanceClass.T3, InstanceSize.MICRO),
    // The newest image has a parameter of AWS's own that says its id.
    machineImage: MachineImage.latestAmazonLinux2023(),
  });
  Tags.of(instance).add('Name', name);
  return instance;
};
const bastion = runInstance('bastion', publicSubnets, bastionGroup);
const inside = runInstance('private', privateSubnets, privateGroup);

new CfnOutput(stack, 'BastionIp', { value: bastion.instancePublicIp });
new CfnOutput(stack, 'PrivateIp', { value: inside.instancePrivateIp });
new CfnOutput(stack, 'KeyParameter', { value: keyPair.privateKey.parameterName });
