import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords } from '../../src/fabric/world/world.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: established connections: ${obstacle}`);

/** Open to the bastion's group, and to the world. */
const PORT = 7000;
const WORLD_PORT = 7001;

/** Of the bastion, for who comes by a NAT gateway. */
const NAT_PORT = 7002;

/** Sends back what it is sent, on one connection after another. */
const echo = (port: number) => `
import socket
server = socket.create_server(("", ${port}))
while True:
    peer, _ = server.accept()
    while data := peer.recv(999):
        peer.sendall(data)
`;

/** Keeps one connection open; whoever asks on /tmp/PORT is told whether something sent by it came back within a second. */
const keeper = (address: string, port: number) => `
import socket
line = socket.create_connection(("${address}", ${port}))
line.settimeout(1)
asked = socket.socket(socket.AF_UNIX)
asked.bind("/tmp/${port}")
asked.listen()
count, seen = 0, b""
while True:
    who, _ = asked.accept()
    count += 1
    token, answer = b"%d;" % count, b"no"
    try:
        line.sendall(token)
        while token not in seen:
            seen += line.recv(999)
        answer = b"yes"
    except OSError as error:
        answer = type(error).__name__.encode()
    who.sendall(answer)
    who.close()
`;

const ask = (port: number) =>
  `import socket; u = socket.socket(socket.AF_UNIX); u.connect("/tmp/${port}"); print(u.recv(99).decode())`;

/** Lets the kernel and routers cut datagrams into fragments: option 10 is IP_MTU_DISCOVER, of which 0 is never. */
const CUT = 'socket.IPPROTO_IP, 10, 0';

/** Sends back each datagram. */
const ECHO_DATAGRAMS = `
import socket
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.setsockopt(${CUT})
line.bind(("", ${NAT_PORT}))
while True:
    line.sendto(*line.recvfrom(9999))
`;

/** Prints how much comes back of a datagram; an error when nothing does within two seconds. */
const askDatagram = (address: string, size: number) => `
import socket
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.setsockopt(${CUT})
line.settimeout(2)
line.sendto(bytes(${size}), ("${address}", ${NAT_PORT}))
print(len(line.recv(9999)))
`;

