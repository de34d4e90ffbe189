import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords } from '../../src/fabric/world/world.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: croft trace: ${obstacle}`);

/** What `croft trace --json` says, as far as it is looked at here. */
interface Traced {
  readonly isAllowed: boolean;
  readonly isReached: boolean;
  readonly isAgreed: boolean;
  readonly model: { readonly obstacles: readonly { stage: string; isReply: boolean }[] };
  readonly live: {
    readonly reach: string;
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

/** The walk-through's network; each case is held by a real packet. */
describe.skipIf(obstacle !== undefined)('croft trace', () => {
  let croft: Installation;
  let course: Course;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
  });

  afterAll(async () => {
    await croft?.end();
  });

  const trace = async (code: number, ...words: readonly string[]): Promise<Traced> => {
    const outcome = await croft.croft('trace', ...words, '--timeout', '0.5', '--json');
    expect(`${outcome.code}: ${outcome.stderr}`).toBe(`${code}: `);
    return JSON.parse(outcome.stdout);
  };
  /** Where both say that it stops: the packet's last stage, and the model's obstacles. */
  const stopOf = ({ isAgreed, model, live }: Traced) => ({
    isAgreed,
    live: [live.stop?.stage, live.stop?.isReply],
    model: model.obstacles.map(({ stage, isReply }) => [stage, isReply]),
  });
  const countersOf = ({ passage }: Traced['live']) =>
    passage.rules.filter(({ packets }) => packets !== undefined);
  const tables = async (): Promise<string> => {
    const script = 'for name in /run/netns/*; do echo "$name"; nsenter --net="$name" nft list tables; done';
    return (await runCaptured(enterWords(croft.world, ['sh', '-ec', script]))).stdout;
  };

  test('what is allowed is answered, and each stage of the model is met; nothing is left behind', async () => {
    const before = await tables();
    const { isAgreed, live } = await trace(0, 'laptop', 'bastion');
    expect(isAgreed).toBe(true);
    expect(live.sentence).toMatch(/^SYN-ACK from /);
    const inRouter = live.passage.steps.filter(({ machine }) => machine === course.vpcId);
    expect(inRouter.map(({ stage, isReply }) => `${isReply ? 'back: ' : ''}${stage}`)).toEqual([
      'transit',
      'source_check',
      'internet_gateway',
      'network_acl_in',
      'ingress_security_group',
      'destination_check',
      'deliver',
      'back: transit',
      'back: source_check',
      'back: route',
      'back: network_acl_out',
      'back: destination_check',
      'back: deliver',
      'back: internet_gateway',
    ]);
    expect(countersOf(live).map(({ chain, moved }) => [chain, moved])).toEqual([['deliver', 2]]);
    expect(before).toContain('table ip cloudcroft');
    expect(await tables()).toBe(before);
  });

  test('through the NAT gateway, as TCP, UDP and ICMP', async () => {
    await makeNatGateway();
    for (const [words, answer] of [
      [['--port', '80'], /^(SYN-ACK|RST) from 8\.8\.8\.8 /],
      [['--protocol', 'udp', '--port', '53'], /^a datagram from 8\.8\.8\.8 /],
      [['--protocol', 'icmp'], /^echo reply from 8\.8\.8\.8 /],
    ] as const) {
      const { isAgreed, live } = await trace(0, 'private', '8.8.8.8', ...words);
      expect(live.sentence).toMatch(answer);
      expect(isAgreed).toBe(true);
      const there = live.passage.steps.filter(({ isReply }) => !isReply).map(({ stage }) => stage);
      expect(there.filter((stage) => stage === 'nat_gateway')).toEqual(['nat_gateway']);
      expect(there.filter((stage) => stage === 'network_acl_out')).toHaveLength(2);
    }
  });

  test('by a security group: dropped where the model says, and the rule’s counter moves', async () => {
    const traced = await trace(1, 'bastion', 'private', '--port', '80');
    expect(stopOf(traced)).toEqual({
      isAgreed: true,
      live: ['ingress_security_group', false],
      model: [['ingress_security_group', false]],
    });
    const [before] = countersOf(traced.live);
    expect(before).toMatchObject({ chain: `${course.privateGroup}_in`, moved: 1 });
    const [after] = countersOf((await trace(1, 'bastion', 'private', '--port', '80')).live);
    expect(after?.packets).toBe((before?.packets ?? 0) + 1);
  });

  test('by a network ACL that lets in and not out: the answer is what is dropped', async () => {
    const entry = { NetworkAclId: course.aclId, RuleNumber: 90, Protocol: '6', CidrBlock: '198.51.100.0/24' };
    const ports = { PortRange: { From: 1024, To: 65535 } };
    await croft.ec2('CreateNetworkAclEntry', { ...entry, ...ports, Egress: true, RuleAction: 'deny' });
    expect(stopOf(await trace(1, 'laptop', 'bastion'))).toEqual({
      isAgreed: true,
      live: ['network_acl_out', true],
      model: [['network_acl_out', true]],
    });
    await croft.ec2('DeleteNetworkAclEntry', { NetworkAclId: course.aclId, RuleNumber: 90, Egress: true });
    expect((await trace(0, 'laptop', 'bastion')).isAgreed).toBe(true);
  });

  test('without a route: seen last at the routing decision', async () => {
    const route = { RouteTableId: course.publicTable, DestinationCidrBlock: '0.0.0.0/0' };
    await croft.ec2('DeleteRoute', route);
    expect(stopOf(await trace(1, 'laptop', 'bastion'))).toEqual({
      isAgreed: true,
      live: ['route', true],
      model: [['route', true]],
    });
    const outward = stopOf(await trace(1, 'bastion', '8.8.8.8', '--protocol', 'icmp'));
    expect(outward).toMatchObject({ isAgreed: true, live: ['route', false], model: [['route', false]] });
    await croft.ec2('CreateRoute', { ...route, GatewayId: course.gatewayId });
  });

  test('a kernel that does other than the model says is told of, with exit code 3', async () => {
    const nft = async (...words: readonly string[]): Promise<void> => {
      const command = ['nsenter', `--net=/run/netns/${course.vpcId}`, 'nft', ...words];
      const outcome = await runCaptured(enterWords(croft.world, command));
      expect(outcome.stderr).toBe('');
    };
    // The rules of the last change would replace these.
    await croft.settle();
    await nft('insert', 'rule', 'ip', 'cloudcroft', 'destination_check', 'drop');
    const { isAllowed, isReached, live } = await trace(3, 'laptop', 'bastion');
    expect({ isAllowed, isReached, stage: live.stop?.stage }).toEqual({
      isAllowed: true,
      isReached: false,
      stage: 'destination_check',
    });
    const { code, stdout } = await croft.croft('trace', 'laptop', 'bastion', '--timeout', '0.5');
    expect(code).toBe(3);
    expect(stdout).toContain('THEY DISAGREE');
    expect(stdout).toContain('a defect of Cloudcroft’s');
  });

  test('what cannot send is told in a sentence', async () => {
    const outcome = await croft.croft('trace', 'internet', 'bastion');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('Nobody has 203.0.113.7 on the simulated Internet');
    await croft.ec2('StopInstances', { InstanceIds: [course.bastionId] });
    await croft.settle();
    const stopped = await croft.croft('trace', 'bastion', 'private');
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toContain('bastion is stopped: nothing can be sent from it.');
  });

  async function makeNatGateway(): Promise<void> {
    const address = await croft.ec2('AllocateAddress', { Domain: 'vpc' });
    const made = await croft.ec2('CreateNatGateway', {
      SubnetId: course.publicSubnet,
      AllocationId: address.text('AllocationId'),
    });
    const id = made.text('NatGateway.NatGatewayId');
    const way = { RouteTableId: course.mainTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: id };
    await croft.ec2('CreateRoute', way);
    await croft.settle();
  }
});
