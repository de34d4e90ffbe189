import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCourse, type Course } from '../support/course.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: route tables of gateways: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('the route table of an internet gateway', () => {
  let croft: Installation;
  let course: Course;
  let edgeTable: string;
  let middleboxId: string;
  let middlebox: string;

  const forwards = async (isOn: boolean): Promise<void> => {
    const command = `echo ${isOn ? 1 : 0} | sudo tee /proc/sys/net/ipv4/ip_forward`;
    expect((await croft.inside(middleboxId, command)).stderr).toBe('');
  };
  /** How many packets the middlebox has sent on. */
  const forwarded = async (): Promise<number> => {
    const { stdout } = await croft.inside(middleboxId, "awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp");
    return Number(stdout.trim());
  };
  const explain = async (source: string, destination: string): Promise<string> => {
    const { isAllowed, brief } = await croft.explain({ source, destination, port: 22, protocol: 'tcp' });
    return `${isAllowed ? 'allowed' : 'blocked'} ${brief.join(' ')}`;
  };
  const bastionAnswers = () => croft.canConnect(course.bastionIp, 22);

  /** A subnet for the middlebox, public, and an instance in it that lets everything through. */
  const makeMiddlebox = async (): Promise<void> => {
    const { vpcId, publicTable, imageId } = course;
    const made = await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.2.0/24' });
    const SubnetId = made.text('Subnet.SubnetId');
    const table = (await croft.ec2('CreateRouteTable', { VpcId: vpcId })).text('RouteTable.RouteTableId');
    await croft.ec2('CreateRoute', {
      RouteTableId: table,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: course.gatewayId,
    });
    await croft.ec2('AssociateRouteTable', { RouteTableId: table, SubnetId });
    const group = { GroupName: 'middlebox', Description: 'middlebox', VpcId: vpcId };
    const GroupId = (await croft.ec2('CreateSecurityGroup', group)).text('GroupId');
    await croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    const launched = await croft.ec2('RunInstances', {
      ImageId: imageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId,
      SecurityGroupIds: [GroupId],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'middlebox' }] }],
    });
    middleboxId = launched.text('Instances.0.InstanceId');
    middlebox = launched.text('Instances.0.NetworkInterfaces.0.NetworkInterfaceId');
    await croft.ec2('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: middlebox,
      SourceDestCheck: { Value: false },
    });
    edgeTable = (await croft.ec2('CreateRouteTable', { VpcId: vpcId })).text('RouteTable.RouteTableId');
    await croft.ec2('CreateRoute', {
      RouteTableId: edgeTable,
      DestinationCidrBlock: '10.0.0.0/24',
      NetworkInterfaceId: middlebox,
    });
    await croft.ec2('ReplaceRoute', {
      RouteTableId: publicTable,
      DestinationCidrBlock: '0.0.0.0/0',
      NetworkInterfaceId: middlebox,
    });
    await croft.settle();
    await forwards(true);
  };

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    expect(await bastionAnswers()).toBe(true);
    await makeMiddlebox();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S30 leads what comes in for a subnet by a middlebox, which has to have a public address', async () => {
    const AssociationId = (
      await croft.ec2('AssociateRouteTable', { RouteTableId: edgeTable, GatewayId: course.gatewayId })
    ).text('AssociationId');
    await croft.settle();
    expect(await bastionAnswers()).toBe(false);
    expect(await explain('laptop', 'bastion')).toMatch(/^blocked.*no public address/);

    const address = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
    await croft.ec2('AssociateAddress', {
      AllocationId: address.text('AllocationId'),
      NetworkInterfaceId: middlebox,
    });
    await croft.settle();
    const before = await forwarded();
    expect(await bastionAnswers()).toBe(true);
    expect(await forwarded()).toBeGreaterThan(before + 3);
    expect(await explain('laptop', 'bastion')).toMatch(/^allowed/);
    const { lines } = await croft.explain({
      source: 'laptop',
      destination: 'bastion',
      port: 22,
      protocol: 'tcp',
    });
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(
      `10.0.0.0/24 → ${middlebox} in gateway route table ${edgeTable}, associated with ${course.gatewayId}.`,
    );

    // What the instance sends leaves by the middlebox, too, and comes back by it, under the instance's own address.
    const asked = await croft.inside(course.bastionId, 'curl -s -m 5 http://checkip.amazonaws.com');
    expect(asked.stdout.trim()).toBe(course.bastionIp);
    expect(await explain('bastion', 'internet')).toMatch(/^allowed/);

    await forwards(false);
    expect(await bastionAnswers()).toBe(false);
    await forwards(true);
    expect(await bastionAnswers()).toBe(true);

    const trace = await croft.croft('trace', 'laptop', 'bastion', '--port', '22');
    expect([trace.code, trace.stdout]).toEqual([0, expect.stringContaining('they agree')]);

    await croft.ec2('DisassociateRouteTable', { AssociationId });
    await croft.settle();
    // Now it comes in straight, and the middlebox would see the answers only.
    expect(await explain('laptop', 'bastion')).toMatch(/^blocked.*not to the internet gateway it came by/);
  });
});
