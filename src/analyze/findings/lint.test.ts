import { describe, expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../../test/walkthrough-world.ts';
import {
  acl,
  add,
  change,
  eni,
  entry,
  group,
  instance,
  OPEN_ENTRIES,
  remove,
  route,
  routeTable,
  rule,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
  worldOf,
} from '../../../test/worlds.ts';
import { explainFlow } from '../explain.ts';
import { lintWorlds } from './lint.ts';
import { FINDING_RULES } from './rules.ts';

const LOCAL = route('10.0.0.0/16', 'local');
const lint = (records: WorldRecords, rules: readonly string[] = []) =>
  lintWorlds([worldOf(records)], { rules, severity: 'advice' });
const idsOf = (records: WorldRecords) => lint(records).findings.map((finding) => finding.rule);

/** The walk-through as it should be: nothing is found in it. */
const GOOD = [
  (records: WorldRecords) =>
    change(records, 'securityGroupRules', 'sgr-b-in', {
      peer: { kind: 'cidr', cidrBlock: '198.51.100.10/32' },
    }),
  (records: WorldRecords) => change(records, 'vpcs', 'vpc-1', { enableDnsHostnames: true }),
  (records: WorldRecords) =>
    add(records, 'subnets', {
      ...subnet('subnet-c', 9, '10.0.9.0/24', 'other'),
      availabilityZone: 'ap-northeast-2c',
    }),
  (records: WorldRecords) => add(records, 'routeTables', routeTable('rtb-c', [LOCAL], 'subnet-c', 'other')),
].reduce((records, mend) => mend(records), ENDPOINT_WORLD);

const interfaceEndpoint = (fields: object = {}) => ({
  vpcEndpointId: 'vpce-2',
  vpcEndpointType: 'Interface' as const,
  vpcId: 'vpc-1',
  serviceName: 'com.amazonaws.ap-northeast-2.sts',
  state: 'available' as const,
  policyDocument: '{}',
  routeTableIds: [],
  subnetIds: ['subnet-priv'],
  groupIds: ['sg-private'],
  networkInterfaceIds: ['eni-e'],
  privateDnsEnabled: true,
  creationTimestamp: '',
  tags: [],
  ...fields,
});

function withInterfaceEndpoint(fields: object = {}, port = 443): WorldRecords {
  const { attachment: _, ...bare } = eni('eni-e', 8, 'subnet-priv', '10.0.1.8', ['sg-private'], 'none');
  const interfaces = add(GOOD, 'networkInterfaces', { ...bare, interfaceType: 'vpc_endpoint' });
  const ruled = add(
    interfaces,
    'securityGroupRules',
    rule('sgr-e', 'sg-private', false, port, '10.0.0.0/16'),
  );
  return add(ruled, 'vpcEndpoints', interfaceEndpoint(fields));
}

/** A second VPC, peered: `routes` says which sides lead to the other. */
function withPeering(
  code: 'active' | 'pending-acceptance',
  routes: readonly ('near' | 'far')[],
  block = '10.1.0.0/16',
) {
  const target = { kind: 'vpc-peering-connection', id: 'pcx-1' } as const;
  const side = (vpcId: string) => ({ ...SCOPE, vpcId, allowDnsResolutionFromRemoteVpc: false });
  const vpcs = add(GOOD, 'vpcs', { ...vpc('vpc-2', block, 'far'), ordinal: 2 });
  const far = [
    route(block, 'local'),
    ...(routes.includes('far') ? [{ ...LOCAL, target, origin: 'CreateRoute' as const }] : []),
  ];
  const tables = add(vpcs, 'routeTables', routeTable('rtb-far', far, undefined, 'far', 'vpc-2'));
  const pub = [
    LOCAL,
    route('0.0.0.0/0', 'igw-1'),
    ...(routes.includes('near') ? [{ ...route(block, 'igw-1'), target }] : []),
  ];
  return add(change(tables, 'routeTables', 'rtb-pub', { routes: pub }), 'vpcPeeringConnections', {
    vpcPeeringConnectionId: 'pcx-1',
    ordinal: 1,
    requester: side('vpc-1'),
    accepter: side('vpc-2'),
    vpcIds: ['vpc-1', 'vpc-2'],
    status: { code, message: '' },
    expirationTime: '',
    tags: [],
  });
}

const inPrivateSubnet = (records: WorldRecords) =>
  change(change(records, 'natGateways', 'nat-1', { subnetId: 'subnet-priv' }), 'networkInterfaces', 'eni-n', {
    subnetId: 'subnet-priv',
  });
const priv = (...routes: readonly ReturnType<typeof route>[]) =>
  change(GOOD, 'routeTables', 'rtb-priv', { routes: [LOCAL, ...routes] });
const S3_ROUTE = route('pl-s3', 'vpce-1');
const NAT_ROUTE = route('0.0.0.0/0', 'nat-1');
const open = (port: number) =>
  change(GOOD, 'securityGroupRules', 'sgr-p-in', {
    ...rule('sgr-p-in', 'sg-private', false, port, '0.0.0.0/0'),
  });
const aclOf = (...entries: readonly ReturnType<typeof entry>[]) =>
  change(GOOD, 'networkAcls', 'acl-1', { entries: acl('acl-1', [], entries).entries });

/** Each mistake, and all that is found of it: it alone, or what it brings with it. */
const CASES: readonly (readonly [rule: string, records: WorldRecords, others?: readonly string[]])[] = [
  ['blackhole-route', priv(S3_ROUTE, route('0.0.0.0/0', 'nat-gone')), ['nat-gateway-without-route']],
  [
    'main-table-to-internet',
    priv(S3_ROUTE, route('0.0.0.0/0', 'igw-1')),
    ['nat-gateway-without-route', 'no-public-address-in-public-subnet'],
  ],
  [
    'unused-route-table',
    add(GOOD, 'routeTables', { ...routeTable('rtb-x', [LOCAL], 'subnet-c', 'x'), associations: [] }),
  ],
  ['appliance-checks-addresses', priv(NAT_ROUTE, S3_ROUTE, route('192.0.2.0/24', 'eni-b'))],
  [
    'asymmetric-appliance-route',
    change(priv(NAT_ROUTE, S3_ROUTE, route('10.0.0.0/24', 'eni-b')), 'networkInterfaces', 'eni-b', {
      sourceDestCheck: false,
    }),
  ],
  [
    'internet-gateway-without-route',
    add(add(GOOD, 'vpcs', vpc('vpc-2', '10.1.0.0/16', 'far')), 'internetGateways', {
      internetGatewayId: 'igw-2',
      vpcId: 'vpc-2',
      tags: [],
    }),
  ],
  ['detached-internet-gateway', add(GOOD, 'internetGateways', { internetGatewayId: 'igw-2', tags: [] })],
  ['nat-gateway-in-private-subnet', inPrivateSubnet(GOOD)],
  ['nat-gateway-without-route', priv(S3_ROUTE), ['no-way-out']],
  [
    'nat-gateway-in-other-zone',
    change(GOOD, 'subnets', 'subnet-priv', { availabilityZone: 'ap-northeast-2c' }),
  ],
  [
    'no-public-address-in-public-subnet',
    change(change(GOOD, 'networkInterfaces', 'eni-p', { subnetId: 'subnet-pub' }), 'instances', 'i-p', {
      subnetId: 'subnet-pub',
    }),
  ],
  [
    'public-address-without-way',
    change(GOOD, 'networkInterfaces', 'eni-p', { autoAssignedPublicIp: '198.18.0.77' }),
  ],
  [
    'public-addresses-in-private-subnet',
    change(GOOD, 'subnets', 'subnet-priv', { mapPublicIpOnLaunch: true }),
  ],
  ['no-way-out', priv(S3_ROUTE), ['nat-gateway-without-route']],
  [
    'unused-elastic-ip',
    add(GOOD, 'addresses', { allocationId: 'eipalloc-2', publicIp: '198.18.0.10', tags: [] }),
  ],
  ['admin-port-open-to-world', open(22)],
  ['database-port-open-to-world', open(5432)],
  ['everything-open-to-world', open(-1)],
  [
    'rule-of-missing-group',
    add(GOOD, 'securityGroupRules', rule('sgr-x', 'sg-private', false, 80, 'sg-gone')),
  ],
  ['group-without-ingress', remove(GOOD, 'securityGroupRules', 'sgr-p-in')],
  ['group-without-egress', remove(GOOD, 'securityGroupRules', 'sgr-p-out')],
  ['default-group-in-use', change(GOOD, 'securityGroups', 'sg-private', { groupName: 'default' })],
  ['unused-security-group', add(GOOD, 'securityGroups', group('sg-x', 'spare'))],
  [
    'acl-without-ephemeral-ports-out',
    aclOf(entry(100, false, 'allow'), entry(100, true, 'allow', { from: 443, to: 443 })),
  ],
  [
    'acl-without-ephemeral-ports-in',
    aclOf(entry(100, true, 'allow'), entry(100, false, 'allow', { from: 22, to: 22 })),
  ],
  ['acl-denies-everything', aclOf()],
  ['acl-entry-never-reached', aclOf(...OPEN_ENTRIES, entry(200, false, 'deny', { from: 23, to: 23 }))],
  ['unused-network-acl', add(GOOD, 'networkAcls', acl('acl-x', [], OPEN_ENTRIES))],
  ['gateway-endpoint-without-table', change(GOOD, 'vpcEndpoints', 'vpce-1', { routeTableIds: [] })],
  ['private-subnet-without-gateway-endpoint', remove(priv(NAT_ROUTE), 'vpcEndpoints', 'vpce-1')],
  ['endpoint-without-private-dns', withInterfaceEndpoint({ privateDnsEnabled: false })],
  [
    'private-dns-without-vpc-dns',
    change(withInterfaceEndpoint(), 'vpcs', 'vpc-1', { enableDnsHostnames: false }),
    ['dns-hostnames-off'],
  ],
  ['endpoint-group-refuses-vpc', withInterfaceEndpoint({}, 80)],
  ['peering-not-accepted', withPeering('pending-acceptance', [])],
  ['peering-without-route', withPeering('active', ['near'])],
  ['overlapping-vpcs', add(GOOD, 'vpcs', vpc('vpc-2', '10.0.128.0/17', 'far'))],
  ['transit-gateway-attachment-without-route', add(GOOD, 'transitGatewayVpcAttachments', attachment())],
  ['dns-support-off', change(GOOD, 'vpcs', 'vpc-1', { enableDnsSupport: false })],
  ['dns-hostnames-off', change(GOOD, 'vpcs', 'vpc-1', { enableDnsHostnames: false })],
  ['metadata-without-token', change(GOOD, 'instances', 'i-b', openMetadata())],
  ['load-balancer-without-listener', add(GOOD, 'loadBalancers', balancer())],
  ['single-zone', remove(GOOD, 'subnets', 'subnet-c')],
  [
    'egress-only-gateway-without-route',
    add(GOOD, 'egressOnlyInternetGateways', {
      egressOnlyInternetGatewayId: 'eigw-1',
      vpcId: 'vpc-1',
      tags: [],
    }),
  ],
  [
    'ipv6-address-without-way',
    change(GOOD, 'networkInterfaces', 'eni-b', { ipv6Addresses: ['2001:db8:c000:100::4'] }),
  ],
  [
    'kept-and-not-carried',
    add(GOOD, 'vpnGateways', {
      ...{ vpnGatewayId: 'vgw-1', state: 'available', type: 'ipsec.1', amazonSideAsn: 64_512 },
      tags: [],
    }),
  ],
];

function attachment() {
  const ability = 'enable' as const;
  return {
    transitGatewayAttachmentId: 'tgw-attach-1',
    ordinal: 1,
    transitGatewayId: 'tgw-1',
    vpcId: 'vpc-1',
    subnetIds: ['subnet-priv'],
    networkInterfaceIds: [],
    state: 'available' as const,
    creationTime: '',
    options: {
      dnsSupport: ability,
      securityGroupReferencingSupport: ability,
      ipv6Support: ability,
      applianceModeSupport: ability,
    },
    propagations: [],
    tags: [],
  };
}

function balancer() {
  return {
    loadBalancerArn: 'arn:lb',
    loadBalancerName: 'front',
    dnsName: 'front.elb.amazonaws.com',
    scheme: 'internal' as const,
    vpcId: 'vpc-1',
    state: 'active' as const,
    createdTime: '',
    networkInterfaceIds: [],
    attributes: {},
    tags: [],
  };
}

function openMetadata() {
  const { metadataOptions } = instance('i-b', 'subnet-pub', 'bastion');
  return {
    metadataOptions: { ...metadataOptions, httpTokens: 'optional' as const },
    instanceProfile: { arn: 'arn:x', profileId: 'AIPA1', associationId: 'iip-1', associatedAt: '' },
  };
}

test('nothing is found where nothing is wrong', () => {
  expect(lint(GOOD)).toMatchObject({ findings: [], isBad: false, lines: ['Nothing found.'] });
});

describe('each mistake is found, and nothing that is not there', () => {
  test.each(CASES.map(([rule, records, others = []]) => ({ rule, records, others })))(
    '$rule',
    ({ rule, records, others }) => {
      expect(idsOf(records).sort()).toEqual([rule, ...others].sort());
      // Asked about by itself, it alone is found.
      expect(new Set(lint(records, [rule]).findings.map((finding) => finding.rule))).toEqual(new Set([rule]));
    },
  );

  test('every rule has its case', () => {
    expect(CASES.map(([rule]) => rule).sort()).toEqual(FINDING_RULES.map(({ id }) => id).sort());
  });
});

describe('what an error says does not work, does not', () => {
  const CONNECTIONS: readonly (readonly [rule: string, source: string, destination: string, port: number])[] =
    [
      ['blackhole-route', 'db', 'internet', 443],
      ['nat-gateway-in-private-subnet', 'db', 'internet', 443],
      ['no-public-address-in-public-subnet', 'db', 'internet', 443],
      ['acl-without-ephemeral-ports-out', 'laptop', 'bastion', 22],
      ['acl-without-ephemeral-ports-in', 'bastion', 'internet', 443],
      ['acl-denies-everything', 'laptop', 'bastion', 22],
      ['group-without-egress', 'db', 'internet', 443],
      ['endpoint-group-refuses-vpc', 'db', 'vpce-2', 443],
    ];
  const controls: Readonly<Record<string, WorldRecords>> = {
    'endpoint-group-refuses-vpc': withInterfaceEndpoint(),
  };
  const isAllowed = (records: WorldRecords, source: string, destination: string, port: number) =>
    explainFlow([worldOf(records)], { source, destination, port, protocol: undefined }).isAllowed;

  test.each(CONNECTIONS)('%s', (id, source, destination, port) => {
    const bad = CASES.find(([rule]) => rule === id)?.[1] ?? GOOD;
    expect(isAllowed(bad, source, destination, port)).toBe(false);
    expect(isAllowed(controls[id] ?? GOOD, source, destination, port)).toBe(true);
  });
});

test('a default VPC, as AWS makes it, is no mistake', () => {
  const records = change(
    change(GOOD, 'vpcs', 'vpc-1', { isDefault: true, enableDnsHostnames: true }),
    'routeTables',
    'rtb-priv',
    { routes: [LOCAL, S3_ROUTE, route('0.0.0.0/0', 'igw-1')] },
  );
  expect(idsOf(records)).not.toContain('main-table-to-internet');
});

test('peering led to from both sides is whole', () => {
  expect(idsOf(withPeering('active', ['near', 'far']))).toEqual([]);
});

test('the whole output', () => {
  const bad = inPrivateSubnet(open(22));
  expect(lint(add(bad, 'securityGroups', group('sg-x', 'spare'))).lines).toMatchInlineSnapshot(`
    [
      "error: A public NAT gateway in a private subnet (nat-gateway-in-private-subnet)",
      "  A NAT gateway sends on by the routes of its own subnet. Without a route to an internet gateway",
      "  there, nothing behind it reaches the Internet.",
      "  - NAT gateway nat (nat-1) stands in subnet private (subnet-priv), which has no route to an",
      "    internet gateway.",
      "    mend: aws ec2 replace-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\",
      "      --nat-gateway-id $(aws ec2 create-nat-gateway --subnet-id subnet-pub --allocation-id $(aws \\",
      "      ec2 allocate-address --query AllocationId --output text) --query NatGateway.NatGatewayId \\",
      "      --output text)",
      "",
      "warning: A port for administration is open to the whole Internet (admin-port-open-to-world)",
      "  Such ports are tried out within minutes. Allow them from one’s own addresses, or from a bastion’s",
      "  group.",
      "  - Rule sgr-p-in of security group private (sg-private) lets in SSH (TCP 22) from 0.0.0.0/0.",
      "    mend: aws ec2 revoke-security-group-ingress --group-id sg-private --security-group-rule-ids \\",
      "      sgr-p-in",
      "",
      "advice: A security group that nothing uses (unused-security-group)",
      "  No interface has it, and no rule refers to it.",
      "  - Security group spare (sg-x) is used by no interface and no rule.",
      "    mend: aws ec2 delete-security-group --group-id sg-x",
      "",
      "1 error, 1 warning, 1 of advice",
    ]
  `);
});

test('what is asked for is all that is looked for', () => {
  const records = add(open(22), 'securityGroups', group('sg-x', 'spare'));
  const found = (rules: readonly string[], severity: 'error' | 'warning' | 'advice') =>
    lintWorlds([worldOf(records)], { rules, severity }).findings.map(({ rule: id }) => id);
  expect(found([], 'error')).toEqual([]);
  expect(found([], 'warning')).toEqual(['admin-port-open-to-world']);
  expect(found(['unused-security-group'], 'advice')).toEqual(['unused-security-group']);
  expect(() => found(['admin-port-open-to-wold'], 'advice')).toThrow(
    'There is no rule "admin-port-open-to-wold". Did you mean admin-port-open-to-world?',
  );
});

test('what is kept and not carried is named, whatever state it shows', () => {
  const ofVpn = { type: 'ipsec.1', amazonSideAsn: 64_512, tags: [] } as const;
  const records: WorldRecords = {
    ...change(GOOD, 'vpcs', 'vpc-1', {
      ipv6CidrBlockAssociations: [
        { associationId: 'a', ipv6CidrBlock: '2001:db8::/56', state: 'associated' },
      ],
    }),
    vpnGateways: [
      { ...ofVpn, vpnGatewayId: 'vgw-1', state: 'available', vpcId: 'vpc-1' },
      { ...ofVpn, vpnGatewayId: 'vgw-2', state: 'deleted' },
    ],
    flowLogs: [
      {
        ...{
          flowLogId: 'fl-1',
          resourceId: 'vpc-1',
          trafficType: 'ALL',
          logDestinationType: 'cloud-watch-logs',
        },
        ...{ logFormat: '', maxAggregationInterval: 600, creationTime: '', tags: [] },
      },
      {
        ...{ flowLogId: 'fl-2', resourceId: 'vpc-1', trafficType: 'ALL', logDestinationType: 's3' },
        ...{ logFormat: '', maxAggregationInterval: 600, creationTime: '', tags: [] },
      },
      {
        ...{ flowLogId: 'fl-3', resourceId: 'subnet-priv', trafficType: 'ALL', logDestinationType: 's3' },
        ...{ logFormat: '', maxAggregationInterval: 600, creationTime: '', tags: [] },
      },
    ],
  };
  expect(lint(records).findings.map(({ rule: id, sentence }) => `${id}: ${sentence}`)).toEqual([
    'kept-and-not-carried: VPN gateway vgw-1 carries nothing here: no tunnel is made.',
    'kept-and-not-carried: Flow log fl-1 gets no record here: only plain text to a bucket is written.',
  ]);
});
