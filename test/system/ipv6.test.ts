import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAPTOP_IPV6 } from '../../src/plan/places.ts';
import { buildCourse, type Course, sshWords } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';
import { type Ipv6Course, speakIpv6 } from '../support/ipv6-course.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: IPv6: ${obstacle}`);

const EVERYWHERE = '::/0';

describe.skipIf(obstacle !== undefined)('the course’s network, given IPv6 while it runs', () => {
  let croft: Installation;
  let course: Course;
  let ipv6: Ipv6Course;

  const permit = (GroupId: string, IpProtocol: string, port: number) => ({
    GroupId,
    IpPermissions: [{ IpProtocol, FromPort: port, ToPort: port, Ipv6Ranges: [{ CidrIpv6: EVERYWHERE }] }],
  });
  const change = async (action: string, input: Parameters<Installation['ec2']>[1]): Promise<void> => {
    await croft.ec2(action, input);
    await croft.settle();
  };
  /** The address that the Internet sees an instance come from, by IPv6; empty where it gets nowhere. */
  const seenAs = async (instanceId: string): Promise<string> =>
    (await croft.inside(instanceId, 'curl -6 -s -m 2 http://icanhazip.com')).stdout.trim();
  const pings = async (address: string): Promise<boolean> =>
    (await croft.inside(course.bastionId, `ping -6 -c 1 -W 1 ${address}`)).code === 0;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    ipv6 = await speakIpv6(croft, course);
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('a rule about 0.0.0.0/0 lets no IPv6 in, one about ::/0 does', async () => {
    const ipv4 = { ...permit(course.bastionGroup, 'tcp', 22).IpPermissions[0], Ipv6Ranges: [] };
    await change('AuthorizeSecurityGroupIngress', {
      GroupId: course.bastionGroup,
      IpPermissions: [{ ...ipv4, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    await change('RevokeSecurityGroupIngress', permit(course.bastionGroup, 'tcp', 22));
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(false);
    await change('AuthorizeSecurityGroupIngress', permit(course.bastionGroup, 'tcp', 22));
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(true);
  });

  test('the laptop logs in by SSH, and is seen by its own address', async () => {
    const outcome = await croft.laptop(
      sshWords(course.keyFile, `ec2-user@${ipv6.bastion}`, 'echo $SSH_CONNECTION'),
    );
    expect(outcome.stdout.split(' ')).toEqual([LAPTOP_IPV6, expect.any(String), ipv6.bastion, '22\n']);
  });

  test('S45 by an internet gateway an instance is seen by its own address', async () => {
    const everything = permit(course.bastionGroup, '-1', -1);
    await change('RevokeSecurityGroupEgress', everything);
    expect(await seenAs(course.bastionId)).toBe('');
    await change('AuthorizeSecurityGroupEgress', everything);
    expect(await seenAs(course.bastionId)).toBe(ipv6.bastion);
  });

  test('S45 by an egress-only gateway what begins inside gets out, and nothing in', async () => {
    expect(await seenAs(course.privateId)).toBe(ipv6.private);
    await change('AuthorizeSecurityGroupIngress', permit(course.privateGroup, 'tcp', 22));
    expect(await croft.canConnect(ipv6.private, 22)).toBe(false);
    const route = { RouteTableId: course.mainTable, DestinationIpv6CidrBlock: EVERYWHERE };
    await change('ReplaceRoute', { ...route, GatewayId: course.gatewayId });
    expect(await croft.canConnect(ipv6.private, 22)).toBe(true);
    await change('ReplaceRoute', { ...route, EgressOnlyInternetGatewayId: ipv6.egressOnlyGatewayId });
    expect(await croft.canConnect(ipv6.private, 22)).toBe(false);
    await change('RevokeSecurityGroupIngress', permit(course.privateGroup, 'tcp', 22));
  });

  test('S78 a reference to a group means its members’ IPv6 addresses, too', async () => {
    expect(await croft.canConnectFrom(course.bastionId, ipv6.private, 22)).toBe(true);
    expect(await croft.canConnectFrom(course.privateId, ipv6.bastion, 80)).toBe(false);
  });

  test('a ping is ICMPv6, which a rule about ICMP does not mean', async () => {
    await change('AuthorizeSecurityGroupIngress', permit(course.privateGroup, 'icmp', -1));
    expect(await pings(ipv6.private)).toBe(false);
    await change('AuthorizeSecurityGroupIngress', permit(course.privateGroup, 'icmpv6', -1));
    expect(await pings(ipv6.private)).toBe(true);
  });

  test('S61 a network ACL decides about IPv6 by entries of its own', async () => {
    const entry = { NetworkAclId: course.aclId, RuleNumber: 50, Egress: false };
    const denial = { ...entry, Protocol: '-1', RuleAction: 'deny', Ipv6CidrBlock: EVERYWHERE };
    await change('CreateNetworkAclEntry', denial);
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(false);
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    await change('DeleteNetworkAclEntry', entry);
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(true);
  });

  test('the daemon killed and started again, packets go on', async () => {
    const { pid } = await croft.status();
    process.kill(pid, 'SIGKILL');
    await croft.up();
    expect(await seenAs(course.privateId)).toBe(ipv6.private);
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(true);
  });

  test('without its last address and block the network is one of IPv4 again', async () => {
    for (const instanceId of [course.bastionId, course.privateId]) {
      const described = await croft.ec2('DescribeInstances', { InstanceIds: [instanceId] });
      const own = 'Reservations.0.Instances.0.NetworkInterfaces.0';
      await croft.ec2('UnassignIpv6Addresses', {
        NetworkInterfaceId: described.text(`${own}.NetworkInterfaceId`),
        Ipv6Addresses: [described.text(`${own}.Ipv6Addresses.0.Ipv6Address`)],
      });
    }
    const subnets = await croft.ec2('DescribeSubnets', {
      SubnetIds: [course.publicSubnet, course.privateSubnet],
    });
    for (const index of [0, 1]) {
      const AssociationId = subnets.text(`Subnets.${index}.Ipv6CidrBlockAssociationSet.0.AssociationId`);
      await croft.ec2('DisassociateSubnetCidrBlock', { AssociationId });
    }
    await change('DisassociateVpcCidrBlock', { AssociationId: ipv6.associationId });
    await eventually('IPv6 is off in the instance', async () => {
      const { stdout } = await croft.inside(course.bastionId, 'ip -6 addr show dev eth0');
      return stdout.trim() === '';
    });
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    expect(await croft.canConnect(ipv6.bastion, 22)).toBe(false);
  });
});
