import fc from 'fast-check';
import { DEFAULT_LOG_FORMAT, type FlowLog } from '../../src/model/flow-log-records.ts';
import type * as record from '../../src/model/records.ts';
import { S3_LIST, withNatGateway } from '../walkthrough-world.ts';
import {
  acl,
  add,
  change,
  EMPTY as EMPTY_WORLD,
  eni,
  entry,
  group,
  instance,
  OPEN_ENTRIES,
  route,
  routeTable,
  rule,
  rulePeer,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
} from '../worlds.ts';

/** The choices that make a world; small numbers and short lists, so that a failing one shrinks to what matters. */
export interface WorldChoices {
  readonly hasInternetGateway: boolean;
  readonly natGateway: NatChoices | undefined;
  readonly endpoint: { readonly isAvailable: boolean } | undefined;
  readonly interfaceEndpoint:
    | { readonly subnet: number; readonly groups: readonly number[]; readonly isAvailable: boolean }
    | undefined;
  readonly instances: readonly InstanceChoices[];
  readonly peer: PeerChoices | undefined;
  readonly tables: readonly (readonly RouteChoices[])[];
  /** The internet gateway's own table: which of the VPC's blocks it leads to an appliance. */
  readonly gatewayTable: readonly RouteChoices[] | undefined;
  /** By subnet: the table it is associated with; undefined for the main one. */
  readonly tableOf: readonly (number | undefined)[];
  readonly rules: readonly RuleChoices[];
  readonly acls: readonly (readonly EntryChoices[])[];
  /** By subnet: its network ACL; undefined for the open one. */
  readonly aclOf: readonly (number | undefined)[];
  /** Whether the VPCs have flow logs: packets are counted then, and go the same ways. */
  readonly isLogged: boolean;
}

interface NatChoices {
  readonly subnet: number;
  readonly isAvailable: boolean;
  readonly isPrivate: boolean;
  /** Whether it has another address, and connections begin by it. */
  readonly second: 'none' | 'succeeded' | 'disassociating';
}

/** Another VPC with one instance, peered with the first. */
interface PeerChoices {
  readonly isActive: boolean;
  readonly isRunning: boolean;
  readonly hasRouteBack: boolean;
  /** Besides everything out: what its group lets in. */
  readonly ingress: string;
}

interface InstanceChoices {
  readonly subnet: number;
  readonly address: 'none' | 'automatic' | 'elastic';
  readonly groups: readonly number[];
  readonly isRunning: boolean;
  readonly sourceDestCheck: boolean;
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
  readonly cidrBlock: string;
}

const SUBNETS = ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'];
const GROUPS = ['sg-0', 'sg-1', 'sg-2'];
const PEER_BLOCK = '10.1.0.0/16';
/** The address of the peer's instance. */
export const PEER_ADDRESS = '10.1.0.4';
const PEERING = 'pcx-1';
/** The public address of a NAT gateway's second address. */
export const NAT_SECOND_PUBLIC_ADDRESS = '198.18.0.10';
const BLOCKS = [
  '0.0.0.0/0',
  '10.0.0.0/16',
  '10.0.1.0/24',
  '10.0.0.4/31',
  '198.51.100.0/24',
  '8.8.8.8/32',
  '52.219.32.0/22',
  PEER_BLOCK,
  // The second address of a NAT gateway.
  '10.0.0.201/32',
];
const PORTS = [
  [22, 22],
  [80, 443],
  [0, 65_535],
  [1024, 65_535],
  [32_768, 60_999],
  [40_000, 50_000],
] as const;

/** The gate that a generated world has to begin with: without it nearly every flow would be stopped at once. */
const OPEN_RULES: readonly RuleChoices[] = GROUPS.slice(0, 2).flatMap((_, index) => [
  { group: index, isEgress: true, protocol: '-1', ports: [-1, -1] as const, peer: '0.0.0.0/0' },
  { group: index, isEgress: false, protocol: '-1', ports: [-1, -1] as const, peer: '0.0.0.0/0' },
]);

const choosePorts = fc.constantFrom(...PORTS);
const chooseProtocol = fc.constantFrom('6', '17', '1', '-1', '253');
const rarely = (): fc.Arbitrary<boolean> => fc.integer({ min: 0, max: 7 }).map((number) => number === 7);

