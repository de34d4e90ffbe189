import { describe, expect, test } from 'vitest';
import { DUAL_WORLD, PEERED_WORLD } from '../../test/ipv6-world.ts';
import { add, change, entry, remove, route, rule, type WorldRecords, worldOf } from '../../test/worlds.ts';
import type { Route } from '../model/records.ts';
import { explainFlow } from './explain.ts';
import type { Question } from './question.ts';

type Ask = readonly [source: string, destination: string, protocol?: string];

function ask(records: WorldRecords, [source, destination, protocol]: Ask, extra: Partial<Question> = {}) {
  const question = { source, destination, port: undefined, protocol, isIpv6: true, ...extra };
  return explainFlow([worldOf(records)], question);
}

function routed(records: WorldRecords, table: string, ...routes: readonly Route[]): WorldRecords {
  return change(records, 'routeTables', table, { routes });
}

const IPV4_ONLY = change(DUAL_WORLD, 'networkAcls', 'acl-1', {
  entries: [entry(100, true, 'allow'), entry(100, false, 'allow')],
});
const PING_RULE = { ...rule('sgr-ping', 'sg-bastion', false, -1, '::/0'), ipProtocol: 'icmp' };
const IPV4_PING_RULE = { ...rule('sgr-ping', 'sg-bastion', false, -1, '0.0.0.0/0'), ipProtocol: 'icmp' };
const BY_VPN_GATEWAY = {
  ...route('::/0', 'igw-1'),
  target: { kind: 'vpn-gateway', id: 'vgw-1' },
} as const;

