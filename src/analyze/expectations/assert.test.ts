import { describe, expect, test } from 'vitest';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD } from '../../../test/walkthrough-world.ts';
import {
  acl,
  add,
  change,
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
} from '../../../test/worlds.ts';
import { assertExpectations } from './assert.ts';
import { strangersIn } from './strangers.ts';

const hold = (records: WorldRecords, text: string) =>
  assertExpectations([worldOf(records)], 'course.expect', text);

/** SSH to the bastion from one network only. */
const NARROW = change(BASTION_WORLD, 'securityGroupRules', 'sgr-b-in', {
  peer: { kind: 'cidr', cidrBlock: '198.51.100.0/24' },
});

/** A second VPC with an instance `far`, peered with the bastion's. */
function withPeer(records: WorldRecords): WorldRecords {
  const target = { kind: 'vpc-peering-connection', id: 'pcx-1' } as const;
  const side = (vpcId: string) => ({ ...SCOPE, vpcId, allowDnsResolutionFromRemoteVpc: false });
  const far = [route('10.1.0.0/16', 'local'), { ...route('10.0.0.0/16', 'igw-1'), target }];
  const near = [route('10.0.0.0/16', 'local'), { ...route('10.1.0.0/16', 'igw-1'), target }];
  const peering = {
    vpcPeeringConnectionId: 'pcx-1',
    ordinal: 1,
    requester: side('vpc-1'),
    accepter: side('vpc-2'),
    vpcIds: ['vpc-1', 'vpc-2'],
    status: { code: 'active', message: '' },
    expirationTime: '',
    tags: [],
  } as const;
  const added: WorldRecords = {
    ...records,
    vpcs: [...records.vpcs, { ...vpc('vpc-2', '10.1.0.0/16', 'other'), ordinal: 2 }],
    subnets: [...records.subnets, subnet('subnet-far', 9, '10.1.0.0/24', 'far', 'vpc-2')],
    securityGroups: [...records.securityGroups, group('sg-far', 'far', 'vpc-2')],
    securityGroupRules: [
      ...records.securityGroupRules,
      rule('sgr-far', 'sg-far', false, 22, '10.0.0.0/16'),
      rule('sgr-b-out', 'sg-bastion', true, -1, '0.0.0.0/0'),
    ],
    networkAcls: [...records.networkAcls, acl('acl-far', ['subnet-far'], OPEN_ENTRIES, 'vpc-2')],
    networkInterfaces: [
      ...records.networkInterfaces,
      eni('eni-far', 9, 'subnet-far', '10.1.0.4', ['sg-far'], 'i-far', 'vpc-2'),
    ],
    instances: [...records.instances, instance('i-far', 'subnet-far', 'far', 'vpc-2')],
    routeTables: [...records.routeTables, routeTable('rtb-far', far, 'subnet-far', 'far', 'vpc-2')],
    vpcPeeringConnections: [peering],
  };
  return change(added, 'routeTables', 'rtb-pub', { routes: near });
}

describe('an expectation holds', () => {
  test.each<[WorldRecords, string, number]>([
    [BASTION_WORLD, 'laptop -> bastion:22 allowed', 1],
    [BASTION_WORLD, 'laptop -> bastion allowed via igw', 1],
    [BASTION_WORLD, 'laptop -> bastion:80 denied', 1],
    [BASTION_WORLD, 'laptop -> bastion:23-65535 denied # and nothing else', 1],
    [BASTION_WORLD, 'laptop -> bastion:80,443,8000-8080 denied', 3],
    [BASTION_WORLD, 'laptop -> bastion:22/udp denied', 1],
    [BASTION_WORLD, 'laptop -> bastion:icmp denied', 1],
    [BASTION_WORLD, 'bastion -> db:22 allowed via local', 1],
    [BASTION_WORLD, 'internet -> db:22 denied', 2],
    [BASTION_WORLD, 'internet -> bastion:22 allowed', 2],
    [BASTION_WORLD, '10.0.0.0/24 -> 10.0.1.0/24:22 allowed', 1],
    [BASTION_WORLD, 'subnet:public -> subnet-priv:22 allowed', 1],
    [BASTION_WORLD, 'group:bastion -> "db":22 allowed', 1],
    [BASTION_WORLD, 'vpc:main -> tag:Name=d*:5432 denied', 1],
    [BASTION_WORLD, '203.0.113.0/24 -> i-b:22 allowed', 1],
    [BASTION_WORLD, 'eni-p -> internet denied', 1],
    [NAT_WORLD, 'db -> internet:443 allowed via nat', 1],
    [ENDPOINT_WORLD, 'db -> s3 allowed via vpce', 1],
    [withPeer(BASTION_WORLD), 'bastion -> far:22 allowed via peering', 1],
    [NARROW, 'laptop -> bastion:22 allowed', 1],
    [NARROW, '203.0.113.0/24 -> bastion:22 denied', 1],
  ])('%#: %s %s', (records, text, flows) => {
    const { isHeld, failures, results } = hold(records, text);
    expect({ isHeld, failures }).toEqual({ isHeld: true, failures: [] });
    expect(results[0]?.flows).toBe(flows);
    // What holds does not hold the other way round.
    const [verdict, opposite] = text.includes(' allowed') ? ['allowed', 'denied'] : ['denied', 'allowed'];
    const reversed = text.replace(` ${verdict}`, ` ${opposite}`).replace(/ via \w+/, '');
    expect(hold(records, reversed)).toMatchObject({ isHeld: false, failures: [] });
  });
});

