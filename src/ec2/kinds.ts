import type { Tag, Taggable } from '../model/records.ts';
import type { Records, TableName, TableView, World } from '../model/world.ts';
import type { Transaction } from '../state/store.ts';
import type { TableWriter } from '../state/table.ts';
import { findRecord } from './describe.ts';
import * as errors from './errors.ts';

/** The tables whose records have an id of AWS's form and may have tags. */
export type TaggableTable = {
  [Name in TableName]: Records[Name] extends Taggable ? Name : never;
}[TableName];

/** A kind of resource: where its records are, and how AWS names it and refuses it. */
export interface Kind<Name extends TaggableTable = TaggableTable> {
  readonly table: Name;
  /** The prefix of its ids: `vpc`. */
  readonly prefix: string;
  /** AWS's name of the kind in tags: `security-group`. */
  readonly resourceType: string;
  readonly idOf: (record: Records[Name]) => string;
  /** The error for an id that nothing has. */
  readonly noSuch: (id: string) => errors.AwsError;
  /** The code for an id that is not of the kind's form. */
  readonly malformed: string;
  /** Gives the resource of this id the tags that `change` makes of its present ones. Throws when there is none. */
  readonly retag: (tx: Transaction, id: string, change: (tags: readonly Tag[]) => readonly Tag[]) => void;
  /** Every tag of every resource of the kind. */
  readonly listTags: (world: World) => Iterable<{ readonly id: string; readonly tag: Tag }>;
}

/** A kind when it matters not which. */
type AnyKind = Omit<Kind, 'idOf'>;

/** What tags need to know of a kind. */
export type TaggedKind = Pick<Kind, 'prefix' | 'resourceType' | 'retag' | 'listTags'>;

function kind<Name extends TaggableTable>(
  table: Name,
  prefix: string,
  resourceType: string,
  malformed: string,
  idOf: (record: Records[Name]) => string,
  noSuch: (id: string) => errors.AwsError,
): Kind<Name> {
  const retag: Kind['retag'] = (tx, id, change) => {
    const tables: { readonly [Each in TaggableTable]: TableWriter<Records[Each]> } = tx;
    const records: TableWriter<Records[Name]> = tables[table];
    const record = findRecord<Records[Name]>(records, { prefix, noSuch, malformed }, id);
    records.put({ ...record, tags: change(record.tags) });
  };
  const listTags = function* (world: World): Iterable<{ readonly id: string; readonly tag: Tag }> {
    const tables: { readonly [Each in TaggableTable]: TableView<Records[Each]> } = world;
    for (const record of tables[table].values()) {
      for (const tag of record.tags) yield { id: idOf(record), tag };
    }
  };
  return { table, prefix, resourceType, malformed, idOf, noSuch, retag, listTags };
}

