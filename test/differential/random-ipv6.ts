import fc from 'fast-check';
import type * as record from '../../src/model/records.ts';
import type { TransitGatewayVpcAttachment } from '../../src/model/transit-gateway-records.ts';
import {
  acl,
  EMPTY,
  eni,
  entry,
  group,
  instance,
  ipv6Block,
  OPEN_IPV6_ENTRIES,
  route,
  routeTable,
  rule,
  rulePeer,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
} from '../worlds.ts';

/** The choices that make a world of two VPCs that speak IPv6. */
export interface Ipv6WorldChoices {
  readonly gateways: Gateways;
  readonly instances: readonly InstanceChoices[];
  readonly tables: readonly (readonly RouteChoices[])[];
  /** By subnet: the table it is associated with; undefined for the main one. */
  readonly tableOf: readonly (number | undefined)[];
  readonly rules: readonly RuleChoices[];
  readonly entries: readonly EntryChoices[];
  /** By subnet: whether it has the ACL of the chosen entries, or the open one. */
  readonly isGuarded: readonly boolean[];
  /** A transit gateway between the two VPCs: which of them it has IPv6 with, and knows the way to. */
  readonly transit: readonly { readonly hasIpv6: boolean; readonly isPropagating: boolean }[] | undefined;
  readonly peer: {
    readonly isActive: boolean;
    readonly gateways: Gateways;
    readonly routes: readonly RouteChoices[];
    readonly ingress: string;
    readonly hasSourceCheck: boolean;
  };
}

interface Gateways {
  readonly hasInternet: boolean;
  readonly hasEgressOnly: boolean;
}

interface InstanceChoices {
  readonly subnet: number;
  readonly hasAddress: boolean;
  readonly groups: readonly number[];
  readonly isRunning: boolean;
  readonly hasSourceCheck: boolean;
}

interface RouteChoices {
  readonly destination: string;
  readonly target: string;
}

interface RuleChoices {
  readonly group: number;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly ports: readonly [first: number, last: number];
  readonly peer: string;
}

interface EntryChoices {
  readonly isEgress: boolean;
  readonly isAllowed: boolean;
  readonly protocol: string;
  readonly ports: readonly [first: number, last: number];
  readonly block: string;
}

const BLOCK = '2001:db8:c000:100::/56';
const SUBNETS = ['2001:db8:c000:100::/64', '2001:db8:c000:101::/64', '2001:db8:c000:102::/64'];
const PEER_BLOCK = '2001:db8:c000:200::/56';
/** The address of the other VPC's instance. */
export const PEER_IPV6 = '2001:db8:c000:200::9';
const PEERING = 'pcx-1';
const TRANSIT = 'tgw-1';
const LIST = 'pl-6';
const GROUPS = ['sg-0', 'sg-1', 'sg-2'];

const BLOCKS = [
  '::/0',
  BLOCK,
  '2001:db8:c000:101::/64',
  '2001:db8:c000:100::4/127',
  '2001:db8:1::/64',
  '2001:4860:4860::8888/128',
  PEER_BLOCK,
];
const PORTS = [
  [22, 22],
  [80, 443],
  [0, 65_535],
  [1024, 65_535],
  [32_768, 60_999],
  [40_000, 50_000],
] as const;

const choosePorts = fc.constantFrom(...PORTS);
const chooseProtocol = fc.constantFrom('6', '17', '58', '1', '-1', '253');
const rarely = (): fc.Arbitrary<boolean> => fc.integer({ min: 0, max: 7 }).map((number) => number === 7);
const mostly = (): fc.Arbitrary<boolean> => rarely().map((isRare) => !isRare);

const chooseGateways = fc.record<Gateways>({ hasInternet: mostly(), hasEgressOnly: fc.boolean() });

const chooseRoute = fc.oneof(
  fc.record<RouteChoices>({
    destination: fc.constantFrom('::/0', '2000::/3', '2001:4860::/32', '2001:db8:1::/64', LIST),
    target: fc.constantFrom('igw-1', 'igw-1', 'eigw-1', 'eigw-1', 'igw-gone', 'eigw-gone', 'eni-0', TRANSIT),
  }),
  fc.record<RouteChoices>({
    destination: fc.constantFrom(PEER_BLOCK, '2001:db8:c000:200::/64'),
    target: fc.constantFrom(PEERING, PEERING, TRANSIT, TRANSIT, 'igw-1', 'eigw-1'),
  }),
);

