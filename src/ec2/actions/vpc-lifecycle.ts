import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { VpcPeeringConnection } from '../../model/peering-records.ts';
import type { Route, RouteTable, RulePeer, SecurityGroup, Subnet, Tag, Vpc } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { hasDependencies } from '../errors.ts';
import { makeDefaultAcl } from './network-acl-entries.ts';

/** What is chosen about a new VPC. */
export interface VpcPlan {
  /** Canonical. */
  readonly cidrBlock: string;
  readonly instanceTenancy: string;
  readonly isDefault: boolean;
  readonly tags: readonly Tag[];
}

/** Makes a VPC with its main route table, default network ACL and default security group, and nothing else (S17). */
export function createVpc(context: ActionContext, plan: VpcPlan): Vpc {
  const { tx } = context;
  const vpcId = context.newId('vpc');
  const [defaultOptions] = tx.dhcpOptions.values();
  const vpc: Vpc = {
    vpcId,
    ordinal: tx.takeOrdinal(),
    cidrBlock: plan.cidrBlock,
    cidrBlockAssociations: [
      { associationId: context.newId('vpc-cidr-assoc'), cidrBlock: plan.cidrBlock, state: 'associated' },
    ],
    ipv6CidrBlockAssociations: [],
    dhcpOptionsId: defaultOptions?.dhcpOptionsId ?? 'default',
    instanceTenancy: plan.instanceTenancy,
    isDefault: plan.isDefault,
    enableDnsSupport: true,
    enableDnsHostnames: plan.isDefault,
    enableNetworkAddressUsageMetrics: false,
    tags: plan.tags,
  };
  tx.vpcs.put(vpc);
  tx.routeTables.put({
    ...newRouteTable(context, vpc),
    associations: [{ routeTableAssociationId: context.newId('rtbassoc'), isMain: true }],
  });
  tx.networkAcls.put(makeDefaultAcl(context.newId('acl'), vpcId));
  createDefaultGroup(context, vpcId);
  return vpc;
}

/** A route table as it begins: with the `local` routes of the VPC's blocks (semantics S8, S19). */
export function newRouteTable(context: ActionContext, vpc: Vpc): RouteTable {
  return {
    routeTableId: context.newId('rtb'),
    ordinal: context.tx.takeOrdinal(),
    vpcId: vpc.vpcId,
    routes: [
      ...vpc.cidrBlockAssociations.map(({ cidrBlock }) => localRoute({ kind: 'cidr', cidrBlock })),
      ...vpc.ipv6CidrBlockAssociations.map(({ ipv6CidrBlock }) =>
        localRoute({ kind: 'cidr-ipv6', ipv6CidrBlock }),
      ),
    ],
    associations: [],
    propagatingVpnGatewayIds: [],
    tags: [],
  };
}

/** The route of a table to a block of its own VPC. */
export function localRoute(destination: Route['destination']): Route {
  return { destination, target: { kind: 'local' }, origin: 'CreateRouteTable' };
}

/** The group that comes with a VPC: in from itself, out to everywhere (semantics S76). */
function createDefaultGroup(context: ActionContext, vpcId: string): void {
  const groupId = context.newId('sg');
  const group: SecurityGroup = {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId,
    tags: [],
  };
  context.tx.securityGroups.put(group);
  context.tx.securityGroupRules.put({
    securityGroupRuleId: context.newId('sgr'),
    groupId,
    isEgress: false,
    ipProtocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer: { kind: 'group', groupId, userId: context.account },
    tags: [],
  });
  allowAllEgress(context, groupId);
}

/** The rules every new group has: out to everywhere, by IPv6 too where the VPC has it (semantics S75). */
export function allowAllEgress(context: ActionContext, groupId: string): void {
  addEgressRule(context, groupId, { kind: 'cidr', cidrBlock: '0.0.0.0/0' });
  const vpc = context.tx.vpcs.get(context.tx.securityGroups.get(groupId)?.vpcId ?? '');
  if (vpc !== undefined && ipv6BlocksOf(vpc).length > 0) allowAllIpv6Egress(context, groupId);
}

/** The rule that a default group gets when its VPC gets IPv6: out to everywhere. */
export function allowAllIpv6Egress(context: ActionContext, groupId: string): void {
  addEgressRule(context, groupId, { kind: 'cidr-ipv6', cidrBlock: '::/0' });
}

