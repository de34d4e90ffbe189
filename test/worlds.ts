import { DEFAULT_LOG_FORMAT, type FlowLog } from '../src/model/flow-log-records.ts';
import type * as record from '../src/model/records.ts';
import type { Records, Scope, TableName, TableView, World } from '../src/model/world.ts';

/** A world's records as plain lists: what tests build and change. */
export type WorldRecords = { readonly [T in TableName]: readonly Records[T][] };

const ID_FIELDS = {
  vpcs: 'vpcId',
  subnets: 'subnetId',
  internetGateways: 'internetGatewayId',
  routeTables: 'routeTableId',
  securityGroups: 'groupId',
  securityGroupRules: 'securityGroupRuleId',
  networkAcls: 'networkAclId',
  networkInterfaces: 'networkInterfaceId',
  addresses: 'allocationId',
  natGateways: 'natGatewayId',
  vpcEndpoints: 'vpcEndpointId',
  keyPairs: 'keyPairId',
  instances: 'instanceId',
  prefixLists: 'prefixListId',
  dhcpOptions: 'dhcpOptionsId',
  launchTemplates: 'launchTemplateId',
  launchTemplateVersions: 'versionId',
  flowLogs: 'flowLogId',
  vpcPeeringConnections: 'vpcPeeringConnectionId',
  egressOnlyInternetGateways: 'egressOnlyInternetGatewayId',
  customerGateways: 'customerGatewayId',
  vpnGateways: 'vpnGatewayId',
  vpcEndpointServices: 'serviceId',
  transitGateways: 'transitGatewayId',
  transitGatewayRouteTables: 'transitGatewayRouteTableId',
  transitGatewayVpcAttachments: 'transitGatewayAttachmentId',
  loadBalancers: 'loadBalancerArn',
  targetGroups: 'targetGroupArn',
  listeners: 'listenerArn',
  networkInsightsPaths: 'networkInsightsPathId',
  networkInsightsAnalyses: 'networkInsightsAnalysisId',
  networkInsightsAccessScopes: 'networkInsightsAccessScopeId',
  networkInsightsAccessScopeAnalyses: 'networkInsightsAccessScopeAnalysisId',
  parameters: 'name',
  keptResources: 'keptResourceId',
  images: 'imageId',
  stacks: 'stackId',
  stackTemplates: 'templateId',
  stackResources: 'resourceKey',
  stackEvents: 'eventId',
  changeSets: 'changeSetId',
  clientTokens: 'tokenId',
} as const satisfies { readonly [T in TableName]: keyof Records[T] };

export const SCOPE: Scope = { account: '000000000000', region: 'ap-northeast-2' };

/** A world with nothing in it. */
export const EMPTY: WorldRecords = {
  vpcs: [],
  subnets: [],
  internetGateways: [],
  routeTables: [],
  securityGroups: [],
  securityGroupRules: [],
  networkAcls: [],
  networkInterfaces: [],
  addresses: [],
  natGateways: [],
  vpcEndpoints: [],
  keyPairs: [],
  instances: [],
  prefixLists: [],
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
};

function viewOf<T extends object>(records: readonly T[], idField: keyof T): TableView<T> {
  return {
    size: records.length,
    get: (id) => records.find((each) => each[idField] === id),
    values: () => records,
    where: (field, value) =>
      records.filter((each) => {
        const own: unknown = each[field];
        return Array.isArray(own) ? own.includes(value) : own === value;
      }),
  };
}