const choosePeerRoute = fc.record<RouteChoices>({
  destination: fc.constantFrom('::/0', BLOCK, '2001:db8:c000:100::/64'),
  target: fc.constantFrom(PEERING, PEERING, 'igw-2', 'eigw-2'),
});

const chooseRule = fc.record<RuleChoices>({
  group: fc.integer({ min: 0, max: 2 }),
  isEgress: fc.boolean(),
  protocol: chooseProtocol,
  ports: choosePorts,
  peer: fc.constantFrom(...BLOCKS, ...GROUPS, LIST, '0.0.0.0/0'),
});

const chooseEntry = fc.record<EntryChoices>({
  isEgress: fc.boolean(),
  isAllowed: fc.boolean(),
  protocol: chooseProtocol,
  ports: choosePorts,
  block: fc.constantFrom(...BLOCKS, '0.0.0.0/0'),
});

const chooseInstance = fc.record<InstanceChoices>({
  subnet: fc.integer({ min: 0, max: 2 }),
  hasAddress: mostly(),
  groups: fc.constantFrom([0], [1], [2], [0, 2], [1, 2]),
  isRunning: mostly(),
  hasSourceCheck: fc.boolean(),
});

/** Any small world of two VPCs with gateways, routes, rules and entries of every kind that IPv6 knows. */
export const anyIpv6World: fc.Arbitrary<Ipv6WorldChoices> = fc.record<Ipv6WorldChoices>({
  gateways: chooseGateways,
  instances: fc.array(chooseInstance, { minLength: 1, maxLength: 4 }),
  tables: fc.array(fc.array(chooseRoute, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  tableOf: fc.array(fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }), {
    minLength: 3,
    maxLength: 3,
  }),
  rules: fc.array(chooseRule, { maxLength: 6 }),
  entries: fc.array(chooseEntry, { maxLength: 5 }),
  isGuarded: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  transit: fc.option(
    fc.array(fc.record({ hasIpv6: mostly(), isPropagating: mostly() }), { minLength: 2, maxLength: 2 }),
    { nil: undefined, freq: 2 },
  ),
  peer: fc.record({
    isActive: mostly(),
    gateways: chooseGateways,
    routes: fc.array(choosePeerRoute, { maxLength: 2 }),
    ingress: fc.constantFrom('::/0', '::/0', BLOCK, 'sg-0', PEER_BLOCK, '0.0.0.0/0'),
    hasSourceCheck: fc.boolean(),
  }),
});

/** The IPv6 address of an instance's interface, whether it has it or not. */
export function ipv6AddressOf(index: number, { subnet: place }: Pick<InstanceChoices, 'subnet'>): string {
  return `2001:db8:c000:10${place}::${4 + index}`;
}

