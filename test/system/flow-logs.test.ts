import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { LAPTOP_IPV6 } from '../../src/plan/places.ts';
import { findObstacle } from '../clients/programs.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';
import { speakIpv6 } from '../support/ipv6-course.ts';

const obstacle = (await findSystemObstacle()) ?? (await findObstacle('aws'));
if (obstacle !== undefined) console.log(`skipped: flow logs of real packets: ${obstacle}`);

/** The walk-through's network, whose packets are told to a bucket. */
describe.skipIf(obstacle !== undefined)('flow logs of real packets', () => {
  let croft: Installation;
  let course: Course;
  let bastionEni: string;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    await s3('mb', 's3://logs');
    const found = await croft.ec2('DescribeInstances', { InstanceIds: [course.bastionId] });
    bastionEni = found.text('Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId');
  });

  afterAll(async () => {
    await croft?.end();
  });

  const s3 = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCaptured(['aws', 's3', ...words], {
      environment: await croft.awsEnvironment(),
      timeoutMilliseconds: 60_000,
    });
    if (code !== 0) throw new Error(`aws s3 ${words.join(' ')}: ${stderr}`);
    return stdout;
  };

  /** The files below a folder of the bucket, by name, as the aws CLI copies them. */
  const filesIn = async (folder: string): Promise<Map<string, string>> => {
    const place = mkdtempSync(join(tmpdir(), 'croft-flow-logs-'));
    try {
      await s3('cp', '--recursive', `s3://logs/${folder}`, place);
      const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.gz'),
      );
      return new Map(names.map((name) => [name, gunzipSync(readFileSync(join(place, name))).toString()]));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  };

  /** Makes a flow log that writes to a folder of its own; returns its id. */
  const log = async (folder: string, rest: object): Promise<string> => {
    const made = await croft.ec2('CreateFlowLogs', {
      ResourceType: 'NetworkInterface',
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: `arn:aws:s3:::logs/${folder}`,
      MaxAggregationInterval: 60,
      ...rest,
    });
    await croft.settle();
    return made.text('FlowLogIds.0');
  };

  test('S121 what an interface gets and refuses, in the default format, where AWS puts it', async () => {
    const id = await log('default', { ResourceIds: [bastionEni] });
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    expect(await croft.canConnect(course.bastionIp, 23)).toBe(false);
    await croft.deliverFlowLogs();
    const files = await filesIn('default');
    const path = new RegExp(
      `^AWSLogs/123456789012/vpcflowlogs/ap-northeast-2/\\d{4}/\\d\\d/\\d\\d/123456789012_vpcflowlogs_ap-northeast-2_${id}_\\d{8}T\\d{4}Z_[0-9a-f]{8}\\.log\\.gz$`,
    );
    const [[name, text] = ['', '']] = files;
    expect(name).toMatch(path);
    const [header, ...lines] = text.trimEnd().split('\n');
    expect(header).toBe(
      'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
    );
    const shown = lines.map((line) =>
      line.replace(/\d+ \d+ (\d{10}) (\d{10}) /, '').replaceAll(/\b\d{5}\b/g, 'PORT'),
    );
    const common = `2 123456789012 ${bastionEni}`;
    expect([...new Set(shown)].toSorted()).toEqual(
      [
        `${common} 198.51.100.10 10.0.0.4 PORT 22 6 ACCEPT OK`,
        `${common} 10.0.0.4 198.51.100.10 22 PORT 6 ACCEPT OK`,
        `${common} 198.51.100.10 10.0.0.4 PORT 23 6 REJECT OK`,
      ].toSorted(),
    );
  });

  /** The lines of the one file in a folder, without its header. */
  const linesIn = async (folder: string): Promise<string[]> => {
    const [[, text] = ['', '']] = await filesIn(folder);
    return text.trimEnd().split('\n').slice(1);
  };
  const ADDRESSES = [
    'pkt-srcaddr',
    'pkt-dstaddr',
    'srcaddr',
    'dstaddr',
    'dstport',
    'protocol',
    'action',
    'flow-direction',
  ];
  const formatOf = (...fields: readonly string[]) => fields.map((field) => `\${${field}}`).join(' ');

  test('S121 a ping that a group lets in and whose answer the ACL refuses: ACCEPT and REJECT', async () => {
    const icmp = { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await croft.ec2('AuthorizeSecurityGroupIngress', { GroupId: course.bastionGroup, IpPermissions: [icmp] });
    const entry = { NetworkAclId: course.aclId, RuleNumber: 50, Egress: true };
    const LogFormat = formatOf('protocol', 'action', 'flow-direction', 'packets');
    await log('ping', { ResourceIds: [course.publicSubnet], ResourceType: 'Subnet', LogFormat });
    const ping = () => croft.inside(course.privateId, 'ping -c 1 -W 1 10.0.0.4');
    expect((await ping()).code).toBe(0);
    await croft.ec2('CreateNetworkAclEntry', {
      ...entry,
      Protocol: '1',
      RuleAction: 'deny',
      CidrBlock: `${course.privateIp}/32`,
      IcmpTypeCode: { Type: -1, Code: -1 },
    });
    await croft.settle();
    expect((await ping()).code).toBe(1);
    await croft.ec2('DeleteNetworkAclEntry', entry);
    await croft.deliverFlowLogs();
    expect((await linesIn('ping')).toSorted()).toEqual([
      '1 ACCEPT egress 1',
      '1 ACCEPT ingress 2',
      '1 REJECT egress 1',
    ]);
  });

  test('S122 names, metadata and time are not logged; S123 the other side of an interface is', async () => {
    const privateEni = (await croft.ec2('DescribeInstances', { InstanceIds: [course.privateId] })).text(
      'Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId',
    );
    await log('names', { ResourceIds: [privateEni], LogFormat: formatOf(...ADDRESSES) });
    await croft.inside(
      course.privateId,
      'getent hosts example.com; wget -q -T 2 -O - http://169.254.169.254/',
    );
    expect(await croft.canConnectFrom(course.bastionId, course.privateIp, 22)).toBe(true);
    await croft.deliverFlowLogs();
    const lines = (await linesIn('names')).map((line) => line.replace(/\b\d{5}\b/, 'PORT'));
    const [bastion, own] = ['10.0.0.4', course.privateIp];
    expect([...new Set(lines)].toSorted()).toEqual(
      [
        `${bastion} ${own} ${bastion} ${own} 22 6 ACCEPT ingress`,
        `${own} ${bastion} ${own} ${bastion} PORT 6 ACCEPT egress`,
      ].toSorted(),
    );
  });

  test('a bucket that is not there: the flow log says so, and then no more', async () => {
    const made = await croft.ec2('CreateFlowLogs', {
      ResourceIds: [course.vpcId],
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::later',
    });
    await croft.settle();
    const status = async () => {
      expect(await croft.canConnect(course.bastionIp, 23)).toBe(false);
      await croft.deliverFlowLogs();
      const found = await croft.ec2('DescribeFlowLogs', { FlowLogIds: [made.text('FlowLogIds.0')] });
      return [found.text('FlowLogs.0.DeliverLogsStatus'), found.maybe('FlowLogs.0.DeliverLogsErrorMessage')];
    };
    expect(await status()).toEqual(['FAILED', 'Access error']);
    await s3('mb', 's3://later');
    expect(await status()).toEqual(['SUCCESS', undefined]);
  });

  test('S122 IPv6 packets are told as IPv4’s are', async () => {
    const { bastion } = await speakIpv6(croft, course);
    const LogFormat = formatOf('type', 'srcaddr', 'dstaddr', 'dstport', 'protocol', 'action');
    await log('ipv6', { ResourceIds: [bastionEni], LogFormat });
    expect(await croft.canConnect(bastion, 22)).toBe(true);
    expect(await croft.canConnect(bastion, 23)).toBe(false);
    await croft.deliverFlowLogs();
    const lines = (await linesIn('ipv6')).map((line) => line.replace(/\b\d{5}\b/, 'PORT'));
    expect([...new Set(lines)].toSorted()).toEqual(
      [
        `IPv6 ${LAPTOP_IPV6} ${bastion} 22 6 ACCEPT`,
        `IPv6 ${bastion} ${LAPTOP_IPV6} PORT 6 ACCEPT`,
        `IPv6 ${LAPTOP_IPV6} ${bastion} 23 6 REJECT`,
      ].toSorted(),
    );
  });
});
