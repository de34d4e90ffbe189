import type { Packets } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { describeResource } from './display-names.ts';
import { isInBlock } from './gates.ts';
import { ipv6BlocksOf } from './ipv6-addressing.ts';
import { associateTransitTable, replaceTarget, routeInTransitTable } from './mends.ts';
import { receive } from './path-arrival.ts';
import { crossEdge, crossEdgeBack } from './path-gates.ts';
import type { TransitTurn } from './path-result.ts';
import type { Departure, Walk } from './path-walk.ts';
import type { Route } from './records.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import type { TransitGatewayVpcAttachment } from './transit-gateway-records.ts';
import {
  associatedTableOf,
  findAttachment,
  findTransitGatewayRoute,
  hasIpv6Support,
  type TransitGatewayRoute,
} from './transit-gateway-routes.ts';
import { blocksOfVpc, isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** Whether a route leads to a transit gateway or a peering connection: by it VPCs reach each other. */
export function leadsToOtherVpcs(route: Route | undefined): boolean {
  return route?.target.kind === 'vpc-peering-connection' || route?.target.kind === 'transit-gateway';
}

/** By a route to a transit gateway: to an interface of the VPC that the gateway's own table leads to. */
export function crossTransitGateway(walk: Walk, from: Departure, gatewayId: string, packets: Packets): void {
  const { destination } = walk.flow;
  const vpcId = routeThrough(walk, from, gatewayId, packets.destination);
  if (vpcId === undefined) return;
  const isThere =
    destination.kind === 'interface' &&
    packets.destination === destination.privateAddress &&
    destination.world === from.world &&
    destination.eni.vpcId === vpcId;
  if (!isThere) {
    walk.record.at({ packets }).stop('route', 'other-vpc', {
      sentence: `${gatewayId} leads to ${vpcId}, where no interface has ${packets.destination}: through a transit gateway Cloudcroft reaches the interfaces of attached VPCs, not their gateways.`,
      objectIds: [gatewayId, vpcId],
    });
    return;
  }
  crossEdge(walk, destination.world, destination.eni.subnetId, false, packets);
  receive(walk, destination, packets);
}

/** Whether the interface's own route table sends an address to a transit gateway. */
export function isBackByTransitGateway({ world, eni }: Departure, address: string): boolean {
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  return route?.target.kind === 'transit-gateway';
}

/** The replies cross the transit gateway by routes of their own: of their subnet, and of the gateway's table. */
export function crossTransitGatewayBack(
  walk: Walk,
  from: Departure,
  target: Departure,
  replies: Packets,
): void {
  const { world, eni } = from;
  crossEdgeBack(walk, world, eni.subnetId, true, replies);
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, replies.destination);
  if (table === undefined || route?.target.kind !== 'transit-gateway') return;
  const name = `${describeTable(world, table, eni.subnetId)} has ${describeRoute(world, route)}`;
  const objectIds = [table.routeTableId];
  const gate = walk.record.at({ packets: replies, subnetId: eni.subnetId, route });
  if (!isRouteActive(world, table, route)) {
    const sentence = `For the reply ${name}, a blackhole: the VPC is not attached there.`;
    gate.stop('route', 'blackhole', { sentence, mend: replaceTarget(world, table, route), objectIds });
    return;
  }
  gate.pass('route', `for the reply ${name}.`, ...objectIds);
  const vpcId = routeThrough(walk, from, route.target.id, replies.destination);
  if (vpcId === undefined) return;
  if (vpcId !== target.eni.vpcId || target.world !== world) {
    const sentence = `${route.target.id} sends the reply to ${vpcId}, not to where the packets came from.`;
    walk.record.stop('route', 'other-vpc', { sentence, objectIds: [route.target.id, vpcId] });
    return;
  }
  crossEdgeBack(walk, target.world, target.eni.subnetId, false, replies);
}

