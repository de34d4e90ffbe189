import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2';
import { blocksOf } from '../../model/addressing.ts';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Route, RouteTable, RouteTarget } from '../../model/records.ts';
import { destinationOf, findRoute, isPeeringOpen } from '../../model/routes.ts';
import { findAttachment } from '../../model/transit-gateway-routes.ts';
import { type Cidr, cidrOf, contains, formatCidr, isSameCidr, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr, containsIpv6 } from '../../net/ipv6.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { checkRouteOfGateways } from '../gateway-route-tables.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { countRoutes } from './route-quota.ts';

/** The addresses of AWS's own services, which no route may lead into (semantics S25). */
const SERVICE_ADDRESSES = cidrOf('169.254.168.0/22');

/** Routes of route tables (semantics S19, S24, S25, S28, S29, S107). */
export const routeActions = {
  CreateRoute(context: ActionContext, input: CreateRouteRequest): CreateRouteResult {
    const { tx } = context;
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const destination = readDestination(tx, input);
    const route: Route = { destination, target: readTarget(tx, table, input), origin: 'CreateRoute' };
    const name = destinationOf(route);
    if (findRoute(table, name) !== undefined) throw errors.routeAlreadyExists(name);
    checkDestination(tx, table, route);
    checkRouteOfGateways(tx, table, route);
    demandQuota(context, 'routes-per-table', countRoutes(tx, [...table.routes, route]));
    tx.routeTables.put({ ...table, routes: [...table.routes, route] });
    return { Return: true };
  },

  ReplaceRoute({ tx }: ActionContext, input: ReplaceRouteRequest): undefined {
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const destination = readDestination(tx, input);
    const name = destinationOf({ destination });
    const present = findRoute(table, name);
    if (present === undefined) {
      throw errors.invalidParameterValue(
        `There is no route defined for '${name}' in the route table. Use CreateRoute instead.`,
      );
    }
    const isRestored = input.LocalTarget === true;
    if (isRestored && present.origin !== 'CreateRouteTable') {
      throw errors.invalidParameterValue(`The route '${name}' is not a local route.`);
    }
    const target: RouteTarget = isRestored ? { kind: 'local' } : readTarget(tx, table, input);
    const route = { ...present, target };
    if (present.origin === 'CreateRouteTable' && !isRestored) checkLocalReplacement(route);
    if (present.origin === 'CreateRoute') checkDestination(tx, table, route);
    checkRouteOfGateways(tx, table, route);
    tx.routeTables.put({ ...table, routes: table.routes.map((each) => (each === present ? route : each)) });
  },

  DeleteRoute({ tx }: ActionContext, input: DeleteRouteRequest): undefined {
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const destination = readDestination(tx, input);
    const name = destinationOf({ destination });
    const present = findRoute(table, name);
    if (present === undefined) throw errors.noSuchRoute(name, table.routeTableId);
    if (present.origin === 'CreateRouteTable') {
      throw errors.invalidParameterValue(
        `cannot remove local route ${name} in route table ${table.routeTableId}`,
      );
    }
    if (present.target.kind === 'vpc-endpoint') {
      throw errors.invalidParameterValue(
        `cannot remove VPC endpoint route ${name} in route table ${table.routeTableId}: use ModifyVpcEndpoint`,
      );
    }
    tx.routeTables.put({ ...table, routes: table.routes.filter((each) => each !== present) });
  },
};

type DestinationInput = Pick<
  CreateRouteRequest,
  'DestinationCidrBlock' | 'DestinationIpv6CidrBlock' | 'DestinationPrefixListId'
>;

function readDestination(tx: Transaction, input: DestinationInput): Route['destination'] {
  const { DestinationCidrBlock: block, DestinationPrefixListId: listId } = input;
  const { DestinationIpv6CidrBlock: ipv6Block } = input;
  const given = [block, listId, ipv6Block].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw errors.invalidParameterCombination('Only one destination of a route may be specified.');
  }
  if (ipv6Block !== undefined) {
    const ipv6CidrBlock = canonicalIpv6Cidr(ipv6Block);
    if (ipv6CidrBlock === undefined) throw errors.invalidCidr(ipv6Block, 'destinationIpv6CidrBlock');
    return { kind: 'cidr-ipv6', ipv6CidrBlock };
  }
  if (listId !== undefined) {
    const { prefixListId } = findResource(tx, kinds.prefixList, listId, 'destinationPrefixListId');
    return { kind: 'prefix-list', prefixListId };
  }
  if (block === undefined) throw errors.missingParameter('destinationCidrBlock');
  const cidr = parseCidr(block);
  if (cidr === undefined) throw errors.invalidCidr(block, 'destinationCidrBlock');
  return { kind: 'cidr', cidrBlock: formatCidr(cidr) };
}

