import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import { isPrivateAddress } from './flow-endpoints.ts';
import { capitalize } from './path-gates.ts';
import { findPeeringBetween, goOnWithoutPeeringRoute } from './path-peering.ts';
import type { Departure, Walk } from './path-walk.ts';
import type { Route, RouteTable } from './records.ts';
import { describeRoute, describeTable } from './route-lookup.ts';
import { isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** The private address of another VPC is not reached by any gateway: only a peering connection would lead there. */
export function stopAtOtherVpc(
  walk: Walk,
  { world, eni, label }: Departure,
  table: RouteTable,
  route: Route | undefined,
  packets: Packets,
): boolean {
  const { destination } = walk.flow;
  const isFar =
    destination.kind === 'interface' &&
    packets.destination === destination.privateAddress &&
    (destination.eni.vpcId !== eni.vpcId || destination.world !== world);
  const isAlien =
    destination.kind === 'outside' &&
    isPrivateAddress(packets.destination) &&
    !isInVpc(world, eni.vpcId, packets.destination);
  if (!isFar && !isAlien) return false;
  if (isAlien && (route?.target.kind === 'network-interface' || route?.target.kind === 'vpn-gateway'))
    return false;
  const from = { world, eni, label };
  const peering = isFar ? findPeeringBetween(from, destination) : undefined;
  if (isFar && peering !== undefined) {
    goOnWithoutPeeringRoute(walk, from, table, peering, destination, packets);
    return true;
  }
  const way = route === undefined ? 'has no route to it' : `has only ${describeRoute(world, route)} for it`;
  const where = isFar
    ? `is in another VPC, ${describeResource(destination.world.vpcs.get(destination.eni.vpcId), destination.eni.vpcId)}`
    : 'is a private address outside the VPC';
  const advice = isFar
    ? ' Peer the VPCs with `aws ec2 create-vpc-peering-connection`, accept it, and route both sides to it.'
    : '';
  const gate = walk.record.at({ packets, subnetId: eni.subnetId, ...(route === undefined ? {} : { route }) });
  gate.stop('route', isFar ? 'other-vpc' : 'no-route', {
    sentence: `${packets.destination} ${where}: no peering connection leads there. ${capitalize(describeTable(world, table, eni.subnetId))} ${way}, and the Internet routes no private address.${advice}`,
    objectIds: [table.routeTableId, ...(isFar ? [destination.eni.vpcId] : [])],
  });
  return true;
}

/** Why a route that is a blackhole leads nowhere (semantics S28). */
export function goneBecause(world: World, target: Route['target']): string {
  switch (target.kind) {
    case 'internet-gateway':
      return 'that internet gateway is not attached to this VPC';
    case 'nat-gateway':
      return `the NAT gateway is ${world.natGateways.get(target.id)?.state ?? 'deleted'}`;
    case 'vpc-endpoint':
      return 'the endpoint is deleted';
    case 'vpc-peering-connection':
      return `the peering connection is ${world.vpcPeeringConnections.get(target.id)?.status.code ?? 'deleted'}`;
    case 'transit-gateway':
      return 'this VPC is not attached to that transit gateway';
    case 'egress-only-internet-gateway':
      return 'that egress-only internet gateway is deleted';
    case 'vpn-gateway':
      return 'that VPN gateway is not attached to this VPC';
    default:
      return 'the interface is gone, or its instance does not run';
  }
}
