import { describe, expect, test } from 'vitest';
import { followPassage } from './passage.ts';
import type { PlannedProbe, ProbeReport, TraceEvent } from './probe.ts';

const PLANNED: PlannedProbe = {
  spec: {
    protocol: 6,
    machine: 'eni-p',
    source: '10.0.1.4',
    destination: '8.8.8.8',
    port: 80,
    peers: ['8.8.8.8'],
    machines: ['eni-p', 'vpc-1', 'eni-nat', 'internet'],
    milliseconds: 2000,
  },
  waypoints: [
    { machine: 'eni-p', label: 'private (i-p)', stage: undefined, isEnd: true },
    { machine: 'vpc-1', label: 'the router of VPC vpc-1', stage: undefined, isEnd: false },
    { machine: 'eni-nat', label: 'NAT gateway nat-1', stage: 'nat_gateway', isEnd: false },
    { machine: 'internet', label: 'the simulated Internet', stage: undefined, isEnd: true },
  ],
};

/** One line an event, as the kernel told it: `TABLE CHAIN KIND HANDLE VERDICT DIRECTION TTL`. */
function events(machine: string, ...lines: readonly string[]): TraceEvent[] {
  return lines.map((line) => {
    const [table = '', chain = '', kind, handle, verdict = '', direction, ttl] = line.split(' ');
    return {
      machine,
      table: table === 'croft' ? 'croft_trace_7' : table,
      chain,
      kind: kind === 'policy' ? 'policy' : 'rule',
      handle: handle === '-' ? undefined : Number(handle),
      verdict,
      isReply: direction === 'back',
      ttl: ttl === '-' ? undefined : Number(ttl),
    };
  });
}

function follow(told: readonly TraceEvent[], planned = PLANNED) {
  const report: ProbeReport = { answer: undefined, unsent: undefined, events: told, rules: [] };
  const { steps } = followPassage(report, planned);
  return steps.map(({ machine, stage, isReply, isPassed }) => {
    return `${isReply ? 'back ' : ''}${machine} ${stage ?? 'other'}${isPassed ? '' : ' dropped'}`;
  });
}

/** What two passes through one router and a NAT gateway between them look like, the machines told one after the other. */
const THROUGH_NAT: readonly TraceEvent[] = [
  ...events(
    'internet',
    'croft prerouting rule 2 continue there 61',
    'croft prerouting policy - accept there -',
  ),
  ...events(
    'vpc-1',
    'croft prerouting rule 2 continue there 64',
    'cloudcroft source_check rule 62 goto there 64',
    'cloudcroft route rule 77 continue there -',
    'cloudcroft source_check policy - accept there -',
    'cloudcroft forward rule 81 jump there 63',
    'cloudcroft network_acl_out rule 89 goto there -',
    'cloudcroft acl-1_out rule 47 return there -',
    'cloudcroft egress_security_group rule 96 goto there -',
    'cloudcroft sg-p_out rule 55 return there -',
    'cloudcroft ingress_security_group rule 99 return there -',
    'cloudcroft deliver rule 106 accept there -',
    'cloudcroft internet_gateway policy - accept there 63',
    'croft prerouting rule 2 continue there 62',
    'cloudcroft source_check rule 66 goto there 62',
    'cloudcroft route rule 77 continue there -',
    'cloudcroft deliver rule 106 accept there 61',
    'cloudcroft internet_gateway rule 109 goto there 61',
    'cloudcroft internet_gateway_out rule 110 return there -',
  ),
  ...events('eni-p', 'croft output rule 7 continue there 64'),
  ...events(
    'eni-nat',
    'croft prerouting rule 2 continue there 63',
    'cloudcroft forward rule 7 accept there 62',
    'cloudcroft nat_gateway rule 9 accept there 62',
  ),
];

