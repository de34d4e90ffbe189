import { describe, expect, test } from 'vitest';
import {
  BASTION_IPV6,
  DUAL_WORLD,
  FAR_IPV6,
  ipv6Entry,
  PEERED_WORLD,
  PRIVATE_IPV6,
} from '../../test/ipv6-world.ts';
import {
  add,
  change,
  entry,
  OPEN_IPV6_ENTRIES,
  remove,
  route,
  rule,
  type WorldRecords,
  worldOf,
} from '../../test/worlds.ts';
import { ICMPV6, ICMPV6_ECHO_REQUEST } from '../net/flow.ts';
import { endAt, type FlowEnd } from './flow-endpoints.ts';
import { tracePath } from './path.ts';
import type { NetworkAclEntry, Route } from './records.ts';

const SERVER = '2001:4860:4860::8888';
const LAPTOP = '2001:db8:1::10';
const NOBODY = '2001:db8:3::1';
const NOBODY_INSIDE = '2001:db8:c000:100::99';
const ADDRESSES = { 'eni-b': BASTION_IPV6, 'eni-p': PRIVATE_IPV6, 'eni-f': FAR_IPV6 } as const;
type Where = keyof typeof ADDRESSES | typeof SERVER | typeof LAPTOP | typeof NOBODY | typeof NOBODY_INSIDE;
type Ask = readonly [source: Where, destination: Where, port?: number | 'ping'];

/** What stands in the way, in order: `back` before an obstacle of the replies. */
function obstaclesOf(records: WorldRecords, [source, destination, asked = 22]: Ask): string[] {
  const world = worldOf(records);
  const endOf = (where: Where): FlowEnd => {
    const known = Object.entries(ADDRESSES).find(([id]) => id === where);
    const eni = world.networkInterfaces.get(where);
    return eni === undefined
      ? { kind: 'outside', address: where, label: where, block: `${where}/128` }
      : endAt(world, eni, 'private-address', known?.[1]);
  };
  const what =
    asked === 'ping'
      ? { protocol: ICMPV6, ports: ICMPV6_ECHO_REQUEST }
      : { protocol: 6, ports: { first: asked, last: asked } };
  const flow = { source: endOf(source), destination: endOf(destination), ...what };
  const path = tracePath({ ...flow, publicHosts: new Set([SERVER, LAPTOP]), worlds: [world] });
  expect(path.isAllowed).toBe(path.obstacles.length === 0);
  return path.obstacles.map(({ stage, disposition, isReply }) =>
    [...(isReply ? ['back'] : []), stage, disposition].join(' '),
  );
}

function routed(records: WorldRecords, table: string, ...routes: readonly Route[]): WorldRecords {
  const own = records.routeTables.find(({ routeTableId }) => routeTableId === table)?.routes ?? [];
  const kept = own.filter(({ target }) => target.kind === 'local');
  return change(records, 'routeTables', table, { routes: [...kept, ...routes] });
}

function guarded(...entries: readonly NetworkAclEntry[]): WorldRecords {
  return change(DUAL_WORLD, 'networkAcls', 'acl-1', { entries });
}

/** A rule with another protocol, type and code. */
function icmpRule(id: string, ipProtocol: string, type: number, code: number, cidrBlock = '::/0') {
  return {
    ...rule(id, 'sg-bastion', false, 0, cidrBlock),
    ipProtocol,
    fromPort: type,
    toPort: code,
  };
}

const DEFAULT_BY = (target: string) => route('::/0', target);
const WITHOUT_IN = remove(DUAL_WORLD, 'securityGroupRules', 'sgr-b-in6');
const WITHOUT_IGW = change(DUAL_WORLD, 'internetGateways', 'igw-1', { vpcId: 'vpc-9' });
const WITHOUT_GATEWAYS = remove(WITHOUT_IGW, 'egressOnlyInternetGateways', 'eigw-1');
const SSH_OPEN_PRIVATE = add(
  DUAL_WORLD,
  'securityGroupRules',
  rule('sgr-p-in6', 'sg-private', false, 22, '::/0'),
);
const IPV4_OPEN = [entry(100, true, 'allow'), entry(100, false, 'allow')];
const V6_LIST = {
  prefixListId: 'pl-6',
  prefixListName: 'six',
  ownerId: '000000000000',
  addressFamily: 'IPv6',
  maxEntries: 1,
  version: 1,
  entries: [{ cidr: '2001:db8:1::/48' }],
  tags: [],
} as const;
const WITH_LIST = add(DUAL_WORLD, 'prefixLists', V6_LIST);

