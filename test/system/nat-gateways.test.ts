import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseNatAddress } from '../../src/model/nat-gateways.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: addresses of NAT gateways: ${obstacle}`);

const PORT = 7000;

/** Says to each connection whom it sees, then sends back what it is sent. */
const SERVER = `
import socket, threading
def serve(peer, address):
    peer.sendall(address[0].encode() + b";")
    while data := peer.recv(999):
        peer.sendall(data)
server = socket.create_server(("", ${PORT}))
while True:
    threading.Thread(target=serve, args=server.accept()).start()
`;

/** As whom the server sees a connection from each of the ports: one line each, "nobody" where there is none. */
const asking = (address: string, ports: readonly number[]) => `
import socket
for port in [${ports.join(', ')}]:
    line = socket.socket()
    line.settimeout(1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind(("", port))
    try:
        line.connect(("${address}", ${PORT}))
        print(line.recv(99).decode().strip(";"))
    except OSError:
        print("nobody")
`;

/** Keeps a connection from a port open until /tmp/end is there; /tmp/count counts what it sent and got back. */
const keeping = (address: string, port: number) => `
import os, socket, time
line = socket.socket()
line.settimeout(2)
line.bind(("", ${port}))
line.connect(("${address}", ${PORT}))
count, seen = 0, b""
while not os.path.exists("/tmp/end"):
    count += 1
    line.sendall(b"%d;" % count)
    while b";%d;" % count not in b";" + seen:
        seen += line.recv(999)
    with open("/tmp/count", "w") as told:
        told.write(str(count))
    time.sleep(0.05)
line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
line.close()
`;

/** The ports that connections are made from. */
const PORTS = [40_000, 40_001, 40_002, 40_003, 40_004, 40_005, 40_006, 40_007] as const;

