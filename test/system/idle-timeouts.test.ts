import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords } from '../../src/fabric/world/world.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: idle timeouts: ${obstacle}`);

/** Where the kernel lists the connections it tracks, one a line, each with the seconds it is remembered. */
const CONNECTIONS = '/proc/net/nf_conntrack';

/** One connection of TCP to each; the first is there before any timeout is. */
const PORTS = { before: 7000, hour: 7001, hours: 7002, away: 7003, ipv6: 7004 } as const;
type Name = keyof typeof PORTS;

/** Of TCP, over both families, and of UDP: sends back what it is sent, by the private instance. */
const ECHO = `
import socketserver, threading
from socket import AF_INET6
class Stream(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(999):
            self.request.sendall(data)
class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(self.request[0], self.client_address)
class Both(socketserver.ThreadingTCPServer):
    address_family = AF_INET6
servers = [Both(("::", port), Stream) for port in [${Object.values(PORTS).join(', ')}]]
servers.append(socketserver.UDPServer(("", 7000), Datagram))
for server in servers:
    threading.Thread(target=server.serve_forever).start()
`;

/** Keeps one connection open; whoever asks on /tmp/PORT is told when something sent by it has come back. */
const keeper = (address: string, port: number) => `
import socket
line = socket.create_connection(("${address}", ${port}))
asked = socket.socket(socket.AF_UNIX)
asked.bind("/tmp/${port}")
asked.listen()
while True:
    who, _ = asked.accept()
    line.sendall(b"x")
    who.sendall(line.recv(1))
    who.close()
`;

const ask = (port: number) =>
  `import socket; u = socket.socket(socket.AF_UNIX); u.settimeout(2); u.connect("/tmp/${port}"); print(u.recv(9))`;

/** Sends datagrams from one port, one after the other as long as they come back, and at least one. */
const datagrams = (address: string, to: number, from: number, count: number) => `
import socket, time
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind(("", ${from}))
line.settimeout(2)
for number in range(${count}):
    line.sendto(b"x", ("${address}", ${to}))
    if ${count} > 1:
        line.recv(9)
        time.sleep(0.5)
`;

const HOLD_WEBSITE = `
import socket, time
line = socket.create_connection(("icanhazip.com", 80))
time.sleep(600)
`;

