import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords } from '../../src/fabric/world/world.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';
import { type Ipv6Course, speakIpv6 } from '../support/ipv6-course.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: croft trace by IPv6: ${obstacle}`);

const SERVER = '2001:4860:4860::8888';

/** What `croft trace --json` says, as far as it is looked at here. */
interface Traced {
  readonly isAgreed: boolean;
  readonly model: { readonly obstacles: readonly { stage: string; isReply: boolean }[] };
  readonly live: {
    readonly sentence: string;
    readonly stop?: { readonly stage: string; readonly isReply: boolean };
    readonly passage: {
      readonly steps: readonly {
        readonly stage?: string;
        readonly isReply: boolean;
        readonly machine: string;
      }[];
      readonly rules: readonly {
        readonly chain: string;
        readonly moved: number;
        readonly packets?: number;
      }[];
    };
  };
}

describe.skipIf(obstacle !== undefined)('croft trace by IPv6', () => {
  let croft: Installation;
  let course: Course;
  let ipv6: Ipv6Course;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
    ipv6 = await speakIpv6(croft, course);
  });

  afterAll(async () => {
    await croft?.end();
  });

  const trace = async (code: number, ...words: readonly string[]): Promise<Traced> => {
    const outcome = await croft.croft('trace', ...words, '--timeout', '0.5', '--json');
    expect(`${outcome.code}: ${outcome.stderr}`).toBe(`${code}: `);
    return JSON.parse(outcome.stdout);
  };
  const stopOf = ({ isAgreed, model, live }: Traced) => ({
    isAgreed,
    live: [live.stop?.stage, live.stop?.isReply],
    model: model.obstacles.map(({ stage, isReply }) => [stage, isReply]),
  });
  const inRouter = ({ live }: Traced): string[] =>
    live.passage.steps
      .filter(({ machine }) => machine === course.vpcId)
      .map(({ stage, isReply }) => `${isReply ? 'back: ' : ''}${stage}`);
  const change = async (action: string, input: Parameters<Installation['ec2']>[1]): Promise<void> => {
    await croft.ec2(action, input);
    await croft.settle();
  };
  const tables = async (): Promise<string> => {
    const script = 'for name in /run/netns/*; do echo "$name"; nsenter --net="$name" nft list tables; done';
    return (await runCaptured(enterWords(croft.world, ['sh', '-ec', script]))).stdout;
  };

  test('from the laptop: each stage is met, the internet gateway too, and nothing is left behind', async () => {
    const before = await tables();
    const traced = await trace(0, 'laptop', 'bastion', '--ipv6');
    expect(traced.isAgreed).toBe(true);
    expect(traced.live.sentence).toMatch(new RegExp(`^SYN-ACK from ${ipv6.bastion} `));
    expect(inRouter(traced)).toEqual([
      'internet_gateway',
      'transit',
      'source_check',
      'network_acl_in',
      'ingress_security_group',
      'destination_check',
      'deliver',
      'back: transit',
      'back: source_check',
      'back: route',
      'back: network_acl_out',
      // Open to all both ways, the connection is not tracked (S84): each packet is asked about.
      'back: egress_security_group',
      'back: destination_check',
      'back: deliver',
      'back: internet_gateway',
    ]);
    const counters = traced.live.passage.rules.filter(({ packets }) => packets !== undefined);
    expect(counters.map(({ chain, moved }) => [chain, moved])).toEqual([['deliver', 2]]);
    expect(before).toContain('table ip6 cloudcroft');
    expect(await tables()).toBe(before);
  });

  test('out by the egress-only gateway, as TCP, UDP, ICMPv6 and a protocol that nobody knows', async () => {
    for (const [words, answer] of [
      [['--port', '80'], /^(SYN-ACK|RST) from 2001:4860:4860::8888 /],
      [['--protocol', 'udp', '--port', '53'], /^a datagram from 2001:4860:4860::8888 /],
      [['--protocol', 'icmpv6'], /^echo reply from 2001:4860:4860::8888 /],
      [
        ['--protocol', 'udp', '--port', '9'],
        /^ICMPv6 port unreachable from 2001:4860:4860::8888 .*nobody listens/,
      ],
      [['--protocol', '253'], /^ICMPv6 unrecognized next header from 2001:4860:4860::8888 .*nobody listens/],
    ] as const) {
      const traced = await trace(0, 'private', SERVER, ...words);
      expect(traced.live.sentence).toMatch(answer);
      expect(traced.isAgreed).toBe(true);
      const stages = inRouter(traced);
      expect(stages.filter((stage) => stage === 'internet_gateway')).toHaveLength(1);
      expect(stages.filter((stage) => stage === 'back: internet_gateway')).toHaveLength(1);
    }
  });

  test('within the VPC, and by a security group: dropped where the model says', async () => {
    expect((await trace(0, 'bastion', 'private', '--ipv6')).isAgreed).toBe(true);
    const traced = await trace(1, 'bastion', 'private', '--ipv6', '--port', '80');
    expect(stopOf(traced)).toEqual({
      isAgreed: true,
      live: ['ingress_security_group', false],
      model: [['ingress_security_group', false]],
    });
    const [rule] = traced.live.passage.rules.filter(({ packets }) => packets !== undefined);
    expect(rule).toMatchObject({ chain: `${course.privateGroup}_in`, moved: 1 });
  });

  test('S45 what began outside is answered by no egress-only gateway', async () => {
    const open = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
    await change('AuthorizeSecurityGroupIngress', { GroupId: course.privateGroup, IpPermissions: [open] });
    expect(stopOf(await trace(1, 'laptop', 'private', '--ipv6'))).toEqual({
      isAgreed: true,
      live: ['internet_gateway', true],
      model: [['internet_gateway', true]],
    });
  });

  test('without a route: seen last at the routing decision', async () => {
    const route = { RouteTableId: course.publicTable, DestinationIpv6CidrBlock: '::/0' };
    await change('DeleteRoute', route);
    expect(stopOf(await trace(1, 'bastion', SERVER, '--protocol', 'icmpv6'))).toEqual({
      isAgreed: true,
      live: ['route', false],
      model: [['route', false]],
    });
    await change('CreateRoute', { ...route, GatewayId: course.gatewayId });
  });

  test('what cannot send, or be sent to, is told in a sentence', async () => {
    const stranger = await croft.croft('trace', 'internet', 'bastion', '--ipv6');
    expect(stranger.code).toBe(2);
    expect(stranger.stderr).toContain('Nobody has 2001:db8:2::7 on the simulated Internet');
    expect(stranger.stderr).toContain(`Trace from laptop, or from ${SERVER}.`);
    const mixed = await croft.croft('trace', 'bastion', '8.8.8.8', '--ipv6');
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toContain('8.8.8.8 is an IPv4 address, and the question is about IPv6');
  });
});
