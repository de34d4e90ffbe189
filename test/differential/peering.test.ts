import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import type { VpcPeeringConnection, VpcPeeringStatusCode } from '../../src/model/peering-records.ts';
import type { Route } from '../../src/model/records.ts';
import type { Scope, World } from '../../src/model/world.ts';
import { parseIpv4 } from '../../src/net/address.ts';
import { planAll } from '../../src/plan/plan.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import {
  acl,
  eni,
  group,
  instance,
  OPEN_ENTRIES,
  route,
  routeTable,
  rule,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
  worldOf,
} from '../worlds.ts';

/** VPC n has the block 10.n.0.0/16, one subnet, one instance at 10.n.0.10, and an internet gateway. */
function vpcRecords(number: number, routes: readonly Route[], peer: string): Partial<WorldRecords> {
  const ids = { vpc: `vpc-${number}`, subnet: `subnet-${number}`, group: `sg-${number}` };
  return {
    vpcs: [vpc(ids.vpc, `10.${number}.0.0/16`, `vpc${number}`)],
    subnets: [subnet(ids.subnet, number, `10.${number}.0.0/24`, `subnet${number}`, ids.vpc)],
    internetGateways: [{ internetGatewayId: `igw-${number}`, vpcId: ids.vpc, tags: [] }],
    routeTables: [
      routeTable(
        `rtb-${number}`,
        [route(`10.${number}.0.0/16`, 'local'), ...routes],
        undefined,
        `table${number}`,
        ids.vpc,
      ),
    ],
    securityGroups: [group(ids.group, `group${number}`, ids.vpc)],
    securityGroupRules: [
      rule(`sgr-in-${number}`, ids.group, false, 22, peer),
      rule(`sgr-out-${number}`, ids.group, true, -1, '0.0.0.0/0'),
    ],
    networkAcls: [acl(`acl-${number}`, [ids.subnet], OPEN_ENTRIES, ids.vpc)],
    networkInterfaces: [
      eni(
        `eni-0000000000000000${number}`,
        number,
        ids.subnet,
        `10.${number}.0.10`,
        [ids.group],
        `i-${number}`,
        ids.vpc,
      ),
    ],
    instances: [instance(`i-${number}`, ids.subnet, `host${number}`, ids.vpc)],
  };
}

function peeringOf(
  one: number,
  other: number,
  code: VpcPeeringStatusCode,
  accepter: Scope = SCOPE,
): VpcPeeringConnection {
  const side = (number: number, scope: Scope) => ({
    ...scope,
    vpcId: `vpc-${number}`,
    allowDnsResolutionFromRemoteVpc: false,
  });
  return {
    vpcPeeringConnectionId: `pcx-0000000000000${one}${other}`,
    ordinal: 100 + 10 * one + other,
    requester: side(one, SCOPE),
    accepter: side(other, accepter),
    vpcIds: [`vpc-${one}`, `vpc-${other}`],
    status: { code, message: '' },
    expirationTime: '2026-01-08T00:00:00.000Z',
    tags: [],
  };
}

function via(destination: string, one: number, other: number): Route {
  return {
    destination: { kind: 'cidr', cidrBlock: destination },
    target: { kind: 'vpc-peering-connection', id: `pcx-0000000000000${one}${other}` },
    origin: 'CreateRoute',
  };
}

function merge(...parts: readonly Partial<WorldRecords>[]): Partial<WorldRecords> {
  return {
    vpcs: parts.flatMap(({ vpcs = [] }) => vpcs),
    subnets: parts.flatMap(({ subnets = [] }) => subnets),
    internetGateways: parts.flatMap(({ internetGateways = [] }) => internetGateways),
    routeTables: parts.flatMap(({ routeTables = [] }) => routeTables),
    securityGroups: parts.flatMap(({ securityGroups = [] }) => securityGroups),
    securityGroupRules: parts.flatMap(({ securityGroupRules = [] }) => securityGroupRules),
    networkAcls: parts.flatMap(({ networkAcls = [] }) => networkAcls),
    networkInterfaces: parts.flatMap(({ networkInterfaces = [] }) => networkInterfaces),
    instances: parts.flatMap(({ instances = [] }) => instances),
    vpcPeeringConnections: parts.flatMap(({ vpcPeeringConnections = [] }) => vpcPeeringConnections),
  };
}