/** Every kind of resource there is. */
export const kinds = {
  vpc: kind('vpcs', 'vpc', 'vpc', 'InvalidVpcID.Malformed', (r) => r.vpcId, errors.noSuchVpc),
  subnet: kind(
    'subnets',
    'subnet',
    'subnet',
    'InvalidSubnetID.Malformed',
    (r) => r.subnetId,
    errors.noSuchSubnet,
  ),
  internetGateway: kind(
    'internetGateways',
    'igw',
    'internet-gateway',
    'InvalidInternetGatewayID.Malformed',
    (r) => r.internetGatewayId,
    errors.noSuchInternetGateway,
  ),
  routeTable: kind(
    'routeTables',
    'rtb',
    'route-table',
    'InvalidRouteTableID.Malformed',
    (r) => r.routeTableId,
    errors.noSuchRouteTable,
  ),
  securityGroup: kind(
    'securityGroups',
    'sg',
    'security-group',
    'InvalidGroupId.Malformed',
    (r) => r.groupId,
    errors.noSuchSecurityGroup,
  ),
  securityGroupRule: kind(
    'securityGroupRules',
    'sgr',
    'security-group-rule',
    'InvalidSecurityGroupRuleId.Malformed',
    (r) => r.securityGroupRuleId,
    errors.noSuchSecurityGroupRule,
  ),
  networkAcl: kind(
    'networkAcls',
    'acl',
    'network-acl',
    'InvalidNetworkAclID.Malformed',
    (r) => r.networkAclId,
    errors.noSuchNetworkAcl,
  ),
  networkInterface: kind(
    'networkInterfaces',
    'eni',
    'network-interface',
    'InvalidNetworkInterfaceID.Malformed',
    (r) => r.networkInterfaceId,
    errors.noSuchNetworkInterface,
  ),
  address: kind(
    'addresses',
    'eipalloc',
    'elastic-ip',
    'InvalidAllocationID.Malformed',
    (r) => r.allocationId,
    errors.noSuchAllocation,
  ),
  natGateway: kind(
    'natGateways',
    'nat',
    'natgateway',
    'NatGatewayMalformed',
    (r) => r.natGatewayId,
    errors.noSuchNatGateway,
  ),
  // Before `vpcEndpoint`, whose prefix its own begins with.
  vpcEndpointService: kind(
    'vpcEndpointServices',
    'vpce-svc',
    'vpc-endpoint-service',
    'InvalidVpcEndpointServiceId.Malformed',
    (r) => r.serviceId,
    errors.noSuchVpcEndpointService,
  ),
  vpcEndpoint: kind(
    'vpcEndpoints',
    'vpce',
    'vpc-endpoint',
    'InvalidVpcEndpointId.Malformed',
    (r) => r.vpcEndpointId,
    errors.noSuchVpcEndpoint,
  ),
  keyPair: kind(
    'keyPairs',
    'key',
    'key-pair',
    'InvalidKeyPair.Format',
    (r) => r.keyPairId,
    errors.noSuchKeyPair,
  ),
  instance: kind(
    'instances',
    'i',
    'instance',
    'InvalidInstanceID.Malformed',
    (r) => r.instanceId,
    errors.noSuchInstance,
  ),
  prefixList: kind(
    'prefixLists',
    'pl',
    'prefix-list',
    'InvalidPrefixListId.Malformed',
    (r) => r.prefixListId,
    errors.noSuchPrefixList,
  ),
  launchTemplate: kind(
    'launchTemplates',
    'lt',
    'launch-template',
    'InvalidLaunchTemplateId.Malformed',
    (r) => r.launchTemplateId,
    errors.noSuchLaunchTemplate,
  ),
  flowLog: kind(
    'flowLogs',
    'fl',
    'vpc-flow-log',
    'InvalidFlowLogId.Malformed',
    (r) => r.flowLogId,
    (id) => errors.noSuchFlowLogs([id]),
  ),
  vpcPeeringConnection: kind(
    'vpcPeeringConnections',
    'pcx',
    'vpc-peering-connection',
    'InvalidVpcPeeringConnectionId.Malformed',
    (r) => r.vpcPeeringConnectionId,
    errors.noSuchVpcPeeringConnection,
  ),
  egressOnlyInternetGateway: kind(
    'egressOnlyInternetGateways',
    'eigw',
    'egress-only-internet-gateway',
    'InvalidEgressOnlyInternetGatewayId.Malformed',
    (r) => r.egressOnlyInternetGatewayId,
    errors.noSuchEgressOnlyInternetGateway,
  ),
  customerGateway: kind(
    'customerGateways',
    'cgw',
    'customer-gateway',
    'InvalidCustomerGatewayId.Malformed',
    (r) => r.customerGatewayId,
    errors.noSuchCustomerGateway,
  ),
  vpnGateway: kind(
    'vpnGateways',
    'vgw',
    'vpn-gateway',
    'InvalidVpnGatewayID.Malformed',
    (r) => r.vpnGatewayId,
    errors.noSuchVpnGateway,
  ),
  // Before `transitGateway`, whose prefix theirs begin with.
  transitGatewayRouteTable: kind(
    'transitGatewayRouteTables',
    'tgw-rtb',
    'transit-gateway-route-table',
    'InvalidRouteTableID.Malformed',
    (r) => r.transitGatewayRouteTableId,
    errors.noSuchTransitGatewayRouteTable,
  ),
  transitGatewayVpcAttachment: kind(
    'transitGatewayVpcAttachments',
    'tgw-attach',
    'transit-gateway-attachment',
    'InvalidTransitGatewayAttachmentID.Malformed',
    (r) => r.transitGatewayAttachmentId,
    errors.noSuchTransitGatewayAttachment,
  ),
  transitGateway: kind(
    'transitGateways',
    'tgw',
    'transit-gateway',
    'InvalidTransitGatewayID.Malformed',
    (r) => r.transitGatewayId,
    errors.noSuchTransitGateway,
  ),
  networkInsightsPath: kind(
    'networkInsightsPaths',
    'nip',
    'network-insights-path',
    'InvalidNetworkInsightsPathId.Malformed',
    (r) => r.networkInsightsPathId,
    errors.noSuchNetworkInsightsPath,
  ),
  networkInsightsAnalysis: kind(
    'networkInsightsAnalyses',
    'nia',
    'network-insights-analysis',
    'InvalidNetworkInsightsAnalysisId.Malformed',
    (r) => r.networkInsightsAnalysisId,
    errors.noSuchNetworkInsightsAnalysis,
  ),
  networkInsightsAccessScope: kind(
    'networkInsightsAccessScopes',
    'nis',
    'network-insights-access-scope',
    'InvalidNetworkInsightsAccessScopeId.Malformed',
    (r) => r.networkInsightsAccessScopeId,
    errors.noSuchNetworkInsightsAccessScope,
  ),
  networkInsightsAccessScopeAnalysis: kind(
    'networkInsightsAccessScopeAnalyses',
    'nisa',
    'network-insights-access-scope-analysis',
    'InvalidNetworkInsightsAccessScopeAnalysisId.Malformed',
    (r) => r.networkInsightsAccessScopeAnalysisId,
    errors.noSuchNetworkInsightsAccessScopeAnalysis,
  ),
  dhcpOptions: kind(
    'dhcpOptions',
    'dopt',
    'dhcp-options',
    'InvalidDhcpOptionsId.Malformed',
    (r) => r.dhcpOptionsId,
    errors.noSuchDhcpOptions,
  ),
};

/** The record that a request's parameter names. Throws MissingParameter, or the kind's Malformed or NotFound error. */
export function findResource<Name extends TaggableTable>(
  world: World,
  wanted: Kind<Name>,
  id: string | undefined,
  parameter: string,
): Records[Name] {
  if (id === undefined || id === '') throw errors.missingParameter(parameter);
  const tables: { readonly [Each in TaggableTable]: TableView<Records[Each]> } = world;
  return findRecord<Records[Name]>(tables[wanted.table], wanted, id);
}

/** The kind of resource that an id is of, by its prefix; undefined when there is none such. */
export function kindOfId(id: string): AnyKind | undefined {
  return Object.values<AnyKind>(kinds).find(({ prefix }) => id.startsWith(`${prefix}-`));
}