/** The records of the chosen world. */
export function ipv6RecordsOf(choices: Ipv6WorldChoices): WorldRecords {
  const { gateways, instances, peer } = choices;
  const side = (vpcId: string) => ({ ...SCOPE, vpcId, allowDnsResolutionFromRemoteVpc: false });
  return {
    ...EMPTY,
    vpcs: [
      { ...vpc('vpc-1', '10.0.0.0/16', 'near'), ipv6CidrBlockAssociations: [ipv6Block(BLOCK)] },
      {
        ...vpc('vpc-2', '10.1.0.0/16', 'far'),
        ordinal: 2,
        ipv6CidrBlockAssociations: [ipv6Block(PEER_BLOCK)],
      },
    ],
    subnets: [
      ...SUBNETS.map((block, index) => ({
        ...subnet(`subnet-${index}`, 1 + index, `10.0.${index}.0/24`, `subnet ${index}`),
        ipv6CidrBlockAssociations: [ipv6Block(block)],
      })),
      {
        ...subnet('subnet-9', 9, '10.1.0.0/24', 'far', 'vpc-2'),
        ipv6CidrBlockAssociations: [ipv6Block('2001:db8:c000:200::/64')],
      },
    ],
    internetGateways: [
      ...(gateways.hasInternet ? [{ internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] }] : []),
      ...(peer.gateways.hasInternet ? [{ internetGatewayId: 'igw-2', vpcId: 'vpc-2', tags: [] }] : []),
    ],
    egressOnlyInternetGateways: [
      ...(gateways.hasEgressOnly
        ? [{ egressOnlyInternetGatewayId: 'eigw-1', vpcId: 'vpc-1', tags: [] }]
        : []),
      ...(peer.gateways.hasEgressOnly
        ? [{ egressOnlyInternetGatewayId: 'eigw-2', vpcId: 'vpc-2', tags: [] }]
        : []),
    ],
    routeTables: [
      ...tablesOf(choices),
      {
        ...routeTable(
          'rtb-9',
          routesOf(PEER_BLOCK, [{ destination: BLOCK, target: PEERING }, ...peer.routes]),
          undefined,
          'far',
          'vpc-2',
        ),
        ordinal: 20,
      },
    ],
    securityGroups: [...GROUPS.map((id) => group(id, id)), group('sg-9', 'far', 'vpc-2')],
    securityGroupRules: [
      ...[...OPEN_RULES, ...choices.rules].map(ruleOf),
      rule('sgr-far-out', 'sg-9', true, -1, '::/0'),
      rule('sgr-far-in', 'sg-9', false, -1, peer.ingress),
    ],
    networkAcls: [
      acl('acl-open', subnetsWhere(choices, false), OPEN_IPV6_ENTRIES),
      acl('acl-guard', subnetsWhere(choices, true), [
        ...choices.entries.map((chosen, number) => entryOf(chosen, number)),
        ...OPEN_IPV6_ENTRIES,
      ]),
      acl('acl-9', ['subnet-9'], OPEN_IPV6_ENTRIES, 'vpc-2'),
    ],
    networkInterfaces: [
      ...instances.map(interfaceOf),
      {
        ...eni('eni-9', 70, 'subnet-9', '10.1.0.4', ['sg-9'], 'i-9', 'vpc-2'),
        ipv6Addresses: [PEER_IPV6],
        sourceDestCheck: peer.hasSourceCheck,
      },
    ],
    instances: [
      ...instances.map(({ subnet: place, isRunning }, index) => ({
        ...instance(`i-${index}`, `subnet-${place}`, `i-${index}`),
        state: isRunning ? ('running' as const) : ('stopped' as const),
      })),
      instance('i-9', 'subnet-9', 'i-9', 'vpc-2'),
    ],
    vpcPeeringConnections: [
      {
        vpcPeeringConnectionId: PEERING,
        ordinal: 310,
        requester: side('vpc-1'),
        accepter: side('vpc-2'),
        vpcIds: ['vpc-1', 'vpc-2'],
        status: { code: peer.isActive ? 'active' : 'deleted', message: '' },
        expirationTime: '2026-01-08T00:00:00.000Z',
        tags: [],
      },
    ],
    ...transitRecords(choices),
    prefixLists: [
      {
        prefixListId: LIST,
        prefixListName: 'six',
        ownerId: SCOPE.account,
        addressFamily: 'IPv6',
        maxEntries: 2,
        version: 1,
        entries: [{ cidr: '2001:4860::/32' }, { cidr: '2001:db8:1::/48' }],
        tags: [],
      },
    ],
  };
}

const TIME = '2026-01-01T00:00:00.000Z';

/** The transit gateway with one route table, and both VPCs attached to it. */
function transitRecords({ transit }: Ipv6WorldChoices) {
  if (transit === undefined) return {};
  const tableId = 'tgw-rtb-1';
  const attachments = transit.map(
    ({ hasIpv6, isPropagating }, index): TransitGatewayVpcAttachment => ({
      transitGatewayAttachmentId: `tgw-attach-${index}`,
      ordinal: 400 + index,
      transitGatewayId: TRANSIT,
      vpcId: `vpc-${1 + index}`,
      subnetIds: [],
      networkInterfaceIds: [],
      state: 'available',
      creationTime: TIME,
      options: {
        dnsSupport: 'enable',
        securityGroupReferencingSupport: 'disable',
        ipv6Support: hasIpv6 ? 'enable' : 'disable',
        applianceModeSupport: 'disable',
      },
      association: { transitGatewayRouteTableId: tableId, state: 'associated' },
      propagations: isPropagating ? [{ transitGatewayRouteTableId: tableId, state: 'enabled' }] : [],
      tags: [],
    }),
  );
  return {
    transitGateways: [
      {
        transitGatewayId: TRANSIT,
        ordinal: 390,
        state: 'available' as const,
        description: '',
        creationTime: TIME,
        options: {
          amazonSideAsn: 64_512,
          transitGatewayCidrBlocks: [],
          autoAcceptSharedAttachments: 'disable' as const,
          defaultRouteTableAssociation: 'disable' as const,
          defaultRouteTablePropagation: 'disable' as const,
          vpnEcmpSupport: 'disable' as const,
          dnsSupport: 'enable' as const,
          securityGroupReferencingSupport: 'disable' as const,
          multicastSupport: 'disable' as const,
        },
        tags: [],
      },
    ],
    transitGatewayRouteTables: [
      {
        transitGatewayRouteTableId: tableId,
        ordinal: 391,
        transitGatewayId: TRANSIT,
        state: 'available' as const,
        creationTime: TIME,
        staticRoutes: [],
        tags: [],
      },
    ],
    transitGatewayVpcAttachments: attachments,
  };
}

