import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCourse, type Course } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: established connections: ${obstacle}`);

/** Open to the bastion's group, and to the world. */
const PORT = 7000;
const WORLD_PORT = 7001;

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
    except OSError:
        pass
    who.sendall(answer)
    who.close()
`;

const ask = (port: number) =>
  `import socket; u = socket.socket(socket.AF_UNIX); u.connect("/tmp/${port}"); print(u.recv(9).decode())`;

describe.skipIf(obstacle !== undefined)('a connection that is established', () => {
  let croft: Installation;
  let course: Course;

  const start = (instanceId: string, script: string) =>
    croft.inside(instanceId, `setsid python3 -c '${script}' >/tmp/out 2>&1 </dev/null & true`);
  const isAlive = async (port = PORT): Promise<boolean> =>
    (await croft.inside(course.bastionId, `python3 -c '${ask(port)}'`)).stdout.trim() === 'yes';
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
});