/** VPC 2 is peered with 1 and 3; all route everything they can by those connections. */
function threeVpcs(code: VpcPeeringStatusCode = 'active', change: Partial<WorldRecords> = {}): World {
  const records = merge(
    vpcRecords(1, [via('10.2.0.0/16', 1, 2), via('10.3.0.0/16', 1, 2), via('0.0.0.0/0', 1, 2)], '10.0.0.0/8'),
    vpcRecords(
      2,
      [via('10.1.0.0/16', 1, 2), via('10.3.0.0/16', 2, 3), route('0.0.0.0/0', 'igw-2')],
      '10.0.0.0/8',
    ),
    vpcRecords(3, [via('10.2.0.0/16', 2, 3), via('10.1.0.0/16', 2, 3)], '10.0.0.0/8'),
    { vpcPeeringConnections: [peeringOf(1, 2, code), peeringOf(2, 3, code)] },
  );
  return worldOf({ ...records, ...change });
}

/** Sends a packet from an instance to port 22 of an address. */
function send(
  worlds: readonly World[],
  from: number,
  destination: string,
  source = `10.${from}.0.10`,
): Exchange {
  const machines = planAll(worlds, { internet: ['8.8.8.8'], services: [] });
  return new SimulatedNetwork(machines).exchange(`eni-0000000000000000${from}`, {
    protocol: 6,
    source: parseIpv4(source) ?? 0,
    destination: parseIpv4(destination) ?? 0,
    sourcePort: 40_000,
    destinationPort: 22,
    icmp: 0,
    isReply: false,
  });
}

/** Whether a connection to port 22 is answered, by the rules and by the model: throws when they do not agree. */
function isAnswered(worlds: readonly World[], from: number, destination: string): boolean {
  const { isAnswered, there, back } = send(worlds, from, destination);
  const question = { source: `i-${from}`, destination, port: 22, protocol: 'tcp' };
  const { isAllowed, lines } = explainFlow(worlds, question);
  if (isAllowed === isAnswered) return isAnswered;
  throw new Error(
    [...lines, `there: ${there.trail.join(' > ')}`, `back: ${back?.trail.join(' > ')}`].join('\n'),
  );
}

test.each([
  ['S110 to the peer', 1, '10.2.0.10', true],
  ['S110 and back', 2, '10.1.0.10', true],
  ['to the other peer', 2, '10.3.0.10', true],
  ['S111 through the peer to its other peer', 1, '10.3.0.10', false],
  ['S112 through the peer to the Internet', 1, '8.8.8.8', false],
  ['S97 to the resolver of the peer', 1, '10.2.0.2', false],
  ['to the router of the peer', 1, '10.2.0.1', false],
  ['to nobody', 1, '10.2.0.77', false],
])('%s', (_, from, destination, isExpected) => {
  expect(isAnswered([threeVpcs()], from, destination)).toBe(isExpected);
});

test('S56 a NAT gateway of the peer is the way out of its own VPC only', () => {
  const { attachment: _, ...bare } = eni(
    'eni-0000000000000000n',
    9,
    'subnet-n',
    '10.2.9.4',
    [],
    'none',
    'vpc-2',
  );
  const gatewayId = 'nat-1';
  const ofGateway = { networkInterfaceId: bare.networkInterfaceId, publicIp: '198.18.0.9', tags: [] };
  const outside = [route('10.2.0.0/16', 'local'), route('0.0.0.0/0', 'igw-2')];
  const world = worldOf({
    ...merge(
      vpcRecords(1, [via('0.0.0.0/0', 1, 2)], '10.0.0.0/8'),
      vpcRecords(2, [via('10.1.0.0/16', 1, 2), route('0.0.0.0/0', gatewayId)], '10.0.0.0/8'),
      {
        subnets: [subnet('subnet-n', 9, '10.2.9.0/24', 'outside', 'vpc-2')],
        routeTables: [{ ...routeTable('rtb-n', outside, 'subnet-n', 'outside', 'vpc-2'), ordinal: 9 }],
        networkAcls: [acl('acl-n', ['subnet-n'], OPEN_ENTRIES, 'vpc-2')],
        networkInterfaces: [{ ...bare, interfaceType: 'nat_gateway', sourceDestCheck: false }],
        vpcPeeringConnections: [peeringOf(1, 2, 'active')],
      },
    ),
    natGateways: [
      {
        ...ofGateway,
        natGatewayId: gatewayId,
        subnetId: 'subnet-n',
        vpcId: 'vpc-2',
        connectivityType: 'public',
        state: 'available',
        createTime: '2026-01-01T00:00:00.000Z',
        privateIp: '10.2.9.4',
        allocationId: 'eipalloc-1',
      },
    ],
    addresses: [
      {
        ...ofGateway,
        allocationId: 'eipalloc-1',
        associationId: 'eipassoc-1',
        privateIpAddress: '10.2.9.4',
      },
    ],
  });
  expect([2, 1].map((from) => isAnswered([world], from, '8.8.8.8'))).toEqual([true, false]);
});