/** A world to read, of plain records. */
export function worldOf(records: Partial<WorldRecords>, scope: Scope = SCOPE): World {
  const all = { ...EMPTY, ...records };
  return {
    scope,
    vpcs: viewOf(all.vpcs, ID_FIELDS.vpcs),
    subnets: viewOf(all.subnets, ID_FIELDS.subnets),
    internetGateways: viewOf(all.internetGateways, ID_FIELDS.internetGateways),
    routeTables: viewOf(all.routeTables, ID_FIELDS.routeTables),
    securityGroups: viewOf(all.securityGroups, ID_FIELDS.securityGroups),
    securityGroupRules: viewOf(all.securityGroupRules, ID_FIELDS.securityGroupRules),
    networkAcls: viewOf(all.networkAcls, ID_FIELDS.networkAcls),
    networkInterfaces: viewOf(all.networkInterfaces, ID_FIELDS.networkInterfaces),
    addresses: viewOf(all.addresses, ID_FIELDS.addresses),
    natGateways: viewOf(all.natGateways, ID_FIELDS.natGateways),
    vpcEndpoints: viewOf(all.vpcEndpoints, ID_FIELDS.vpcEndpoints),
    keyPairs: viewOf(all.keyPairs, ID_FIELDS.keyPairs),
    instances: viewOf(all.instances, ID_FIELDS.instances),
    prefixLists: viewOf(all.prefixLists, ID_FIELDS.prefixLists),
    dhcpOptions: viewOf(all.dhcpOptions, ID_FIELDS.dhcpOptions),
    launchTemplates: viewOf(all.launchTemplates, ID_FIELDS.launchTemplates),
    launchTemplateVersions: viewOf(all.launchTemplateVersions, ID_FIELDS.launchTemplateVersions),
    flowLogs: viewOf(all.flowLogs, ID_FIELDS.flowLogs),
    vpcPeeringConnections: viewOf(all.vpcPeeringConnections, ID_FIELDS.vpcPeeringConnections),
    egressOnlyInternetGateways: viewOf(all.egressOnlyInternetGateways, ID_FIELDS.egressOnlyInternetGateways),
    customerGateways: viewOf(all.customerGateways, ID_FIELDS.customerGateways),
    vpnGateways: viewOf(all.vpnGateways, ID_FIELDS.vpnGateways),
    vpcEndpointServices: viewOf(all.vpcEndpointServices, ID_FIELDS.vpcEndpointServices),
    transitGateways: viewOf(all.transitGateways, ID_FIELDS.transitGateways),
    transitGatewayRouteTables: viewOf(all.transitGatewayRouteTables, ID_FIELDS.transitGatewayRouteTables),
    transitGatewayVpcAttachments: viewOf(
      all.transitGatewayVpcAttachments,
      ID_FIELDS.transitGatewayVpcAttachments,
    ),
    loadBalancers: viewOf(all.loadBalancers, ID_FIELDS.loadBalancers),
    targetGroups: viewOf(all.targetGroups, ID_FIELDS.targetGroups),
    listeners: viewOf(all.listeners, ID_FIELDS.listeners),
    networkInsightsPaths: viewOf(all.networkInsightsPaths, ID_FIELDS.networkInsightsPaths),
    networkInsightsAnalyses: viewOf(all.networkInsightsAnalyses, ID_FIELDS.networkInsightsAnalyses),
    networkInsightsAccessScopes: viewOf(
      all.networkInsightsAccessScopes,
      ID_FIELDS.networkInsightsAccessScopes,
    ),
    networkInsightsAccessScopeAnalyses: viewOf(
      all.networkInsightsAccessScopeAnalyses,
      ID_FIELDS.networkInsightsAccessScopeAnalyses,
    ),
    parameters: viewOf(all.parameters, ID_FIELDS.parameters),
    keptResources: viewOf(all.keptResources, ID_FIELDS.keptResources),
    images: viewOf(all.images, ID_FIELDS.images),
    stacks: viewOf(all.stacks, ID_FIELDS.stacks),
    stackTemplates: viewOf(all.stackTemplates, ID_FIELDS.stackTemplates),
    stackResources: viewOf(all.stackResources, ID_FIELDS.stackResources),
    stackEvents: viewOf(all.stackEvents, ID_FIELDS.stackEvents),
    changeSets: viewOf(all.changeSets, ID_FIELDS.changeSets),
    clientTokens: viewOf(all.clientTokens, ID_FIELDS.clientTokens),
  };
}

/** The records with one of them changed; throws when there is none of that id. */
export function change<T extends TableName>(
  records: WorldRecords,
  table: T,
  id: string,
  fields: Partial<Records[T]>,
): WorldRecords {
  const rows: readonly Records[T][] = records[table];
  demandRow(table, rows, id);
  return { ...records, [table]: rows.map((row) => (hasId(table, row, id) ? { ...row, ...fields } : row)) };
}

/** The records without one of them; throws when there is none of that id. */
export function remove<T extends TableName>(records: WorldRecords, table: T, id: string): WorldRecords {
  const rows: readonly Records[T][] = records[table];
  demandRow(table, rows, id);
  return { ...records, [table]: rows.filter((row) => !hasId(table, row, id)) };
}

function demandRow(table: TableName, rows: readonly object[], id: string): void {
  if (!rows.some((row) => hasId(table, row, id))) throw new Error(`no ${id} in ${table}`);
}

