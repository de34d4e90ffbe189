import {
  acl,
  add,
  change,
  eni,
  group,
  instance,
  named,
  OPEN_ENTRIES,
  route,
  routeTable,
  rule,
  SCOPE,
  subnet,
  vpc,
  type WorldRecords,
} from './worlds.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const LOCAL = route('10.0.0.0/16', 'local');

/** The id of the region's prefix list of S3. */
export const S3_LIST = 'pl-s3';

const EMPTY_TABLES: Pick<
  WorldRecords,
  | 'vpcEndpoints'
  | 'keyPairs'
  | 'dhcpOptions'
  | 'launchTemplates'
  | 'launchTemplateVersions'
  | 'flowLogs'
  | 'vpcPeeringConnections'
  | 'egressOnlyInternetGateways'
  | 'customerGateways'
  | 'vpnGateways'
  | 'vpcEndpointServices'
  | 'transitGateways'
  | 'transitGatewayRouteTables'
  | 'transitGatewayVpcAttachments'
  | 'loadBalancers'
  | 'targetGroups'
  | 'listeners'
  | 'networkInsightsPaths'
  | 'networkInsightsAnalyses'
  | 'networkInsightsAccessScopes'
  | 'networkInsightsAccessScopeAnalyses'
  | 'parameters'
  | 'keptResources'
  | 'images'
  | 'stacks'
  | 'stackTemplates'
  | 'stackResources'
  | 'stackEvents'
  | 'changeSets'
  | 'clientTokens'
  | 'addresses'
  | 'natGateways'
> = {
  vpcEndpoints: [],
  keyPairs: [],
  dhcpOptions: [],
  launchTemplates: [],
  launchTemplateVersions: [],
  flowLogs: [],
  vpcPeeringConnections: [],
  egressOnlyInternetGateways: [],
  customerGateways: [],
  vpnGateways: [],
  vpcEndpointServices: [],
  transitGateways: [],
  transitGatewayRouteTables: [],
  transitGatewayVpcAttachments: [],
  loadBalancers: [],
  targetGroups: [],
  listeners: [],
  networkInsightsPaths: [],
  networkInsightsAnalyses: [],
  networkInsightsAccessScopes: [],
  networkInsightsAccessScopeAnalyses: [],
  parameters: [],
  keptResources: [],
  images: [],
  stacks: [],
  stackTemplates: [],
  stackResources: [],
  stackEvents: [],
  changeSets: [],
  clientTokens: [],
  addresses: [],
  natGateways: [],
};

/** The walk-through after its fifth step: a bastion that is reached from the laptop, and a private instance behind it. */
export const BASTION_WORLD: WorldRecords = {
  ...EMPTY_TABLES,
  vpcs: [vpc('vpc-1', '10.0.0.0/16', 'main')],
  subnets: [
    subnet('subnet-pub', 1, '10.0.0.0/24', 'public'),
    subnet('subnet-priv', 2, '10.0.1.0/24', 'private'),
  ],
  internetGateways: [{ internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] }],
  routeTables: [
    routeTable('rtb-priv', [LOCAL], undefined, 'private'),
    routeTable('rtb-pub', [LOCAL, route('0.0.0.0/0', 'igw-1')], 'subnet-pub', 'public'),
  ],
  securityGroups: [group('sg-bastion', 'bastion'), group('sg-private', 'private')],
  securityGroupRules: [
    rule('sgr-b-in', 'sg-bastion', false, 22, '0.0.0.0/0'),
    rule('sgr-b-out', 'sg-bastion', true, -1, '0.0.0.0/0'),
    rule('sgr-p-in', 'sg-private', false, 22, 'sg-bastion'),
    rule('sgr-p-out', 'sg-private', true, -1, '0.0.0.0/0'),
  ],
  networkAcls: [acl('acl-1', ['subnet-pub', 'subnet-priv'], OPEN_ENTRIES)],
  networkInterfaces: [
    {
      ...eni('eni-b', 1, 'subnet-pub', '10.0.0.4', ['sg-bastion'], 'i-b'),
      autoAssignedPublicIp: '198.18.0.5',
    },
    eni('eni-p', 2, 'subnet-priv', '10.0.1.4', ['sg-private'], 'i-p'),
  ],
  instances: [instance('i-b', 'subnet-pub', 'bastion'), instance('i-p', 'subnet-priv', 'db')],
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
};

/** A NAT gateway with its Elastic IP and interface, in a subnet of the walk-through's. */
export function withNatGateway(records: WorldRecords, subnetId: string, privateIp: string): WorldRecords {
  const { attachment: _, ...bare } = eni('eni-n', 3, subnetId, privateIp, [], 'none');
  const interfaces = add(records, 'networkInterfaces', {
    ...bare,
    interfaceType: 'nat_gateway',
    sourceDestCheck: false,
  });
  const gateways = add(interfaces, 'natGateways', {
    natGatewayId: 'nat-1',
    subnetId,
    vpcId: 'vpc-1',
    connectivityType: 'public',
    state: 'available',
    createTime: TIME,
    networkInterfaceId: 'eni-n',
    privateIp,
    publicIp: '198.18.0.9',
    allocationId: 'eipalloc-1',
    ...named('nat'),
  });
  return add(gateways, 'addresses', {
    allocationId: 'eipalloc-1',
    publicIp: '198.18.0.9',
    associationId: 'eipassoc-1',
    networkInterfaceId: 'eni-n',
    privateIpAddress: privateIp,
    tags: [],
  });
}

/** The walk-through after its sixth step: the private instance reaches the Internet through a NAT gateway. */
export const NAT_WORLD: WorldRecords = change(
  withNatGateway(BASTION_WORLD, 'subnet-pub', '10.0.0.6'),
  'routeTables',
  'rtb-priv',
  { routes: [LOCAL, route('0.0.0.0/0', 'nat-1')] },
);

/** The walk-through's end: S3 by a gateway endpoint. */
export const ENDPOINT_WORLD: WorldRecords = change(
  add(NAT_WORLD, 'vpcEndpoints', {
    vpcEndpointId: 'vpce-1',
    vpcEndpointType: 'Gateway',
    vpcId: 'vpc-1',
    serviceName: `com.amazonaws.${SCOPE.region}.s3`,
    state: 'available',
    policyDocument: '{}',
    routeTableIds: ['rtb-priv'],
    subnetIds: [],
    groupIds: [],
    networkInterfaceIds: [],
    privateDnsEnabled: false,
    creationTimestamp: TIME,
    tags: [],
  }),
  'routeTables',
  'rtb-priv',
  { routes: [LOCAL, route('0.0.0.0/0', 'nat-1'), route(S3_LIST, 'vpce-1')] },
);
