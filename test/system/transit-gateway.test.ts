import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: transit gateways: ${obstacle}`);

/** A VPC of one subnet with one instance, attached to the transit gateway. */
interface Place {
  readonly instanceId: string;
  readonly address: string;
  readonly block: string;
  readonly vpcId: string;
  readonly attachmentId: string;
}

describe.skipIf(obstacle !== undefined)('three VPCs on a transit gateway', () => {
  let croft: Installation;
  let gatewayId: string;
  let tableId: string;
  let left: Place;
  let middle: Place;
  let right: Place;

  const makePlace = async (block: string): Promise<Place> => {
    const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: block })).text('Vpc.VpcId');
    const subnet = await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: block });
    const SubnetId = subnet.text('Subnet.SubnetId');
    const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    const RouteTableId = (await croft.ec2('DescribeRouteTables', inVpc)).text('RouteTables.0.RouteTableId');
    const group = await croft.ec2('CreateSecurityGroup', {
      GroupName: 'g',
      Description: 'g',
      VpcId: vpcId,
    });
    const GroupId = group.text('GroupId');
    await croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    });
    const images = await croft.ec2('DescribeImages', {
      Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
    });
    const launched = await croft.ec2('RunInstances', {
      ImageId: images.text('Images.0.ImageId'),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId,
      SecurityGroupIds: [GroupId],
    });
    const attached = await croft.ec2('CreateTransitGatewayVpcAttachment', {
      TransitGatewayId: gatewayId,
      VpcId: vpcId,
      SubnetIds: [SubnetId],
    });
    await croft.ec2('CreateRoute', {
      RouteTableId,
      DestinationCidrBlock: '10.0.0.0/8',
      TransitGatewayId: gatewayId,
    });
    return {
      instanceId: launched.text('Instances.0.InstanceId'),
      address: launched.text('Instances.0.PrivateIpAddress'),
      block,
      vpcId,
      attachmentId: attached.text('TransitGatewayVpcAttachment.TransitGatewayAttachmentId'),
    };
  };
  const reaches = async (from: Place, to: Place, size = 56): Promise<boolean> => {
    const words = `ping -c 1 -W 1 -M do -s ${size} ${to.address}`;
    return (await croft.inside(from.instanceId, words)).code === 0;
  };
  const isExplained = async (from: Place, to: Place): Promise<boolean> => {
    const question = { source: from.instanceId, destination: to.address, port: 22, protocol: 'tcp' as const };
    return (await croft.explain(question)).isAllowed;
  };
  const stateOf = async (place: Place): Promise<string> => {
    const found = await croft.ec2('DescribeTransitGatewayVpcAttachments', {
      TransitGatewayAttachmentIds: [place.attachmentId],
    });
    return found.text('TransitGatewayVpcAttachments.0.State');
  };

  beforeAll(async () => {
    croft = await Installation.start();
    const made = await croft.ec2('CreateTransitGateway', { Description: 'all' });
    gatewayId = made.text('TransitGateway.TransitGatewayId');
    tableId = made.text('TransitGateway.Options.AssociationDefaultRouteTableId');
    left = await makePlace('10.1.0.0/24');
    middle = await makePlace('10.2.0.0/24');
    right = await makePlace('10.3.0.0/24');
    await croft.settle();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('an attachment is available once it carries packets: each VPC reaches each', async () => {
    const found = await croft.ec2('DescribeTransitGateways', { TransitGatewayIds: [gatewayId] });
    expect(found.text('TransitGateways.0.State')).toBe('available');
    expect(await stateOf(left)).toBe('available');
    await eventually('the instances answer', () => reaches(middle, left));
    expect(await reaches(left, right)).toBe(true);
    expect(await isExplained(left, right)).toBe(true);
  });

  test('packets of 8500 bytes cross it, larger ones do not', async () => {
    expect(await reaches(left, middle, 8_472)).toBe(true);
    expect(await reaches(left, middle, 8_473)).toBe(false);
  });

  test('a blackhole in its table is more specific than what an attachment makes known', async () => {
    const one = { TransitGatewayRouteTableId: tableId, DestinationCidrBlock: `${right.address}/32` };
    await croft.ec2('CreateTransitGatewayRoute', { ...one, Blackhole: true });
    await croft.settle();
    expect(await reaches(left, right)).toBe(false);
    expect(await isExplained(left, right)).toBe(false);
    expect(await reaches(left, middle)).toBe(true);
    await croft.ec2('DeleteTransitGatewayRoute', one);
    await croft.settle();
    expect(await reaches(left, right)).toBe(true);
  });

  test('an attachment that no table routes for goes nowhere; with a table of its own it goes where that leads', async () => {
    const TransitGatewayAttachmentId = right.attachmentId;
    await croft.ec2('DisassociateTransitGatewayRouteTable', {
      TransitGatewayRouteTableId: tableId,
      TransitGatewayAttachmentId,
    });
    await croft.settle();
    expect(await reaches(right, left)).toBe(false);
    expect(await isExplained(right, left)).toBe(false);
    const made = await croft.ec2('CreateTransitGatewayRouteTable', { TransitGatewayId: gatewayId });
    const TransitGatewayRouteTableId = made.text('TransitGatewayRouteTable.TransitGatewayRouteTableId');
    await croft.ec2('AssociateTransitGatewayRouteTable', {
      TransitGatewayRouteTableId,
      TransitGatewayAttachmentId,
    });
    await croft.ec2('EnableTransitGatewayRouteTablePropagation', {
      TransitGatewayRouteTableId,
      TransitGatewayAttachmentId: left.attachmentId,
    });
    await croft.settle();
    expect(await reaches(right, left)).toBe(true);
    expect(await reaches(right, middle)).toBe(false);
    expect(await isExplained(right, middle)).toBe(false);
  });

  test('a VPC whose router went and came is found again', async () => {
    const one = { InstanceIds: [middle.instanceId] };
    await croft.ec2('StopInstances', one);
    await croft.settle();
    expect(await reaches(left, middle)).toBe(false);
    await croft.ec2('StartInstances', one);
    await croft.settle();
    await eventually('it answers again', () => reaches(left, middle));
  });

  test('a deleted attachment carries nothing, and routes to it are blackholes', async () => {
    await croft.ec2('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: middle.attachmentId });
    await croft.settle();
    expect(await stateOf(middle)).toBe('deleted');
    expect(await reaches(left, middle)).toBe(false);
    const tables = await croft.ec2('DescribeRouteTables', {
      Filters: [
        { Name: 'vpc-id', Values: [middle.vpcId] },
        { Name: 'route.state', Values: ['blackhole'] },
      ],
    });
    expect(tables.text('RouteTables.0.VpcId')).toBe(middle.vpcId);
    expect(await reaches(left, right)).toBe(true);
  });
});
