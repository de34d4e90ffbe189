import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: endpoints of a peered VPC: ${obstacle}`);

const REGION = 'ap-northeast-2';
/** The block of the region's S3. */
const S3_ADDRESSES = '52.219.0.0/16';

/** A VPC of one subnet with one instance, and no way to the Internet. */
interface Place {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly tableId: string;
  readonly instanceId: string;
  readonly address: string;
}

async function makePlace(croft: Installation, block: string): Promise<Place> {
  const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: block })).text('Vpc.VpcId');
  await croft.ec2('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
  const subnet = await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: block });
  const subnetId = subnet.text('Subnet.SubnetId');
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const launched = await croft.ec2('RunInstances', {
    ImageId: (await croft.ec2('DescribeImages')).text('Images.0.ImageId'),
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnetId,
    IamInstanceProfile: { Name: 'app' },
  });
  return {
    vpcId,
    subnetId,
    tableId: (await croft.ec2('DescribeRouteTables', inVpc)).text('RouteTables.0.RouteTableId'),
    instanceId: launched.text('Instances.0.InstanceId'),
    address: launched.text('Instances.0.PrivateIpAddress'),
  };
}

describe.skipIf(obstacle !== undefined)('the endpoints of a VPC, and a peer of it', () => {
  let croft: Installation;
  let near: Place;
  let far: Place;
  let peering: string;

  const lead = (from: Place, DestinationCidrBlock: string) =>
    croft.ec2('CreateRoute', {
      RouteTableId: from.tableId,
      DestinationCidrBlock,
      VpcPeeringConnectionId: peering,
    });
  /** By the instance's own aws command, with its role's credentials, which metadata gives. */
  const aws = async (at: Place, words: string): Promise<string> =>
    (
      await croft.inside(
        at.instanceId,
        `AWS_MAX_ATTEMPTS=1 timeout 20 aws --region ${REGION} --cli-connect-timeout 2 ${words} 2>&1`,
      )
    ).stdout.trim();
  const endpoint = async (service: string, more: object): Promise<string> => {
    const ServiceName = `com.amazonaws.${REGION}.${service}`;
    const made = await croft.ec2('CreateVpcEndpoint', { VpcId: near.vpcId, ServiceName, ...more });
    await croft.settle();
    return made.text('VpcEndpoint.VpcEndpointId');
  };

  beforeAll(async () => {
    croft = await Installation.start();
    near = await makePlace(croft, '10.1.0.0/24');
    far = await makePlace(croft, '10.2.0.0/24');
    const asked = await croft.ec2('CreateVpcPeeringConnection', {
      VpcId: far.vpcId,
      PeerVpcId: near.vpcId,
    });
    peering = asked.text('VpcPeeringConnection.VpcPeeringConnectionId');
    await croft.ec2('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: peering });
    await lead(near, '10.2.0.0/24');
    await croft.settle();
    for (const { instanceId } of [near, far]) {
      await eventually(
        'the instance answers',
        async () => (await croft.inside(instanceId, 'true')).code === 0,
      );
    }
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S106 an interface endpoint is reached over the peering, by its own name; its caller is known', async () => {
    const group = { GroupName: 'endpoint', Description: 'of the endpoint', VpcId: near.vpcId };
    const GroupId = (await croft.ec2('CreateSecurityGroup', group)).text('GroupId');
    const id = await endpoint('sts', {
      VpcEndpointType: 'Interface',
      SubnetIds: [near.subnetId],
      SecurityGroupIds: [GroupId],
    });
    const name = `${id}-${id.slice(-8)}.sts.${REGION}.vpce.amazonaws.com`;
    const ask = `sts get-caller-identity --endpoint-url https://${name} --query Arn --output text`;
    const open = (CidrIp: string) =>
      croft.ec2('AuthorizeSecurityGroupIngress', {
        GroupId,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp }] }],
      });
    await open('10.1.0.0/24');
    // Neither without a route, nor past the endpoint's group.
    expect(await aws(far, ask)).toContain('Connect timeout');
    await lead(far, '10.1.0.0/24');
    await croft.settle();
    expect(await aws(far, ask)).toContain('Connect timeout');
    await open('10.2.0.0/24');
    await croft.settle();
    expect(await aws(far, ask)).toBe(`arn:aws:sts::123456789012:assumed-role/app/${far.instanceId}`);
    expect(await croft.serverLog()).toContainEqual(
      expect.objectContaining({ service: 'sts', sourceAddress: far.address, vpcEndpointId: id }),
    );
    // The service's public name is private in the endpoint's own VPC only.
    expect(await aws(near, 'sts get-caller-identity --query Account --output text')).toBe('123456789012');
    expect(await aws(far, 'sts get-caller-identity')).toContain('Connect timeout');
  });

  test('S100 a gateway endpoint is not: a route to the peer for its addresses leads nowhere', async () => {
    const id = await endpoint('s3', { RouteTableIds: [near.tableId] });
    await lead(far, S3_ADDRESSES);
    await croft.settle();
    expect(await aws(near, 's3api list-buckets --query Buckets')).toBe('[]');
    expect(await croft.serverLog()).toContainEqual(
      expect.objectContaining({ sourceAddress: near.address, vpcEndpointId: id }),
    );
    expect(await aws(far, 's3 ls')).toContain('Connect timeout');
    expect(JSON.stringify(await croft.serverLog())).not.toContain(
      `"service":"s3","sourceAddress":"${far.address}"`,
    );
    const { isAllowed } = await croft.explain({ source: far.instanceId, destination: 's3', port: 443 });
    expect(isAllowed).toBe(false);
  });
});
