import { describe, expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import { remove, worldOf } from '../../test/worlds.ts';
import type { Passage, ProbeAnswer, Step } from '../model/passage.ts';
import { answerQuestion } from './explain.ts';
import { compareTrace } from './trace.ts';

const ALLOWED = worldOf(BASTION_WORLD);
const BLOCKED = worldOf(remove(BASTION_WORLD, 'securityGroupRules', 'sgr-b-in'));
const QUESTION = { source: 'laptop', destination: 'bastion', port: 22, protocol: 'tcp' };

function step(stage: Step['stage'], extra: Partial<Step> = {}): Step {
  const machine = stage === 'departure' ? 'laptop' : stage === 'arrival' ? 'eni-b' : 'vpc-1';
  const label = machine === 'vpc-1' ? 'the router of VPC main (vpc-1)' : machine;
  return { machine, label, stage, isReply: false, isPassed: true, chain: String(stage), handle: 1, ...extra };
}

const IN: readonly Step[] = [
  step('departure'),
  step('internet_gateway'),
  step('network_acl_in'),
  step('ingress_security_group', { chain: 'sg-bastion_in' }),
  step('destination_check'),
  step('deliver'),
];
const ARRIVED: readonly Step[] = [...IN, step('arrival')];
const DROPPED: readonly Step[] = [
  ...IN.slice(0, 3),
  step('ingress_security_group', { chain: 'sg-bastion_in', isPassed: false }),
];

function passage(steps: readonly Step[], answer?: Partial<ProbeAnswer>): Passage {
  return {
    answer:
      answer === undefined
        ? undefined
        : { kind: 'syn-ack', address: '198.18.0.5', code: 0, milliseconds: 0.42, ...answer },
    unsent: undefined,
    steps,
    rules: [],
    waitedMilliseconds: 2000,
  };
}

type Row = readonly [name: string, world: typeof ALLOWED, passage: Passage, last: string];

const ROWS: readonly Row[] = [
  [
    'allowed and answered',
    ALLOWED,
    passage(ARRIVED, {}),
    'model: allowed · live: SYN-ACK from 198.18.0.5 in 0.4 ms · they agree',
  ],
  [
    'allowed, and nobody listens',
    ALLOWED,
    passage(ARRIVED, { kind: 'unreachable', code: 3 }),
    'model: allowed · live: ICMP port unreachable from 198.18.0.5 in 0.4 ms: nobody listens there, but the network carries it · they agree',
  ],
  [
    'allowed, and nobody listens, of IPv6',
    ALLOWED,
    passage(ARRIVED, { kind: 'unreachable', code: 4, address: '2001:db8:c000:100::4' }),
    'model: allowed · live: ICMPv6 port unreachable from 2001:db8:c000:100::4 in 0.4 ms: nobody listens there, but the network carries it · they agree',
  ],
  [
    'allowed, and nobody knows the protocol, of IPv6',
    ALLOWED,
    passage(ARRIVED, { kind: 'unknown-protocol', code: 1, address: '2001:db8:c000:100::4' }),
    'model: allowed · live: ICMPv6 unrecognized next header from 2001:db8:c000:100::4 in 0.4 ms: nobody listens there, but the network carries it · they agree',
  ],
  [
    'allowed, and the receiver is silent',
    ALLOWED,
    passage(ARRIVED),
    'model: allowed · live: it arrived at eni-b, which says nothing · they agree',
  ],
  [
    'blocked and dropped at the obstacle',
    BLOCKED,
    passage(DROPPED),
    'model: blocked · live: dropped · they agree',
  ],
  [
    'blocked, and the packet goes round',
    BLOCKED,
    passage(IN, { kind: 'expired' }),
    'model: blocked · live: ICMP time exceeded from 198.18.0.5 in 0.4 ms: it goes round · they agree',
  ],
];

const DISAGREEMENTS: readonly Row[] = [
  [
    'allowed, and no way to the address, which is code 3 of IPv6',
    ALLOWED,
    passage(IN.slice(0, 1), { kind: 'unreachable', code: 3, address: '2001:db8::4' }),
    'model: allowed · live: ICMPv6 unreachable (code 3) from 2001:db8::4 in 0.4 ms · THEY DISAGREE',
  ],
  ['allowed, and dropped', ALLOWED, passage(DROPPED), 'model: allowed · live: dropped · THEY DISAGREE'],
  [
    'allowed, and never seen again',
    ALLOWED,
    passage(IN.slice(0, 1)),
    'model: allowed · live: no answer in 2.0 s · THEY DISAGREE',
  ],
  [
    'allowed, and the answer is lost',
    ALLOWED,
    passage([...ARRIVED, step('route', { isReply: true })]),
    'model: allowed · live: no answer in 2.0 s · THEY DISAGREE',
  ],
  [
    'blocked, and answered',
    BLOCKED,
    passage(ARRIVED, {}),
    'model: blocked · live: SYN-ACK from 198.18.0.5 in 0.4 ms · THEY DISAGREE',
  ],
  [
    'blocked, and arrived',
    BLOCKED,
    passage(ARRIVED),
    'model: blocked · live: it arrived at eni-b, which says nothing · THEY DISAGREE',
  ],
  [
    'blocked, and dropped by what the model does not name',
    BLOCKED,
    passage([...IN.slice(0, 2), step('network_acl_in', { isPassed: false })]),
    'model: blocked · live: dropped · THEY DISAGREE',
  ],
];

function compare([, world, live]: Row) {
  return compareTrace(answerQuestion([world], QUESTION), live);
}

describe('the model beside the real packet', () => {
  test.each(ROWS)('%s: they agree', (...row) => {
    const { isAgreed, lines } = compare(row);
    expect(isAgreed).toBe(true);
    expect(
      lines
        .slice(lines.lastIndexOf('') + 1)
        .map((line) => line.trim())
        .join(' '),
    ).toBe(row[3]);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  test.each(DISAGREEMENTS)('%s: a defect, told as one', (...row) => {
    const { isAgreed, lines } = compare(row);
    expect(isAgreed).toBe(false);
    expect(lines).toContain(row[3]);
    expect(lines.join(' ')).toContain('This is a defect of Cloudcroft’s about TCP 22, not of your network.');
  });

  test('the whole of it, blocked', () => {
    const counter = {
      machine: 'vpc-1',
      chain: 'sg-bastion_in',
      handle: 57,
      text: 'counter drop comment "no ingress rule of sg-bastion"',
      moved: 1,
      packets: 8,
    };
    const { lines } = compare(['', BLOCKED, { ...passage(DROPPED), rules: [counter] }, '']);
    expect(lines).toEqual([
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '  model live',
      '  ✓     ✓    internet gateway     igw-1 turns 198.18.0.5 into 10.0.0.4.',
      '  ✓     ✓    network ACL, in      rule 100 of network ACL acl-1 lets it into subnet public',
      '                                  (subnet-pub).',
      '  ✗     ✗    security group, in   No inbound rule of bastion’s security group bastion (sg-bastion)',
      '                                  allows TCP 22 from 198.51.100.10.',
      '  ✓     ·    destination check    it is addressed to bastion’s own 10.0.0.4.',
      '  ✓     ·    deliver              bastion gets it.',
      '  and back:',
      '  ✓     ·    security group, out  security groups remember the connection: the reply needs no rule.',
      '  ✓     ·    network ACL, out     rule 100 of network ACL acl-1 lets the reply out of subnet public',
      '                                  (subnet-pub).',
      '  ✓     ·    route                route table public (rtb-pub), associated with subnet public',
      '                                  (subnet-pub), has 0.0.0.0/0 → igw-1 for the reply.',
      '  ✓     ·    internet gateway     igw-1 turns 10.0.0.4 back into 198.18.0.5.',
      '',
      'The packet was dropped in the router of VPC main (vpc-1) at the stage “security group, in”: obstacle',
      '1 below.',
      '',
      'Rules that moved:',
      '  +1 to 8 in vpc-1, chain sg-bastion_in: counter drop comment "no ingress rule of sg-bastion"',
      '',
      '1. No inbound rule of bastion’s security group bastion (sg-bastion) allows TCP 22 from',
      '   198.51.100.10.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-bastion --protocol tcp --port 22 \\',
      '     --cidr 198.51.100.10/32',
      '',
      'model: blocked · live: dropped · they agree',
    ]);
  });
});