type TargetInput = Omit<CreateRouteRequest, keyof DestinationInput | 'DryRun' | 'RouteTableId'>;

function readTarget(tx: Transaction, table: RouteTable, input: TargetInput): RouteTarget {
  const { GatewayId, NatGatewayId, NetworkInterfaceId, InstanceId, VpcEndpointId } = input;
  const { TransitGatewayId, VpcPeeringConnectionId, EgressOnlyInternetGatewayId, ...rest } = input;
  const targets = [
    GatewayId,
    NatGatewayId,
    NetworkInterfaceId,
    InstanceId,
    VpcEndpointId,
    TransitGatewayId,
    VpcPeeringConnectionId,
    EgressOnlyInternetGatewayId,
  ].filter((id) => id !== undefined);
  const others = [rest.LocalGatewayId, rest.CarrierGatewayId, rest.CoreNetworkArn, rest.OdbNetworkArn].filter(
    (id) => id !== undefined,
  );
  if (targets.length + others.length > 1) {
    throw errors.invalidParameterCombination('Only one target of a route may be specified.');
  }
  if (others.length > 0) {
    throw errors.unsupportedOperation(`Routes to ${String(others[0])} are not supported by Cloudcroft yet.`);
  }
  if (GatewayId !== undefined) return readGateway(tx, table, GatewayId);
  if (NatGatewayId !== undefined) return readNatGateway(tx, table, NatGatewayId);
  if (InstanceId !== undefined) return readInterface(tx, table, interfaceOfInstance(tx, InstanceId));
  if (NetworkInterfaceId !== undefined) return readInterface(tx, table, NetworkInterfaceId);
  if (VpcPeeringConnectionId !== undefined) return readPeering(tx, table, VpcPeeringConnectionId);
  if (TransitGatewayId !== undefined) return readTransitGateway(tx, table, TransitGatewayId);
  if (EgressOnlyInternetGatewayId !== undefined)
    return readEgressOnly(tx, table, EgressOnlyInternetGatewayId);
  if (VpcEndpointId !== undefined) {
    findResource(tx, kinds.vpcEndpoint, VpcEndpointId, 'vpcEndpointId');
    throw errors.routeNotSupported(VpcEndpointId);
  }
  throw errors.missingParameter('gatewayId');
}

function readGateway(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  if (id === 'local')
    throw errors.invalidParameterValue('Use LocalTarget of ReplaceRoute to restore a local route.');
  if (id.startsWith(`${kinds.vpnGateway.prefix}-`)) {
    const gateway = tx.vpnGateways.get(id);
    if (gateway === undefined || gateway.state === 'deleted') throw errors.noSuchGateway(id);
    checkNetwork(table, id, gateway.vpcId);
    return { kind: 'vpn-gateway', id };
  }
  const gateway = tx.internetGateways.get(id);
  if (gateway === undefined) throw errors.noSuchGateway(id);
  checkNetwork(table, id, gateway.vpcId);
  return { kind: 'internet-gateway', id };
}

/** A peering connection may be named before it is accepted: until then the route is a blackhole. */
function readPeering(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  const { vpcIds, status } = findResource(tx, kinds.vpcPeeringConnection, id, 'vpcPeeringConnectionId');
  if (!isPeeringOpen({ status }) && status.code !== 'pending-acceptance') {
    throw errors.noSuchVpcPeeringConnection(id);
  }
  checkNetwork(table, id, vpcIds.includes(table.vpcId) ? table.vpcId : undefined);
  return { kind: 'vpc-peering-connection', id };
}

/** The VPC must be attached to it. */
function readTransitGateway(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  const gateway = tx.transitGateways.get(id);
  const isAttached = findAttachment(tx, id, table.vpcId) !== undefined;
  // AWS has the same sentence for a gateway that the VPC is not attached to.
  if (gateway === undefined || gateway.state === 'deleted' || !isAttached) {
    throw new errors.AwsError(
      'InvalidTransitGatewayID.NotFound',
      `The transitGateway ID '${id}' does not exist.`,
    );
  }
  return { kind: 'transit-gateway', id };
}

function readEgressOnly(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  const gateway = findResource(tx, kinds.egressOnlyInternetGateway, id, 'egressOnlyInternetGatewayId');
  checkNetwork(table, id, gateway.vpcId);
  return { kind: 'egress-only-internet-gateway', id };
}