const chooseRoute: fc.Arbitrary<RouteChoices> = fc.oneof(
  fc.record({
    destination: fc.constantFrom('0.0.0.0/0', '8.8.8.0/24', '52.0.0.0/8', '198.18.0.0/15', '0.0.0.0/1'),
    target: fc.constantFrom('igw-1', 'igw-1', 'igw-gone', 'nat-1', 'nat-1', 'nat-gone'),
  }),
  // An endpoint's route is made by the endpoint alone.
  fc.constant({ destination: S3_LIST, target: 'vpce-1' }),
  fc.record({ destination: fc.constantFrom(PEER_BLOCK, '10.1.0.0/24'), target: fc.constant(PEERING) }),
  // By a NAT gateway to the other VPC, or within the own one.
  fc.record({ destination: fc.constantFrom(PEER_BLOCK, ...SUBNETS), target: fc.constant('nat-1') }),
  // Appliances, and NAT instances.
  fc.record({
    destination: fc.constantFrom(...SUBNETS, '0.0.0.0/0'),
    target: fc.constantFrom('eni-0', 'eni-1', 'eni-gone'),
  }),
);

const chooseRule = fc.record<RuleChoices>({
  group: fc.integer({ min: 0, max: 2 }),
  isEgress: fc.boolean(),
  protocol: chooseProtocol,
  ports: choosePorts,
  peer: fc.constantFrom(...BLOCKS, ...GROUPS, S3_LIST),
});

const chooseEntry = fc.record<EntryChoices>({
  isEgress: fc.boolean(),
  isAllowed: fc.boolean(),
  protocol: chooseProtocol,
  ports: choosePorts,
  cidrBlock: fc.constantFrom(...BLOCKS),
});

const chooseInstance = fc.record<InstanceChoices>({
  subnet: fc.integer({ min: 0, max: 2 }),
  address: fc.constantFrom('automatic', 'none', 'elastic'),
  groups: fc.constantFrom([0], [1], [2], [0, 2], [1, 2], []),
  isRunning: rarely().map((isStopped) => !isStopped),
  sourceDestCheck: fc.integer({ min: 0, max: 3 }).map((number) => number < 3),
});

/** Any small world: three subnets, up to four instances, and gateways, routes, rules and entries of every kind. */
export const anyWorld: fc.Arbitrary<WorldChoices> = fc.record<WorldChoices>({
  hasInternetGateway: rarely().map((isMissing) => !isMissing),
  natGateway: fc.option(
    fc.record({
      subnet: fc.constantFrom(0, 0, 1, 2),
      isAvailable: rarely().map((isGone) => !isGone),
      isPrivate: rarely(),
      second: fc.constantFrom('none', 'none', 'succeeded', 'succeeded', 'disassociating'),
    }),
    { nil: undefined },
  ),
  endpoint: fc.option(fc.record({ isAvailable: rarely().map((isGone) => !isGone) }), { nil: undefined }),
  interfaceEndpoint: fc.option(
    fc.record({
      subnet: fc.integer({ min: 0, max: 2 }),
      groups: fc.constantFrom([0], [1], [2], [1, 2]),
      isAvailable: rarely().map((isGone) => !isGone),
    }),
    { nil: undefined },
  ),
  instances: fc.array(chooseInstance, { minLength: 1, maxLength: 4 }),
  peer: fc.option(
    fc.record({
      isActive: rarely().map((isGone) => !isGone),
      isRunning: rarely().map((isStopped) => !isStopped),
      hasRouteBack: rarely().map((isMissing) => !isMissing),
      ingress: fc.constantFrom(
        ...['0.0.0.0/0', '10.0.0.0/16', '10.0.1.0/24', 'sg-0', 'sg-1', PEER_BLOCK],
        // The first address of a NAT gateway, and the second.
        ...['10.0.0.200/32', '10.0.1.201/32'],
      ),
    }),
    { nil: undefined },
  ),
  tables: fc.array(fc.array(chooseRoute, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  tableOf: fc.array(fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }), {
    minLength: 3,
    maxLength: 3,
  }),
  gatewayTable: fc.option(
    fc.array(
      fc.record({
        destination: fc.constantFrom(...SUBNETS, '10.0.0.0/16'),
        target: fc.constantFrom('eni-0', 'eni-0', 'eni-1', 'eni-gone'),
      }),
      { maxLength: 3 },
    ),
    { nil: undefined, freq: 2 },
  ),
  rules: fc.array(chooseRule, { maxLength: 6 }),
  acls: fc.array(fc.array(chooseEntry, { maxLength: 5 }), { minLength: 1, maxLength: 2 }),
  aclOf: fc.array(fc.option(fc.integer({ min: 0, max: 1 }), { nil: undefined, freq: 2 }), {
    minLength: 3,
    maxLength: 3,
  }),
  isLogged: fc.boolean(),
});

