import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import type { InterfaceEnd } from './flow-endpoints.ts';
import { isInBlock } from './gates.ts';
import { ipv6BlocksOf } from './ipv6-addressing.ts';
import { routeToPeering } from './mends.ts';
import { receive } from './path-arrival.ts';
import { capitalize, crossEdge, crossEdgeBack } from './path-gates.ts';
import { isSameVpc } from './path-local.ts';
import type { Departure, Walk } from './path-walk.ts';
import type { VpcPeeringConnection, VpcPeeringSide } from './peering-records.ts';
import type { NetworkInterface, RouteTable } from './records.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isPeeringOpen, isRouteActive, routeTableOf } from './routes.ts';
import { blocksOfVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** Where something stands: a VPC of a world. */
interface Place {
  readonly world: World;
  readonly eni: Pick<NetworkInterface, 'vpcId'>;
}

/** The open peering connection between the VPCs of two interfaces. */
export function findPeeringBetween(one: Place, other: Place): VpcPeeringConnection | undefined {
  return one.world.vpcPeeringConnections
    .where('vpcIds', one.eni.vpcId)
    .filter(isPeeringOpen)
    .find(({ requester, accepter }) => isSide(requester, other) || isSide(accepter, other));
}

function isSide({ account, region, vpcId }: VpcPeeringSide, { world: { scope }, eni }: Place): boolean {
  return vpcId === eni.vpcId && account === scope.account && region === scope.region;
}

/** By a route to a peering connection: to an interface of the peered VPC, and through it to nothing else (S111, S112). */
export function crossPeering(walk: Walk, from: Departure, peeringId: string, packets: Packets): void {
  const { destination } = walk.flow;
  const peering = from.world.vpcPeeringConnections.get(peeringId);
  const name = describeResource(peering, peeringId);
  if (peering === undefined) return;
  const isThere =
    destination.kind === 'interface' &&
    packets.destination === destination.privateAddress &&
    !isSameVpc(from, destination) &&
    (isSide(peering.requester, destination) || isSide(peering.accepter, destination));
  if (!isThere) {
    const peer = peering.requester.vpcId === from.eni.vpcId ? peering.accepter : peering.requester;
    walk.record.at({ packets }).stop('route', 'other-vpc', {
      sentence: `${name} leads to the interfaces of ${peer.vpcId} only, and ${packets.destination} is none of them: nobody gets through a peered VPC to its gateways or to other VPCs.`,
      objectIds: [peeringId],
    });
    return;
  }
  enterPeer(walk, destination, packets);
}

/** Into the peered VPC: at the edge of the destination's subnet. */
function enterPeer(walk: Walk, destination: InterfaceEnd, packets: Packets): void {
  crossEdge(walk, destination.world, destination.eni.subnetId, false, packets);
  receive(walk, destination, packets);
}

/** Where a peering connection leads to the destination, but the subnet's table does not lead to it. */
export function goOnWithoutPeeringRoute(
  walk: Walk,
  from: Departure,
  table: RouteTable,
  peering: VpcPeeringConnection,
  destination: InterfaceEnd,
  packets: Packets,
): void {
  stopForPeeringRoute(walk, from, table, peering, destination, packets);
  enterPeer(walk, destination, packets);
}

function stopForPeeringRoute(
  walk: Walk,
  { world, eni }: Departure,
  table: RouteTable,
  peering: VpcPeeringConnection,
  there: Place,
  packets: Packets,
): void {
  const id = peering.vpcPeeringConnectionId;
  const route = findRouteFor(world, table, packets.destination);
  const instead =
    route === undefined ? 'has no route to it' : `has ${describeRoute(world, route)} for it instead`;
  const vpc = there.world.vpcs.get(there.eni.vpcId);
  const block = (vpc === undefined ? [] : [...blocksOfVpc(vpc), ...ipv6BlocksOf(vpc)]).find((each) =>
    isInBlock(packets.destination, each),
  );
  const gate = walk.record.at({ packets, subnetId: eni.subnetId, ...(route === undefined ? {} : { route }) });
  gate.stop('route', 'no-route', {
    sentence: `${packets.destination} is in the peered VPC ${describeResource(vpc, there.eni.vpcId)}, but ${describeTable(world, table, eni.subnetId)} ${instead}: peered VPCs need routes on both sides.`,
    mend: block === undefined ? undefined : routeToPeering(table, route, block, id),
    objectIds: [table.routeTableId, id],
  });
}

/** Whether a reply goes back to a private address of another VPC: by a peering connection, as the packets came. */
export function isPeeredReply(from: Departure, target: Departure, replies: Packets): boolean {
  return !isSameVpc(from, target) && target.eni.privateIpAddresses.includes(replies.destination);
}

/** The replies cross the peering connection by a route of their own side (semantics S110). */
export function crossPeeringBack(walk: Walk, from: Departure, target: Departure, replies: Packets): void {
  const { world, eni } = from;
  crossEdgeBack(walk, world, eni.subnetId, true, replies);
  const table = routeTableOf(world, eni.subnetId);
  const peering = findPeeringBetween(from, target);
  const route = table === undefined ? undefined : findRouteFor(world, table, replies.destination);
  if (table === undefined || peering === undefined) {
    const sentence = `No peering connection leads back to ${replies.destination}.`;
    walk.record.stop('route', 'other-vpc', { sentence, objectIds: [eni.vpcId] });
    return;
  }
  const isBack =
    route?.target.kind === 'vpc-peering-connection' &&
    route.target.id === peering.vpcPeeringConnectionId &&
    isRouteActive(world, table, route);
  if (isBack) {
    const name = capitalize(describeTable(world, table, eni.subnetId));
    const because = `${name} has ${describeRoute(world, route)} for the reply.`;
    const gate = walk.record.at({ packets: replies, subnetId: eni.subnetId, route });
    gate.pass('route', because, table.routeTableId, peering.vpcPeeringConnectionId);
  } else stopForPeeringRoute(walk, from, table, peering, target, replies);
  crossEdgeBack(walk, target.world, target.eni.subnetId, false, replies);
}
