import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCourse, type Course, sshWords } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: the negatives of the walk-through: ${obstacle}`);

/** The walk-through's network, built once; each test spoils one thing, looks, and mends it again. */
describe.skipIf(obstacle !== undefined)('each step of the walk-through, spoilt and mended', () => {
  let croft: Installation;
  let course: Course;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
  });

  afterAll(async () => {
    await croft?.end();
  });

  const laptopToBastion = () => croft.canConnect(course.bastionIp, 22);
  const bastionToPrivate = () => croft.canConnectFrom(course.bastionId, course.privateIp, 22);
  const privateToInternet = () => croft.canConnectFrom(course.privateId, '8.8.8.8', 53);

  /** The model's verdict and its words, which must name what was spoilt. */
  const explain = async (source: string, destination: string, port: number): Promise<string> => {
    const { isAllowed, lines } = await croft.explain({ source, destination, port, protocol: 'tcp' });
    return `${isAllowed ? 'allowed' : 'blocked'}: ${lines.join(' ').replaceAll(/\s+/g, ' ')}`;
  };

  test('S36 all is well at first: the laptop reaches the bastion, the bastion the private instance', async () => {
    expect(await laptopToBastion()).toBe(true);
    expect(await bastionToPrivate()).toBe(true);
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^allowed/);
    expect(await explain('bastion', 'private', 22)).toMatch(/^allowed/);
  });

  test('S37 the guest sees its private address alone', async () => {
    const { stdout } = await croft.inside(course.bastionId, 'ip -4 -o addr show; hostname');
    expect(stdout).toContain('10.0.0.4/24');
    expect(stdout).not.toContain(course.bastionIp);
    expect(stdout).toContain('ip-10-0-0-4');
  });

  test('S32 a gateway without a route to it', async () => {
    const route = { RouteTableId: course.publicTable, DestinationCidrBlock: '0.0.0.0/0' };
    await croft.ec2('DeleteRoute', route);
    await croft.settle();
    expect(await laptopToBastion()).toBe(false);
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^blocked.*no route/);
    await croft.ec2('CreateRoute', { ...route, GatewayId: course.gatewayId });
    await croft.settle();
    expect(await laptopToBastion()).toBe(true);
  });

  test('S28 S39 S44 no gateway: detached, its route is a blackhole; stopped, only the private address is kept', async () => {
    const ids = { InternetGatewayId: course.gatewayId, VpcId: course.vpcId };
    // Refused while public addresses are mapped (S35), so the bastion is moved to no public address by stopping it.
    await expect(croft.ec2('DetachInternetGateway', ids)).rejects.toThrow(/mapped public address/);
    await croft.ec2('StopInstances', { InstanceIds: [course.bastionId] });
    await croft.settle();
    await croft.ec2('DetachInternetGateway', ids);
    await croft.settle();
    const table = await croft.ec2('DescribeRouteTables', { RouteTableIds: [course.publicTable] });
    expect(table.list('RouteTables.0.Routes').map((route) => route.maybe('State'))).toEqual([
      'active',
      'blackhole',
    ]);
    expect(await explain('bastion', 'internet', 80)).toMatch(/^blocked.*(blackhole|no internet gateway)/);
    await croft.ec2('AttachInternetGateway', ids);
    const before = course.bastionIp;
    await croft.ec2('StartInstances', { InstanceIds: [course.bastionId] });
    await croft.settle();
    const found = await croft.ec2('DescribeInstances', { InstanceIds: [course.bastionId] });
    // S39, S44: another public address, the same private one.
    expect(found.text('Reservations.0.Instances.0.PrivateIpAddress')).toBe('10.0.0.4');
    course = { ...course, bastionIp: found.text('Reservations.0.Instances.0.PublicIpAddress') };
    expect(course.bastionIp).not.toBe(before);
    await eventually('the bastion answers again', laptopToBastion);
  });

  test('S38 an instance without a public address is dropped, not masqueraded', async () => {
    const association = await croft.ec2('AssociateRouteTable', {
      RouteTableId: course.publicTable,
      SubnetId: course.privateSubnet,
    });
    await croft.settle();
    expect(await privateToInternet()).toBe(false);
    expect(await explain('private', 'internet', 53)).toMatch(/^blocked.*no public address/);
    const address = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
    const associated = await croft.ec2('AssociateAddress', {
      AllocationId: address.text('AllocationId'),
      InstanceId: course.privateId,
    });
    await croft.settle();
    expect(await privateToInternet()).toBe(true);
    expect(await explain('private', 'internet', 53)).toMatch(/^allowed/);
    await croft.ec2('DisassociateAddress', { AssociationId: associated.text('AssociationId') });
    await croft.ec2('ReleaseAddress', { AllocationId: address.text('AllocationId') });
    await croft.ec2('DisassociateRouteTable', { AssociationId: association.text('AssociationId') });
    await croft.settle();
  });

  test('the private instance is not reached from the laptop', async () => {
    expect(await croft.canConnect(course.privateIp, 22)).toBe(false);
    expect(await explain('laptop', 'private', 22)).toMatch(/^blocked.*no public address/);
  });

  test('a wrong key and a key that others may read are ssh’s own refusals: the network is open', async () => {
    const other = await croft.ec2('CreateKeyPair', { KeyName: 'other', KeyType: 'ed25519' });
    const wrong = croft.saveKey('other.pem', other.text('KeyMaterial'));
    const destination = `ec2-user@${course.bastionIp}`;
    const refused = await croft.laptop(sshWords(wrong, destination, 'true'));
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('Permission denied (publickey)');
    const { stdout } = await croft.laptop(['cat', course.keyFile]);
    const open = croft.saveKey('open.pem', stdout, 0o644);
    const unprotected = await croft.laptop(sshWords(open, destination, 'true'));
    expect(unprotected.code).toBe(255);
    expect(unprotected.stderr).toContain('UNPROTECTED PRIVATE KEY FILE');
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^allowed/);
    const right = await croft.laptop(sshWords(course.keyFile, destination, 'sudo', 'whoami'));
    expect([right.code, right.stdout]).toEqual([0, 'root\n']);
  });

  test('S75 no ingress rule', async () => {
    const rule = {
      GroupId: course.bastionGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.10/32' }] },
      ],
    };
    await croft.ec2('RevokeSecurityGroupIngress', rule);
    await croft.settle();
    expect(await laptopToBastion()).toBe(false);
    expect(await explain('laptop', 'bastion', 22)).toMatch(new RegExp(`^blocked.*${course.bastionGroup}`));
    await croft.ec2('AuthorizeSecurityGroupIngress', rule);
    await croft.settle();
    expect(await laptopToBastion()).toBe(true);
  });

  test('S78 a reference to the bastion’s group lets in its members alone', async () => {
    expect(await bastionToPrivate()).toBe(true);
    const change = (groupId: string) =>
      croft.ec2('ModifyInstanceAttribute', { InstanceId: course.bastionId, Groups: [groupId] });
    const other = await croft.ec2('CreateSecurityGroup', {
      GroupName: 'other',
      Description: 'o',
      VpcId: course.vpcId,
    });
    await change(other.text('GroupId'));
    await croft.settle();
    expect(await bastionToPrivate()).toBe(false);
    expect(await explain('bastion', 'private', 22)).toMatch(new RegExp(`^blocked.*${course.privateGroup}`));
    await change(course.bastionGroup);
    await croft.settle();
    expect(await bastionToPrivate()).toBe(true);
  });

  const entry = (ruleNumber: number, isEgress: boolean, action: string, first: number, last: number) => ({
    NetworkAclId: course.aclId,
    RuleNumber: ruleNumber,
    Protocol: '6',
    PortRange: { From: first, To: last },
    CidrBlock: '0.0.0.0/0',
    Egress: isEgress,
    RuleAction: action,
  });

  test('S62 the lower rule number wins', async () => {
    await croft.ec2('CreateNetworkAclEntry', entry(90, false, 'deny', 22, 22));
    await croft.settle();
    expect(await laptopToBastion()).toBe(false);
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^blocked.*rule 90/i);
    await croft.ec2('CreateNetworkAclEntry', entry(80, false, 'allow', 22, 22));
    await croft.settle();
    expect(await laptopToBastion()).toBe(true);
    for (const RuleNumber of [80, 90]) {
      await croft.ec2('DeleteNetworkAclEntry', { NetworkAclId: course.aclId, RuleNumber, Egress: false });
    }
    await croft.settle();
  });

  test('S61 a custom network ACL denies all; S63 with port 22 alone its replies are lost', async () => {
    const acl = (await croft.ec2('CreateNetworkAcl', { VpcId: course.vpcId })).text(
      'NetworkAcl.NetworkAclId',
    );
    const found = await croft.ec2('DescribeNetworkAcls', { NetworkAclIds: [course.aclId] });
    const association = found
      .list('NetworkAcls.0.Associations')
      .find((candidate) => candidate.maybe('SubnetId') === course.publicSubnet);
    const replaced = await croft.ec2('ReplaceNetworkAclAssociation', {
      AssociationId: association?.text('NetworkAclAssociationId') ?? '',
      NetworkAclId: acl,
    });
    await croft.settle();
    expect(await laptopToBastion()).toBe(false);
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^blocked.*rule \*/i);
    await croft.ec2('CreateNetworkAclEntry', { ...entry(100, false, 'allow', 22, 22), NetworkAclId: acl });
    await croft.settle();
    expect(await laptopToBastion()).toBe(false);
    expect(await explain('laptop', 'bastion', 22)).toMatch(/^blocked.*repl/i);
    await croft.ec2('CreateNetworkAclEntry', {
      ...entry(100, true, 'allow', 1024, 65535),
      NetworkAclId: acl,
    });
    await croft.settle();
    expect(await laptopToBastion()).toBe(true);
    await croft.ec2('ReplaceNetworkAclAssociation', {
      AssociationId: replaced.text('NewAssociationId'),
      NetworkAclId: course.aclId,
    });
    await croft.ec2('DeleteNetworkAcl', { NetworkAclId: acl });
    await croft.settle();
  });

  test('S64 S77 within a subnet no network ACL is asked, but security groups are', async () => {
    await croft.ec2('CreateNetworkAclEntry', entry(90, false, 'deny', 0, 65535));
    const twin = await croft.ec2('RunInstances', {
      ImageId: course.imageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: course.privateSubnet,
      SecurityGroupIds: [course.bastionGroup],
    });
    const twinId = twin.text('Instances.0.InstanceId');
    await croft.settle();
    expect(await croft.canConnectFrom(twinId, course.privateIp, 22)).toBe(true);
    expect(await bastionToPrivate()).toBe(false);
    const group = { InstanceId: twinId, Groups: [course.privateGroup] };
    await croft.ec2('ModifyInstanceAttribute', group);
    await croft.settle();
    expect(await croft.canConnectFrom(twinId, course.privateIp, 22)).toBe(false);
    await croft.ec2('DeleteNetworkAclEntry', { NetworkAclId: course.aclId, RuleNumber: 90, Egress: false });
    await croft.ec2('TerminateInstances', { InstanceIds: [twinId] });
    await croft.settle();
    expect(await bastionToPrivate()).toBe(true);
  });

  const makeNat = async (subnetId: string) => {
    const address = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
    const allocationId = address.text('AllocationId');
    const made = await croft.ec2('CreateNatGateway', { SubnetId: subnetId, AllocationId: allocationId });
    await croft.settle();
    return { natId: made.text('NatGateway.NatGatewayId'), allocationId, publicIp: address.text('PublicIp') };
  };

  test('S46 a NAT gateway in a private subnet leads nowhere', async () => {
    const { natId, allocationId } = await makeNat(course.privateSubnet);
    const route = { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0' };
    await croft.ec2('CreateRoute', { ...route, NatGatewayId: natId });
    await croft.settle();
    expect(await privateToInternet()).toBe(false);
    expect(await explain('private', 'internet', 53)).toMatch(/^blocked.*private subnet/);
    await croft.ec2('DeleteRoute', route);
    await croft.ec2('DeleteNatGateway', { NatGatewayId: natId });
    await croft.settle();
    await croft.ec2('ReleaseAddress', { AllocationId: allocationId });
  });

  test('S49 S54 S28 out by the NAT gateway, nothing in by it, and a blackhole once it is deleted', async () => {
    const { natId, allocationId, publicIp } = await makeNat(course.publicSubnet);
    const route = { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0' };
    await croft.ec2('CreateRoute', { ...route, NatGatewayId: natId });
    await croft.settle();
    expect(await privateToInternet()).toBe(true);
    expect(await explain('private', 'internet', 53)).toMatch(/^allowed/);
    const { stdout } = await croft.inside(course.privateId, 'curl -s -m 5 http://checkip.amazonaws.com');
    expect(stdout.trim()).toBe(publicIp);
    expect(await croft.canConnect(publicIp, 22)).toBe(false);
    expect(
      (await croft.laptop(['timeout', '1', 'bash', '-c', `echo x > /dev/udp/${publicIp}/53`])).code,
    ).toBe(0);
    expect(await explain('laptop', publicIp, 22)).toMatch(/^blocked.*NAT gateway/);
    await croft.ec2('DeleteNatGateway', { NatGatewayId: natId });
    await croft.settle();
    const table = await croft.ec2('DescribeRouteTables', { RouteTableIds: [course.mainTable] });
    expect(table.list('RouteTables.0.Routes').map((item) => item.maybe('State'))).toEqual([
      'active',
      'blackhole',
    ]);
    expect(await privateToInternet()).toBe(false);
    expect(await explain('private', 'internet', 53)).toMatch(/^blocked.*blackhole/);
    await croft.ec2('DeleteRoute', route);
    await croft.ec2('ReleaseAddress', { AllocationId: allocationId });
  });

  test('S98 S99 buckets by a gateway endpoint alone: the log shows the private address and the endpoint', async () => {
    const fetch = 'curl -s -m 2 -o /dev/null -w "%{http_code}" http://s3.ap-northeast-2.amazonaws.com/';
    expect((await croft.inside(course.privateId, fetch)).stdout).toBe('000');
    const endpoint = await croft.ec2('CreateVpcEndpoint', {
      VpcId: course.vpcId,
      ServiceName: 'com.amazonaws.ap-northeast-2.s3',
      RouteTableIds: [course.mainTable],
    });
    const endpointId = endpoint.text('VpcEndpoint.VpcEndpointId');
    await croft.settle();
    // S3 sends whoever has not signed to AWS's page about it.
    expect((await croft.inside(course.privateId, fetch)).stdout).toBe('307');
    expect(await explain('private', 's3', 443)).toMatch(new RegExp(`^allowed.*${endpointId}`));
    expect(JSON.stringify(await croft.serverLog())).toContain(`"sourceAddress":"${course.privateIp}"`);
    expect(JSON.stringify(await croft.serverLog())).toContain(`"vpcEndpointId":"${endpointId}"`);
    await croft.ec2('DeleteVpcEndpoints', { VpcEndpointIds: [endpointId] });
    await croft.settle();
    expect((await croft.inside(course.privateId, fetch)).stdout).toBe('000');
    expect(await explain('private', 's3', 443)).toMatch(/^blocked.*no route/);
  });
});
