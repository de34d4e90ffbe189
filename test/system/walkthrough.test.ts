import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { sshWords } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
const hasAws = (await runCaptured(['aws', '--version']).catch(() => undefined))?.code === 0;
const reason = obstacle ?? (hasAws ? undefined : 'this machine has no aws CLI');
if (reason !== undefined) console.log(`skipped: the walk-through by real clients: ${reason}`);

/** The seven steps of the README, typed as a user types them: aws on the host, ssh on the laptop, the rest by ssh. */
describe.skipIf(reason !== undefined)('the walk-through, by the real aws, ssh, curl, whois and pip', () => {
  let croft: Installation;
  const made: Record<string, string> = {};
  const id = (name: string): string => made[name] ?? `missing-${name}`;
  const keep = async (name: string, path: string, ...words: readonly string[]): Promise<void> => {
    made[name] = (await croft.aws(...words)).text(path);
  };

  beforeAll(async () => {
    croft = await Installation.start();
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('1 a VPC and two subnets', async () => {
    await keep('vpc', 'Vpc.VpcId', 'create-vpc', '--cidr-block', '10.0.0.0/16');
    const subnet = ['create-subnet', '--vpc-id', id('vpc'), '--cidr-block'];
    await keep('public', 'Subnet.SubnetId', ...subnet, '10.0.0.0/24');
    await keep('private', 'Subnet.SubnetId', ...subnet, '10.0.1.0/24');
    const subnets = await croft.aws('describe-subnets', '--filters', `Name=vpc-id,Values=${id('vpc')}`);
    expect(subnets.list('Subnets').map((item) => item.text('AvailableIpAddressCount'))).toEqual([
      '251',
      '251',
    ]);
  });

  test('2 an internet gateway, attached', async () => {
    await keep('igw', 'InternetGateway.InternetGatewayId', 'create-internet-gateway');
    await croft.aws('attach-internet-gateway', '--internet-gateway-id', id('igw'), '--vpc-id', id('vpc'));
    const gateways = await croft.aws('describe-internet-gateways', '--internet-gateway-ids', id('igw'));
    expect(gateways.text('InternetGateways.0.Attachments.0.VpcId')).toBe(id('vpc'));
  });

  test('3 the main table stays private, a new one leads to the gateway', async () => {
    const filters = ['--filters', `Name=vpc-id,Values=${id('vpc')}`, 'Name=association.main,Values=true'];
    await keep('main', 'RouteTables.0.RouteTableId', 'describe-route-tables', ...filters);
    await keep('rtb', 'RouteTable.RouteTableId', 'create-route-table', '--vpc-id', id('vpc'));
    const toInternet = ['--destination-cidr-block', '0.0.0.0/0', '--gateway-id', id('igw')];
    await croft.aws('create-route', '--route-table-id', id('rtb'), ...toInternet);
    await croft.aws('associate-route-table', '--route-table-id', id('rtb'), '--subnet-id', id('public'));
    await croft.aws('modify-subnet-attribute', '--subnet-id', id('public'), '--map-public-ip-on-launch');
  });

  test('4 an instance in each', async () => {
    const key = await croft.aws('create-key-pair', '--key-name', 'course', '--key-type', 'rsa');
    made['key'] = croft.saveKey('course.pem', key.text('KeyMaterial'));
    const group = (name: string) => ['create-security-group', '--group-name', name, '--description', name];
    await keep('bastionGroup', 'GroupId', ...group('bastion'), '--vpc-id', id('vpc'));
    await keep('privateGroup', 'GroupId', ...group('private'), '--vpc-id', id('vpc'));
    const allow = ['authorize-security-group-ingress', '--protocol', 'tcp', '--port', '22', '--group-id'];
    await croft.aws(...allow, id('bastionGroup'), '--cidr', '198.51.100.10/32');
    await croft.aws(...allow, id('privateGroup'), '--source-group', id('bastionGroup'));
    const newest = ['--owners', 'amazon', '--filters', 'Name=name,Values=al2023-ami-2023.*-x86_64'];
    await keep('ami', 'Images.0.ImageId', 'describe-images', ...newest);
    const run = [
      'run-instances',
      '--image-id',
      id('ami'),
      '--instance-type',
      't3.micro',
      '--key-name',
      'course',
    ];
    const script = '#!/bin/sh\necho user data ran as $(whoami) > /tmp/user-data\n';
    const bastion = [
      '--subnet-id',
      id('public'),
      '--security-group-ids',
      id('bastionGroup'),
      '--user-data',
      script,
    ];
    await keep('bastion', 'Instances.0.InstanceId', ...run, ...bastion);
    const role = ['--iam-instance-profile', 'Name=walkthrough'];
    const inner = ['--subnet-id', id('private'), '--security-group-ids', id('privateGroup'), ...role];
    await keep('inner', 'Instances.0.InstanceId', ...run, ...inner);
    await croft.aws('wait', 'instance-running', '--instance-ids', id('bastion'), id('inner'));
    const found = await croft.aws('describe-instances', '--instance-ids', id('bastion'));
    made['bastionIp'] = found.text('Reservations.0.Instances.0.PublicIpAddress');
    const other = await croft.aws('describe-instances', '--instance-ids', id('inner'));
    made['innerIp'] = other.text('Reservations.0.Instances.0.PrivateIpAddress');
    expect(other.maybe('Reservations.0.Instances.0.PublicIpAddress')).toBeUndefined();
  });

  const bastion = (...command: readonly string[]) =>
    croft.laptop(sshWords(id('key'), `ec2-user@${id('bastionIp')}`, ...command));

  const inner = (...command: readonly string[]) => {
    const jump = sshWords(id('key'), '', '')
      .filter((word) => word !== '')
      .join(' ');
    const words = sshWords(id('key'), `ec2-user@${id('innerIp')}`, ...command);
    const proxy = `ProxyCommand=${jump} -W %h:%p ec2-user@${id('bastionIp')}`;
    return croft.laptop([words[0] ?? 'ssh', '-o', proxy, ...words.slice(1)], 60_000);
  };

  test('5 SSH to the bastion, and on: by a copied key, and by a jump', async () => {
    await eventually('the bastion answers', async () => (await bastion('true')).code === 0);
    expect((await bastion('hostname')).stdout).toBe('ip-10-0-0-4\n');
    const scp = sshWords(id('key'), '', '').filter((word) => word !== '');
    const copied = await croft.laptop([
      'scp',
      ...scp.slice(1),
      id('key'),
      `ec2-user@${id('bastionIp')}:key.pem`,
    ]);
    expect([copied.code, copied.stderr]).toEqual([0, expect.anything()]);
    const options = '-o StrictHostKeyChecking=no -o BatchMode=yes -i key.pem';
    const on = await bastion(`chmod 400 key.pem && ssh ${options} ec2-user@${id('innerIp')} hostname`);
    expect(on.stdout).toBe('ip-10-0-1-4\n');
    expect((await inner('hostname')).stdout).toBe('ip-10-0-1-4\n');
    await eventually('user data ran', async () =>
      (await bastion('cat /tmp/user-data')).stdout.includes('as root'),
    );
    const console = await croft.aws('get-console-output', '--instance-id', id('bastion'));
    expect(console.text('Output')).toContain('sshd started');
  });

  test('6 a NAT gateway: whois, pip and checkip from the private instance', async () => {
    expect((await inner('curl -s -m 1 http://checkip.amazonaws.com')).code).toBe(28);
    const address = await croft.aws('allocate-address', '--domain', 'vpc');
    const nat = [
      'create-nat-gateway',
      '--subnet-id',
      id('public'),
      '--allocation-id',
      address.text('AllocationId'),
    ];
    await keep('nat', 'NatGateway.NatGatewayId', ...nat);
    await croft.aws('wait', 'nat-gateway-available', '--nat-gateway-ids', id('nat'));
    const route = ['--destination-cidr-block', '0.0.0.0/0', '--nat-gateway-id', id('nat')];
    await croft.aws('create-route', '--route-table-id', id('main'), ...route);
    await croft.settle();
    const checkip = await inner('curl -s -m 5 http://checkip.amazonaws.com');
    expect(checkip.stdout.trim()).toBe(address.text('PublicIp'));
    expect((await inner('whois 8.8.8.8')).stdout).toContain('8.8.8.0/24');
    const pip = await inner(
      'pip install --no-input cloudcroft-hello && PATH=$PATH:~/.local/bin cloudcroft-hello',
    );
    expect(pip.stdout).toMatch(/Successfully installed cloudcroft-hello[\s\S]*Hello from Cloudcroft/);
    expect((await inner('ping -c 1 -W 1 8.8.8.8')).code).toBe(0);
  });

  test('7 a gateway endpoint for S3, with its prefix-list route', async () => {
    const endpoint = ['--vpc-id', id('vpc'), '--service-name', 'com.amazonaws.ap-northeast-2.s3'];
    const tables = ['--route-table-ids', id('main')];
    await keep('vpce', 'VpcEndpoint.VpcEndpointId', 'create-vpc-endpoint', ...endpoint, ...tables);
    await croft.settle();
    const found = await croft.aws('describe-route-tables', '--route-table-ids', id('main'));
    const targets = found.list('RouteTables.0.Routes').map((route) => route.maybe('GatewayId'));
    expect(targets).toContain(id('vpce'));
    const s3 = (words: string) => inner(`aws --region ap-northeast-2 s3 ${words}`);
    expect((await s3('mb s3://walkthrough')).stdout).toContain('make_bucket: walkthrough');
    await inner('echo from the private subnet > note');
    expect((await s3('cp note s3://walkthrough/note')).code).toBe(0);
    expect((await s3('cp s3://walkthrough/note -')).stdout).toBe('from the private subnet\n');
  });

  test('9 expectations, held in CI', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'croft-expectations-'));
    const [file, report] = [join(folder, 'tour.expect'), join(folder, 'report.xml')];
    const held = [
      'laptop -> i-bastion:22 allowed via igw',
      'internet -> i-inner denied',
      'i-bastion -> i-inner:22 allowed via local',
      'i-inner -> s3 allowed via vpce',
    ].map((line) => line.replace(/i-(bastion|inner)/g, (_, name: string) => id(name)));
    writeFileSync(file, held.join('\n'));
    const good = await croft.croft('assert', file, '--junit', report);
    expect({ code: good.code, last: good.stdout.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      last: '4 held, 0 broken',
    });
    expect(readFileSync(report, 'utf8')).toContain('<testsuites tests="4" failures="0" errors="0">');
    writeFileSync(file, `${held.join('\n')}\ninternet -> ${id('bastion')}:1-65535 denied`);
    const bad = await croft.croft('assert', file);
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('lets it in: tcp 22') });
    writeFileSync(file, 'laptop -> nobody allowed');
    expect(await croft.croft('assert', file)).toMatchObject({ code: 2 });
    expect(await croft.croft('explain', 'laptop', 'nobody')).toMatchObject({ code: 2 });
    expect(await croft.croft('lint', '--severity', 'error')).toMatchObject({
      code: 0,
      stdout: 'Nothing found.\n',
    });
    const lint = await croft.croft('lint');
    expect(lint).toMatchObject({ code: 1, stdout: expect.stringContaining('0 errors, 1 warning') });
    expect(await croft.croft('lint', 'no-rule')).toMatchObject({ code: 2 });
    rmSync(folder, { recursive: true });
  });

  test('terminated, deleted and gone, in AWS’s order', async () => {
    const refused = await croft
      .aws('delete-vpc', '--vpc-id', id('vpc'))
      .catch((error: unknown) => String(error));
    expect(refused).toContain('DependencyViolation');
    await croft.aws('terminate-instances', '--instance-ids', id('bastion'), id('inner'));
    await croft.aws('wait', 'instance-terminated', '--instance-ids', id('bastion'), id('inner'));
    await croft.aws('delete-nat-gateway', '--nat-gateway-id', id('nat'));
    await croft.aws('wait', 'nat-gateway-deleted', '--nat-gateway-ids', id('nat'));
    await croft.aws('delete-vpc-endpoints', '--vpc-endpoint-ids', id('vpce'));
    await croft.settle();
    for (const subnet of ['public', 'private']) await croft.aws('delete-subnet', '--subnet-id', id(subnet));
    await croft.aws('detach-internet-gateway', '--internet-gateway-id', id('igw'), '--vpc-id', id('vpc'));
    await croft.aws('delete-route-table', '--route-table-id', id('rtb'));
    for (const group of ['privateGroup', 'bastionGroup']) {
      await croft.aws('delete-security-group', '--group-id', id(group));
    }
    await croft.aws('delete-vpc', '--vpc-id', id('vpc'));
    const left = await croft.aws('describe-vpcs');
    expect(left.list('Vpcs').map((vpc) => vpc.text('IsDefault'))).toEqual(['true']);
  });
});