describe.skipIf(obstacle !== undefined)('a connection that is established', () => {
  let croft: Installation;
  let course: Course;

  const start = (instanceId: string, script: string) =>
    croft.inside(instanceId, `setsid python3 -c '${script}' >/tmp/out 2>&1 </dev/null & true`);
  const told = async (instanceId: string, port: number): Promise<string> =>
    (await croft.inside(instanceId, `python3 -c '${ask(port)}'`)).stdout.trim();
  const isAlive = async (port = PORT): Promise<boolean> => (await told(course.bastionId, port)) === 'yes';
  const letsIn = async (port = PORT): Promise<boolean> =>
    (await croft.inside(course.bastionId, `nc -z -w 1 ${course.privateIp} ${port}`)).code === 0;
  const permission = () => ({
    GroupId: course.privateGroup,
    IpPermissions: [
      {
        IpProtocol: 'tcp',
        FromPort: PORT,
        ToPort: PORT,
        UserIdGroupPairs: [{ GroupId: course.bastionGroup }],
      },
    ],
  });

  const worldPermission = () => ({
    GroupId: course.privateGroup,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: WORLD_PORT, ToPort: WORLD_PORT, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    ],
  });

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    await croft.ec2('AuthorizeSecurityGroupIngress', permission());
    await croft.ec2('AuthorizeSecurityGroupIngress', worldPermission());
    await croft.settle();
    for (const port of [PORT, WORLD_PORT]) {
      await start(course.privateId, echo(port));
      await eventually('the server listens', async () => {
        const { stdout } = await croft.inside(course.privateId, 'ss -Hltn');
        return stdout.includes(`:${port} `);
      });
      await start(course.bastionId, keeper(course.privateIp, port));
      await eventually('the connection is there', () => isAlive(port));
    }
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S80 replies leave by a group that lets nothing out', async () => {
    const everything = {
      GroupId: course.privateGroup,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    };
    await croft.ec2('RevokeSecurityGroupEgress', everything);
    await croft.settle();
    expect(await isAlive()).toBe(true);
    expect(await letsIn()).toBe(true);
    await croft.ec2('AuthorizeSecurityGroupEgress', everything);
    await croft.settle();
  });

  test('S82 goes on when its rule is revoked, by which no other gets in', async () => {
    await croft.ec2('RevokeSecurityGroupIngress', permission());
    await croft.settle();
    expect(await letsIn()).toBe(false);
    expect(await isAlive()).toBe(true);
    await croft.ec2('AuthorizeSecurityGroupIngress', permission());
    await croft.settle();
    expect(await letsIn()).toBe(true);
  });

  test('S81 is cut at once when its rule let the whole world in, for it was not tracked', async () => {
    await croft.ec2('RevokeSecurityGroupIngress', worldPermission());
    await croft.settle();
    expect(await letsIn(WORLD_PORT)).toBe(false);
    expect(await isAlive(WORLD_PORT)).toBe(false);
    expect(await isAlive()).toBe(true);
    await croft.ec2('AuthorizeSecurityGroupIngress', worldPermission());
    await croft.settle();
    await eventually('it is alive again', () => isAlive(WORLD_PORT));
  });

  test('S72 is stopped by a network ACL at once, and goes on when that is mended', async () => {
    const entry = { NetworkAclId: course.aclId, RuleNumber: 50, Egress: false };
    await croft.ec2('CreateNetworkAclEntry', {
      ...entry,
      Protocol: '6',
      PortRange: { From: PORT, To: PORT },
      CidrBlock: '10.0.0.0/24',
      RuleAction: 'deny',
    });
    await croft.settle();
    expect(await isAlive()).toBe(false);
    await croft.ec2('DeleteNetworkAclEntry', entry);
    await croft.settle();
    await eventually('it is alive again', () => isAlive());
  });

  describe('by a NAT gateway', () => {
    let natInterface: string;

    const output = async (instanceId: string, command: string): Promise<string> =>
      (await croft.inside(instanceId, command)).stdout.trim();
    const ping = async (instanceId: string, words: string): Promise<boolean> =>
      (await croft.inside(instanceId, `ping -c 1 -W 1 ${words} 8.8.8.8`)).code === 0;

    beforeAll(async () => {
      const address = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
      const made = await croft.ec2('CreateNatGateway', {
        SubnetId: course.publicSubnet,
        AllocationId: address.text('AllocationId'),
      });
      const natId = made.text('NatGateway.NatGatewayId');
      const route = { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0' };
      await croft.ec2('CreateRoute', { ...route, NatGatewayId: natId });
      await croft.ec2('AuthorizeSecurityGroupIngress', {
        GroupId: course.bastionGroup,
        IpPermissions: ['tcp', 'udp'].map((IpProtocol) => ({
          ...{ IpProtocol, FromPort: NAT_PORT, ToPort: NAT_PORT },
          IpRanges: [{ CidrIp: `${address.text('PublicIp')}/32` }],
        })),
      });
      await croft.settle();
      const found = await croft.ec2('DescribeNatGateways', { NatGatewayIds: [natId] });
      natInterface = found.text('NatGateways.0.NatGatewayAddresses.0.NetworkInterfaceId');
      await start(course.bastionId, echo(NAT_PORT));
      await start(course.bastionId, ECHO_DATAGRAMS);
      await eventually('the servers listen', async () => {
        const listening = await output(course.bastionId, 'ss -Hlntu');
        return listening.split(`:${NAT_PORT} `).length === 3;
      });
    });

    test('S51 idle for too long it is ended with a RST', async () => {
      await start(course.privateId, keeper(course.bastionIp, NAT_PORT));
      await eventually('it is there', async () => (await told(course.privateId, NAT_PORT)) === 'yes');
      const names = 'tcp_timeout_established tcp_timeout_unacknowledged tcp_timeout_max_retrans';
      // From now on every second is too long.
      const script = `cd /proc/sys/net/netfilter; for name in ${names}; do echo 0 > nf_conntrack_$name; done`;
      const words = ['nsenter', `--net=/run/netns/${natInterface}`, 'sh', '-ec', script];
      const outcome = await runCaptured(enterWords(croft.world, words));
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
      expect(await told(course.privateId, NAT_PORT)).toBe('ConnectionResetError');
    });

    test('S52 fragments pass where they are of UDP, and are dropped where they are of ICMP', async () => {
      expect(await output(course.privateId, `python3 -c '${askDatagram(course.bastionIp, 3000)}'`)).toBe(
        '3000',
      );
      expect(await ping(course.privateId, '-M dont -s 1000')).toBe(true);
      expect(await ping(course.privateId, '-M dont -s 3000')).toBe(false);
      expect(await ping(course.bastionId, '-M dont -s 3000')).toBe(true);
    });

    test('S60 it is in no traceroute', async () => {
      const seen: string[] = [];
      for (const hops of [1, 2, 3, 4, 5, 6]) {
        seen.push(await output(course.privateId, `ping -c 1 -W 1 -t ${hops} 8.8.8.8`));
      }
      expect(seen.at(-1)).toContain('bytes from 8.8.8.8');
      const found = await croft.ec2('DescribeNetworkInterfaces', { NetworkInterfaceIds: [natInterface] });
      expect(seen.join('\n')).not.toContain(found.text('NetworkInterfaces.0.PrivateIpAddress'));
    });
  });
});
