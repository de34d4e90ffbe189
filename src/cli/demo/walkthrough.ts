import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../client.ts';
import { explainLines } from '../explain.ts';
import type { Player } from './player.ts';

/** What the walk-through made, for the words at its end and for cleaning up. */
export interface Walkthrough {
  readonly vpcId: string;
  readonly bastionId: string;
  readonly bastionPublicIp: string;
  readonly privateInstanceId: string;
  readonly privateIp: string;
  readonly elasticIp: string;
  readonly keyFile: string;
}

const USER = 'ec2-user';

/** ssh as a script must call it; a person on the laptop types the same without the options. */
const SSH = [
  'ssh',
  '-o',
  'BatchMode=yes',
  '-o',
  'ConnectTimeout=10',
  '-o',
  'StrictHostKeyChecking=accept-new',
];

/** A tag specification that names what is made. */
function named(type: string, name: string) {
  return [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }];
}

/** Plays the seven steps of the walk-through; `directory` receives the private key. */
export async function playWalkthrough(
  player: Player,
  client: Client,
  directory: string,
): Promise<Walkthrough> {
  player.step(
    '1. A VPC and two subnets',
    'A VPC is a private network; a subnet is a part of it, in one zone.',
  );
  const vpcId = (
    await player.aws(
      'CreateVpc',
      { CidrBlock: '10.0.0.0/16', TagSpecifications: named('vpc', 'demo') },
      (r) => r.text('Vpc.VpcId'),
    )
  ).text('Vpc.VpcId');
  const makeSubnet = async (name: string, block: string): Promise<string> =>
    (
      await player.aws(
        'CreateSubnet',
        { VpcId: vpcId, CidrBlock: block, TagSpecifications: named('subnet', name) },
        (r) => `${r.text('Subnet.SubnetId')} in ${r.text('Subnet.AvailabilityZone')}`,
      )
    ).text('Subnet.SubnetId');
  const publicSubnet = await makeSubnet('public', '10.0.0.0/24');
  const privateSubnet = await makeSubnet('private', '10.0.1.0/24');

  player.step(
    '2. An internet gateway',
    'The VPC’s door to the Internet. Alone it changes nothing: no route leads to it yet.',
  );
  const gatewayId = (
    await player.aws('CreateInternetGateway', { TagSpecifications: named('internet-gateway', 'demo') }, (r) =>
      r.text('InternetGateway.InternetGatewayId'),
    )
  ).text('InternetGateway.InternetGatewayId');
  await player.aws('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId }, () => 'attached');

  player.step(
    '3. Route tables',
    'What makes a subnet public is one route. The main table stays as it is: private.',
  );
  const tables = await player.ask('DescribeRouteTables', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
  const mainTable = tables.text('RouteTables.0.RouteTableId');
  const publicTable = (
    await player.aws(
      'CreateRouteTable',
      { VpcId: vpcId, TagSpecifications: named('route-table', 'public') },
      (r) => r.text('RouteTable.RouteTableId'),
    )
  ).text('RouteTable.RouteTableId');
  await player.aws(
    'CreateRoute',
    { RouteTableId: publicTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId },
    () => `0.0.0.0/0 → ${gatewayId}`,
  );
  await player.aws('AssociateRouteTable', { RouteTableId: publicTable, SubnetId: publicSubnet }, (r) =>
    r.text('AssociationId'),
  );
  await player.aws(
    'ModifySubnetAttribute',
    { SubnetId: publicSubnet, MapPublicIpOnLaunch: { Value: true } },
    () => 'instances here get a public address',
  );

  player.step(
    '4. An instance in each subnet',
    'A key pair to log in with, security groups that say who may, and two small computers.',
  );
  const keyName = `demo-${vpcId.slice(-6)}`;
  const key = await player.aws('CreateKeyPair', { KeyName: keyName, KeyType: 'ed25519' }, (r) =>
    r.text('KeyFingerprint'),
  );
  const keyFile = join(directory, `${keyName}.pem`);
  writeFileSync(keyFile, key.text('KeyMaterial'), { mode: 0o600 });
  chmodSync(keyFile, 0o400);
  player.say(`saved as ${keyFile}; chmod 400`);
  const makeGroup = async (name: string, description: string): Promise<string> =>
    (
      await player.aws(
        'CreateSecurityGroup',
        { GroupName: name, Description: description, VpcId: vpcId },
        (r) => r.text('GroupId'),
      )
    ).text('GroupId');
  const bastionGroup = await makeGroup('bastion', 'SSH from the laptop');
  await player.aws(
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: bastionGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.10/32' }] },
      ],
    },
    () => 'port 22 from the laptop',
  );
  const privateGroup = await makeGroup('private', 'SSH from the bastion only');
  await player.aws(
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: privateGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: bastionGroup }] },
      ],
    },
    () => 'port 22 from members of the group “bastion”',
  );
  const images = await player.ask('DescribeImages', {
    Owners: ['amazon'],
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const imageId = images.text('Images.0.ImageId');
  const run = async (name: string, subnetId: string, groupId: string): Promise<string> =>
    (
      await player.aws(
        'RunInstances',
        {
          ImageId: imageId,
          InstanceType: 't3.micro',
          MinCount: 1,
          MaxCount: 1,
          KeyName: keyName,
          SubnetId: subnetId,
          SecurityGroupIds: [groupId],
          TagSpecifications: named('instance', name),
        },
        (r) => `${r.text('Instances.0.InstanceId')} ${r.text('Instances.0.PrivateIpAddress')}`,
      )
    ).text('Instances.0.InstanceId');
  const bastionId = await run('bastion', publicSubnet, bastionGroup);
  const privateInstanceId = await run('private', privateSubnet, privateGroup);
  const running = await player.wait(
    `aws ec2 wait instance-running --instance-ids ${bastionId} ${privateInstanceId}`,
    'DescribeInstances',
    { InstanceIds: [bastionId, privateInstanceId] },
    (r) => [0, 1].every((i) => r.maybe(`Reservations.${i}.Instances.0.State.Name`) === 'running'),
  );
  const byId = (id: string): number => (running.text('Reservations.0.Instances.0.InstanceId') === id ? 0 : 1);
  const bastionPublicIp = running.text(`Reservations.${byId(bastionId)}.Instances.0.PublicIpAddress`);
  const privateIp = running.text(`Reservations.${byId(privateInstanceId)}.Instances.0.PrivateIpAddress`);

  player.step(
    '5. SSH to the bastion, and on to the private instance',
    'From your laptop on the (simulated) Internet: croft laptop.',
  );
  const ssh = [...SSH, '-i', keyFile];
  await player.laptop(`ssh -i ${keyName}.pem ${USER}@${bastionPublicIp} hostname`, [
    ...ssh,
    `${USER}@${bastionPublicIp}`,
    'hostname',
  ]);
  await player.laptop(
    `ssh -i ${keyName}.pem ${USER}@${privateIp}     # straight from the laptop`,
    ['ssh', '-o', 'ConnectTimeout=2', ...SSH.slice(1), '-i', keyFile, `${USER}@${privateIp}`, 'true'],
    { expectFailure: true },
  );
  await player.laptop(`scp -i ${keyName}.pem ${keyName}.pem ${USER}@${bastionPublicIp}:`, [
    'scp',
    ...SSH.slice(1),
    '-i',
    keyFile,
    keyFile,
    `${USER}@${bastionPublicIp}:key.pem`,
  ]);
  await player.laptop(
    `ssh -i ${keyName}.pem ${USER}@${bastionPublicIp} 'chmod 400 key.pem; ssh -i key.pem ${USER}@${privateIp} hostname'`,
    [
      ...ssh,
      `${USER}@${bastionPublicIp}`,
      `chmod 400 key.pem && ${SSH.join(' ')} -i key.pem ${USER}@${privateIp} hostname`,
    ],
  );
  const jump = `${SSH.join(' ')} -i ${keyFile} -W %h:%p ${USER}@${bastionPublicIp}`;
  const toPrivate = [...ssh, '-o', `ProxyCommand=${jump}`, `${USER}@${privateIp}`];
  await player.laptop(
    `ssh -o ProxyCommand='ssh -i ${keyName}.pem -W %h:%p ${USER}@${bastionPublicIp}' -i ${keyName}.pem ${USER}@${privateIp} 'ip -brief address show eth0'`,
    [...toPrivate, 'ip -brief address show eth0'],
  );

  player.step('6. A NAT gateway', 'The private instance may go out; nothing may come in.');
  await player.laptop(
    `(private) curl --max-time 2 http://checkip.amazonaws.com`,
    [...toPrivate, 'curl -sS --max-time 2 http://checkip.amazonaws.com'],
    {
      expectFailure: true,
      patience: 15_000,
    },
  );
  for (const line of await explainLines(
    client,
    { source: privateInstanceId, destination: 'internet', port: 80, protocol: 'tcp' },
    'brief',
  )) {
    player.say(line);
  }
  const address = await player.aws(
    'AllocateAddress',
    { Domain: 'vpc' },
    (r) => `${r.text('PublicIp')} ${r.text('AllocationId')}`,
  );
  const natId = (
    await player.aws(
      'CreateNatGateway',
      { SubnetId: publicSubnet, AllocationId: address.text('AllocationId') },
      (r) => `${r.text('NatGateway.NatGatewayId')} ${r.text('NatGateway.State')}`,
    )
  ).text('NatGateway.NatGatewayId');
  await player.wait(
    `aws ec2 wait nat-gateway-available --nat-gateway-ids ${natId}`,
    'DescribeNatGateways',
    { NatGatewayIds: [natId] },
    (r) => r.maybe('NatGateways.0.State') === 'available',
  );
  await player.aws(
    'CreateRoute',
    { RouteTableId: mainTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: natId },
    () => `0.0.0.0/0 → ${natId}`,
  );
  await player.laptop('(private) curl http://checkip.amazonaws.com', [
    ...toPrivate,
    'curl -sS --max-time 5 http://checkip.amazonaws.com',
  ]);
  player.say(`That is the Elastic IP: ${address.text('PublicIp')}.`);
  await player.laptop('(private) whois 8.8.8.8', [...toPrivate, 'whois 8.8.8.8'], {
    lines: /^(NetRange|CIDR|Organization|OrgName):/,
  });
  await player.laptop(
    '(private) pip install cloudcroft-hello && cloudcroft-hello',
    [
      ...toPrivate,
      'pip install --no-input --disable-pip-version-check cloudcroft-hello && PATH=$PATH:~/.local/bin cloudcroft-hello',
    ],
    { lines: /Success|ello/ },
  );

  player.step(
    '7. A gateway endpoint for S3',
    'To S3 without leaving the cloud’s network: a route to a prefix list.',
  );
  const region = (await player.ask('DescribeAvailabilityZones', {})).text('AvailabilityZones.0.RegionName');
  const endpoint = await player.aws(
    'CreateVpcEndpoint',
    {
      VpcId: vpcId,
      ServiceName: `com.amazonaws.${region}.s3`,
      VpcEndpointType: 'Gateway',
      RouteTableIds: [mainTable],
    },
    (r) => r.text('VpcEndpoint.VpcEndpointId'),
  );
  const endpointId = endpoint.text('VpcEndpoint.VpcEndpointId');
  await player.wait(
    `aws ec2 describe-vpc-endpoints --vpc-endpoint-ids ${endpointId}`,
    'DescribeVpcEndpoints',
    { VpcEndpointIds: [endpointId] },
    (r) => r.maybe('VpcEndpoints.0.State') === 'available',
  );
  await player.aws('DescribeRouteTables', { RouteTableIds: [mainTable] }, (r) =>
    [0, 1, 2]
      .map(
        (i) =>
          `${r.maybe(`RouteTables.0.Routes.${i}.DestinationCidrBlock`) ?? r.maybe(`RouteTables.0.Routes.${i}.DestinationPrefixListId`)} → ${r.maybe(`RouteTables.0.Routes.${i}.NatGatewayId`) ?? r.maybe(`RouteTables.0.Routes.${i}.GatewayId`)}`,
      )
      .join('\n'),
  );
  await player.laptop(`(private) curl http://s3.${region}.amazonaws.com/`, [
    ...toPrivate,
    `curl -sS --max-time 5 -o /dev/null -w '%{http_code} from %{remote_ip}' http://s3.${region}.amazonaws.com/`,
  ]);
  return {
    vpcId,
    bastionId,
    bastionPublicIp,
    privateInstanceId,
    privateIp,
    elasticIp: address.text('PublicIp'),
    keyFile,
  };
}