describe.skipIf(obstacle !== undefined)('idle timeouts of interfaces', () => {
  let croft: Installation;
  let course: Course;
  let eni: string;
  let isTold: boolean;

  const python = (instanceId: string, script: string) => croft.inside(instanceId, `python3 -c '${script}'`);
  const start = (instanceId: string, script: string) =>
    croft.inside(instanceId, `setsid python3 -c '${script}' >/tmp/out 2>&1 </dev/null & true`);

  /** The lines of what the VPC's router remembers that say all of this. */
  const remembered = async (...words: readonly string[]): Promise<string[]> => {
    const table = ['nsenter', `--net=/run/netns/${course.vpcId}`, 'cat', CONNECTIONS];
    const { code, stdout, stderr } = await runCaptured(enterWords(croft.world, table));
    expect([code, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => words.every((word) => line.includes(` ${word} `)));
  };
  /** For how many seconds more the one connection that all of this is said of is remembered without a packet. */
  const secondsLeft = async (...words: readonly string[]): Promise<number> => {
    const lines = await remembered(...words);
    expect(lines).toHaveLength(1);
    const [, seconds] = /^ipv[46]\s+\d+ (?:tcp|udp)\s+\d+ (\d+) /.exec(lines[0] ?? '') ?? [];
    return Number(seconds);
  };
  const open = async (name: Name, address = course.privateIp): Promise<void> => {
    await start(course.bastionId, keeper(address, PORTS[name]));
    await eventually(`the connection ${name} is there`, () => isAlive(name));
  };
  const isAlive = async (name: Name): Promise<boolean> =>
    (await python(course.bastionId, ask(PORTS[name]))).stdout.trim() === "b'x'";
  /** How long a connection is remembered after the packet that is sent by it now. */
  const leftAfterPacket = async (name: Name): Promise<number> => {
    expect(await isAlive(name)).toBe(true);
    return secondsLeft('tcp', 'ESTABLISHED', `dport=${PORTS[name]}`);
  };
  const say = async (ConnectionTrackingSpecification: Readonly<Record<string, number>>): Promise<void> => {
    const NetworkInterfaceId = eni;
    await croft.ec2('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId,
      ConnectionTrackingSpecification,
    });
    await croft.settle();
  };

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    const look = ['nsenter', `--net=/run/netns/${course.vpcId}`, 'test', '-r', CONNECTIONS];
    isTold = (await runCaptured(enterWords(croft.world, look))).code === 0;
    const { vpcId, bastionGroup, privateGroup } = course;
    const described = await croft.ec2('DescribeInstances', { InstanceIds: [course.privateId] });
    eni = described.text('Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId');
    for (const IpProtocol of ['tcp', 'udp']) {
      const ports = { IpProtocol, FromPort: 7000, ToPort: 7010 };
      await croft.ec2('AuthorizeSecurityGroupIngress', {
        GroupId: privateGroup,
        IpPermissions: [{ ...ports, UserIdGroupPairs: [{ GroupId: bastionGroup }] }],
      });
    }
    await croft.ec2('AssociateVpcCidrBlock', { VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true });
    const vpc = await croft.ec2('DescribeVpcs', { VpcIds: [vpcId] });
    const block = vpc.text('Vpcs.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock');
    for (const [index, SubnetId] of [course.publicSubnet, course.privateSubnet].entries()) {
      const Ipv6CidrBlock = block.replace(/00::\/56$/, `0${index}::/64`);
      await croft.ec2('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock });
    }
    await croft.ec2('AuthorizeSecurityGroupEgress', {
      GroupId: bastionGroup,
      IpPermissions: [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }],
    });
    await croft.settle();
    await start(course.privateId, ECHO);
    await eventually('the servers listen', async () => {
      const { stdout } = await croft.inside(course.privateId, 'ss -Hlntu');
      return Object.values(PORTS).every((port) => stdout.includes(`:${port} `));
    });
    await open('before');
  });

  beforeEach((context) => {
    if (!isTold) context.skip('this kernel does not list the connections that it tracks');
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S85 without any, a router remembers as long as AWS does by default', async () => {
    expect(await leftAfterPacket('before')).toBeGreaterThan(400_000);
    await python(course.bastionId, datagrams(course.privateIp, 7009, 5000, 1));
    expect(await secondsLeft('udp', 'sport=5000', '[UNREPLIED]')).toBeLessThanOrEqual(30);
    await python(course.bastionId, datagrams(course.privateIp, 7000, 5001, 7));
    expect(await secondsLeft('udp', 'sport=5001', '[ASSURED]')).toBeGreaterThan(120);
  });

  test('S85 one that is set holds for connections that begin, and for none that stands', async () => {
    await say({ TcpEstablishedTimeout: 3600 });
    await open('hour');
    expect(await leftAfterPacket('hour')).toBeLessThanOrEqual(3600);
    expect(await leftAfterPacket('before')).toBeGreaterThan(400_000);
    await say({ TcpEstablishedTimeout: 7200 });
    await open('hours');
    expect(await leftAfterPacket('hour')).toBeLessThanOrEqual(3600);
    const left = await leftAfterPacket('hours');
    expect(left).toBeLessThanOrEqual(7200);
    expect(left).toBeGreaterThan(3600);
    expect(await leftAfterPacket('before')).toBeGreaterThan(400_000);
  });

  test('S85 connections of another interface have the default timeouts', async () => {
    await start(course.bastionId, HOLD_WEBSITE);
    await eventually(
      'the connection is there',
      async () => (await remembered('ESTABLISHED', 'dport=80')).length > 0,
    );
    expect(await secondsLeft('tcp', 'ESTABLISHED', 'dport=80')).toBeGreaterThan(400_000);
  });

  test('S85 standing connections keep theirs when rules change, and when the daemon starts again', async () => {
    await croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: course.privateGroup,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 9, ToPort: 9, IpRanges: [{ CidrIp: '10.0.0.0/24' }] }],
    });
    await croft.settle();
    expect(await leftAfterPacket('hours')).toBeLessThanOrEqual(7200);
    const { pid } = await croft.status();
    process.kill(pid, 'SIGKILL');
    await croft.up();
    await croft.settle();
    expect(await leftAfterPacket('hours')).toBeLessThanOrEqual(7200);
    expect(await leftAfterPacket('hour')).toBeLessThanOrEqual(3600);
    await say({ TcpEstablishedTimeout: 432_000 });
    await open('away');
    expect(await leftAfterPacket('away')).toBeGreaterThan(400_000);
    expect(await leftAfterPacket('hours')).toBeLessThanOrEqual(7200);
  });

  test('S85 UDP: one for flows in one direction, one for streams', async () => {
    await say({ UdpTimeout: 60, UdpStreamTimeout: 100 });
    await python(course.bastionId, datagrams(course.privateIp, 7000, 5003, 7));
    const stream = await secondsLeft('udp', 'sport=5003', '[ASSURED]');
    expect(stream).toBeLessThanOrEqual(100);
    expect(stream).toBeGreaterThan(60);
    // The sender's is 30 seconds, which is shorter; where both say 60, it is that.
    await python(course.bastionId, datagrams(course.privateIp, 7009, 5004, 1));
    expect(await secondsLeft('udp', 'sport=5004', '[UNREPLIED]')).toBeLessThanOrEqual(30);
    const described = await croft.ec2('DescribeInstances', { InstanceIds: [course.bastionId] });
    const NetworkInterfaceId = described.text(
      'Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId',
    );
    await croft.ec2('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId,
      ConnectionTrackingSpecification: { UdpTimeout: 60 },
    });
    await croft.settle();
    await python(course.bastionId, datagrams(course.privateIp, 7009, 5005, 1));
    expect(await secondsLeft('udp', 'sport=5005', '[UNREPLIED]')).toBeGreaterThan(30);
  });

  test('S85 over IPv6, too', async () => {
    const assign = async (instanceId: string): Promise<string> => {
      const described = await croft.ec2('DescribeInstances', { InstanceIds: [instanceId] });
      const id = described.text('Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId');
      const made = await croft.ec2('AssignIpv6Addresses', { NetworkInterfaceId: id, Ipv6AddressCount: 1 });
      return made.text('AssignedIpv6Addresses.0');
    };
    await assign(course.bastionId);
    const address = await assign(course.privateId);
    await say({ TcpEstablishedTimeout: 1800 });
    await open('ipv6', address);
    expect(await leftAfterPacket('ipv6')).toBeLessThanOrEqual(1800);
    expect(await remembered('ipv6', `dport=${PORTS.ipv6}`)).toEqual([]);
    expect((await remembered(`dport=${PORTS.ipv6}`)).map((line) => line.slice(0, 4))).toEqual(['ipv6']);
  });
});