describe.skipIf(obstacle !== undefined)('a NAT gateway with several addresses', () => {
  let croft: Installation;
  let course: Course;

  const python = (instanceId: string, script: string) => croft.inside(instanceId, `python3 -c '${script}'`);
  const start = (instanceId: string, script: string) =>
    croft.inside(instanceId, `setsid python3 -c '${script}' >/tmp/out 2>&1 </dev/null & true`);
  const listens = (instanceId: string) =>
    eventually('the server listens', async () =>
      (await croft.inside(instanceId, 'ss -Hltn')).stdout.includes(`:${PORT} `),
    );
  const seenAs = async (address: string, ports: readonly number[] = PORTS): Promise<string[]> =>
    (await python(course.privateId, asking(address, ports))).stdout.trim().split('\n');
  /** Whom the model says that the server sees, of addresses in the order of the gateway's. */
  const chosen = (addresses: readonly string[], ports: readonly number[] = PORTS): string[] =>
    ports.map((port) => {
      const packets = { protocol: 6, source: course.privateIp };
      const index = chooseNatAddress(packets, { first: port, last: port }, addresses.length);
      return addresses[index ?? -1] ?? '';
    });
  const allocate = async () => {
    const made = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
    return { id: made.text('AllocationId'), ip: made.text('PublicIp') };
  };
  const addressesOf = async (natId: string) => {
    const found = await croft.ec2('DescribeNatGateways', { NatGatewayIds: [natId] });
    return found.list('NatGateways.0.NatGatewayAddresses');
  };
  const statusesOf = async (natId: string): Promise<string[]> =>
    (await addressesOf(natId)).map((address) => address.text('Status'));
  const allowPort = (GroupId: string, CidrIp: string) =>
    croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: PORT, ToPort: PORT, IpRanges: [{ CidrIp }] }],
    });

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    await allowPort(course.bastionGroup, '0.0.0.0/0');
    await start(course.bastionId, SERVER);
    await listens(course.bastionId);
    await croft.settle();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S50 each connection leaves by the address that the model names; S60 one that is taken away drains', async () => {
    const [first, second] = [await allocate(), await allocate()];
    const made = await croft.ec2('CreateNatGateway', {
      SubnetId: course.publicSubnet,
      AllocationId: first.id,
      SecondaryAllocationIds: [second.id],
    });
    const natId = made.text('NatGateway.NatGatewayId');
    const route = { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: natId };
    expect(await seenAs(course.bastionIp, [40_000])).toEqual(['nobody']);
    await croft.ec2('CreateRoute', route);
    await croft.settle();
    expect(await statusesOf(natId)).toEqual(['succeeded', 'succeeded']);
    const expected = chosen([first.ip, second.ip]);
    expect(new Set(expected).size).toBe(2);
    expect(await seenAs(course.bastionIp)).toEqual(expected);
    const question = { source: 'private', destination: 'internet', port: 53, protocol: 'tcp' };
    const { isAllowed, lines } = await croft.explain(question);
    expect([isAllowed, lines.join(' ').replaceAll(/\s+/g, ' ')]).toEqual([
      true,
      expect.stringContaining('one of its own addresses, 10.0.0.5, 10.0.0.6; here 10.0.0.5'),
    ]);
    expect(await croft.canConnect(second.ip, PORT)).toBe(false);

    const port = [41_000, 41_001, 41_002, 41_003, 41_004, 41_005].find(
      (each) => chosen([first.ip, second.ip], [each])[0] === second.ip,
    );
    if (port === undefined) throw new Error('no port is chosen the second address for');
    await start(course.privateId, keeping(course.bastionIp, port));
    const counted = async (): Promise<number> =>
      Number((await croft.inside(course.privateId, 'cat /tmp/count')).stdout.trim());
    const isAlive = async (): Promise<boolean> => {
      const before = await counted();
      await eventually('it goes on', async () => (await counted()) > before);
      return true;
    };
    await eventually('the connection stands', async () => (await counted()) > 0);
    const AssociationId = (await addressesOf(natId))[1]?.text('AssociationId');
    await croft.ec2('DisassociateNatGatewayAddress', {
      NatGatewayId: natId,
      AssociationIds: [AssociationId ?? ''],
      MaxDrainDurationSeconds: 600,
    });
    await croft.settle();
    expect(await isAlive()).toBe(true);
    expect(await statusesOf(natId)).toEqual(['succeeded', 'disassociating']);
    const others = PORTS.map((each) => each + 2000);
    expect(await seenAs(course.bastionIp, others)).toEqual(others.map(() => first.ip));
    await croft.inside(course.privateId, 'touch /tmp/end');
    await eventually('the address is let go', async () => (await statusesOf(natId)).length === 1);
    await croft.ec2('ReleaseAddress', { AllocationId: second.id });
    await croft.ec2('DeleteRoute', { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0' });
    await croft.ec2('DeleteNatGateway', { NatGatewayId: natId });
    await croft.settle();
  });

  test('S49 S57 a private one leads to a peered VPC under its own addresses, and to no Internet', async () => {
    const far = await makeFar();
    await allowPort(far.groupId, '10.0.0.0/24');
    await start(far.instanceId, SERVER);
    await listens(far.instanceId);
    const own = { RouteTableId: course.mainTable, DestinationCidrBlock: '10.1.0.0/16' };
    await croft.ec2('CreateRoute', { ...own, VpcPeeringConnectionId: far.peeringId });
    await croft.ec2('CreateRoute', {
      RouteTableId: course.publicTable,
      DestinationCidrBlock: '10.1.0.0/16',
      VpcPeeringConnectionId: far.peeringId,
    });
    await croft.settle();
    // By itself the instance is in a subnet that the far group does not let in.
    expect(await seenAs(far.address, [40_000])).toEqual(['nobody']);
    const made = await croft.ec2('CreateNatGateway', {
      SubnetId: course.publicSubnet,
      ConnectivityType: 'private',
      PrivateIpAddress: '10.0.0.50',
      SecondaryPrivateIpAddresses: ['10.0.0.51', '10.0.0.52'],
    });
    const natId = made.text('NatGateway.NatGatewayId');
    await croft.ec2('ReplaceRoute', { ...own, NatGatewayId: natId });
    await croft.ec2('CreateRoute', { ...own, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: natId });
    await croft.settle();
    const expected = chosen(['10.0.0.50', '10.0.0.51', '10.0.0.52']);
    expect(new Set(expected).size).toBe(3);
    expect(await seenAs(far.address)).toEqual(expected);
    expect(await explain(far.address)).toMatch(/^allowed/);
    expect(await seenAs(course.bastionIp, [40_000])).toEqual(['nobody']);
    expect(await explain('8.8.8.8')).toMatch(/^blocked.*private one/);
  });

  const explain = async (destination: string): Promise<string> => {
    const question = { source: 'private', destination, port: PORT, protocol: 'tcp' };
    const { isAllowed, brief } = await croft.explain(question);
    return `${isAllowed ? 'allowed' : 'blocked'} ${brief.join(' ')}`;
  };

  /** A VPC that is peered with the course's, with an instance, and a way back. */
  const makeFar = async () => {
    const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: '10.1.0.0/16' })).text('Vpc.VpcId');
    const subnet = await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.1.0.0/24' });
    const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    const table = (await croft.ec2('DescribeRouteTables', inVpc)).text('RouteTables.0.RouteTableId');
    const group = { GroupName: 'far', Description: 'far', VpcId: vpcId };
    const groupId = (await croft.ec2('CreateSecurityGroup', group)).text('GroupId');
    const launched = await croft.ec2('RunInstances', {
      ImageId: course.imageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnet.text('Subnet.SubnetId'),
      SecurityGroupIds: [groupId],
    });
    const asked = await croft.ec2('CreateVpcPeeringConnection', { VpcId: course.vpcId, PeerVpcId: vpcId });
    const peeringId = asked.text('VpcPeeringConnection.VpcPeeringConnectionId');
    await croft.ec2('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: peeringId });
    await croft.ec2('CreateRoute', {
      RouteTableId: table,
      DestinationCidrBlock: '10.0.0.0/16',
      VpcPeeringConnectionId: peeringId,
    });
    await croft.settle();
    const instanceId = launched.text('Instances.0.InstanceId');
    return { instanceId, groupId, peeringId, address: launched.text('Instances.0.PrivateIpAddress') };
  };
});