/** The VPC that the transit gateway sends the address to, by the table of the attachment that the packets come by. */
function routeThrough(
  { record }: Walk,
  { world, eni }: Departure,
  gatewayId: string,
  address: string,
): string | undefined {
  const attachment = findAttachment(world, gatewayId, eni.vpcId);
  if (attachment === undefined) return undefined;
  const { transitGatewayAttachmentId: attachmentId } = attachment;
  const name = describeResource(world.transitGateways.get(gatewayId), gatewayId);
  const table = associatedTableOf(world, attachment);
  if (table === undefined) {
    record.at({ transit: { fromAttachmentId: attachmentId } }).stop('route', 'no-route', {
      sentence: `Attachment ${attachmentId} is associated with no route table of ${name}: what comes by it goes nowhere.`,
      mend: associateTransitTable(world, gatewayId, attachmentId),
      objectIds: [gatewayId, attachmentId],
    });
    return undefined;
  }
  const { transitGatewayRouteTableId: tableId } = table;
  const route = findTransitGatewayRoute(world, table, address);
  const deaf = isIpv6(address)
    ? [attachment, route?.attachment].find((each) => each !== undefined && !hasIpv6Support(each))
    : undefined;
  if (deaf !== undefined) {
    stopWithoutIpv6(record, deaf, gatewayId);
    return undefined;
  }
  const gate = record.at({ transit: { fromAttachmentId: attachmentId, route: showRoute(route) } });
  if (route?.state === 'active' && route.attachment !== undefined) {
    const because = `${name} has ${route.destinationCidrBlock} to ${route.attachment.vpcId} in ${tableId}.`;
    gate.pass('route', because, gatewayId, tableId);
    return route.attachment.vpcId;
  }
  const state =
    route === undefined ? 'has no route to' : `has the blackhole ${route.destinationCidrBlock} for`;
  gate.stop('route', route === undefined ? 'no-route' : 'blackhole', {
    sentence: `${tableId} of ${name} ${state} ${address}.`,
    mend: mendTransitRoute(world, gatewayId, tableId, route?.destinationCidrBlock, address),
    objectIds: [gatewayId, tableId],
  });
  return undefined;
}

/** An attachment carries IPv6 only where that was asked for. */
function stopWithoutIpv6(
  record: Walk['record'],
  { transitGatewayAttachmentId: id, vpcId }: TransitGatewayVpcAttachment,
  gatewayId: string,
): void {
  record.at({ transit: { fromAttachmentId: id } }).stop('route', 'blackhole', {
    sentence: `Attachment ${id} of ${vpcId} has no IPv6 support: the transit gateway carries only IPv4 by it.`,
    mend: `aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id ${id} --options Ipv6Support=enable`,
    objectIds: [gatewayId, id],
  });
}

/** A transit gateway's route as particulars have it: plain data. */
function showRoute(route: TransitGatewayRoute | undefined): TransitTurn['route'] {
  if (route === undefined) return undefined;
  const { destinationCidrBlock, type, state, attachment } = route;
  return {
    destinationCidrBlock,
    type,
    state,
    ...(attachment === undefined
      ? {}
      : { attachmentId: attachment.transitGatewayAttachmentId, vpcId: attachment.vpcId }),
  };
}

/** Leads the table to the attached VPC that has the address; undefined where none has. */
function mendTransitRoute(
  world: World,
  gatewayId: string,
  tableId: string,
  instead: string | undefined,
  address: string,
): string | undefined {
  const attachment = world.transitGatewayVpcAttachments
    .where('transitGatewayId', gatewayId)
    .find(({ vpcId, state }) => state === 'available' && isInVpc(world, vpcId, address));
  const vpc = world.vpcs.get(attachment?.vpcId ?? '');
  const blocks = vpc === undefined ? [] : [...blocksOfVpc(vpc), ...ipv6BlocksOf(vpc)];
  const block = blocks.find((each) => isInBlock(address, each));
  if (attachment === undefined || block === undefined) return undefined;
  return routeInTransitTable(tableId, block, attachment.transitGatewayAttachmentId, instead);
}