function flowLogOf(resourceId: string): FlowLog {
  return {
    flowLogId: `fl-${resourceId}`,
    resourceId,
    trafficType: 'ALL',
    logDestinationType: 's3',
    logDestination: 'arn:aws:s3:::logs',
    logFormat: DEFAULT_LOG_FORMAT,
    maxAggregationInterval: 60,
    creationTime: '2026-01-01T00:00:00.000Z',
    tags: [],
  };
}

/** The address of an instance's interface. */
export function privateAddressOf(index: number, { subnet: place }: InstanceChoices): string {
  return `10.0.${place}.${4 + index}`;
}

/** The public address that an instance has or would have. */
export function publicAddressOf(index: number): string {
  return `198.18.0.${100 + index}`;
}

/** The address of the interface endpoint's interface. */
export function endpointAddressOf(subnet: number): string {
  return `10.0.${subnet}.100`;
}

/** The records of the chosen world. */
export function recordsOf(choices: WorldChoices): WorldRecords {
  const bare = bareWorld(choices);
  const { natGateway } = choices;
  return natGateway === undefined ? bare : withNat(bare, natGateway);
}

/** The second address of a NAT gateway whose first one ends with 200. */
function withNat(bare: WorldRecords, { subnet: place, isAvailable, isPrivate, second }: NatChoices) {
  const ofGateway = withNatGateway(bare, `subnet-${place}`, `10.0.${place}.200`);
  const addresses = [`10.0.${place}.200`, ...(second === 'none' ? [] : [`10.0.${place}.201`])];
  let world = change(ofGateway, 'networkInterfaces', 'eni-n', { ordinal: 90, privateIpAddresses: addresses });
  if (second !== 'none') {
    const own = { privateIp: `10.0.${place}.201`, allocationId: 'eipalloc-2', status: second };
    world = change(world, 'natGateways', 'nat-1', { secondaryAddresses: [own] });
    world = add(world, 'addresses', {
      allocationId: 'eipalloc-2',
      publicIp: NAT_SECOND_PUBLIC_ADDRESS,
      associationId: 'eipassoc-2',
      networkInterfaceId: 'eni-n',
      privateIpAddress: own.privateIp,
      tags: [],
    });
  }
  if (isPrivate) {
    world = change({ ...world, addresses: bare.addresses }, 'natGateways', 'nat-1', {
      connectivityType: 'private',
    });
  }
  return isAvailable ? world : change(world, 'natGateways', 'nat-1', { state: 'deleted' });
}

function bareWorld(choices: WorldChoices): WorldRecords {
  const { endpoint, interfaceEndpoint, peer } = choices;
  const far = peer === undefined ? NO_PEER : recordsOfPeer(peer);
  const endpointInterfaces = interfaceEndpoint === undefined ? [] : [endpointInterfaceOf(interfaceEndpoint)];
  return {
    ...EMPTY_WORLD,
    vpcs: [vpc('vpc-1', '10.0.0.0/16', 'main'), ...far.vpcs],
    subnets: [
      ...SUBNETS.map((block, index) => subnet(`subnet-${index}`, 1 + index, block, `subnet ${index}`)),
      ...far.subnets,
    ],
    internetGateways: [
      { internetGatewayId: 'igw-1', tags: [], ...(choices.hasInternetGateway ? { vpcId: 'vpc-1' } : {}) },
    ],
    routeTables: [...tablesOf(choices), ...gatewayTableOf(choices), ...far.routeTables],
    securityGroups: [...GROUPS.map((id) => group(id, id)), ...far.securityGroups],
    securityGroupRules: [...[...OPEN_RULES, ...choices.rules].map(ruleOf), ...far.securityGroupRules],
    networkAcls: [...aclsOf(choices), ...far.networkAcls],
    networkInterfaces: [
      ...choices.instances.map(interfaceOf),
      ...endpointInterfaces,
      ...far.networkInterfaces,
    ],
    instances: [
      ...choices.instances.map((chosen, index) => ({
        ...instance(`i-${index}`, `subnet-${chosen.subnet}`, `i-${index}`),
        state: chosen.isRunning ? ('running' as const) : ('stopped' as const),
      })),
      ...far.instances,
    ],
    vpcPeeringConnections: far.vpcPeeringConnections,
    addresses: choices.instances.flatMap((chosen, index) => addressOf(chosen, index)),
    prefixLists: [
      {
        prefixListId: S3_LIST,
        prefixListName: `com.amazonaws.${SCOPE.region}.s3`,
        ownerId: 'AWS',
        addressFamily: 'IPv4',
        maxEntries: 1,
        version: 1,
        entries: [{ cidr: '52.219.32.0/22' }],
        tags: [],
      },
    ],
    natGateways: [],
    flowLogs: choices.isLogged ? ['vpc-1', 'vpc-2'].map(flowLogOf) : [],
    vpcEndpoints: [
      ...(endpoint === undefined ? [] : [endpointOf(endpoint.isAvailable)]),
      ...(interfaceEndpoint === undefined ? [] : [interfaceEndpointOf(interfaceEndpoint)]),
    ],
  };
}