test('from the internet means from any address there: neither all may nor none', () => {
  expect(hold(NARROW, 'internet -> bastion:22 allowed')).toMatchObject({ isHeld: false, broken: 1 });
  const denied = hold(NARROW, 'internet -> bastion:22 denied');
  expect(denied.results[0]?.reasons[0]).toBe('198.51.100.0 can reach bastion on TCP 22.');
});

test('a range of ports is held as a whole, whatever rules are about parts of it', () => {
  const { results } = hold(BASTION_WORLD, 'laptop -> bastion:1-65535 denied');
  expect(results).toMatchObject([
    { flows: 3, broken: 1, reasons: expect.arrayContaining(['laptop can reach bastion on TCP 22.']) },
  ]);
});

test('another way than the one that is wanted is told', () => {
  expect(hold(NAT_WORLD, 'db -> internet allowed via igw').results[0]?.reasons).toEqual([
    'db can reach the Internet (8.8.8.8) on TCP 443.',
    'It goes via nat, not via igw.',
  ]);
});

test.each<[string, string]>([
  [
    '',
    'There is no expectation in it. A line is: SOURCE -> DESTINATION[:PORTS[/udp]|:icmp] allowed|denied [via WAY] [over ipv6].',
  ],
  ['# nothing', 'There is no expectation in it.'],
  ['laptop bastion allowed', '"laptop bastion allowed" is no expectation.'],
  ['laptop -> bastion', '"laptop -> bastion" does not say whether it is allowed or denied, after bastion.'],
  ['laptop -> bastion:99999 allowed', '"99999" is no port, nor a range of ports: they go from 0 to 65535.'],
  ['laptop -> bastion:30-20 allowed', '"30-20" is no port, nor a range of ports'],
  [
    'laptop -> bastion allowed by igw',
    '"by" is not understood after allowed: only `via WAY` and `over ipv6` may follow.',
  ],
  ['laptop -> bastion allowed via peerin', '"peerin" is no way. Did you mean peering?'],
  ['laptop -> bastion denied via igw', 'What is denied goes by no way: leave out `via`.'],
  ['laptop -> bastoin allowed', 'Did you mean bastion?'],
  ['subnet:publc -> db allowed', 'There is no subnet "publc". Did you mean public'],
  ['sg-none -> db allowed', 'There is no security group "sg-none".'],
  ['tag:tier=db -> db allowed', '"tag:tier=db" stands for nothing here that packets come from or go to.'],
  ['tag:tier -> db allowed', '"tag:tier" is no tag: it is tag:KEY=VALUE.'],
  ['10.9.0.0/16 -> db allowed', '"10.9.0.0/16" stands for nothing here'],
  ['db -> 203.0.113.0/24 allowed', '"203.0.113.0/24" stands for nothing here'],
  ['db -> db allowed', 'Both ends are the same one thing.'],
])('%j is not understood', (text, message) => {
  const { isHeld, failures, results } = hold(BASTION_WORLD, text);
  expect([isHeld, results]).toEqual([false, []]);
  expect(failures).toEqual([{ line: 1, message: expect.stringContaining(message) }]);
});

