import { describe, expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import {
  add,
  change,
  eni,
  instance,
  remove,
  route,
  routeTable,
  rule,
  subnet,
  type WorldRecords,
  worldOf,
} from '../../test/worlds.ts';
import type { Route } from '../model/records.ts';
import { parseIpv4 } from '../net/address.ts';
import { planVpc } from '../plan/plan.ts';
import { SimulatedNetwork } from '../plan/simulate/network.ts';
import { explainFlow } from './explain.ts';

const LOCAL = route('10.0.0.0/16', 'local');

const PUBLIC = { autoAssignedPublicIp: '198.18.0.77' };

/** The bastion's world with an appliance in a subnet of its own, its source/destination check off. */
const APPLIANCE_WORLD = withAppliance(BASTION_WORLD);

function withAppliance(records: WorldRecords): WorldRecords {
  const subnets = add(records, 'subnets', subnet('subnet-mid', 3, '10.0.2.0/24', 'middle'));
  const instances = add(subnets, 'instances', instance('i-m', 'subnet-mid', 'appliance'));
  const enis = add(instances, 'networkInterfaces', {
    ...eni('eni-m', 7, 'subnet-mid', '10.0.2.4', ['sg-bastion'], 'i-m'),
    sourceDestCheck: false,
  });
  const rules = add(enis, 'securityGroupRules', rule('sgr-p-all', 'sg-private', false, 22, '10.0.0.0/16'));
  const tables = add(
    rules,
    'routeTables',
    routeTable('rtb-mid', [LOCAL, route('0.0.0.0/0', 'igw-1')], 'subnet-mid', 'middle'),
  );
  const [acl] = tables.networkAcls;
  const associations = [
    ...(acl?.associations ?? []),
    { networkAclAssociationId: 'aclassoc-m', subnetId: 'subnet-mid' },
  ];
  return change(tables, 'networkAcls', 'acl-1', { associations });
}

function routed(table: string, ...routes: readonly [destination: string, target: string][]): WorldRecords {
  return change(APPLIANCE_WORLD, 'routeTables', table, {
    routes: [LOCAL, ...routes.map(([destination, target]) => route(destination, target))],
  });
}

function obstacles(records: WorldRecords, source: string, destination: string): string[] {
  const { result } = explainFlow([worldOf(records)], {
    source,
    destination,
    port: undefined,
    protocol: undefined,
  });
  return result.obstacles.map(({ stage, disposition }) => `${stage} ${disposition}`);
}

/** The same with a table of the internet gateway's own, which leads to the appliance for the bastion's subnet. */
function inspecting(records: WorldRecords, address: object = PUBLIC): WorldRecords {
  const edge = routeTable('rtb-edge', [LOCAL, route('10.0.0.0/24', 'eni-m')], undefined, 'edge');
  const associations = [{ routeTableAssociationId: 'rtbassoc-e', gatewayId: 'igw-1', isMain: false }];
  const tables = add(records, 'routeTables', { ...edge, ordinal: 9, associations });
  const rules = add(tables, 'securityGroupRules', rule('sgr-m', 'sg-bastion', false, -1, '10.0.0.0/16'));
  return change(rules, 'networkInterfaces', 'eni-m', address);
}

const TO_PRIVATE = routed('rtb-pub', ['0.0.0.0/0', 'igw-1'], ['10.0.1.0/24', 'eni-m']);
const TO_INTERNET = routed('rtb-priv', ['0.0.0.0/0', 'eni-m']);
/** The bastion beside the private instance, in whose own subnet nothing is routed. */
const BESIDE = change(
  change(routed('rtb-priv', ['10.0.1.0/24', 'eni-m']), 'networkInterfaces', 'eni-b', {
    subnetId: 'subnet-priv',
    privateIpAddresses: ['10.0.1.9'],
  }),
  'instances',
  'i-b',
  { subnetId: 'subnet-priv' },
);

describe('S24 S33 S115 an appliance between two subnets', () => {
  const cases: readonly (readonly [string, WorldRecords, string, string, readonly string[]])[] = [
    ['on the way there', TO_PRIVATE, 'bastion', 'db', []],
    [
      'its source/destination check on',
      change(TO_PRIVATE, 'networkInterfaces', 'eni-m', { sourceDestCheck: true }),
      'bastion',
      'db',
      ['destination_check source-destination-check'],
    ],
    [
      'stopped',
      change(TO_PRIVATE, 'instances', 'i-m', { state: 'stopped' }),
      'bastion',
      'db',
      ['route blackhole'],
    ],
    [
      'S79 a rule that names the sender’s group does not mean what the appliance passes on',
      remove(TO_PRIVATE, 'securityGroupRules', 'sgr-p-all'),
      'bastion',
      'db',
      ['ingress_security_group ingress-security-group'],
    ],
    [
      'S79 it does mean what the appliance sends of its own',
      remove(TO_PRIVATE, 'securityGroupRules', 'sgr-p-all'),
      'appliance',
      'db',
      [],
    ],
    ['S31 of the same subnet, which is not routed', BESIDE, 'bastion', 'db', []],
    ['S31 nobody in the same subnet', BESIDE, 'bastion', '10.0.1.77', ['route no-such-address']],
    ['on the way back only', routed('rtb-priv', ['10.0.0.0/24', 'eni-m']), 'bastion', 'db', []],
    [
      'on the way back, gone',
      routed('rtb-priv', ['10.0.0.0/24', 'eni-gone']),
      'bastion',
      'db',
      ['route blackhole'],
    ],
    [
      'leading back to itself',
      change(TO_PRIVATE, 'routeTables', 'rtb-mid', { routes: [LOCAL, route('10.0.1.0/24', 'eni-m')] }),
      'bastion',
      'db',
      ['route routing-loop'],
    ],
    [
      'as a NAT instance',
      change(TO_INTERNET, 'networkInterfaces', 'eni-m', PUBLIC),
      'db',
      'internet',
      ['ingress_security_group ingress-security-group'],
    ],
    [
      'as a NAT instance without a public address',
      TO_INTERNET,
      'db',
      'internet',
      ['ingress_security_group ingress-security-group', 'internet_gateway no-public-address'],
    ],
  ];
  for (const [name, world, source, destination, expected] of cases) {
    test(name, () => expect(obstacles(world, source, destination)).toEqual(expected));
  }
});

describe('S30 an appliance that the internet gateway’s own table leads to', () => {
  /** What comes in for the bastion's subnet goes by the appliance, and so does what leaves it. */
  const EDGE = inspecting(routed('rtb-pub', ['0.0.0.0/0', 'eni-m']));
  const edge = (routes: readonly Route[]) => change(EDGE, 'routeTables', 'rtb-edge', { routes });
  const table = (id: string, target: string) =>
    change(EDGE, 'routeTables', id, { routes: [LOCAL, route('0.0.0.0/0', target)] });
  const cases: readonly (readonly [string, WorldRecords, readonly string[]])[] = [
    ['there and back', EDGE, []],
    [
      'without a public address',
      inspecting(routed('rtb-pub', ['0.0.0.0/0', 'eni-m']), {}),
      ['route blackhole', 'route no-route'],
    ],
    [
      'stopped',
      change(EDGE, 'instances', 'i-m', { state: 'stopped' }),
      ['route blackhole', 'route no-route'],
    ],
    [
      'its source/destination check on',
      change(EDGE, 'networkInterfaces', 'eni-m', { sourceDestCheck: true }),
      ['destination_check source-destination-check'],
    ],
    ['whose replies leave without it', table('rtb-pub', 'igw-1'), []],
    ['whose own subnet has no way out', table('rtb-mid', 'eni-gone'), ['route no-route']],
    ['not asked: the replies know nobody on their way', edge([LOCAL]), ['route no-route']],
    ['for all of the VPC', edge([route('10.0.0.0/16', 'eni-m')]), []],
  ];
  for (const [name, world, expected] of cases) {
    test(name, () => expect(obstacles(world, 'laptop', 'bastion')).toEqual(expected));
  }

  test('what it inspects leaves unchanged, by its own public address', () => {
    const { lines, isAllowed } = explainFlow([worldOf(EDGE)], {
      source: 'bastion',
      destination: 'internet',
      port: 53,
      protocol: 'udp',
    });
    expect(isAllowed).toBe(true);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "bastion can reach the Internet (8.8.8.8) on UDP 53.

        ✓ source check         bastion sends from its own address, 10.0.0.4.
        ✓ security group, out  rule sgr-b-out of security group bastion (sg-bastion) lets it out: all
                               traffic to 0.0.0.0/0.
        ✓ network ACL, out     rule 100 of network ACL acl-1 lets it out of subnet public (subnet-pub).
        ✓ route                0.0.0.0/0 → eni-m in route table public (rtb-pub), associated with subnet
                               public (subnet-pub).
        ✓ network ACL, in      rule 100 of network ACL acl-1 lets it into subnet middle (subnet-mid).
        ✓ security group, in   rule sgr-m of security group bastion (sg-bastion) lets it in: all traffic
                               from 10.0.0.0/16.
        ✓ deliver              appliance gets it, and is taken to send it on unchanged.
        ✓ security group, out  rule sgr-b-out of security group bastion (sg-bastion) lets it out: all
                               traffic to 0.0.0.0/0.
        ✓ network ACL, out     rule 100 of network ACL acl-1 lets it out of subnet middle (subnet-mid).
        ✓ route                0.0.0.0/0 → igw-1 in route table middle (rtb-mid), associated with subnet
                               middle (subnet-mid).
        ✓ internet gateway     igw-1 turns 10.0.0.4 into bastion’s public address 198.18.0.5.
        ✓ deliver              8.8.8.8 is reached through the Internet, from 198.18.0.5.
        and back:
        ✓ internet gateway     igw-1 turns 198.18.0.5 back into 10.0.0.4.
        ✓ route                gateway route table edge (rtb-edge), associated with igw-1, has 10.0.0.0/24
                               → eni-m for the reply.
        ✓ network ACL, in      rule 100 of network ACL acl-1 lets the reply into subnet middle
                               (subnet-mid).
        ✓ network ACL, out     rule 100 of network ACL acl-1 lets the reply out of subnet middle
                               (subnet-mid).
        ✓ network ACL, in      rule 100 of network ACL acl-1 lets the reply into subnet public
                               (subnet-pub).
        ✓ security group, in   security groups remember the connection: the reply needs no rule."
    `);
  });
});

/** Whether the planned rules carry a question on TCP 22 to the private instance, and its answer. */
function isAnswered(records: WorldRecords, sender: string, source: string): boolean {
  const routeTables = records.routeTables.map((table, index) => ({ ...table, ordinal: index + 1 }));
  const machines = planVpc(worldOf({ ...records, routeTables }), 'vpc-1');
  const network = new SimulatedNetwork(machines, { forwarders: new Set(['eni-m']) });
  const [from, to] = [parseIpv4(source), parseIpv4('10.0.1.4')];
  if (from === undefined || to === undefined) throw new Error(`${source} is no address`);
  const ports = { sourcePort: 40_000, destinationPort: 22 };
  const packet = { protocol: 6, source: from, destination: to, ...ports, icmp: 0, isReply: false };
  return network.exchange(sender, packet).isAnswered;
}

test('S79 the rules tell what a member sends from what an appliance passes on', () => {
  const byGroupOnly = (records: WorldRecords) => remove(records, 'securityGroupRules', 'sgr-p-all');
  expect(isAnswered(TO_PRIVATE, 'eni-b', '10.0.0.4')).toBe(true);
  expect(isAnswered(byGroupOnly(TO_PRIVATE), 'eni-b', '10.0.0.4')).toBe(false);
  expect(isAnswered(byGroupOnly(TO_PRIVATE), 'eni-m', '10.0.2.4')).toBe(true);
  expect(isAnswered(byGroupOnly(APPLIANCE_WORLD), 'eni-b', '10.0.0.4')).toBe(true);
});

test('S40 an Elastic IP belongs to one private address of an interface', () => {
  const [bastion] = BASTION_WORLD.networkInterfaces;
  const world = add(
    change(BASTION_WORLD, 'networkInterfaces', 'eni-b', {
      privateIpAddresses: [...(bastion?.privateIpAddresses ?? []), '10.0.0.40'],
    }),
    'addresses',
    {
      allocationId: 'eipalloc-2',
      publicIp: '198.18.0.40',
      associationId: 'eipassoc-2',
      networkInterfaceId: 'eni-b',
      privateIpAddress: '10.0.0.40',
      tags: [],
    },
  );
  const gatewayLines = ['198.18.0.5', '198.18.0.40'].map((destination) => {
    const question = { source: 'laptop', destination, port: 22, protocol: 'tcp' };
    return explainFlow([worldOf(world)], question).result.hops[0]?.because;
  });
  expect(gatewayLines).toEqual([
    'igw-1 turns 198.18.0.5 into 10.0.0.4.',
    'igw-1 turns 198.18.0.40 into 10.0.0.40.',
  ]);
});
