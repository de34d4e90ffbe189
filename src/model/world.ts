import type { VpcEndpointService } from './endpoint-service-records.ts';
import type { FlowLog } from './flow-log-records.ts';
import type { CustomerGateway, EgressOnlyInternetGateway, VpnGateway } from './gateway-records.ts';
import type { UserImage } from './image-records.ts';
import type { KeptResource } from './kept-records.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from './launch-template-records.ts';
import type { Listener, LoadBalancer, TargetGroup } from './load-balancer-records.ts';
import type {
  NetworkInsightsAccessScope,
  NetworkInsightsAccessScopeAnalysis,
  NetworkInsightsAnalysis,
  NetworkInsightsPath,
} from './network-insights-records.ts';
import type { Parameter } from './parameter-records.ts';
import type { VpcPeeringConnection } from './peering-records.ts';
import type * as record from './records.ts';
import type { ChangeSet, Stack, StackEvent, StackResource, StackTemplate } from './stack-records.ts';
import type {
  TransitGateway,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from './transit-gateway-records.ts';

/** Every table of a world and the record it holds. Adding a kind of resource begins here. */
export interface Records {
  vpcs: record.Vpc;
  subnets: record.Subnet;
  internetGateways: record.InternetGateway;
  routeTables: record.RouteTable;
  securityGroups: record.SecurityGroup;
  securityGroupRules: record.SecurityGroupRule;
  networkAcls: record.NetworkAcl;
  networkInterfaces: record.NetworkInterface;
  addresses: record.Address;
  natGateways: record.NatGateway;
  vpcEndpoints: record.VpcEndpoint;
  keyPairs: record.KeyPair;
  instances: record.Instance;
  prefixLists: record.PrefixList;
  dhcpOptions: record.DhcpOptions;
  launchTemplates: LaunchTemplate;
  launchTemplateVersions: LaunchTemplateVersion;
  flowLogs: FlowLog;
  vpcPeeringConnections: VpcPeeringConnection;
  egressOnlyInternetGateways: EgressOnlyInternetGateway;
  customerGateways: CustomerGateway;
  vpnGateways: VpnGateway;
  vpcEndpointServices: VpcEndpointService;
  transitGateways: TransitGateway;
  transitGatewayRouteTables: TransitGatewayRouteTable;
  transitGatewayVpcAttachments: TransitGatewayVpcAttachment;
  loadBalancers: LoadBalancer;
  targetGroups: TargetGroup;
  listeners: Listener;
  networkInsightsPaths: NetworkInsightsPath;
  networkInsightsAnalyses: NetworkInsightsAnalysis;
  networkInsightsAccessScopes: NetworkInsightsAccessScope;
  networkInsightsAccessScopeAnalyses: NetworkInsightsAccessScopeAnalysis;
  parameters: Parameter;
  keptResources: KeptResource;
  images: UserImage;
  stacks: Stack;
  stackTemplates: StackTemplate;
  stackResources: StackResource;
  stackEvents: StackEvent;
  changeSets: ChangeSet;
  clientTokens: record.ClientToken;
}

export type TableName = keyof Records;

/** All table names, in the order in which they are shown. */
export const tableNames = [
  'vpcs',
  'subnets',
  'internetGateways',
  'routeTables',
  'securityGroups',
  'securityGroupRules',
  'networkAcls',
  'networkInterfaces',
  'addresses',
  'natGateways',
  'vpcEndpoints',
  'keyPairs',
  'instances',
  'prefixLists',
  'dhcpOptions',
  'launchTemplates',
  'launchTemplateVersions',
  'flowLogs',
  'vpcPeeringConnections',
  'egressOnlyInternetGateways',
  'customerGateways',
  'vpnGateways',
  'vpcEndpointServices',
  'transitGateways',
  'transitGatewayRouteTables',
  'transitGatewayVpcAttachments',
  'loadBalancers',
  'targetGroups',
  'listeners',
  'networkInsightsPaths',
  'networkInsightsAnalyses',
  'networkInsightsAccessScopes',
  'networkInsightsAccessScopeAnalyses',
  'parameters',
  'keptResources',
  'images',
  'stacks',
  'stackTemplates',
  'stackResources',
  'stackEvents',
  'changeSets',
  'clientTokens',
] as const satisfies readonly TableName[];

/** The values a field can be looked up by: the elements, where the field is a list. */
export type Lookup<T, K extends keyof T> =
  NonNullable<T[K]> extends readonly (infer E)[] ? E : NonNullable<T[K]>;

/** A table to read: by id, in order of creation, or by the value of a field. */
export interface TableView<T> {
  readonly size: number;
  get(id: string): T | undefined;
  /** All records, oldest first. */
  values(): Iterable<T>;
  /** The records whose `field` is (or, for a list, has) `value`, in no promised order. Costs what it returns. */
  where<K extends keyof T & string>(field: K, value: Lookup<T, K>): readonly T[];
}

/** Whose world, and where. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** One account's resources in one region, to read. */
export type World = { readonly [T in TableName]: TableView<Records[T]> } & { readonly scope: Scope };