function addEgressRule({ tx, newId }: ActionContext, groupId: string, peer: RulePeer): void {
  tx.securityGroupRules.put({
    securityGroupRuleId: newId('sgr'),
    groupId,
    isEgress: true,
    ipProtocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer,
    tags: [],
  });
}

/**
 * Deletes a VPC with its main route table, default network ACL and default group. Throws DependencyViolation while it
 * holds anything the user made (semantics S119, S120).
 */
export function deleteVpc(tx: Transaction, { vpcId }: Vpc): void {
  const tables = tx.routeTables.where('vpcId', vpcId);
  const acls = tx.networkAcls.where('vpcId', vpcId);
  const groups = tx.securityGroups.where('vpcId', vpcId);
  const isHeld =
    tx.subnets.where('vpcId', vpcId).length > 0 ||
    tx.internetGateways.where('vpcId', vpcId).length > 0 ||
    tx.networkInterfaces.where('vpcId', vpcId).length > 0 ||
    tx.vpnGateways.where('vpcId', vpcId).length > 0 ||
    tx.egressOnlyInternetGateways.where('vpcId', vpcId).length > 0 ||
    tx.vpcPeeringConnections.where('vpcIds', vpcId).some((peering) => isHeldByPeering(vpcId, peering)) ||
    tx.vpcEndpoints.where('vpcId', vpcId).some(({ state }) => state !== 'deleted') ||
    tx.natGateways.where('vpcId', vpcId).some(({ state }) => state !== 'deleted' && state !== 'failed') ||
    tables.some(({ associations }) => !associations.some(({ isMain }) => isMain)) ||
    acls.some(({ isDefault }) => !isDefault) ||
    groups.some(({ groupName }) => groupName !== 'default');
  if (isHeld) throw hasDependencies('vpc', vpcId);
  for (const { routeTableId } of tables) tx.routeTables.delete(routeTableId);
  for (const { networkAclId } of acls) tx.networkAcls.delete(networkAclId);
  for (const { groupId } of groups) {
    for (const rule of tx.securityGroupRules.where('groupId', groupId)) {
      tx.securityGroupRules.delete(rule.securityGroupRuleId);
    }
    tx.securityGroups.delete(groupId);
  }
  tx.vpcs.delete(vpcId);
}

/** A VPC goes when its connections are over; a request that somebody else sent it does not hold it. */
function isHeldByPeering(vpcId: string, { status, requester }: VpcPeeringConnection): boolean {
  switch (status.code) {
    case 'pending-acceptance':
      return requester.vpcId === vpcId;
    case 'provisioning':
    case 'active':
    case 'deleting':
      return true;
    default:
      return false;
  }
}

/** What is chosen about a new subnet. */
export type SubnetPlan = Pick<
  Subnet,
  | 'vpcId'
  | 'cidrBlock'
  | 'ipv6CidrBlockAssociations'
  | 'availabilityZone'
  | 'isDefaultForAz'
  | 'mapPublicIpOnLaunch'
  | 'tags'
>;

/** Makes a subnet, under the VPC's default network ACL (semantics S65). What it is to be was checked before. */
export function createSubnet(context: ActionContext, plan: SubnetPlan): Subnet {
  const { tx } = context;
  const subnet: Subnet = {
    subnetId: context.newId('subnet'),
    ordinal: tx.takeOrdinal(),
    ...plan,
    assignIpv6AddressOnCreation: plan.cidrBlock === undefined,
    enableDns64: false,
    // Where there is no IPv4, no name can be made of an IPv4 address.
    privateDnsHostnameType: plan.cidrBlock === undefined ? 'resource-name' : 'ip-name',
    enableResourceNameDnsARecord: false,
    enableResourceNameDnsAaaaRecord: false,
  };
  tx.subnets.put(subnet);
  const acl = tx.networkAcls.where('vpcId', plan.vpcId).find(({ isDefault }) => isDefault);
  if (acl === undefined) throw new Error(`${plan.vpcId} has no default network ACL`);
  const association = { networkAclAssociationId: context.newId('aclassoc'), subnetId: subnet.subnetId };
  tx.networkAcls.put({ ...acl, associations: [...acl.associations, association] });
  return subnet;
}