type PeerRecords = Pick<
  WorldRecords,
  | 'vpcs'
  | 'subnets'
  | 'routeTables'
  | 'securityGroups'
  | 'securityGroupRules'
  | 'networkAcls'
  | 'networkInterfaces'
  | 'instances'
  | 'vpcPeeringConnections'
>;

const NO_PEER: PeerRecords = EMPTY_WORLD;

function recordsOfPeer({ isActive, isRunning, hasRouteBack, ingress }: PeerChoices): PeerRecords {
  const side = (vpcId: string) => ({ ...SCOPE, vpcId, allowDnsResolutionFromRemoteVpc: false });
  const back = hasRouteBack ? [route('10.0.0.0/16', PEERING)] : [];
  return {
    vpcs: [{ ...vpc('vpc-2', PEER_BLOCK, 'far'), ordinal: 300 }],
    subnets: [subnet('subnet-9', 9, '10.1.0.0/24', 'far', 'vpc-2')],
    routeTables: [routeTable('rtb-9', [route(PEER_BLOCK, 'local'), ...back], undefined, 'far', 'vpc-2')],
    securityGroups: [group('sg-9', 'far', 'vpc-2')],
    securityGroupRules: [
      rule('sgr-far-out', 'sg-9', true, -1, '0.0.0.0/0'),
      rule('sgr-far-in', 'sg-9', false, -1, ingress),
    ],
    networkAcls: [acl('acl-9', ['subnet-9'], OPEN_ENTRIES, 'vpc-2')],
    networkInterfaces: [eni('eni-9', 70, 'subnet-9', PEER_ADDRESS, ['sg-9'], 'i-9', 'vpc-2')],
    instances: [
      { ...instance('i-9', 'subnet-9', 'i-9', 'vpc-2'), state: isRunning ? ('running' as const) : 'stopped' },
    ],
    vpcPeeringConnections: [
      {
        vpcPeeringConnectionId: PEERING,
        ordinal: 310,
        requester: side('vpc-1'),
        accepter: side('vpc-2'),
        vpcIds: ['vpc-1', 'vpc-2'],
        status: { code: isActive ? 'active' : 'deleted', message: '' },
        expirationTime: '2026-01-08T00:00:00.000Z',
        tags: [],
      },
    ],
  };
}

/** What the tables begin with: a world of the course's shape is likely, and what is chosen changes it. */
const BASE_ROUTES: readonly (readonly RouteChoices[])[] = [
  [],
  [{ destination: '0.0.0.0/0', target: 'igw-1' }],
  [{ destination: '0.0.0.0/0', target: 'nat-1' }],
];

/** Table 0 is the main one. A second route to one destination cannot be made, so the first is taken. */
function tablesOf({ tables, tableOf }: WorldChoices): record.RouteTable[] {
  return tables.map((chosen, index) => {
    const routes = new Map(
      [...(BASE_ROUTES[index] ?? []), ...chosen].map(({ destination, target }) => [
        destination,
        route(destination, target),
      ]),
    );
    const made = routeTable(`rtb-${index}`, [], undefined, `table ${index}`);
    const associations = tableOf.flatMap((table, place) =>
      table === index
        ? [{ routeTableAssociationId: `rtbassoc-${place}`, subnetId: `subnet-${place}`, isMain: false }]
        : [],
    );
    const main = index === 0 ? [{ routeTableAssociationId: 'rtbassoc-main', isMain: true }] : [];
    return {
      ...made,
      ordinal: 10 + index,
      routes: [route('10.0.0.0/16', 'local'), ...routes.values()],
      associations: [...main, ...associations],
    };
  });
}

/** The routes of the internet gateway's own table: that of the whole VPC is `local`, or another in its place. */
function gatewayTableOf({ gatewayTable }: WorldChoices): record.RouteTable[] {
  if (gatewayTable === undefined) return [];
  const routes = new Map(
    [{ destination: '10.0.0.0/16', target: 'local' }, ...gatewayTable].map(({ destination, target }) => [
      destination,
      route(destination, target),
    ]),
  );
  const association = { routeTableAssociationId: 'rtbassoc-g', gatewayId: 'igw-1', isMain: false };
  const made = routeTable('rtb-g', [...routes.values()], undefined, 'edge');
  return [{ ...made, ordinal: 15, associations: [association] }];
}

