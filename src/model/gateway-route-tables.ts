import { describeResource } from './display-names.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NetworkInterface, Route, RouteTable } from './records.ts';
import { findRouteFor } from './route-lookup.ts';
import { isRouteActive } from './routes.ts';
import type { World } from './world.ts';

/** The gateways that a table routes for, what comes in by them (semantics S30); none of a table of subnets. */
export function gatewaysOf({ associations }: RouteTable): readonly string[] {
  return associations.flatMap(({ gatewayId }) => gatewayId ?? []);
}

/** The table by which a VPC routes what comes in by its internet gateway; undefined where all is delivered straight. */
export function gatewayTableOf(world: World, vpcId: string): RouteTable | undefined {
  const [gateway] = world.internetGateways.where('vpcId', vpcId);
  if (gateway === undefined) return undefined;
  return world.routeTables
    .where('vpcId', vpcId)
    .find((table) => gatewaysOf(table).includes(gateway.internetGatewayId));
}

/** The interface that a gateway's table leads to for an address; undefined for `local`. */
export function middleboxFor(world: World, vpcId: string, address: string): string | undefined {
  const table = gatewayTableOf(world, vpcId);
  const target = table === undefined ? undefined : findRouteFor(world, table, address)?.target;
  return target?.kind === 'network-interface' ? target.id : undefined;
}

/**
 * Whether an interface inspects what comes to an address from the Internet: then it is taken to send on what goes from there
 * unchanged, too, as a firewall does and a NAT instance does not.
 */
export function isInspector(world: World, eni: NetworkInterface, address: string): boolean {
  return middleboxFor(world, eni.vpcId, address) === eni.networkInterfaceId;
}

/** Why a route of a gateway's table carries nothing; undefined where it does. An internet gateway asks for a public address. */
export function findGatewayRouteFault(world: World, table: RouteTable, route: Route): string | undefined {
  if (!isRouteActive(world, table, route)) return 'the interface is gone, or its instance does not run';
  const eni =
    route.target.kind === 'network-interface' ? world.networkInterfaces.get(route.target.id) : undefined;
  if (eni === undefined || publicAddressOf(world, eni) !== undefined) return undefined;
  return 'the interface has no public address, which an internet gateway asks of a middlebox';
}

/** A table as its gateway uses it: `gateway route table edge (rtb-…), associated with igw-…`. */
export function describeGatewayTable(table: RouteTable): string {
  return `gateway route table ${describeResource(table, table.routeTableId)}, associated with ${gatewaysOf(table).join(', ')}`;
}