/** One thing wrong with IPv6, what stands in the way for it, and the control: it mended. */
const CASES: readonly {
  readonly name: string;
  readonly ask: Ask;
  readonly spoilt: WorldRecords;
  readonly stops: readonly string[];
  readonly mended: WorldRecords;
  /** The control's question, where it is another. */
  readonly instead?: Ask;
}[] = [
  {
    name: 'no rule in: one for 0.0.0.0/0 says nothing about IPv6',
    ask: [LAPTOP, 'eni-b'],
    spoilt: WITHOUT_IN,
    stops: ['ingress_security_group ingress-security-group'],
    mended: DUAL_WORLD,
  },
  {
    name: 'no rule out',
    ask: ['eni-b', SERVER],
    spoilt: remove(DUAL_WORLD, 'securityGroupRules', 'sgr-b-out6'),
    stops: ['egress_security_group egress-security-group'],
    mended: DUAL_WORLD,
  },
  {
    name: 'a group means its members’ IPv6 addresses; without the rule nobody',
    ask: ['eni-b', 'eni-p'],
    spoilt: remove(DUAL_WORLD, 'securityGroupRules', 'sgr-p-in'),
    stops: ['ingress_security_group ingress-security-group'],
    mended: DUAL_WORLD,
  },
  {
    name: 'a prefix list of IPv6 in a rule; one of IPv4 with the same entries says nothing',
    ask: [LAPTOP, 'eni-b'],
    spoilt: add(
      add(WITHOUT_IN, 'prefixLists', { ...V6_LIST, addressFamily: 'IPv4' }),
      'securityGroupRules',
      rule('sgr-list', 'sg-bastion', false, 22, 'pl-6'),
    ),
    stops: ['ingress_security_group ingress-security-group'],
    mended: add(
      add(WITHOUT_IN, 'prefixLists', V6_LIST),
      'securityGroupRules',
      rule('sgr-list', 'sg-bastion', false, 22, 'pl-6'),
    ),
  },
  {
    name: 'a ping: rules about icmp say nothing about icmpv6',
    ask: [LAPTOP, 'eni-b', 'ping'],
    spoilt: add(WITHOUT_IN, 'securityGroupRules', icmpRule('sgr-ping', 'icmp', 8, -1)),
    stops: ['ingress_security_group ingress-security-group'],
    mended: add(WITHOUT_IN, 'securityGroupRules', icmpRule('sgr-ping', 'icmpv6', 128, -1)),
  },
  {
    name: 'a ping: a rule about another type, by the protocol’s number',
    ask: [LAPTOP, 'eni-b', 'ping'],
    spoilt: add(WITHOUT_IN, 'securityGroupRules', icmpRule('sgr-ping', '58', 129, -1)),
    stops: ['ingress_security_group ingress-security-group'],
    mended: add(WITHOUT_IN, 'securityGroupRules', icmpRule('sgr-ping', '58', 128, 0)),
  },
  {
    name: 'network ACL entries of IPv4 only, by which nothing of IPv6 goes in or out',
    ask: [LAPTOP, 'eni-b'],
    spoilt: guarded(...IPV4_OPEN),
    stops: ['network_acl_in network-acl', 'back network_acl_out network-acl-reply'],
    mended: guarded(...OPEN_IPV6_ENTRIES),
  },
  {
    name: 'a network ACL is stateless: replies need ports of their own',
    ask: ['eni-b', SERVER, 443],
    spoilt: guarded(
      ipv6Entry(101, true, 'allow', { from: 443, to: 443 }),
      ipv6Entry(101, false, 'allow', { from: 443, to: 443 }),
    ),
    stops: ['back network_acl_in network-acl-reply'],
    mended: guarded(
      ipv6Entry(101, true, 'allow', { from: 443, to: 443 }),
      ipv6Entry(101, false, 'allow', { from: 1024, to: 65535 }),
    ),
  },
  {
    name: 'the lowest number decides, for its block only',
    ask: [LAPTOP, 'eni-b'],
    spoilt: guarded(ipv6Entry(50, false, 'deny', undefined, '2001:db8:1::/48'), ...OPEN_IPV6_ENTRIES),
    stops: ['network_acl_in network-acl'],
    mended: guarded(ipv6Entry(50, false, 'deny', undefined, '2001:db8:2::/48'), ...OPEN_IPV6_ENTRIES),
  },
  {
    name: 'a ping over network ACLs, by type and code both ways',
    ask: ['eni-b', SERVER, 'ping'],
    spoilt: guarded(
      { ...ipv6Entry(101, true, 'allow'), protocol: '58', icmpTypeCode: { type: 128, code: -1 } },
      { ...ipv6Entry(101, false, 'allow'), protocol: '58', icmpTypeCode: { type: 128, code: -1 } },
    ),
    stops: ['back network_acl_in network-acl-reply'],
    mended: guarded(
      { ...ipv6Entry(101, true, 'allow'), protocol: '58', icmpTypeCode: { type: 128, code: -1 } },
      { ...ipv6Entry(101, false, 'allow'), protocol: '58', icmpTypeCode: { type: 129, code: 0 } },
    ),
  },
  {
    name: 'between subnets an ACL is asked, within one none is',
    ask: ['eni-b', 'eni-p'],
    spoilt: guarded(),
    stops: [
      'network_acl_out network-acl',
      'network_acl_in network-acl',
      'back network_acl_out network-acl-reply',
      'back network_acl_in network-acl-reply',
    ],
    mended: change(guarded(), 'networkInterfaces', 'eni-p', { subnetId: 'subnet-pub' }),
  },
  {
    name: 'nobody in the VPC has the address',
    ask: ['eni-b', NOBODY_INSIDE],
    spoilt: DUAL_WORLD,
    stops: ['route no-such-address'],
    mended: DUAL_WORLD,
    instead: ['eni-b', 'eni-p'],
  },
  {
    name: 'no route for IPv6 beside that for IPv4',
    ask: ['eni-b', SERVER, 443],
    spoilt: routed(DUAL_WORLD, 'rtb-pub', route('0.0.0.0/0', 'igw-1')),
    stops: ['route no-route'],
    mended: DUAL_WORLD,
  },
  {
    name: 'an internet gateway that is attached elsewhere',
    ask: ['eni-b', SERVER, 443],
    spoilt: WITHOUT_IGW,
    stops: ['internet_gateway no-internet-gateway', 'route blackhole'],
    mended: DUAL_WORLD,
  },
  {
    name: 'an egress-only internet gateway that is gone',
    ask: ['eni-p', SERVER, 443],
    spoilt: remove(DUAL_WORLD, 'egressOnlyInternetGateways', 'eigw-1'),
    stops: ['route blackhole'],
    mended: DUAL_WORLD,
  },
  ...['nat-1', 'eni-f', 'vpce-1'].map((target) => ({
    name: `a route by ${target}, which carries no IPv6`,
    ask: ['eni-p', SERVER, 443] as const,
    spoilt: routed(DUAL_WORLD, 'rtb-priv', DEFAULT_BY(target)),
    stops: ['route blackhole'],
    mended: DUAL_WORLD,
  })),
  ...(['vpn-gateway'] as const).map((kind) => ({
    name: `a route by a ${kind}, which carries no IPv6`,
    ask: ['eni-p', SERVER, 443] as const,
    spoilt: routed(DUAL_WORLD, 'rtb-priv', { ...DEFAULT_BY('igw-1'), target: { kind, id: 'gw-1' } }),
    stops: ['route blackhole'],
    mended: DUAL_WORLD,
  })),
  {
    name: 'the longest prefix decides, here one of a list',
    ask: ['eni-b', LAPTOP, 443],
    spoilt: routed(WITH_LIST, 'rtb-pub', DEFAULT_BY('igw-1'), route('pl-6', 'nat-1')),
    stops: ['route blackhole'],
    mended: {
      ...routed(
        WITH_LIST,
        'rtb-pub',
        DEFAULT_BY('igw-1'),
        route('2001:db8:1::/48', 'igw-1'),
        route('pl-6', 'nat-1'),
      ),
    },
  },
  {
    name: 'nobody on the Internet has the address',
    ask: ['eni-b', NOBODY, 443],
    spoilt: DUAL_WORLD,
    stops: ['internet_gateway no-such-address'],
    mended: DUAL_WORLD,
    instead: ['eni-b', LAPTOP, 443],
  },
  {
    name: 'from outside where an egress-only gateway is the only one: neither in, nor the reply out',
    ask: [LAPTOP, 'eni-p'],
    spoilt: { ...SSH_OPEN_PRIVATE, internetGateways: [] },
    stops: ['internet_gateway unsolicited', 'back internet_gateway unsolicited'],
    mended: routed(SSH_OPEN_PRIVATE, 'rtb-priv', DEFAULT_BY('igw-1')),
  },
  {
    name: 'from outside by the internet gateway, and the reply to an egress-only one',
    ask: [LAPTOP, 'eni-p'],
    spoilt: SSH_OPEN_PRIVATE,
    stops: ['back internet_gateway unsolicited'],
    mended: routed(SSH_OPEN_PRIVATE, 'rtb-priv', DEFAULT_BY('igw-1')),
  },
  {
    name: 'from outside without any gateway',
    ask: [LAPTOP, 'eni-b'],
    spoilt: WITHOUT_GATEWAYS,
    stops: ['internet_gateway no-internet-gateway', 'back route blackhole'],
    mended: DUAL_WORLD,
  },
  {
    name: 'from outside, and no route for the reply',
    ask: [LAPTOP, 'eni-b'],
    spoilt: routed(DUAL_WORLD, 'rtb-pub', route('0.0.0.0/0', 'igw-1')),
    stops: ['back route no-route'],
    mended: DUAL_WORLD,
  },
  {
    name: 'from outside, and the reply by a NAT gateway',
    ask: [LAPTOP, 'eni-b'],
    spoilt: routed(DUAL_WORLD, 'rtb-pub', DEFAULT_BY('nat-1')),
    stops: ['back route no-route'],
    mended: DUAL_WORLD,
  },
  {
    name: 'from VPC to VPC by the Internet: the other’s internet gateway must let it in',
    ask: ['eni-p', 'eni-f'],
    spoilt: change(DUAL_WORLD, 'internetGateways', 'igw-2', { vpcId: 'vpc-9' }),
    stops: ['internet_gateway no-internet-gateway', 'back route blackhole'],
    mended: DUAL_WORLD,
  },
  {
    name: 'from VPC to VPC by the Internet: the other’s table has no route back',
    ask: ['eni-b', 'eni-f'],
    spoilt: routed(DUAL_WORLD, 'rtb-far'),
    stops: ['back route no-route'],
    mended: DUAL_WORLD,
  },
  {
    name: 'from VPC to VPC by peering: no route there, and none by the Internet',
    ask: ['eni-p', 'eni-f'],
    spoilt: routed(PEERED_WORLD, 'rtb-priv'),
    stops: ['route no-route'],
    mended: PEERED_WORLD,
  },
  {
    name: 'from VPC to VPC by peering: no route back',
    ask: ['eni-p', 'eni-f'],
    spoilt: routed(PEERED_WORLD, 'rtb-far'),
    stops: ['back route no-route'],
    mended: PEERED_WORLD,
  },
  {
    name: 'by peering a reply may come by the Internet, to a VPC with a gateway only',
    ask: ['eni-p', 'eni-f'],
    spoilt: {
      ...routed(PEERED_WORLD, 'rtb-far', DEFAULT_BY('igw-2')),
      egressOnlyInternetGateways: [],
      internetGateways: [{ internetGatewayId: 'igw-2', vpcId: 'vpc-2', tags: [] }],
    },
    stops: ['back route no-route'],
    mended: routed(PEERED_WORLD, 'rtb-far', DEFAULT_BY('igw-2')),
  },
  {
    name: 'what comes by the Internet may go back by peering',
    ask: ['eni-b', 'eni-f'],
    spoilt: routed(routed(PEERED_WORLD, 'rtb-pub', DEFAULT_BY('igw-1')), 'rtb-far'),
    stops: ['back route no-route'],
    mended: routed(
      routed(PEERED_WORLD, 'rtb-pub', DEFAULT_BY('igw-1')),
      'rtb-far',
      route('2001:db8:c000:100::/56', 'pcx-1'),
    ),
  },
  {
    name: 'a reply to what came by peering does not leave by an egress-only gateway',
    ask: ['eni-f', 'eni-p'],
    spoilt: routed(
      add(PEERED_WORLD, 'securityGroupRules', rule('sgr-p-in6', 'sg-private', false, 22, '::/0')),
      'rtb-priv',
      DEFAULT_BY('eigw-1'),
    ),
    stops: ['back route no-route'],
    mended: add(PEERED_WORLD, 'securityGroupRules', rule('sgr-p-in6', 'sg-private', false, 22, '::/0')),
  },
  {
    name: 'a peering connection leads to the interfaces there, and through them to nobody',
    ask: ['eni-p', SERVER, 443],
    spoilt: routed(PEERED_WORLD, 'rtb-priv', DEFAULT_BY('pcx-1')),
    stops: ['route other-vpc'],
    mended: PEERED_WORLD,
  },
  {
    name: 'a peering connection that is over',
    ask: ['eni-p', 'eni-f'],
    spoilt: change(PEERED_WORLD, 'vpcPeeringConnections', 'pcx-1', {
      status: { code: 'deleted', message: 'Deleted' },
    }),
    stops: ['route blackhole'],
    mended: PEERED_WORLD,
  },
  {
    name: 'an instance that is stopped',
    ask: [LAPTOP, 'eni-b'],
    spoilt: change(DUAL_WORLD, 'instances', 'i-b', { state: 'stopped' }),
    stops: ['deliver not-running'],
    mended: DUAL_WORLD,
  },
];

describe('what stands in the way of IPv6, and nothing where it is mended', () => {
  test.each(CASES)('$name', ({ ask, spoilt, stops, mended, instead }) => {
    expect(obstaclesOf(spoilt, ask)).toEqual(stops);
    expect(obstaclesOf(mended, instead ?? ask)).toEqual([]);
  });
});
