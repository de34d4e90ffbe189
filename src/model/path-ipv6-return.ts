import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import type { InterfaceEnd } from './flow-endpoints.ts';
import { describeGateway, gatewayOf, type Ipv6Gateway } from './ipv6-gateways.ts';
import { routeIpv6ToInternetGateway } from './mends.ts';
import { capitalize, crossEdgeBack, passGroupsBack, replyTo } from './path-gates.ts';
import { isSameVpc } from './path-local.ts';
import { crossPeeringBack, findPeeringBetween } from './path-peering.ts';
import { demandWayBack } from './path-return.ts';
import { crossTransitGatewayBack } from './path-transit.ts';
import type { Walk } from './path-walk.ts';
import type { Route } from './records.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import type { World } from './world.ts';

/** Follows the replies of an IPv6 flow from where the packets came to, by the routes there, back to where they came from. */
export function followIpv6Replies(walk: Walk): void {
  walk.turn();
  const { arrival, flow } = walk;
  if (arrival === undefined) return;
  const replies = replyTo(arrival.packets, walk.clientPorts);
  const source = flow.source.kind === 'interface' ? flow.source : undefined;
  if (arrival.kind === 'interface') {
    passGroupsBack(walk, arrival.end.eni, true, replies);
    sendBack(walk, arrival.end, source, replies);
  } else if (source !== undefined) comeBack(walk, source, replies);
}

function sendBack(walk: Walk, from: InterfaceEnd, source: InterfaceEnd | undefined, replies: Packets): void {
  const { world, eni } = from;
  if (source !== undefined && isSameVpc(from, source)) {
    if (eni.subnetId !== source.eni.subnetId) crossEdgeBack(walk, world, eni.subnetId, true, replies);
    enterBack(walk, source, eni.subnetId, replies);
    return;
  }
  const route = activeRouteFor(from, replies.destination);
  if (source !== undefined && route?.target.kind === 'transit-gateway') {
    crossTransitGatewayBack(walk, from, source, replies);
    passGroupsBack(walk, source.eni, false, replies);
    return;
  }
  if (source !== undefined && isBackByPeering(walk, from, source, route)) {
    crossPeeringBack(walk, from, source, replies);
    passGroupsBack(walk, source.eni, false, replies);
    return;
  }
  crossEdgeBack(walk, world, eni.subnetId, true, replies);
  leaveBack(walk, from, route, replies);
  if (source !== undefined) comeBack(walk, source, replies);
}

/** The route that replies take, where its target takes packets. */
function activeRouteFor({ world, eni }: InterfaceEnd, address: string): Route | undefined {
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  return table !== undefined && route !== undefined && isRouteActive(world, table, route) ? route : undefined;
}

/**
 * Whether replies go, or have to go, by the peering connection of both VPCs. What came by it may go back by the Internet, and what
 * came by the Internet may go back by it: the addresses are the same on both ways, and the routes of each side decide.
 */
function isBackByPeering(
  { isPeered }: Walk,
  from: InterfaceEnd,
  source: InterfaceEnd,
  route: Route | undefined,
): boolean {
  const isByInternet = route?.target.kind === 'internet-gateway';
  if (isPeered) return !(isByInternet && hasGateway(source));
  const peering = findPeeringBetween(from, source);
  return (
    peering !== undefined &&
    route?.target.kind === 'vpc-peering-connection' &&
    route.target.id === peering.vpcPeeringConnectionId
  );
}

function hasGateway({ world, eni }: InterfaceEnd): boolean {
  return [true, false].some((isPublic) => gatewayOf(world, eni.vpcId, isPublic) !== undefined);
}

/** Out of the VPC by the subnet's table: by the internet gateway, the egress-only one did not see the connection begin (S45). */
function leaveBack(walk: Walk, from: InterfaceEnd, route: Route | undefined, replies: Packets): void {
  const { world, eni } = from;
  if (route?.target.kind === 'egress-only-internet-gateway') {
    stopAtEgressOnly(walk, from, route, { id: route.target.id, isEgressOnly: true }, replies);
    return;
  }
  demandWayBack(walk, from, replies.destination);
  const gateway = gatewayOf(world, eni.vpcId, true);
  if (gateway !== undefined) passGateway(walk, world, gateway, replies, 'lets the answer out');
}

function stopAtEgressOnly(
  walk: Walk,
  { world, eni }: InterfaceEnd,
  route: Route,
  gateway: Ipv6Gateway,
  replies: Packets,
): void {
  const table = routeTableOf(world, eni.subnetId);
  if (table === undefined) return;
  const { record } = walk;
  const name = describeTable(world, table, eni.subnetId);
  const gate = record.at({ packets: replies, subnetId: eni.subnetId, route });
  gate.pass('route', `${name} has ${describeRoute(world, route)} for the reply.`, table.routeTableId);
  record.at({ packets: replies }).stop('internet_gateway', 'unsolicited', {
    sentence: `${capitalize(describeGateway(world, gateway))} gets the reply, by ${describeRoute(world, route)} in route table ${describeResource(table, table.routeTableId)}, and did not see the connection begin: it takes out what begins inside, not answers to what began outside.`,
    mend: routeIpv6ToInternetGateway(world, table, route),
    objectIds: [gateway.id, table.routeTableId],
  });
}

function passGateway(walk: Walk, world: World, gateway: Ipv6Gateway, replies: Packets, how: string): void {
  const gate = walk.record.at({ packets: replies, sourcePorts: walk.replyPorts });
  gate.pass('internet_gateway', `${describeGateway(world, gateway)} ${how}.`, gateway.id);
}

/**
 * From the Internet back into the VPC of whoever sent the packets. Told is the gateway that they left by; where they left by
 * peering, the one that there is.
 */
function comeBack(walk: Walk, source: InterfaceEnd, replies: Packets): void {
  const { world, eni } = source;
  const left = activeRouteFor(source, replies.source)?.target.kind;
  const isPublic = left !== 'egress-only-internet-gateway';
  const gateway = gatewayOf(world, eni.vpcId, isPublic) ?? gatewayOf(world, eni.vpcId, !isPublic);
  if (gateway !== undefined) {
    const why = gateway.isEgressOnly ? ': the connection began inside' : '';
    passGateway(walk, world, gateway, replies, `lets the answer in${why}`);
  }
  enterBack(walk, source, undefined, replies);
}

/** Over the edge of the sender's subnet, where the replies come from another, and home. */
function enterBack(
  walk: Walk,
  { world, eni }: InterfaceEnd,
  fromSubnetId: string | undefined,
  replies: Packets,
) {
  if (fromSubnetId !== eni.subnetId) crossEdgeBack(walk, world, eni.subnetId, false, replies);
  passGroupsBack(walk, eni, false, replies);
}
