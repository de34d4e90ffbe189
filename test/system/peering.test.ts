import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: peered VPCs: ${obstacle}`);

/** A VPC of one subnet with one instance. */
interface Place {
  readonly vpcId: string;
  readonly tableId: string;
  readonly groupId: string;
  readonly instanceId: string;
  readonly address: string;
  readonly block: string;
}

async function makePlace(croft: Installation, block: string): Promise<Place> {
  const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: block })).text('Vpc.VpcId');
  const SubnetId = (await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: block })).text(
    'Subnet.SubnetId',
  );
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const tableId = (await croft.ec2('DescribeRouteTables', inVpc)).text('RouteTables.0.RouteTableId');
  const groupId = (
    await croft.ec2('CreateSecurityGroup', { GroupName: 'g', Description: 'g', VpcId: vpcId })
  ).text('GroupId');
  const images = await croft.ec2('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const launched = await croft.ec2('RunInstances', {
    ImageId: images.text('Images.0.ImageId'),
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    SubnetId,
    SecurityGroupIds: [groupId],
  });
  return {
    vpcId,
    tableId,
    groupId,
    instanceId: launched.text('Instances.0.InstanceId'),
    address: launched.text('Instances.0.PrivateIpAddress'),
    block,
  };
}

describe.skipIf(obstacle !== undefined)('three VPCs, the middle one peered with both others', () => {
  let croft: Installation;
  let left: Place;
  let middle: Place;
  let right: Place;
  let leftPeering: string;

  const peer = async (one: Place, other: Place): Promise<string> => {
    const asked = await croft.ec2('CreateVpcPeeringConnection', {
      VpcId: one.vpcId,
      PeerVpcId: other.vpcId,
    });
    const id = asked.text('VpcPeeringConnection.VpcPeeringConnectionId');
    await croft.ec2('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: id });
    return id;
  };
  const lead = (from: Place, to: Place, VpcPeeringConnectionId: string) =>
    croft.ec2('CreateRoute', {
      RouteTableId: from.tableId,
      DestinationCidrBlock: to.block,
      VpcPeeringConnectionId,
    });
  const letIn = (place: Place, peer: object) =>
    croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: place.groupId,
      IpPermissions: [{ IpProtocol: '-1', ...peer }],
    });
  const stateOf = async (id: string): Promise<string> => {
    const found = await croft.ec2('DescribeVpcPeeringConnections', { VpcPeeringConnectionIds: [id] });
    return found.text('VpcPeeringConnections.0.Status.Code');
  };
  const reaches = async (from: Place, to: Place, size = 56): Promise<boolean> => {
    const words = `ping -c 1 -W 1 -M do -s ${size} ${to.address}`;
    return (await croft.inside(from.instanceId, words)).code === 0;
  };

  beforeAll(async () => {
    croft = await Installation.start();
    left = await makePlace(croft, '10.1.0.0/24');
    middle = await makePlace(croft, '10.2.0.0/24');
    right = await makePlace(croft, '10.3.0.0/24');
    leftPeering = await peer(left, middle);
    const rightPeering = await peer(middle, right);
    await lead(left, middle, leftPeering);
    await lead(middle, left, leftPeering);
    await lead(middle, right, rightPeering);
    await lead(right, middle, rightPeering);
    // Routes that ask for transit, which nobody gives.
    await lead(left, right, leftPeering);
    await lead(right, left, rightPeering);
    await letIn(middle, { UserIdGroupPairs: [{ GroupId: left.groupId }] });
    await letIn(left, { IpRanges: [{ CidrIp: '10.0.0.0/8' }] });
    await letIn(right, { IpRanges: [{ CidrIp: '10.0.0.0/8' }] });
    await croft.settle();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S109 a connection is active once it carries packets', async () => {
    expect(await stateOf(leftPeering)).toBe('active');
    await eventually('the instances answer', () => reaches(middle, left));
    expect(await reaches(middle, right)).toBe(true);
  });

  test('S78 a group of the peered VPC is meant by its addresses, and no other gets in', async () => {
    expect(await reaches(left, middle)).toBe(true);
    expect(await reaches(right, middle)).toBe(false);
  });

  test('S43 jumbo frames cross it', async () => {
    expect(await reaches(left, middle, 8_900)).toBe(true);
  });

  test('S111 nobody gets through the middle, as `croft explain` says too', async () => {
    expect(await reaches(left, right)).toBe(false);
    const answer = await croft.explain({
      source: left.instanceId,
      destination: right.address,
      port: 22,
      protocol: 'tcp',
    });
    expect(answer.isAllowed).toBe(false);
  });

  test('a peer that stops and starts is found again', async () => {
    const one = { InstanceIds: [middle.instanceId] };
    await croft.ec2('StopInstances', one);
    await croft.settle();
    expect(await reaches(left, middle)).toBe(false);
    await croft.ec2('StartInstances', one);
    await croft.settle();
    await eventually('it answers again', () => reaches(left, middle));
  });

  test('S28 deleted, it carries nothing, and the routes to it are blackholes', async () => {
    await croft.ec2('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: leftPeering });
    await croft.settle();
    expect(await stateOf(leftPeering)).toBe('deleted');
    expect(await reaches(left, middle)).toBe(false);
    expect(await reaches(middle, right)).toBe(true);
    const blackholes = await croft.ec2('DescribeRouteTables', {
      Filters: [
        { Name: 'route.state', Values: ['blackhole'] },
        { Name: 'route.vpc-peering-connection-id', Values: [leftPeering] },
      ],
    });
    expect(blackholes.text('RouteTables.0.RouteTableId')).not.toBe('');
  });
});