describe('what machines tell of a packet, in order', () => {
  test('through a NAT gateway: the time to live says what came first', () => {
    expect(follow(THROUGH_NAT)).toEqual([
      'eni-p departure',
      'vpc-1 transit',
      'vpc-1 source_check',
      'vpc-1 route',
      'vpc-1 network_acl_out',
      'vpc-1 egress_security_group',
      'vpc-1 deliver',
      'eni-nat nat_gateway',
      'vpc-1 transit',
      'vpc-1 source_check',
      'vpc-1 route',
      'vpc-1 deliver',
      'vpc-1 internet_gateway',
      'internet arrival',
    ]);
  });

  test.each([
    ['a rule', 'cloudcroft sg-p_in rule 57 drop there 63', 'vpc-1 ingress_security_group dropped'],
    ['an ACL’s entry', 'cloudcroft acl-1_in rule 49 drop there 63', 'vpc-1 network_acl_in dropped'],
    [
      'a subnet without an ACL',
      'cloudcroft network_acl_in rule 95 drop there 63',
      'vpc-1 network_acl_in dropped',
    ],
    ['a chain’s policy', 'cloudcroft forward policy - drop there 63', 'vpc-1 other dropped'],
    ['what says how long it is remembered', 'cloudcroft_timeouts route rule 9 return there 63', undefined],
    ['a look-up that asks nobody', 'cloudcroft network_acl_in rule 94 return there 63', undefined],
  ])('%s', (_name, line, expected) => {
    expect(follow(events('vpc-1', line))).toEqual(expected === undefined ? [] : [expected]);
  });

  test('the answer comes after, whenever it was told of', () => {
    const back = events('vpc-1', 'cloudcroft route rule 77 continue back 64');
    const there = events('vpc-1', 'cloudcroft route rule 77 continue there 50');
    expect(follow([...back, ...there])).toEqual(['vpc-1 route', 'back vpc-1 route']);
  });

  test('a rule that counts moved once for each time that the packet met it', () => {
    const rule = { machine: 'vpc-1', chain: 'deliver', handle: 106, text: 'counter accept', packets: 9 };
    const report = { answer: undefined, unsent: undefined, events: THROUGH_NAT, rules: [rule] };
    expect(followPassage(report, PLANNED).rules).toEqual([{ ...rule, moved: 2 }]);
  });
});

const IPV6_OUT: PlannedProbe = {
  spec: {
    ...PLANNED.spec,
    source: '2001:db8:c000:101::4',
    destination: '2001:4860:4860::8888',
    machines: ['eni-p', 'vpc-1', 'internet'],
  },
  waypoints: PLANNED.waypoints.filter(({ machine }) => machine !== 'eni-nat'),
};

/** By either gateway of IPv6 to a server, which answers. */
const BY_INTERNET_GATEWAY: readonly TraceEvent[] = [
  ...events('eni-p', 'croft output rule 7 continue there 64'),
  ...events(
    'vpc-1',
    'croft prerouting rule 2 continue there 64',
    'cloudcroft source_check rule 62 goto there 64',
    'cloudcroft route rule 77 continue there -',
    'cloudcroft deliver rule 106 accept there 63',
    'cloudcroft egress_only_gateway_out policy - accept there 63',
    'croft prerouting rule 2 continue back 64',
    'cloudcroft source_check rule 63 return back 64',
    'cloudcroft deliver rule 106 accept back 63',
  ),
  ...events('internet', 'croft prerouting rule 2 continue there 63'),
];

describe('by IPv6, whose internet gateway has no chain', () => {
  test('what comes to the Internet, and from there, has passed it', () => {
    expect(follow(BY_INTERNET_GATEWAY, IPV6_OUT)).toEqual([
      'eni-p departure',
      'vpc-1 transit',
      'vpc-1 source_check',
      'vpc-1 route',
      'vpc-1 deliver',
      'vpc-1 internet_gateway',
      'internet arrival',
      'back vpc-1 transit',
      'back vpc-1 source_check',
      'back vpc-1 deliver',
    ]);
  });

  test('from the laptop by the Internet: passed on the way in, and of IPv4 only by its chain', () => {
    const planned: PlannedProbe = {
      ...IPV6_OUT,
      waypoints: IPV6_OUT.waypoints.map((each) => ({
        ...each,
        isEnd: each.machine !== 'internet' && each.isEnd,
      })),
    };
    const told = [
      ...events('internet', 'croft prerouting rule 2 continue there 64'),
      ...events('vpc-1', 'croft prerouting rule 2 continue there 63'),
    ];
    expect(follow(told, planned)).toEqual(['internet transit', 'vpc-1 internet_gateway', 'vpc-1 transit']);
    const ofIpv4 = { ...planned, spec: PLANNED.spec };
    expect(follow(told, ofIpv4)).toEqual(['internet transit', 'vpc-1 transit']);
  });

  test('an egress-only one drops what it did not see begin, and passed it is not', () => {
    const told = [
      ...events('internet', 'croft prerouting rule 2 continue there 64'),
      ...events(
        'vpc-1',
        'croft prerouting rule 2 continue there 63',
        'cloudcroft source_check rule 64 return there 63',
        'cloudcroft egress_only_gateway_in rule 82 drop there 62',
      ),
    ];
    expect(follow(told, IPV6_OUT).slice(-3)).toEqual([
      'vpc-1 transit',
      'vpc-1 source_check',
      'vpc-1 internet_gateway dropped',
    ]);
  });
});