const FILE = `# The course's network.
laptop -> bastion:22 allowed

internet -> db denied      # behind the bastion
laptop -> db:22 allowed
vpc:main -> vpc:main:5432 allowed
internet -> bastion:22 denied
laptop -> nobody allowed
`;

test('the whole report', () => {
  expect(hold(BASTION_WORLD, FILE).lines).toMatchInlineSnapshot(`
    [
      "✓ laptop -> bastion:22 allowed",
      "✓ internet -> db denied",
      "✗ laptop -> db:22 allowed  (line 5)",
      "    laptop cannot reach db on TCP 22: 3 things stand in the way.",
      "    1. db has no public address, and the Internet does not route its private one, 10.0.1.4: it is",
      "       reached from within the VPC only.",
      "       mend: aws ec2 associate-address --network-interface-id eni-p --allocation-id $(aws ec2 \\",
      "         allocate-address --query AllocationId --output text)",
      "    2. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 198.51.100.10.",
      "       mend: aws ec2 authorize-security-group-ingress --group-id sg-private --protocol tcp --port \\",
      "         22 --cidr 198.51.100.10/32",
      "    3. Main route table private (rtb-priv), used by subnet private (subnet-priv), has no route to",
      "       198.51.100.10: the reply cannot leave.",
      "       mend: aws ec2 create-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\",
      "         --gateway-id igw-1",
      "✗ vpc:main -> vpc:main:5432 allowed  (line 6)",
      "    2 of the 2 flows it stands for are not so. The first:",
      "    bastion cannot reach db on TCP 5432: 1 thing stands in the way.",
      "    1. No inbound rule of db’s security group private (sg-private) allows TCP 5432 from 10.0.0.4.",
      "       mend: aws ec2 authorize-security-group-ingress --group-id sg-private --protocol tcp --port \\",
      "         5432 --source-group sg-bastion",
      "✗ internet -> bastion:22 denied  (line 7)",
      "    2 of the 2 flows it stands for are not so. The first:",
      "    203.0.113.7 can reach bastion on TCP 22.",
      "    rule 100 of network ACL acl-1 lets it into subnet public (subnet-pub).",
      "    rule sgr-b-in of security group bastion (sg-bastion) lets it in: tcp 22 from 0.0.0.0/0.",
      "! line 8: "nobody" is no instance, interface, Name tag or address here. There are laptop, internet,",
      "    s3, bastion, i-b, db, i-p, and addresses.",
      "",
      "2 held, 3 broken, 1 not understood",
    ]
  `);
});

test('the report for CI', () => {
  expect(
    hold(BASTION_WORLD, 'laptop -> bastion allowed\nlaptop -> "d&b" denied\ninternet -> bastion denied')
      .junit,
  ).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="3" failures="1" errors="1">
        <testsuite name="course.expect" tests="3" failures="1" errors="1">
          <testcase classname="course.expect" name="laptop -&gt; bastion allowed" file="course.expect" line="1"></testcase>
          <testcase classname="course.expect" name="internet -&gt; bastion denied" file="course.expect" line="3"><failure message="not so">203.0.113.7 can reach bastion on TCP 22.
      rule 100 of network ACL acl-1 lets it into subnet public (subnet-pub).
      rule sgr-b-in of security group bastion (sg-bastion) lets it in: tcp 22 from 0.0.0.0/0.</failure></testcase>
          <testcase classname="course.expect" name="line 2" file="course.expect" line="2"><error message="not understood">&quot;d&amp;b&quot; is no instance, interface, Name tag or address here. Did you mean db?</error></testcase>
        </testsuite>
      </testsuites>
      "
    `);
});

test('strangers are one of each kind that rules tell apart, and none of them ours', () => {
  const world = worldOf(
    add(NARROW, 'securityGroupRules', rule('sgr-x', 'sg-private', false, 80, '8.8.0.0/16')),
  );
  expect(strangersIn([world], { first: 0, prefixLength: 0 })).toMatchInlineSnapshot(`
    [
      "203.0.113.7",
      "198.51.100.0",
      "8.8.0.0",
      "52.219.32.0",
    ]
  `);
});

test('a terminated instance is no end', () => {
  const gone = change(BASTION_WORLD, 'instances', 'i-b', {
    ...instance('i-b', 'subnet-pub', 'bastion'),
    state: 'terminated',
  });
  expect(hold(gone, 'laptop -> bastion denied').failures).toHaveLength(1);
});
