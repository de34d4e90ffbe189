import type { Installation } from './installation.ts';

/** The network of the walk-through, as the tests take it apart. */
export interface Course {
  readonly vpcId: string;
  readonly gatewayId: string;
  readonly publicSubnet: string;
  readonly privateSubnet: string;
  readonly mainTable: string;
  readonly publicTable: string;
  readonly aclId: string;
  readonly bastionGroup: string;
  readonly privateGroup: string;
  readonly imageId: string;
  readonly keyFile: string;
  readonly bastionId: string;
  readonly bastionIp: string;
  readonly privateId: string;
  readonly privateIp: string;
}

/** Builds steps 1 to 4 of the walk-through, and waits until both instances answer on port 22. */
export async function buildCourse(croft: Installation): Promise<Course> {
  const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' })).text('Vpc.VpcId');
  const subnet = async (block: string): Promise<string> =>
    (await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: block })).text('Subnet.SubnetId');
  const publicSubnet = await subnet('10.0.0.0/24');
  const privateSubnet = await subnet('10.0.1.0/24');
  const gatewayId = (await croft.ec2('CreateInternetGateway')).text('InternetGateway.InternetGatewayId');
  await croft.ec2('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const mainTable = (await croft.ec2('DescribeRouteTables', inVpc)).text('RouteTables.0.RouteTableId');
  const aclId = (await croft.ec2('DescribeNetworkAcls', inVpc)).text('NetworkAcls.0.NetworkAclId');
  const publicTable = (await croft.ec2('CreateRouteTable', { VpcId: vpcId })).text('RouteTable.RouteTableId');
  await croft.ec2('CreateRoute', {
    RouteTableId: publicTable,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: gatewayId,
  });
  await croft.ec2('AssociateRouteTable', { RouteTableId: publicTable, SubnetId: publicSubnet });
  await croft.ec2('ModifySubnetAttribute', { SubnetId: publicSubnet, MapPublicIpOnLaunch: { Value: true } });
  const key = await croft.ec2('CreateKeyPair', { KeyName: 'course', KeyType: 'ed25519' });
  const keyFile = croft.saveKey('course.pem', key.text('KeyMaterial'));
  const group = async (name: string): Promise<string> =>
    (await croft.ec2('CreateSecurityGroup', { GroupName: name, Description: name, VpcId: vpcId })).text(
      'GroupId',
    );
  const bastionGroup = await group('bastion');
  const privateGroup = await group('private');
  const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
  await croft.ec2('AuthorizeSecurityGroupIngress', {
    GroupId: bastionGroup,
    IpPermissions: [{ ...ssh, IpRanges: [{ CidrIp: '198.51.100.10/32' }] }],
  });
  await croft.ec2('AuthorizeSecurityGroupIngress', {
    GroupId: privateGroup,
    IpPermissions: [{ ...ssh, UserIdGroupPairs: [{ GroupId: bastionGroup }] }],
  });
  const images = await croft.ec2('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const imageId = images.text('Images.0.ImageId');
  const run = async (name: string, SubnetId: string, GroupId: string): Promise<string> =>
    (
      await croft.ec2('RunInstances', {
        ImageId: imageId,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        KeyName: 'course',
        SubnetId,
        SecurityGroupIds: [GroupId],
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
      })
    ).text('Instances.0.InstanceId');
  const bastionId = await run('bastion', publicSubnet, bastionGroup);
  const privateId = await run('private', privateSubnet, privateGroup);
  await waitForSsh(croft, bastionId);
  await waitForSsh(croft, privateId);
  const describe = async (id: string, field: string): Promise<string> =>
    (await croft.ec2('DescribeInstances', { InstanceIds: [id] })).text(`Reservations.0.Instances.0.${field}`);
  return {
    vpcId,
    gatewayId,
    publicSubnet,
    privateSubnet,
    mainTable,
    publicTable,
    aclId,
    bastionGroup,
    privateGroup,
    imageId,
    keyFile,
    bastionId,
    bastionIp: await describe(bastionId, 'PublicIpAddress'),
    privateId,
    privateIp: await describe(privateId, 'PrivateIpAddress'),
  };
}

/** Waits until the instance's sshd listens, seen from inside: no gate of the network matters to that. */
async function waitForSsh(croft: Installation, instanceId: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const outcome = await croft.inside(instanceId, 'nc -z 127.0.0.1 22').catch(() => undefined);
    if (outcome?.code === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(
    `${instanceId} does not answer on port 22: ${croft.log().split('\n').slice(-8).join('\n')}`,
  );
}

/** ssh as a test calls it. */
export function sshWords(keyFile: string, destination: string, ...command: readonly string[]): string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
  ];
  return ['ssh', ...options.flatMap((option) => ['-o', option]), '-i', keyFile, destination, ...command];
}