/** What is said of one thing wrong, its words in full. */
const BRIEFS: readonly {
  readonly name: string;
  readonly records: WorldRecords;
  readonly ask: Ask;
  readonly brief: readonly string[];
}[] = [
  {
    name: 'no route for IPv6 in a public subnet',
    records: routed(DUAL_WORLD, 'rtb-pub', route('0.0.0.0/0', 'igw-1')),
    ask: ['bastion', 'internet'],
    brief: [
      'bastion cannot reach the Internet (2001:4860:4860::8888) on TCP 443: 1 thing stands in the way.',
      '',
      '1. Route table public (rtb-pub), associated with subnet public (subnet-pub), has no route to',
      '   2001:4860:4860::8888. Its route 0.0.0.0/0 → igw-1 is for IPv4 only: IPv6 needs one of its own,',
      '   ::/0.',
      '   mend: aws ec2 create-route --route-table-id rtb-pub --destination-ipv6-cidr-block ::/0 \\',
      '     --gateway-id igw-1',
    ],
  },
  {
    name: 'no route for IPv6 in a private subnet, and no egress-only gateway',
    records: routed(remove(DUAL_WORLD, 'egressOnlyInternetGateways', 'eigw-1'), 'rtb-priv'),
    ask: ['db', 'internet'],
    brief: [
      'db cannot reach the Internet (2001:4860:4860::8888) on TCP 443: 1 thing stands in the way.',
      '',
      '1. Main route table private (rtb-priv), used by subnet private (subnet-priv), has no route to',
      '   2001:4860:4860::8888.',
      '   mend: aws ec2 create-route --route-table-id rtb-priv --destination-ipv6-cidr-block ::/0 \\',
      '     --egress-only-internet-gateway-id $(aws ec2 create-egress-only-internet-gateway --vpc-id \\',
      '     vpc-1 --query EgressOnlyInternetGateway.EgressOnlyInternetGatewayId --output text)',
    ],
  },
  {
    name: 'a rule in that is for IPv4 only',
    records: remove(DUAL_WORLD, 'securityGroupRules', 'sgr-b-in6'),
    ask: ['laptop', 'bastion'],
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. No inbound rule of bastion’s security group bastion (sg-bastion) allows TCP 22 from',
      '   2001:db8:1::10. Rule sgr-b-in says tcp 22 from 0.0.0.0/0, which means IPv4 only: IPv6 needs a',
      '   rule of its own.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-bastion --ip-permissions \\',
      "     'IpProtocol=tcp,FromPort=22,ToPort=22,Ipv6Ranges=[{CidrIpv6=2001:db8:1::10/128}]'",
    ],
  },
  {
    name: 'a rule out that is for IPv4 only',
    records: remove(DUAL_WORLD, 'securityGroupRules', 'sgr-p-out6'),
    ask: ['db', 'internet'],
    brief: [
      'db cannot reach the Internet (2001:4860:4860::8888) on TCP 443: 1 thing stands in the way.',
      '',
      '1. No outbound rule of db’s security group private (sg-private) allows TCP 443 to',
      '   2001:4860:4860::8888. Rule sgr-p-out says all traffic to 0.0.0.0/0, which means IPv4 only: IPv6',
      '   needs a rule of its own.',
      '   mend: aws ec2 authorize-security-group-egress --group-id sg-private --ip-permissions \\',
      "     'IpProtocol=tcp,FromPort=443,ToPort=443,Ipv6Ranges=[{CidrIpv6=::/0}]'",
    ],
  },
  {
    name: 'a ping by a rule for IPv4 only',
    records: add(DUAL_WORLD, 'securityGroupRules', IPV4_PING_RULE),
    ask: ['laptop', 'bastion', 'icmp'],
    brief: [
      'laptop cannot reach bastion on ICMPv6 (ping): 1 thing stands in the way.',
      '',
      '1. No inbound rule of bastion’s security group bastion (sg-bastion) allows ICMPv6 (ping) from',
      '   2001:db8:1::10. Rule sgr-ping says icmp from 0.0.0.0/0, which means IPv4 only: IPv6 needs a rule',
      '   of its own.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-bastion --ip-permissions \\',
      "     'IpProtocol=icmpv6,FromPort=-1,ToPort=-1,Ipv6Ranges=[{CidrIpv6=2001:db8:1::10/128}]'",
    ],
  },
  {
    name: 'a ping by a rule about the ICMP of IPv4',
    records: add(DUAL_WORLD, 'securityGroupRules', PING_RULE),
    ask: ['laptop', 'bastion', 'icmpv6'],
    brief: [
      'laptop cannot reach bastion on ICMPv6 (ping): 1 thing stands in the way.',
      '',
      '1. No inbound rule of bastion’s security group bastion (sg-bastion) allows ICMPv6 (ping) from',
      '   2001:db8:1::10. Rule sgr-ping says icmp from ::/0, which is IPv4’s: a ping by IPv6 is icmpv6.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-bastion --ip-permissions \\',
      "     'IpProtocol=icmpv6,FromPort=-1,ToPort=-1,Ipv6Ranges=[{CidrIpv6=2001:db8:1::10/128}]'",
    ],
  },
  {
    name: 'a network ACL without an entry for IPv6',
    records: IPV4_ONLY,
    ask: ['laptop', 'bastion'],
    brief: [
      'laptop cannot reach bastion on TCP 22: 2 things stand in the way.',
      '',
      '1. Rule * of network ACL acl-1 denies TCP 22 into subnet public (subnet-pub). Rule 100 is about',
      '   IPv4: IPv6 needs a rule of its own.',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 110 \\',
      '     --protocol tcp --port-range From=22,To=22 --ipv6-cidr-block 2001:db8:1::10/128 --rule-action \\',
      '     allow',
      '',
      '2. Rule * of network ACL acl-1 denies the reply (TCP 32768–60999) out of subnet public (subnet-pub).',
      '   Network ACLs are stateless: a reply needs a rule of its own. Rule 100 is about IPv4: IPv6 needs a',
      '   rule of its own.',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 110 \\',
      '     --protocol tcp --port-range From=32768,To=60999 --ipv6-cidr-block 2001:db8:1::10/128 \\',
      '     --rule-action allow',
    ],
  },
  {
    name: 'from outside by an egress-only gateway',
    records: change(DUAL_WORLD, 'internetGateways', 'igw-1', { vpcId: 'vpc-9' }),
    ask: ['laptop', 'db'],
    brief: [
      'laptop cannot reach db on TCP 22: 3 things stand in the way.',
      '',
      '1. Egress-only internet gateway eigw-1 is the only gateway of the VPC: it takes out what begins',
      '   inside, and lets in only the answers, never what begins outside.',
      '   mend: aws ec2 attach-internet-gateway --vpc-id vpc-1 --internet-gateway-id $(aws ec2 \\',
      '     create-internet-gateway --query InternetGateway.InternetGatewayId --output text)',
      '',
      '2. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 2001:db8:1::10.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-private --ip-permissions \\',
      "     'IpProtocol=tcp,FromPort=22,ToPort=22,Ipv6Ranges=[{CidrIpv6=2001:db8:1::10/128}]'",
      '',
      '3. Egress-only internet gateway eigw-1 gets the reply, by ::/0 → eigw-1 in route table private',
      '   (rtb-priv), and did not see the connection begin: it takes out what begins inside, not answers to',
      '   what began outside.',
      '   mend: aws ec2 replace-route --route-table-id rtb-priv --destination-ipv6-cidr-block ::/0 \\',
      '     --gateway-id $(aws ec2 describe-internet-gateways --filters \\',
      '     Name=attachment.vpc-id,Values=vpc-1 --query InternetGateways[0].InternetGatewayId --output \\',
      '     text)',
    ],
  },
  {
    name: 'an answer by an egress-only gateway',
    records: DUAL_WORLD,
    ask: ['laptop', 'db'],
    brief: [
      'laptop cannot reach db on TCP 22: 2 things stand in the way.',
      '',
      '1. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 2001:db8:1::10.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-private --ip-permissions \\',
      "     'IpProtocol=tcp,FromPort=22,ToPort=22,Ipv6Ranges=[{CidrIpv6=2001:db8:1::10/128}]'",
      '',
      '2. Egress-only internet gateway eigw-1 gets the reply, by ::/0 → eigw-1 in route table private',
      '   (rtb-priv), and did not see the connection begin: it takes out what begins inside, not answers to',
      '   what began outside.',
      '   mend: aws ec2 replace-route --route-table-id rtb-priv --destination-ipv6-cidr-block ::/0 \\',
      '     --gateway-id igw-1',
    ],
  },
  {
    name: 'by a VPN gateway',
    records: routed(DUAL_WORLD, 'rtb-priv', BY_VPN_GATEWAY),
    ask: ['db', 'internet'],
    brief: [
      'db cannot reach the Internet (2001:4860:4860::8888) on TCP 443: 1 thing stands in the way.',
      '',
      '1. ::/0 → vgw-1 in main route table private (rtb-priv), used by subnet private (subnet-priv), is a',
      '   blackhole for IPv6: Cloudcroft carries no IPv6 by a VPN gateway.',
    ],
  },
  {
    name: 'by peering, and no route back',
    records: routed(PEERED_WORLD, 'rtb-far'),
    ask: ['db', 'far'],
    brief: [
      'db cannot reach far on TCP 22: 1 thing stands in the way.',
      '',
      '1. 2001:db8:c000:101::4 is in the peered VPC main (vpc-1), but route table far (rtb-far), associated',
      '   with subnet far (subnet-far), has no route to it: peered VPCs need routes on both sides.',
      '   mend: aws ec2 create-route --route-table-id rtb-far --destination-ipv6-cidr-block \\',
      '     2001:db8:c000:100::/56 --vpc-peering-connection-id pcx-1',
    ],
  },
];