test('what comes through a peer is told by the gate that stops it', () => {
  const trailOf = (destination: string) => send([threeVpcs()], 1, destination).there.trail.at(-1);
  expect(trailOf('10.3.0.10')).toBe('vpc-2: blackhole 0.0.0.0/0 of table 254');
  expect(trailOf('10.2.0.2')).toContain('no way through a VPC');
});

test.each<VpcPeeringStatusCode>([
  'pending-acceptance',
  'deleting',
  'deleted',
  'rejected',
  'expired',
  'failed',
])('S109 a connection that is %s carries nothing', (code) => {
  expect(isAnswered([threeVpcs(code)], 1, '10.2.0.10')).toBe(false);
});

test('S78 a group is referenced across the connection', () => {
  const world = (peer: string) =>
    worldOf(
      merge(
        vpcRecords(1, [via('10.2.0.0/16', 1, 2)], '10.0.0.0/8'),
        vpcRecords(2, [via('10.1.0.0/16', 1, 2)], peer),
        { vpcPeeringConnections: [peeringOf(1, 2, 'active')] },
      ),
    );
  expect(isAnswered([world('sg-1')], 1, '10.2.0.10')).toBe(true);
  expect(isAnswered([world('sg-2')], 1, '10.2.0.10')).toBe(false);
});

test('S110 without a route back there is no answer, and an ACL of the peer is asked', () => {
  const world = (routes: readonly Route[], entries = OPEN_ENTRIES) =>
    worldOf({
      ...merge(vpcRecords(1, [via('10.2.0.0/16', 1, 2)], '10.0.0.0/8'), vpcRecords(2, routes, '10.0.0.0/8'), {
        vpcPeeringConnections: [peeringOf(1, 2, 'active')],
      }),
      networkAcls: [
        acl('acl-1', ['subnet-1'], OPEN_ENTRIES, 'vpc-1'),
        acl('acl-2', ['subnet-2'], entries, 'vpc-2'),
      ],
    });
  const back = [via('10.1.0.0/16', 1, 2)];
  expect(isAnswered([world(back)], 1, '10.2.0.10')).toBe(true);
  expect(isAnswered([world([])], 1, '10.2.0.10')).toBe(false);
  expect(isAnswered([world(back, [])], 1, '10.2.0.10')).toBe(false);
});

test('S113 the VPCs of two accounts or regions are linked, between regions without jumbo frames', () => {
  const there: Scope = { account: '111111111111', region: 'eu-west-1' };
  const vpcPeeringConnections = [peeringOf(1, 2, 'active', there)];
  const one = worldOf({ ...vpcRecords(1, [via('10.2.0.0/16', 1, 2)], '10.0.0.0/8'), vpcPeeringConnections });
  const other = worldOf(
    { ...vpcRecords(2, [via('10.1.0.0/16', 1, 2)], '10.0.0.0/8'), vpcPeeringConnections },
    there,
  );
  expect(isAnswered([one, other], 1, '10.2.0.10')).toBe(true);
  const links = planAll([one, other], { internet: [], services: [] })
    .find(({ name }) => name === 'vpc-1')
    ?.links.filter(({ name }) => name.startsWith('p'));
  expect(links).toMatchObject([{ mtu: 1500, group: 112, peer: { machine: 'vpc-2' } }]);
});

test('an address that is not the peer’s own does not come by the connection', () => {
  const world = threeVpcs();
  const unchecked = [...world.networkInterfaces.values()].map((each) => ({
    ...each,
    sourceDestCheck: false,
  }));
  const { there } = send(
    [threeVpcs('active', { networkInterfaces: unchecked })],
    1,
    '10.2.0.10',
    '192.0.2.1',
  );
  expect(there.trail.at(-1)).toContain('not from the peered VPC');
});

test('what is missing is told with the line that mends it', () => {
  const world = worldOf(
    merge(vpcRecords(1, [via('10.2.0.0/16', 1, 2)], '10.0.0.0/8'), vpcRecords(2, [], '10.0.0.0/8'), {
      vpcPeeringConnections: [peeringOf(1, 2, 'active')],
    }),
  );
  const question = { source: 'host1', destination: '10.2.0.10', port: 22, protocol: 'tcp' };
  expect(explainFlow([world], question).result.obstacles).toMatchObject([
    {
      isReply: true,
      disposition: 'no-route',
      mend: 'aws ec2 create-route --route-table-id rtb-2 --destination-cidr-block 10.1.0.0/16 --vpc-peering-connection-id pcx-000000000000012',
    },
  ]);
  const back = { ...question, source: 'host2', destination: '10.1.0.10' };
  expect(explainFlow([world], back).result.obstacles).toMatchObject([
    { isReply: false, mend: expect.stringContaining('--route-table-id rtb-2') },
  ]);
});
