import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: what an instance is told: ${obstacle}`);

/**
 * Asks for a token, and with it for the instance's id, each by a connection that takes no packets with less to live than
 * `hops` (Linux's IP_MINTTL): as if a container's own router, or several, had still to be passed.
 */
const ask = (hops: number) => `
import socket
HOST = "169.254.169.254"
def ask(head, hops):
    line = socket.create_connection((HOST, 80))
    line.settimeout(1)
    line.setsockopt(socket.IPPROTO_IP, 21, hops)
    line.sendall((head + "\\r\\nHost: " + HOST + "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode())
    try:
        return line.recv(9999).decode().split("\\r\\n\\r\\n")[1]
    except OSError:
        return ""
put = "PUT /latest/api/token HTTP/1.1\\r\\nX-aws-ec2-metadata-token-ttl-seconds: 60"
get = "GET /latest/meta-data/instance-id HTTP/1.1\\r\\nX-aws-ec2-metadata-token: "
print("token" if ask(put, ${hops}) else "no token", ask(get + ask(put, 0), ${hops}))
`;

describe.skipIf(obstacle !== undefined)('what an instance is told', () => {
  let croft: Installation;
  let instanceId: string;

  beforeAll(async () => {
    croft = await Installation.start();
    const VpcId = (await croft.ec2('CreateVpc', { CidrBlock: '10.7.0.0/16' })).text('Vpc.VpcId');
    const subnet = await croft.ec2('CreateSubnet', { VpcId, CidrBlock: '10.7.0.0/24' });
    const options = await croft.ec2('CreateDhcpOptions', {
      DhcpConfigurations: [
        { Key: 'domain-name', Values: ['corp.example'] },
        { Key: 'domain-name-servers', Values: ['AmazonProvidedDNS', '10.7.0.53'] },
        { Key: 'ntp-servers', Values: ['10.7.0.123', '169.254.169.123'] },
      ],
    });
    const DhcpOptionsId = options.text('DhcpOptions.DhcpOptionsId');
    await croft.ec2('AssociateDhcpOptions', { VpcId, DhcpOptionsId });
    const launched = await croft.ec2('RunInstances', {
      ImageId: (await croft.ec2('DescribeImages')).text('Images.0.ImageId'),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnet.text('Subnet.SubnetId'),
    });
    instanceId = launched.text('Instances.0.InstanceId');
    await croft.settle();
    await eventually('the instance answers', async () => (await croft.inside(instanceId, 'true')).code === 0);
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('S95 domain, resolvers and time servers of the DHCP option set', async () => {
    const told = await croft.inside(instanceId, 'cat /etc/resolv.conf /run/chrony-dhcp/eth0.sources');
    expect(told.stdout).toBe(
      'nameserver 10.7.0.2\nnameserver 10.7.0.53\nsearch corp.example\n' +
        'server 10.7.0.123 iburst\nserver 169.254.169.123 iburst\n',
    );
  });

  test('localhost is of IPv4 only, for without an IPv6 block there is no ::1; localhost6 names that', async () => {
    const { stdout } = await croft.inside(instanceId, 'grep localhost /etc/hosts');
    expect(stdout).toBe('127.0.0.1 localhost\n::1 ip6-localhost localhost6\n');
  });

  test.each([
    [1, 1, 'token'],
    [1, 2, 'no token'],
    [3, 3, 'token'],
    [3, 4, 'no token'],
    [64, 5, 'token'],
  ])(
    'S96 with a hop limit of %i, %i hops from the metadata: %s; the rest is read',
    async (limit, hops, told) => {
      await croft.ec2('ModifyInstanceMetadataOptions', {
        InstanceId: instanceId,
        HttpPutResponseHopLimit: limit,
      });
      await croft.settle();
      const expected = `${told} ${instanceId}`;
      const answer = async () => (await croft.inside(instanceId, `python3 -c '${ask(hops)}'`)).stdout.trim();
      await eventually('the limit holds', async () => (await answer()) === expected);
      expect(await answer()).toBe(expected);
    },
  );
});