describe('what is said', () => {
  test.each(BRIEFS)('$name', ({ records, ask: asked, brief }) => {
    expect(ask(records, asked).brief).toEqual(brief);
  });
});

test('out by an egress-only gateway, and the answer back in: the whole path', () => {
  const { lines } = ask(DUAL_WORLD, ['db', 'internet']);
  expect(lines.slice(2)).toEqual([
    '  ✓ source check         db sends from its own address, 2001:db8:c000:101::4.',
    '  ✓ security group, out  rule sgr-p-out6 of security group private (sg-private) lets it out: all',
    '                         traffic to ::/0.',
    '  ✓ network ACL, out     rule 101 of network ACL acl-1 lets it out of subnet private (subnet-priv).',
    '  ✓ route                ::/0 → eigw-1 in main route table private (rtb-priv), used by subnet',
    '                         private (subnet-priv).',
    '  ✓ internet gateway     egress-only internet gateway eigw-1 takes out what begins inside, and lets',
    '                         in only the answers.',
    '  ✓ deliver              2001:4860:4860::8888 is reached through the Internet, from',
    '                         2001:db8:c000:101::4.',
    '  and back:',
    '  ✓ internet gateway     egress-only internet gateway eigw-1 lets the answer in: the connection',
    '                         began inside.',
    '  ✓ network ACL, in      rule 101 of network ACL acl-1 lets the reply into subnet private',
    '                         (subnet-priv).',
    '  ✓ security group, in   security groups remember the connection: the reply needs no rule.',
  ]);
});