/** The gate that a world has to begin with: without it nearly every flow would be stopped at once. */
const OPEN_RULES: readonly RuleChoices[] = GROUPS.slice(0, 2).flatMap((_, index) => [
  { group: index, isEgress: true, protocol: '-1', ports: [-1, -1] as const, peer: '::/0' },
  { group: index, isEgress: false, protocol: '-1', ports: [-1, -1] as const, peer: '::/0' },
]);

/** What the tables begin with: a world of the course's shape is likely, and what is chosen changes it. */
const BASE_ROUTES: readonly (readonly RouteChoices[])[] = [
  [],
  [{ destination: '::/0', target: 'igw-1' }],
  [
    { destination: '::/0', target: 'eigw-1' },
    { destination: PEER_BLOCK, target: PEERING },
  ],
];

/** Table 0 is the main one. */
function tablesOf({ tables, tableOf }: Ipv6WorldChoices): record.RouteTable[] {
  return tables.map((chosen, index) => {
    const associations = tableOf.flatMap((own, place) =>
      own === index
        ? [
            {
              routeTableAssociationId: `rtbassoc-${index}-${place}`,
              subnetId: `subnet-${place}`,
              isMain: false,
            },
          ]
        : [],
    );
    const main = index === 0 ? [{ routeTableAssociationId: 'rtbassoc-main', isMain: true }] : [];
    return {
      ...routeTable(`rtb-${index}`, [], undefined, `table ${index}`),
      ordinal: 10 + index,
      routes: routesOf(BLOCK, [...(BASE_ROUTES[index] ?? []), ...chosen]),
      associations: [...main, ...associations],
    };
  });
}

/** Of two routes to one destination the later one stands: a table has one at most. */
function routesOf(local: string, chosen: readonly RouteChoices[]): record.Route[] {
  const byDestination = new Map(
    chosen.map(({ destination, target }) => [destination, route(destination, target)]),
  );
  return [route(local, 'local'), ...byDestination.values()];
}

function ruleOf({ group: index, isEgress, protocol, ports, peer }: RuleChoices, number: number) {
  const isForPorts = protocol === '6' || protocol === '17';
  const names: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' };
  return {
    securityGroupRuleId: `sgr-${number}`,
    groupId: `sg-${index}`,
    isEgress,
    ipProtocol: names[protocol] ?? protocol,
    fromPort: isForPorts ? ports[0] : -1,
    toPort: isForPorts ? ports[1] : -1,
    peer: rulePeer(peer),
    tags: [],
  };
}

function subnetsWhere({ isGuarded }: Ipv6WorldChoices, wanted: boolean): string[] {
  return isGuarded.flatMap((own, place) => (own === wanted ? [`subnet-${place}`] : []));
}

function entryOf({ isEgress, isAllowed, protocol, ports, block }: EntryChoices, number: number) {
  const { cidrBlock: _any, ...made } = entry(10 + number, isEgress, isAllowed ? 'allow' : 'deny', {
    from: ports[0],
    to: ports[1],
  });
  const icmp = protocol === '58' || protocol === '1' ? { icmpTypeCode: { type: -1, code: -1 } } : {};
  return {
    ...made,
    ...icmp,
    protocol,
    ...(block.includes(':') ? { ipv6CidrBlock: block } : { cidrBlock: block }),
  };
}

function interfaceOf(chosen: InstanceChoices, index: number): record.NetworkInterface {
  const made = eni(
    `eni-${index}`,
    20 + index,
    `subnet-${chosen.subnet}`,
    `10.0.${chosen.subnet}.${4 + index}`,
    chosen.groups.map((number) => `sg-${number}`),
    `i-${index}`,
  );
  return {
    ...made,
    ipv6Addresses: chosen.hasAddress ? [ipv6AddressOf(index, chosen)] : [],
    sourceDestCheck: chosen.hasSourceCheck,
  };
}