/** The subnets that the internet gateway's table leads to an instance for. */
export function inspectedBy(
  { gatewayTable = [], hasInternetGateway }: WorldChoices,
  index: number,
): readonly string[] {
  if (!hasInternetGateway) return [];
  const targets = new Map(gatewayTable.map(({ destination, target }) => [destination, target]));
  return SUBNETS.filter((block) => (targets.get(block) ?? targets.get('10.0.0.0/16')) === `eni-${index}`);
}

function ruleOf({ group: index, isEgress, protocol, ports, peer }: RuleChoices, number: number) {
  const isForPorts = protocol === '6' || protocol === '17';
  const names: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp' };
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

function aclsOf({ acls, aclOf }: WorldChoices): record.NetworkAcl[] {
  const subnetsOf = (index: number | undefined): string[] =>
    aclOf.flatMap((own, place) =>
      own === index || (index === undefined && acls[own ?? 0] === undefined) ? [`subnet-${place}`] : [],
    );
  return [
    acl('acl-open', subnetsOf(undefined), OPEN_ENTRIES),
    ...acls.map((entries, index) =>
      // What is chosen stands before rules that let everything through, so that it matters and does not shut all.
      acl(`acl-${index}`, subnetsOf(index), [
        ...entries.map((chosen, number) => entryOf(chosen, number)),
        ...OPEN_ENTRIES,
      ]),
    ),
  ];
}

function entryOf({ isEgress, isAllowed, protocol, ports, cidrBlock }: EntryChoices, number: number) {
  return {
    ...entry(10 + number, isEgress, isAllowed ? 'allow' : 'deny', { from: ports[0], to: ports[1] }),
    protocol,
    cidrBlock,
  };
}

function interfaceOf(chosen: InstanceChoices, index: number): record.NetworkInterface {
  const made = eni(
    `eni-${index}`,
    20 + index,
    `subnet-${chosen.subnet}`,
    privateAddressOf(index, chosen),
    chosen.groups.map((number) => `sg-${number}`),
    `i-${index}`,
  );
  const address = chosen.address === 'automatic' ? { autoAssignedPublicIp: publicAddressOf(index) } : {};
  return { ...made, sourceDestCheck: chosen.sourceDestCheck, ...address };
}

function addressOf(chosen: InstanceChoices, index: number): record.Address[] {
  if (chosen.address !== 'elastic') return [];
  return [
    {
      allocationId: `eipalloc-${index}x`,
      publicIp: publicAddressOf(index),
      associationId: `eipassoc-${index}x`,
      networkInterfaceId: `eni-${index}`,
      privateIpAddress: privateAddressOf(index, chosen),
      tags: [],
    },
  ];
}

function endpointOf(isAvailable: boolean): record.VpcEndpoint {
  return {
    vpcEndpointId: 'vpce-1',
    vpcEndpointType: 'Gateway',
    vpcId: 'vpc-1',
    serviceName: `com.amazonaws.${SCOPE.region}.s3`,
    state: isAvailable ? 'available' : 'deleted',
    policyDocument: '{}',
    routeTableIds: [],
    subnetIds: [],
    groupIds: [],
    networkInterfaceIds: [],
    privateDnsEnabled: false,
    creationTimestamp: '2026-01-01T00:00:00.000Z',
    tags: [],
  };
}

type InterfaceEndpointChoices = NonNullable<WorldChoices['interfaceEndpoint']>;

function endpointInterfaceOf({ subnet: place, groups }: InterfaceEndpointChoices): record.NetworkInterface {
  const groupIds = groups.map((number) => `sg-${number}`);
  const { attachment: _none, ...made } = eni(
    'eni-e',
    80,
    `subnet-${place}`,
    endpointAddressOf(place),
    groupIds,
    '',
  );
  return { ...made, interfaceType: 'vpc_endpoint' };
}

function interfaceEndpointOf({ subnet: place, isAvailable }: InterfaceEndpointChoices): record.VpcEndpoint {
  return {
    ...endpointOf(isAvailable),
    vpcEndpointId: 'vpce-2',
    vpcEndpointType: 'Interface',
    serviceName: `com.amazonaws.${SCOPE.region}.sts`,
    subnetIds: [`subnet-${place}`],
    networkInterfaceIds: ['eni-e'],
  };
}
