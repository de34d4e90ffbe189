import {
  acl,
  EMPTY,
  eni,
  group,
  instance,
  ipv6Block,
  OPEN_IPV6_ENTRIES,
  route,
  routeTable,
  rule,
  subnet,
  vpc,
  type WorldRecords,
} from './worlds.ts';

/** The IPv6 addresses of the course's instances: `web` is public, `db` leaves by an egress-only gateway. */
export const WEB_IPV6 = '2001:db8:c000:100::10';
export const DB_IPV6 = '2001:db8:c000:101::10';
export const IPV6_BLOCK = '2001:db8:c000:100::/56';

/**
 * A VPC of both families: a public subnet by an internet gateway, a private one by an egress-only internet gateway, an
 * instance in each, and the groups of the course: the web server is open to all, the database to the web server's group.
 */
export const IPV6_COURSE: WorldRecords = {
  ...EMPTY,
  vpcs: [{ ...vpc('vpc-1', '10.0.0.0/16', 'course'), ipv6CidrBlockAssociations: [ipv6Block(IPV6_BLOCK)] }],
  subnets: [
    {
      ...subnet('subnet-1', 1, '10.0.0.0/24', 'public'),
      ipv6CidrBlockAssociations: [ipv6Block('2001:db8:c000:100::/64')],
    },
    {
      ...subnet('subnet-2', 2, '10.0.1.0/24', 'private'),
      ipv6CidrBlockAssociations: [ipv6Block('2001:db8:c000:101::/64')],
    },
  ],
  internetGateways: [{ internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] }],
  egressOnlyInternetGateways: [{ egressOnlyInternetGatewayId: 'eigw-1', vpcId: 'vpc-1', tags: [] }],
  routeTables: [
    {
      ...routeTable('rtb-public', [route(IPV6_BLOCK, 'local'), route('::/0', 'igw-1')], 'subnet-1', 'public'),
      ordinal: 1,
    },
    {
      ...routeTable('rtb-main', [route(IPV6_BLOCK, 'local'), route('::/0', 'eigw-1')], undefined, 'main'),
      ordinal: 2,
    },
  ],
  securityGroups: [group('sg-web', 'web'), group('sg-db', 'db')],
  securityGroupRules: [
    rule('sgr-web-in', 'sg-web', false, 80, '::/0'),
    rule('sgr-web-out', 'sg-web', true, -1, '::/0'),
    rule('sgr-db-in', 'sg-db', false, 5432, 'sg-web'),
    rule('sgr-db-out', 'sg-db', true, -1, '::/0'),
  ],
  networkAcls: [acl('acl-1', ['subnet-1', 'subnet-2'], OPEN_IPV6_ENTRIES)],
  networkInterfaces: [
    { ...eni('eni-web', 5, 'subnet-1', '10.0.0.10', ['sg-web'], 'i-web'), ipv6Addresses: [WEB_IPV6] },
    { ...eni('eni-db', 6, 'subnet-2', '10.0.1.10', ['sg-db'], 'i-db'), ipv6Addresses: [DB_IPV6] },
  ],
  instances: [instance('i-web', 'subnet-1', 'web'), instance('i-db', 'subnet-2', 'db')],
};
