import { gatewaysOf } from '../model/gateway-route-tables.ts';
import { ipv6BlocksOf } from '../model/ipv6-addressing.ts';
import type { Route, RouteTable } from '../model/records.ts';
import { destinationOf } from '../model/routes.ts';
import { isSameCidr } from '../net/cidr.ts';
import type { Transaction } from '../state/store.ts';
import type { AwsError } from './errors.ts';
import * as errors from './errors.ts';
import { kinds } from './kinds.ts';

/**
 * The gateway of a VPC, attached, whose incoming packets a table is to route: an internet or a VPN gateway (semantics S30).
 * Throws AWS's errors where the table or a route of it cannot serve a gateway.
 */
export function findGatewayFor(tx: Transaction, table: RouteTable, gatewayId: string): string {
  const isVpn = gatewayId.startsWith(`${kinds.vpnGateway.prefix}-`);
  const vpn = isVpn ? tx.vpnGateways.get(gatewayId) : undefined;
  const gateway = isVpn ? (vpn?.state === 'deleted' ? undefined : vpn) : tx.internetGateways.get(gatewayId);
  if (gateway === undefined) throw errors.noSuchGateway(gatewayId);
  if (gateway.vpcId !== table.vpcId) {
    throw errors.invalidParameterValue(
      `route table ${table.routeTableId} and network gateway ${gatewayId} belong to different networks`,
    );
  }
  demandGatewayTable(tx, table);
  return gatewayId;
}

/** A table that routes for gateways is no main one, nothing is propagated to it, and its routes stay within the VPC. */
export function demandGatewayTable(tx: Transaction, table: RouteTable): void {
  const { routeTableId } = table;
  if (table.associations.some(({ isMain }) => isMain)) {
    throw errors.invalidParameterValue(
      `Route table ${routeTableId} is the main route table of its VPC, which cannot be associated with a gateway.`,
    );
  }
  if (table.propagatingVpnGatewayIds.length > 0) throw propagates(routeTableId);
  for (const route of table.routes) checkGatewayRoute(tx, table, route);
}

/** Route propagation and the association with a gateway exclude each other. */
export function propagates(routeTableId: string): AwsError {
  return errors.invalidParameterValue(
    `Route table ${routeTableId} cannot be associated with a gateway and have route propagation enabled.`,
  );
}

/**
 * A route of a table that routes for gateways leads to an interface, and what it is for is all of the VPC, where the route is
 * the local one, or all of a subnet.
 */
export function checkGatewayRoute(tx: Transaction, table: RouteTable, route: Route): void {
  const { target, destination } = route;
  if (target.kind === 'local') return;
  if (target.kind !== 'network-interface') {
    throw errors.invalidParameterValue(
      `Route table contains unsupported route target: ${target.id}. The route table of a gateway supports only local, interface and Gateway Load Balancer endpoint targets.`,
    );
  }
  const name = destinationOf(route);
  if (destination.kind === 'prefix-list') {
    throw errors.invalidParameterValue(
      `Route table contains unsupported route destination: ${name}. The route table of a gateway cannot have prefix lists.`,
    );
  }
  if (route.origin === 'CreateRouteTable') return;
  const isSubnet = tx.subnets
    .where('vpcId', table.vpcId)
    .some((subnet) =>
      destination.kind === 'cidr'
        ? subnet.cidrBlock !== undefined && isSameCidr(subnet.cidrBlock, name)
        : ipv6BlocksOf(subnet).includes(name),
    );
  if (!isSubnet)
    throw errors.invalidParameterValue("Route destination doesn't match any subnet CIDR blocks.");
}

/** A table that routes for a gateway takes no route that it could not be associated with. */
export function checkRouteOfGateways(tx: Transaction, table: RouteTable, route: Route): void {
  if (gatewaysOf(table).length > 0) checkGatewayRoute(tx, table, route);
}

/** A gateway that is deleted uses no table any more. */
export function forgetGateway(tx: Transaction, gatewayId: string): void {
  for (const table of [...tx.routeTables.values()]) {
    const associations = table.associations.filter((each) => each.gatewayId !== gatewayId);
    if (associations.length < table.associations.length) tx.routeTables.put({ ...table, associations });
  }
}