function hasId(table: TableName, row: object, id: string): boolean {
  return Object.entries(row).some(([field, value]) => field === ID_FIELDS[table] && value === id);
}

/** The records with one more. */
export function add<T extends TableName>(records: WorldRecords, table: T, row: Records[T]): WorldRecords {
  const rows: readonly Records[T][] = records[table];
  return { ...records, [table]: [...rows, row] };
}

export function named(name: string): { readonly tags: readonly record.Tag[] } {
  return { tags: [{ key: 'Name', value: name }] };
}

const TIME = '2026-01-01T00:00:00.000Z';

export function vpc(vpcId: string, cidrBlock: string, name: string): record.Vpc {
  return {
    vpcId,
    ordinal: 1,
    cidrBlock,
    cidrBlockAssociations: [{ associationId: `vpc-cidr-assoc-${vpcId}`, cidrBlock, state: 'associated' }],
    ipv6CidrBlockAssociations: [],
    dhcpOptionsId: 'dopt-1',
    instanceTenancy: 'default',
    isDefault: false,
    enableDnsSupport: true,
    enableDnsHostnames: false,
    enableNetworkAddressUsageMetrics: false,
    ...named(name),
  };
}

export function subnet(
  subnetId: string,
  ordinal: number,
  cidrBlock: string,
  name: string,
  vpcId = 'vpc-1',
): record.Subnet {
  return {
    subnetId,
    ordinal,
    vpcId,
    cidrBlock,
    ipv6CidrBlockAssociations: [],
    availabilityZone: 'ap-northeast-2a',
    isDefaultForAz: false,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    privateDnsHostnameType: 'ip-name',
    enableResourceNameDnsARecord: false,
    enableResourceNameDnsAaaaRecord: false,
    ...named(name),
  };
}

/** A route to a block, or to a prefix list when the text begins with `pl-`; the target by its id, or `local`. */
export function route(destination: string, target: string): record.Route {
  return {
    destination: destinationOf(destination),
    target: targetOf(target),
    origin: target === 'local' ? 'CreateRouteTable' : 'CreateRoute',
  };
}

function destinationOf(text: string): record.Route['destination'] {
  if (text.startsWith('pl-')) return { kind: 'prefix-list', prefixListId: text };
  return text.includes(':') ? { kind: 'cidr-ipv6', ipv6CidrBlock: text } : { kind: 'cidr', cidrBlock: text };
}

function targetOf(id: string): record.RouteTarget {
  if (id === 'local') return { kind: 'local' };
  if (id.startsWith('igw-')) return { kind: 'internet-gateway', id };
  if (id.startsWith('eigw-')) return { kind: 'egress-only-internet-gateway', id };
  if (id.startsWith('tgw-')) return { kind: 'transit-gateway', id };
  if (id.startsWith('nat-')) return { kind: 'nat-gateway', id };
  if (id.startsWith('pcx-')) return { kind: 'vpc-peering-connection', id };
  return id.startsWith('vpce-') ? { kind: 'vpc-endpoint', id } : { kind: 'network-interface', id };
}

export function routeTable(
  routeTableId: string,
  routes: readonly record.Route[],
  subnetId: string | undefined,
  name: string,
  vpcId = 'vpc-1',
): record.RouteTable {
  const routeTableAssociationId = `rtbassoc-${routeTableId}`;
  const association =
    subnetId === undefined
      ? { routeTableAssociationId, isMain: true }
      : { routeTableAssociationId, subnetId, isMain: false };
  return {
    routeTableId,
    ordinal: 1,
    vpcId,
    routes,
    associations: [association],
    propagatingVpnGatewayIds: [],
    ...named(name),
  };
}

export function group(groupId: string, groupName: string, vpcId = 'vpc-1'): record.SecurityGroup {
  return { groupId, groupName, description: groupName, vpcId, tags: [] };
}

/** A rule of a group: the peer is a block, a group's id or a prefix list's; port -1 is all traffic. */
export function rule(
  securityGroupRuleId: string,
  groupId: string,
  isEgress: boolean,
  port: number,
  peer: string,
): record.SecurityGroupRule {
  return {
    securityGroupRuleId,
    groupId,
    isEgress,
    ipProtocol: port === -1 ? '-1' : 'tcp',
    fromPort: port,
    toPort: port,
    peer: rulePeer(peer),
    tags: [],
  };
}