describe('which IP version is asked about', () => {
  const WITHOUT_IPV6 = change(DUAL_WORLD, 'networkInterfaces', 'eni-p', { ipv6Addresses: [] });
  const ONLY_IPV6 = change(DUAL_WORLD, 'networkInterfaces', 'eni-p', { privateIpAddresses: [] });

  const asked: readonly (readonly [string, WorldRecords, string, string, boolean, RegExp])[] = [
    ['names mean IPv4', DUAL_WORLD, 'bastion', 'db', false, /from its own address, 10\.0\.0\.4/],
    ['--ipv6', DUAL_WORLD, 'bastion', 'db', true, /from its own address, 2001:db8:c000:100::4/],
    [
      'an address of IPv6, however it is written',
      DUAL_WORLD,
      'bastion',
      '2001:DB8:C000:101:0::4',
      false,
      /own 2001:db8:c000:101::4/,
    ],
    ['what has no other', ONLY_IPV6, 'bastion', 'db', false, /own 2001:db8:c000:101::4/],
    ['a source without IPv4', ONLY_IPV6, 'db', 'bastion', false, /own 2001:db8:c000:100::4/],
    ['the laptop', DUAL_WORLD, 'laptop', 'bastion', true, /as it is: 2001:db8:c000:100::4/],
    [
      'any computer of the Internet',
      DUAL_WORLD,
      'internet',
      '2001:db8:c000:100::4',
      false,
      /Internet \(2001:db8:2::7\)/,
    ],
  ];
  test.each(asked)('%s', (_, records, source, destination, isIpv6, says) => {
    expect(ask(records, [source, destination], { isIpv6 }).lines.join('\n')).toMatch(says);
  });

  const refused: readonly (readonly [WorldRecords, Ask, string])[] = [
    [
      DUAL_WORLD,
      ['10.0.0.4', '2001:db8:c000:101::4'],
      '10.0.0.4 is an IPv4 address, and the question is about IPv6: packets are of one or the other. Give both ends by IPv6 addresses, or by names.',
    ],
    [
      WITHOUT_IPV6,
      ['bastion', 'db'],
      'db has no IPv6 address: aws ec2 assign-ipv6-addresses --network-interface-id eni-p --ipv6-address-count 1 gives it one.',
    ],
    [
      change(WITHOUT_IPV6, 'subnets', 'subnet-priv', { ipv6CidrBlockAssociations: [] }),
      ['bastion', 'db'],
      'db has no IPv6 address, and its subnet subnet-priv has no IPv6 block to take one from: aws ec2 associate-subnet-cidr-block gives it one of the VPC’s.',
    ],
    [DUAL_WORLD, ['bastion', 's3'], 'is reached by IPv4 only.'],
    [
      DUAL_WORLD,
      ['fd00::1', 'bastion'],
      'No interface has the private address fd00::1, so nothing comes from there.',
    ],
    [
      DUAL_WORLD,
      ['2001:db8:c000:900::1', 'bastion'],
      'No interface has the address 2001:db8:c000:900::1, so nothing comes from there.',
    ],
    [
      DUAL_WORLD,
      ['bastion', 'db', '1'],
      'Protocol 1 is the ICMP of IPv4, and the question is about IPv6: ask about icmpv6.',
    ],
  ];
  test.each(refused)('refused: %#', (records, asked, message) => {
    expect(() => ask(records, asked)).toThrow(message);
  });

  test('icmpv6 is of IPv6 only', () => {
    const extra = { isIpv6: false };
    expect(() => ask(DUAL_WORLD, ['bastion', 'db', 'icmpv6'], extra)).toThrow(
      'icmpv6 is the ICMP of IPv6, and the question is about IPv4: ask about icmp, or by IPv6.',
    );
    expect(ask(DUAL_WORLD, ['bastion', 'internet', 'icmp'], extra).isAllowed).toBe(true);
    expect(ask(DUAL_WORLD, ['bastion', 'internet', 'icmp']).isAllowed).toBe(true);
  });
});

test('what is sent to an own address never leaves the instance, whatever rules there are', () => {
  const { lines } = ask({ ...DUAL_WORLD, securityGroupRules: [] }, ['bastion', '2001:db8:c000:100::4']);
  expect(lines.slice(2)).toEqual([
    '  ✓ source check         bastion sends from its own address, 2001:db8:c000:100::4.',
    '  ✓ deliver              2001:db8:c000:100::4 is bastion’s own: the packets never leave it.',
  ]);
});
