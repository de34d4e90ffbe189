import { isSameCidr } from '../net/cidr.ts';
import type { VpcPeeringConnection } from './peering-records.ts';
import type { Route, RouteTable } from './records.ts';
import { findAttachment } from './transit-gateway-routes.ts';
import type { World } from './world.ts';

/** The destination of a route as a text: its block, or the id of its prefix list. */
export function destinationOf({ destination }: Pick<Route, 'destination'>): string {
  switch (destination.kind) {
    case 'cidr':
      return destination.cidrBlock;
    case 'cidr-ipv6':
      return destination.ipv6CidrBlock;
    case 'prefix-list':
      return destination.prefixListId;
  }
}

/** The route of a table to exactly this destination, a block or the id of a prefix list. */
export function findRoute(table: RouteTable, destination: string): Route | undefined {
  return table.routes.find((route) => {
    const own = destinationOf(route);
    return own === destination || isSameCidr(own, destination);
  });
}

/**
 * Whether the target of a route is there and takes packets. When it is not, the route stays and is a `blackhole`
 * (semantics S28): a deleted NAT gateway, a gateway that is detached or of another VPC, an interface that is gone or
 * whose instance does not run, a peering connection that is not active.
 */
export function isRouteActive(
  world: World,
  { vpcId }: Pick<RouteTable, 'vpcId'>,
  { target }: Route,
): boolean {
  switch (target.kind) {
    case 'local':
      return true;
    case 'internet-gateway':
      return world.internetGateways.get(target.id)?.vpcId === vpcId;
    case 'nat-gateway': {
      const gateway = world.natGateways.get(target.id);
      return gateway?.vpcId === vpcId && (gateway.state === 'pending' || gateway.state === 'available');
    }
    case 'network-interface': {
      const eni = world.networkInterfaces.get(target.id);
      if (eni?.vpcId !== vpcId || eni.attachment === undefined) return false;
      if (eni.attachment.instanceId === undefined) return true;
      const state = world.instances.get(eni.attachment.instanceId)?.state;
      return state === 'running' || state === 'pending';
    }
    case 'vpc-endpoint': {
      const endpoint = world.vpcEndpoints.get(target.id);
      return endpoint?.vpcId === vpcId && (endpoint.state === 'pending' || endpoint.state === 'available');
    }
    case 'vpc-peering-connection': {
      const peering = world.vpcPeeringConnections.get(target.id);
      return peering?.vpcIds.includes(vpcId) === true && isPeeringOpen(peering);
    }
    case 'egress-only-internet-gateway':
      return world.egressOnlyInternetGateways.get(target.id)?.vpcId === vpcId;
    case 'transit-gateway':
      return findAttachment(world, target.id, vpcId) !== undefined;
    case 'vpn-gateway':
      return world.vpnGateways.get(target.id)?.vpcId === vpcId;
  }
}

/** Whether a peering connection carries packets, or is about to. */
export function isPeeringOpen({ status }: Pick<VpcPeeringConnection, 'status'>): boolean {
  return status.code === 'active' || status.code === 'provisioning';
}

/** The route table a subnet uses: its own, else the VPC's main one (semantics S20). */
export function routeTableOf(world: World, subnetId: string): RouteTable | undefined {
  const vpcId = world.subnets.get(subnetId)?.vpcId;
  if (vpcId === undefined) return undefined;
  const tables = world.routeTables.where('vpcId', vpcId);
  return (
    tables.find((table) => table.associations.some((association) => association.subnetId === subnetId)) ??
    mainRouteTableOf(world, vpcId)
  );
}

/** The main route table of a VPC. */
export function mainRouteTableOf(world: World, vpcId: string): RouteTable | undefined {
  return world.routeTables
    .where('vpcId', vpcId)
    .find((table) => table.associations.some((association) => association.isMain));
}
