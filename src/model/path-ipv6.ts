import type { Packets } from '../net/flow.ts';
import { addressOfEnd, type InterfaceEnd } from './flow-endpoints.ts';
import { describeGateway, gatewayOf, type Ipv6Gateway } from './ipv6-gateways.ts';
import {
  attachInternetGateway,
  isMendedByAttaching,
  replaceTarget,
  routeIpv6ToInternetGateway,
  routeToEgressOnlyGateway,
} from './mends.ts';
import { arriveOnInternet, demandRunning, receive, stopForNoGateway } from './path-arrival.ts';
import { goneBecause } from './path-dead-ends.ts';
import { capitalize, checkGroups, crossEdge } from './path-gates.ts';
import { followIpv6Replies } from './path-ipv6-return.ts';
import { crossLocally, isSameVpc, stopForNobody } from './path-local.ts';
import { crossPeering, findPeeringBetween, goOnWithoutPeeringRoute } from './path-peering.ts';
import { crossTransitGateway } from './path-transit.ts';
import type { Departure, Walk } from './path-walk.ts';
import type { Route, RouteTable } from './records.ts';
import { describeRoute, describeTable, findRouteFor, isPublicSubnet } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import { isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/**
 * Follows a flow of IPv6 and its replies (decision 0008). It is a walk of its own: an interface sends from and is reached at the
 * address it has, so nothing is translated, and there is no gateway endpoint, NAT gateway or appliance on the way.
 */
export function followIpv6(walk: Walk): void {
  const { source, destination, protocol, ports } = walk.flow;
  const packets = {
    protocol,
    ports,
    source: addressOfEnd(source),
    destination: addressOfEnd(destination),
  };
  if (source.kind === 'interface') leave(walk, source, packets);
  else reachOverInternet(walk, packets);
  followIpv6Replies(walk);
}

function leave(walk: Walk, source: InterfaceEnd, packets: Packets): void {
  const { record, flow } = walk;
  const { eni, label, instance } = source;
  demandRunning(walk, source, 'source_check');
  const own = `${label} sends from its own address, ${packets.source}.`;
  const gate = record.at({ packets, sourcePorts: walk.clientPorts });
  gate.pass('source_check', own, eni.networkInterfaceId);
  const { destination } = flow;
  if (destination.kind === 'interface' && instance !== undefined && destination.instance === instance) {
    record.pass('deliver', `${packets.destination} is ${label}’s own: the packets never leave it.`);
    return;
  }
  checkGroups(walk, source, true, packets);
  if (destination.kind === 'interface' && isSameVpc(source, destination)) {
    crossLocally(walk, source, destination, packets);
  } else if (isInVpc(source.world, eni.vpcId, packets.destination)) stopForNobody(walk, source, packets);
  else leaveSubnet(walk, source, packets);
}

/** Out of a subnet, and of the VPC, by the subnet's route table. */
function leaveSubnet(walk: Walk, from: Departure, packets: Packets): void {
  const { world, eni } = from;
  crossEdge(walk, world, eni.subnetId, true, packets);
  const table = routeTableOf(world, eni.subnetId);
  if (table === undefined) {
    const sentence = `The VPC of ${eni.subnetId} has no route table.`;
    walk.record.stop('route', 'no-route', { sentence, objectIds: [eni.subnetId] });
    return;
  }
  const route = findRouteFor(world, table, packets.destination);
  if (route === undefined) goOnWithoutRoute(walk, from, table, packets);
  else follow(walk, from, table, route, packets);
}

function follow(walk: Walk, from: Departure, table: RouteTable, route: Route, packets: Packets): void {
  const { world, eni } = from;
  const { target } = route;
  const name = `${describeRoute(world, route)} in ${describeTable(world, table, eni.subnetId).replace(/,$/, '')}`;
  const gate = walk.record.at({ packets, subnetId: eni.subnetId, route });
  const objectIds = [table.routeTableId, ...(target.kind === 'local' ? [] : [target.id])];
  switch (target.kind) {
    case 'internet-gateway':
    case 'egress-only-internet-gateway':
    case 'vpc-peering-connection':
    case 'transit-gateway':
      if (!isRouteActive(world, table, route)) {
        goOnFromBlackhole(walk, from, table, route, name, packets);
        return;
      }
      gate.pass('route', `${name}.`, ...objectIds);
      if (target.kind === 'vpc-peering-connection' || target.kind === 'transit-gateway') {
        walk.isPeered = true;
        const cross = target.kind === 'transit-gateway' ? crossTransitGateway : crossPeering;
        cross(walk, from, target.id, packets);
        return;
      }
      leaveByGateway(
        walk,
        from,
        { id: target.id, isEgressOnly: target.kind === 'egress-only-internet-gateway' },
        packets,
      );
      return;
    case 'local':
      stopForNobody(walk, from, packets);
      return;
    default:
      gate.stop('route', 'blackhole', {
        sentence: `${name}, is a blackhole for IPv6: Cloudcroft carries no IPv6 by ${NOT_CARRIED[target.kind]}.`,
        objectIds,
      });
  }
}

/** The targets of routes that take no IPv6 here, as people call them. */
const NOT_CARRIED = {
  'network-interface': 'an interface that sends on',
  'nat-gateway': 'a NAT gateway',
  'vpn-gateway': 'a VPN gateway',
  'vpc-endpoint': 'an endpoint',
} as const;

/** Goes on by the way that the mend opens. */
function goOnWithoutRoute(walk: Walk, from: Departure, table: RouteTable, packets: Packets): void {
  const { world, eni } = from;
  const { destination } = walk.flow;
  const peering = destination.kind === 'interface' ? findPeeringBetween(from, destination) : undefined;
  if (destination.kind === 'interface' && peering !== undefined) {
    walk.isPeered = true;
    goOnWithoutPeeringRoute(walk, from, table, peering, destination, packets);
    return;
  }
  // A public subnet's way out is the internet gateway; the others' is one that lets nothing begin from outside.
  const isPublic = isPublicSubnet(world, eni.subnetId, '8.8.8.8');
  const routeOut = isPublic ? routeIpv6ToInternetGateway : routeToEgressOnlyGateway;
  walk.record.at({ packets, subnetId: eni.subnetId }).stop('route', 'no-route', {
    sentence: `${capitalize(describeTable(world, table, eni.subnetId))} has no route to ${packets.destination}.${hintAtIpv4Route(world, table)}`,
    mend: routeOut(world, table),
    objectIds: [table.routeTableId],
  });
  leaveByGateway(walk, from, gatewayOf(world, eni.vpcId, isPublic), packets);
}

/** The default route for IPv4, which people take for one of all packets. */
function hintAtIpv4Route(world: World, table: RouteTable): string {
  const route = findRouteFor(world, table, '8.8.8.8');
  return route === undefined
    ? ''
    : ` Its route ${describeRoute(world, route)} is for IPv4 only: IPv6 needs one of its own, ::/0.`;
}

function goOnFromBlackhole(
  walk: Walk,
  from: Departure,
  table: RouteTable,
  route: Route,
  name: string,
  packets: Packets,
): void {
  const { world, eni } = from;
  const { target } = route;
  const gate = walk.record.at({ packets, subnetId: eni.subnetId, route });
  const isPublic = target.kind === 'internet-gateway';
  const gateway = gatewayOf(world, eni.vpcId, isPublic);
  if (isPublic && isMendedByAttaching(world, eni.vpcId, target.id)) {
    // Attaching it mends the route too, so it is one obstacle, not two.
    gate.pass('route', `${name}.`, table.routeTableId);
    stopForNoGateway(walk, from);
  } else {
    if (isPublic && gateway === undefined) stopForNoGateway(walk, from);
    gate.stop('route', 'blackhole', {
      sentence: `${name}, is a blackhole: ${goneBecause(world, target)}.`,
      mend: replaceTarget(world, table, route),
      objectIds: [table.routeTableId, ...(target.kind === 'local' ? [] : [target.id])],
    });
  }
  const isGateway = isPublic || target.kind === 'egress-only-internet-gateway';
  if (isGateway) leaveByGateway(walk, from, gateway, packets);
}

/** Out to the Internet, under its own address; by no gateway where one has yet to be made. */
function leaveByGateway(
  walk: Walk,
  { world }: Departure,
  gateway: Ipv6Gateway | undefined,
  packets: Packets,
): void {
  if (gateway !== undefined) {
    const how = gateway.isEgressOnly
      ? 'takes out what begins inside, and lets in only the answers'
      : `lets it out as it is, from ${packets.source}: IPv6 needs no translation`;
    const gate = walk.record.at({ packets, sourcePorts: walk.clientPorts });
    gate.pass('internet_gateway', `${describeGateway(world, gateway)} ${how}.`, gateway.id);
  }
  reachOverInternet(walk, packets);
}

/** On the Internet: at a server, or before the VPC whose interface has the address. */
function reachOverInternet(walk: Walk, packets: Packets): void {
  const { destination } = walk.flow;
  if (destination.kind === 'interface') enterVpc(walk, destination, packets);
  else arriveOnInternet(walk, packets);
}

/** In by the VPC's internet gateway: an egress-only one lets nothing in that begins outside (semantics S45). */
function enterVpc(walk: Walk, end: InterfaceEnd, packets: Packets): void {
  const { world, eni, label } = end;
  const gateway = gatewayOf(world, eni.vpcId, true);
  const egressOnly = gatewayOf(world, eni.vpcId, false);
  if (gateway !== undefined) {
    const how = `lets it in as it is: ${packets.destination} is ${label}’s own`;
    const gate = walk.record.at({ packets, sourcePorts: walk.clientPorts });
    gate.pass('internet_gateway', `${describeGateway(world, gateway)} ${how}.`, gateway.id);
  } else if (egressOnly !== undefined) {
    walk.record.at({ packets }).stop('internet_gateway', 'unsolicited', {
      sentence: `${capitalize(describeGateway(world, egressOnly))} is the only gateway of the VPC: it takes out what begins inside, and lets in only the answers, never what begins outside.`,
      mend: attachInternetGateway(world, eni.vpcId),
      objectIds: [egressOnly.id, eni.vpcId],
    });
  } else stopForNoGateway(walk, end);
  crossEdge(walk, world, eni.subnetId, false, packets);
  receive(walk, end, packets);
}