function readNatGateway(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  const gateway = findResource(tx, kinds.natGateway, id, 'natGatewayId');
  if (gateway.state === 'deleted' || gateway.state === 'failed') throw errors.noSuchNatGateway(id);
  checkNetwork(table, id, gateway.vpcId);
  return { kind: 'nat-gateway', id };
}

function readInterface(tx: Transaction, table: RouteTable, id: string): RouteTarget {
  const { vpcId } = findResource(tx, kinds.networkInterface, id, 'networkInterfaceId');
  checkNetwork(table, id, vpcId);
  return { kind: 'network-interface', id };
}

function checkNetwork(table: RouteTable, targetId: string, vpcId: string | undefined): void {
  if (vpcId === table.vpcId) return;
  throw errors.invalidParameterValue(
    `route table ${table.routeTableId} and network gateway ${targetId} belong to different networks`,
  );
}

/** The only interface of an instance: with several AWS wants one of them named. */
function interfaceOfInstance(tx: Transaction, id: string): string {
  const { instanceId, state } = findResource(tx, kinds.instance, id, 'instanceId');
  if (state === 'terminated') throw errors.noSuchInstance(id);
  const interfaces = [...tx.networkInterfaces.values()].filter(
    ({ attachment }) => attachment?.instanceId === instanceId,
  );
  const [only] = interfaces;
  if (only !== undefined && interfaces.length === 1) return only.networkInterfaceId;
  throw new errors.AwsError(
    'InvalidInstanceID',
    `There are multiple interfaces attached to instance '${id}'. Please specify an interface ID for the operation instead.`,
  );
}

/** A route inside the VPC must lead to a whole subnet through an appliance (semantics S24), none into AWS's own (S25). */
function checkDestination(tx: Transaction, table: RouteTable, { destination, target }: Route): void {
  if (target.kind === 'egress-only-internet-gateway' && destination.kind !== 'cidr-ipv6') {
    throw errors.invalidParameterValue(
      `The destination ${destinationOf({ destination })} is not an IPv6 CIDR block: an egress-only internet gateway takes IPv6 only.`,
    );
  }
  if (destination.kind === 'cidr-ipv6') {
    checkIpv6Destination(tx, table, destination.ipv6CidrBlock, target);
    return;
  }
  if (destination.kind === 'prefix-list') return;
  const cidr = cidrOf(destination.cidrBlock);
  if (contains(SERVICE_ADDRESSES, cidr)) {
    throw errors.invalidParameterValue(
      `The destination CIDR block ${destination.cidrBlock} is not supported: 169.254.168.0/22 is used by AWS services.`,
    );
  }
  const vpc = tx.vpcs.get(table.vpcId);
  if (vpc === undefined || !blocksOf(vpc).some((block) => contains(block, cidr))) return;
  checkInsideVpc(tx, table, cidr, target);
}

/** As for IPv4: a route inside the VPC must lead to a whole subnet through an appliance. */
function checkIpv6Destination(tx: Transaction, table: RouteTable, block: string, target: RouteTarget): void {
  const vpc = tx.vpcs.get(table.vpcId);
  if (vpc === undefined || !ipv6BlocksOf(vpc).some((own) => containsIpv6(own, block))) return;
  const isSubnet = tx.subnets
    .where('vpcId', table.vpcId)
    .some((subnet) => ipv6BlocksOf(subnet).includes(block));
  if (isSubnet && target.kind === 'network-interface') return;
  throw errors.invalidParameterValue(
    `The destination CIDR block ${block} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance, and must match a whole subnet.`,
  );
}

function checkInsideVpc(tx: Transaction, table: RouteTable, cidr: Cidr, target: RouteTarget): void {
  const block = formatCidr(cidr);
  const isSubnet = tx.subnets
    .where('vpcId', table.vpcId)
    .some(({ cidrBlock }) => cidrBlock !== undefined && isSameCidr(cidrBlock, block));
  if (!isSubnet) {
    throw errors.invalidParameterValue(
      `The destination CIDR block ${block} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance, and must match a whole subnet.`,
    );
  }
  if (target.kind === 'network-interface' || target.kind === 'nat-gateway') return;
  throw errors.invalidParameterValue(
    `The destination CIDR block ${block} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
  );
}

/** The target of the local route may become an appliance, nothing else (semantics S19). */
function checkLocalReplacement({ destination, target }: Route): void {
  if (target.kind === 'network-interface' || target.kind === 'nat-gateway') return;
  const name = destinationOf({ destination });
  throw errors.invalidParameterValue(
    `The local route ${name} can target only an interface or a NAT gateway.`,
  );
}