/** Whom a rule speaks of: a block of either family, a group or a prefix list by its id. */
export function rulePeer(text: string): record.RulePeer {
  if (text.startsWith('sg-')) return { kind: 'group', groupId: text, userId: SCOPE.account };
  if (text.startsWith('pl-')) return { kind: 'prefix-list', prefixListId: text };
  return { kind: text.includes(':') ? 'cidr-ipv6' : 'cidr', cidrBlock: text };
}

/** An ACL entry about all addresses: TCP to some ports, or all traffic without ports. */
export function entry(
  ruleNumber: number,
  isEgress: boolean,
  ruleAction: 'allow' | 'deny',
  ports?: { readonly from: number; readonly to: number },
): record.NetworkAclEntry {
  return {
    ruleNumber,
    isEgress,
    protocol: ports === undefined ? '-1' : '6',
    ruleAction,
    cidrBlock: '0.0.0.0/0',
    ...(ports === undefined ? {} : { portRange: ports }),
  };
}

/** An ACL with its `*` entries. */
export function acl(
  networkAclId: string,
  subnetIds: readonly string[],
  entries: readonly record.NetworkAclEntry[],
  vpcId = 'vpc-1',
): record.NetworkAcl {
  return {
    networkAclId,
    vpcId,
    isDefault: false,
    entries: [...entries, entry(32767, true, 'deny'), entry(32767, false, 'deny')],
    associations: subnetIds.map((subnetId) => ({
      networkAclAssociationId: `aclassoc-${subnetId}`,
      subnetId,
    })),
    tags: [],
  };
}

/** What every new ACL of a VPC's own lets through: everything. */
export const OPEN_ENTRIES = [entry(100, true, 'allow'), entry(100, false, 'allow')];

/** The same for IPv6, as AWS adds it with a VPC's IPv6 block (semantics S73). */
export const OPEN_IPV6_ENTRIES = OPEN_ENTRIES.map(({ cidrBlock: _ipv4, ...open }) => ({
  ...open,
  ruleNumber: 101,
  ipv6CidrBlock: '::/0',
}));

/** An IPv6 block of a VPC or a subnet. */
export function ipv6Block(ipv6CidrBlock: string): record.Ipv6CidrBlockAssociation {
  return { associationId: `assoc-${ipv6CidrBlock}`, ipv6CidrBlock, state: 'associated' };
}

/** A flow log of all traffic, for a bucket, every minute. */
export function flowLog(flowLogId: string, resourceId: string): FlowLog {
  return {
    flowLogId,
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

/** An instance's interface. */
export function eni(
  networkInterfaceId: string,
  ordinal: number,
  subnetId: string,
  privateIpAddress: string,
  groupIds: readonly string[],
  instanceId: string,
  vpcId = 'vpc-1',
): record.NetworkInterface {
  return {
    networkInterfaceId,
    ordinal,
    subnetId,
    vpcId,
    availabilityZone: 'ap-northeast-2a',
    description: '',
    interfaceType: 'interface',
    macAddress: `0e:00:00:00:00:0${ordinal}`,
    privateIpAddresses: [privateIpAddress],
    ipv6Addresses: [],
    groupIds,
    sourceDestCheck: true,
    attachment: {
      attachmentId: `eni-attach-${ordinal}`,
      instanceId,
      instanceOwnerId: SCOPE.account,
      deviceIndex: 0,
      attachTime: TIME,
      deleteOnTermination: true,
    },
    createTime: TIME,
    tags: [],
  };
}

export function instance(
  instanceId: string,
  subnetId: string,
  name: string,
  vpcId = 'vpc-1',
): record.Instance {
  return {
    instanceId,
    reservationId: `r-${instanceId}`,
    amiLaunchIndex: 0,
    imageId: 'ami-1',
    instanceType: 't3.micro',
    vpcId,
    subnetId,
    availabilityZone: 'ap-northeast-2a',
    state: 'running',
    stateTransitionReason: '',
    launchTime: TIME,
    metadataOptions: {
      httpTokens: 'required',
      httpPutResponseHopLimit: 2,
      httpEndpoint: 'enabled',
      httpProtocolIpv6: 'disabled',
      instanceMetadataTags: 'disabled',
    },
    disableApiTermination: false,
    disableApiStop: false,
    instanceInitiatedShutdownBehavior: 'stop',
    ebsOptimized: false,
    isMonitored: false,
    rootVolumeId: 'vol-1',
    clientToken: '',
    bootsWanted: 1,
    bootsDone: 1,
    ...named(name),
  };
}
