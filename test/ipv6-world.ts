import type * as record from '../src/model/records.ts';
import { BASTION_WORLD } from './walkthrough-world.ts';
import {
  acl,
  eni,
  group,
  instance,
  ipv6Block,
  OPEN_IPV6_ENTRIES,
  route,
  routeTable,
  rule,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
} from './worlds.ts';

export const BASTION_IPV6 = '2001:db8:c000:100::4';
export const PRIVATE_IPV6 = '2001:db8:c000:101::4';
export const FAR_IPV6 = '2001:db8:c000:200::4';

/** An ACL entry about an IPv6 block: TCP to some ports, or all traffic without ports. */
export function ipv6Entry(
  ruleNumber: number,
  isEgress: boolean,
  ruleAction: 'allow' | 'deny',
  ports?: { readonly from: number; readonly to: number },
  ipv6CidrBlock = '::/0',
): record.NetworkAclEntry {
  return {
    ruleNumber,
    isEgress,
    protocol: ports === undefined ? '-1' : '6',
    ruleAction,
    ipv6CidrBlock,
    ...(ports === undefined ? {} : { portRange: ports }),
  };
}

const blocks = (block: string) => ({ ipv6CidrBlockAssociations: [ipv6Block(block)] });

const LOCAL = [route('10.0.0.0/16', 'local'), route('2001:db8:c000:100::/56', 'local')];

/**
 * The walk-through with IPv6: the bastion's subnet by the internet gateway, the private one by an egress-only one. Beside it a
 * VPC `far` with an instance `far`, whose gateway is `igw-2`, and no peering connection.
 */
export const DUAL_WORLD: WorldRecords = {
  ...BASTION_WORLD,
  vpcs: [
    ...BASTION_WORLD.vpcs.map((each) => ({ ...each, ...blocks('2001:db8:c000:100::/56') })),
    { ...vpc('vpc-2', '10.1.0.0/16', 'far'), ordinal: 2, ...blocks('2001:db8:c000:200::/56') },
  ],
  subnets: [
    { ...subnet('subnet-pub', 1, '10.0.0.0/24', 'public'), ...blocks('2001:db8:c000:100::/64') },
    { ...subnet('subnet-priv', 2, '10.0.1.0/24', 'private'), ...blocks('2001:db8:c000:101::/64') },
    { ...subnet('subnet-far', 3, '10.1.0.0/24', 'far', 'vpc-2'), ...blocks('2001:db8:c000:200::/64') },
  ],
  internetGateways: [
    { internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] },
    { internetGatewayId: 'igw-2', vpcId: 'vpc-2', tags: [] },
  ],
  egressOnlyInternetGateways: [{ egressOnlyInternetGatewayId: 'eigw-1', vpcId: 'vpc-1', tags: [] }],
  routeTables: [
    routeTable('rtb-priv', [...LOCAL, route('::/0', 'eigw-1')], undefined, 'private'),
    {
      ...routeTable(
        'rtb-pub',
        [...LOCAL, route('0.0.0.0/0', 'igw-1'), route('::/0', 'igw-1')],
        'subnet-pub',
        'public',
      ),
      ordinal: 2,
    },
    {
      ...routeTable(
        'rtb-far',
        [route('10.1.0.0/16', 'local'), route('2001:db8:c000:200::/56', 'local'), route('::/0', 'igw-2')],
        'subnet-far',
        'far',
        'vpc-2',
      ),
      ordinal: 3,
    },
  ],
  securityGroups: [...BASTION_WORLD.securityGroups, group('sg-far', 'far', 'vpc-2')],
  securityGroupRules: [
    ...BASTION_WORLD.securityGroupRules,
    rule('sgr-b-in6', 'sg-bastion', false, 22, '::/0'),
    rule('sgr-b-out6', 'sg-bastion', true, -1, '::/0'),
    rule('sgr-p-out6', 'sg-private', true, -1, '::/0'),
    rule('sgr-f-in6', 'sg-far', false, -1, '::/0'),
    rule('sgr-f-out6', 'sg-far', true, -1, '::/0'),
  ],
  networkAcls: [
    ...BASTION_WORLD.networkAcls.map((each) => ({
      ...each,
      entries: [...each.entries, ...OPEN_IPV6_ENTRIES],
    })),
    acl('acl-2', ['subnet-far'], OPEN_IPV6_ENTRIES, 'vpc-2'),
  ],
  networkInterfaces: [
    ...BASTION_WORLD.networkInterfaces.map((each) => ({
      ...each,
      ipv6Addresses: [each.networkInterfaceId === 'eni-b' ? BASTION_IPV6 : PRIVATE_IPV6],
    })),
    {
      ...eni('eni-f', 3, 'subnet-far', '10.1.0.4', ['sg-far'], 'i-f', 'vpc-2'),
      ipv6Addresses: [FAR_IPV6],
    },
  ],
  instances: [...BASTION_WORLD.instances, instance('i-f', 'subnet-far', 'far', 'vpc-2')],
};

/** The same with the two VPCs peered, and routes of both sides to it. */
export const PEERED_WORLD: WorldRecords = {
  ...DUAL_WORLD,
  vpcPeeringConnections: [
    {
      vpcPeeringConnectionId: 'pcx-1',
      ordinal: 9,
      requester: { ...SCOPE, vpcId: 'vpc-1', allowDnsResolutionFromRemoteVpc: false },
      accepter: { ...SCOPE, vpcId: 'vpc-2', allowDnsResolutionFromRemoteVpc: false },
      vpcIds: ['vpc-1', 'vpc-2'],
      status: { code: 'active', message: 'Active' },
      expirationTime: '2026-01-08T00:00:00.000Z',
      tags: [],
    },
  ],
  routeTables: DUAL_WORLD.routeTables.map((table) => {
    const there = table.vpcId === 'vpc-1' ? '2001:db8:c000:200::/56' : '2001:db8:c000:100::/56';
    return { ...table, routes: [...table.routes, route(there, 'pcx-1')] };
  }),
};
