import { hasPorts, type Packets } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { describeResource } from './display-names.ts';
import { describeGatewayTable, findGatewayRouteFault, gatewayTableOf } from './gateway-route-tables.ts';
import {
  isMendedByAttaching,
  mendGatewayRoute,
  routeIpv6ToInternetGateway,
  routeToInternetGateway,
} from './mends.ts';
import { capitalize, crossEdgeBack, passGroupsBack, replyTo } from './path-gates.ts';
import { isRoutedLocally } from './path-local.ts';
import { crossPeeringBack, isPeeredReply } from './path-peering.ts';
import { crossTransitGatewayBack, isBackByTransitGateway } from './path-transit.ts';
import type { Departure, Walk } from './path-walk.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NetworkInterface } from './records.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import { isInVpc } from './vpc-blocks.ts';

/** Follows the replies from where the packets came to, by their own way, back to where they came from. */
export function followReplies(walk: Walk): void {
  walk.turn();
  const { arrival } = walk;
  if (arrival === undefined) return;
  const replies = replyTo(arrival.packets, walk.clientPorts);
  if (arrival.kind === 'interface') {
    const { end } = arrival;
    passGroupsBack(walk, end.eni, true, replies);
    sendBack(walk, end, replies);
  } else comeBack(walk, replies, arrival.kind === 'internet');
}

/** Whoever the packets last came from: a NAT gateway or instance on the way, else the flow's own source. */
function senderOf({ translations, flow }: Walk): Departure | undefined {
  return translations.at(-1)?.by ?? (flow.source.kind === 'interface' ? flow.source : undefined);
}

/** Out of an interface, to wherever its own subnet's routes lead. */
function sendBack(walk: Walk, from: Departure, replies: Packets): void {
  const { world, eni } = from;
  const sender = senderOf(walk);
  if (sender !== undefined && isPeeredReply(from, sender, replies)) {
    const cross = isBackByTransitGateway(from, replies.destination)
      ? crossTransitGatewayBack
      : crossPeeringBack;
    cross(walk, from, sender, replies);
    handBack(walk, sender, replies);
    return;
  }
  if (!isInVpc(world, eni.vpcId, replies.destination)) {
    leaveBack(walk, from, replies);
    return;
  }
  const target = senderOf(walk);
  if (target === undefined) return;
  if (!isRoutedLocally(from, replies.destination)) {
    takeApplianceBack(walk, from, target, replies);
    return;
  }
  if (eni.subnetId !== target.eni.subnetId) {
    crossEdgeBack(walk, world, eni.subnetId, true, replies);
    crossEdgeBack(walk, world, target.eni.subnetId, false, replies);
  }
  handBack(walk, target, replies);
}

/** Out of the VPC by its internet gateway, and into the one the packets came from where they came from one. */
function leaveBack(walk: Walk, from: Departure, replies: Packets): void {
  const { world, eni } = from;
  const inspector = findInspector(walk, from, replies);
  if (inspector?.subnetId !== eni.subnetId) crossEdgeBack(walk, world, eni.subnetId, true, replies);
  if (inspector !== undefined) {
    leaveByInspector(walk, from, inspector, replies);
    return;
  }
  demandWayBack(walk, from, replies.destination);
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  const owner = ownerOf(from, replies.source);
  const publicAddress = owner === undefined ? undefined : publicAddressOf(world, owner, replies.source);
  if (gateway !== undefined && publicAddress !== undefined) {
    const id = gateway.internetGatewayId;
    const back = `${describeResource(gateway, id)} turns ${replies.source} back into ${publicAddress}.`;
    const gate = walk.record.at({
      packets: replies,
      sourcePorts: walk.replyPorts,
      translated: { ...replies, source: publicAddress },
    });
    gate.pass('internet_gateway', back, id);
  }
  const onInternet = { ...replies, source: publicAddress ?? replies.source };
  if (walk.flow.source.kind === 'interface') comeBack(walk, onInternet, true);
}

/** The interface that has an address, which what sends on need not have. */
function ownerOf({ world, eni }: Departure, address: string): NetworkInterface | undefined {
  if (eni.privateIpAddresses.includes(address)) return eni;
  return world.networkInterfaces
    .where('vpcId', eni.vpcId)
    .find(({ privateIpAddresses }) => privateIpAddresses.includes(address));
}

/** The interface that the subnet's table leads to, where the packets came in by it: it knows their replies. */
function findInspector(walk: Walk, from: Departure, { destination }: Packets): NetworkInterface | undefined {
  const appliance = findAppliance(from, destination);
  const isKnown = appliance !== undefined && walk.isKnownTo(appliance.networkInterfaceId);
  return isKnown ? appliance : undefined;
}

/** The replies leave by the appliance that inspected the packets, and on by its own subnet's table. */
function leaveByInspector(
  walk: Walk,
  { world, eni }: Departure,
  inspector: NetworkInterface,
  replies: Packets,
): void {
  const id = inspector.networkInterfaceId;
  if (inspector.subnetId !== eni.subnetId) crossEdgeBack(walk, world, inspector.subnetId, false, replies);
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, replies.destination);
  if (table === undefined || route === undefined) return;
  const name = `${describeTable(world, table, eni.subnetId)} sends the reply by ${describeRoute(world, route)}`;
  const gate = walk.record.at({ packets: replies, subnetId: eni.subnetId, route });
  gate.pass('route', `${name}, which sends it on.`, table.routeTableId, id);
  if (passOnce(walk, id, replies)) leaveBack(walk, { world, eni: inspector, label: id }, replies);
}

function passOnce(walk: Walk, id: string, replies: Packets): boolean {
  if (walk.visit(id, replies)) return true;
  const sentence = `The reply comes back to ${id}, which had it already: it goes round until its time to live is over.`;
  walk.record.stop('route', 'routing-loop', { sentence, objectIds: [id] });
  return false;
}

/** Into the subnet of whoever the packets came from: from the Internet, or from a service by its endpoint. */
function comeBack(walk: Walk, replies: Packets, isByInternet: boolean): void {
  const target = senderOf(walk);
  if (target === undefined) return;
  const { world, eni } = target;
  const own = walk.translations.at(-1)?.address ?? privateSourceOf(walk);
  const destination = own ?? replies.destination;
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  const publicAddress = publicAddressOf(world, eni, destination);
  if (isByInternet && gateway !== undefined && publicAddress !== undefined) {
    const id = gateway.internetGatewayId;
    const back = `${describeResource(gateway, id)} turns ${publicAddress} back into ${destination}.`;
    const packets = { ...replies, destination: publicAddress };
    const translated = { ...replies, destination };
    const gate = walk.record.at({ packets, sourcePorts: walk.replyPorts, translated });
    gate.pass('internet_gateway', back, id);
  }
  const inside = { ...replies, destination };
  if (isByInternet && divertBack(walk, target, inside)) return;
  crossEdgeBack(walk, world, eni.subnetId, false, inside);
  handBack(walk, target, inside);
}

/** The replies, too, are routed by the gateway's own table (semantics S30); false where that leads to the target straight. */
function divertBack(walk: Walk, target: Departure, replies: Packets): boolean {
  const { world, eni } = target;
  const { record } = walk;
  const table = gatewayTableOf(world, eni.vpcId);
  const route = table === undefined ? undefined : findRouteFor(world, table, replies.destination);
  if (table === undefined || route === undefined) return false;
  const name = `${describeGatewayTable(table)}, has ${describeRoute(world, route)} for the reply`;
  const objectIds = [table.routeTableId, ...(route.target.kind === 'local' ? [] : [route.target.id])];
  const gate = record.at({ packets: replies, route });
  const fault = findGatewayRouteFault(world, table, route);
  if (fault !== undefined) {
    const mend = mendGatewayRoute(world, table, route);
    const sentence = `${capitalize(name)}, which carries nothing: ${fault}.`;
    gate.stop('route', 'blackhole', { sentence, mend, objectIds });
    return false;
  }
  gate.pass('route', `${name}.`, ...objectIds);
  const middlebox =
    route.target.kind === 'network-interface' ? world.networkInterfaces.get(route.target.id) : undefined;
  if (middlebox === undefined || middlebox.networkInterfaceId === eni.networkInterfaceId) return false;
  const id = middlebox.networkInterfaceId;
  crossEdgeBack(walk, world, middlebox.subnetId, false, replies);
  if (middlebox.sourceDestCheck) {
    record.stop('destination_check', 'source-destination-check', {
      sentence: `${id} gets only what is addressed to itself: its source/destination check is on.`,
      mend: `aws ec2 modify-network-interface-attribute --network-interface-id ${id} --no-source-dest-check`,
      objectIds: [id],
    });
  }
  if (passOnce(walk, id, replies)) sendBack(walk, { world, eni: middlebox, label: id }, replies);
  return true;
}

function privateSourceOf({ flow }: Walk): string | undefined {
  return flow.source.kind === 'interface' ? flow.source.privateAddress : undefined;
}

/** At whoever the packets came from: a translation is undone and the reply goes on, or it has come home. */
function handBack(walk: Walk, target: Departure, replies: Packets): void {
  const undone = walk.undo();
  if (undone === undefined) {
    passGroupsBack(walk, target.eni, false, replies);
    return;
  }
  const { by, from, name, client, clientPorts, asked } = undone;
  const ports = hasPorts(replies.protocol) ? clientPorts : replies.ports;
  walk.clientPorts = clientPorts;
  if (asked !== undefined) {
    walk.record.pass('load_balancer', `${name} hands it back to ${client}.`, by.eni.networkInterfaceId);
    if (from.eni.groupIds.length > 0) passGroupsBack(walk, from.eni, true, replies);
    sendBack(walk, from, { ...replies, source: asked, destination: client, ports });
    return;
  }
  const isGateway = by.eni.interfaceType === 'nat_gateway';
  const id = isGateway
    ? (by.world.natGateways.where('networkInterfaceId', by.eni.networkInterfaceId)[0]?.natGatewayId ?? '')
    : by.eni.networkInterfaceId;
  const gate = walk.record.at({
    packets: replies,
    sourcePorts: walk.replyPorts,
    translated: { ...replies, destination: client, ports },
  });
  gate.pass(isGateway ? 'nat_gateway' : 'deliver', `${name} hands it back to ${client}.`, id);
  sendBack(walk, by, { ...replies, destination: client, ports });
}

/** The subnet's table sends the reply to an interface that forwards, which need not be the way the packets came by. */
function takeApplianceBack(walk: Walk, from: Departure, target: Departure, replies: Packets): void {
  const { world, eni } = from;
  const { record } = walk;
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, replies.destination);
  if (table === undefined || route === undefined) return;
  const name = `${describeTable(world, table, eni.subnetId)} sends the reply by ${describeRoute(world, route)}`;
  const objectIds = [table.routeTableId];
  const appliance = findAppliance(from, replies.destination);
  const isTarget = appliance?.networkInterfaceId === target.eni.networkInterfaceId;
  // A NAT gateway takes answers to what it translated itself, no others.
  if (appliance === undefined || (appliance.interfaceType === 'nat_gateway' && !isTarget)) {
    record.stop('route', 'blackhole', { sentence: `The ${name}, which carries nothing back.`, objectIds });
    return;
  }
  const id = appliance.networkInterfaceId;
  if (appliance.subnetId !== eni.subnetId) {
    crossEdgeBack(walk, world, eni.subnetId, true, replies);
    crossEdgeBack(walk, world, appliance.subnetId, false, replies);
  }
  if (isTarget) {
    record.pass('route', `${name}.`, ...objectIds);
    handBack(walk, target, replies);
    return;
  }
  if (appliance.sourceDestCheck) {
    const why = 'whose source/destination check drops what is not its own';
    const mend = `aws ec2 modify-network-interface-attribute --network-interface-id ${id} --no-source-dest-check`;
    record.stop('destination_check', 'source-destination-check', {
      sentence: `The ${name}, ${why}.`,
      mend,
      objectIds: [...objectIds, id],
    });
  } else record.pass('route', `${name}, which sends it on.`, ...objectIds);
  if (passOnce(walk, id, replies)) sendBack(walk, { world, eni: appliance, label: id }, replies);
}

/** The interface that a route leads to, where its instance runs. */
function findAppliance({ world, eni }: Departure, address: string): NetworkInterface | undefined {
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  if (table === undefined || route === undefined || !isRouteActive(world, table, route)) return undefined;
  const { target } = route;
  if (target.kind === 'nat-gateway') {
    return world.networkInterfaces.get(world.natGateways.get(target.id)?.networkInterfaceId ?? '');
  }
  return target.kind === 'network-interface' ? world.networkInterfaces.get(target.id) : undefined;
}

/** A reply must leave by the internet gateway that the packets came by: else the subnet is not public (S32). */
export function demandWayBack({ record }: Walk, { world, eni }: Departure, source: string): void {
  const table = routeTableOf(world, eni.subnetId);
  if (table === undefined) {
    const sentence = `The VPC of ${eni.subnetId} has no route table.`;
    record.stop('route', 'no-route', { sentence, objectIds: [eni.subnetId] });
    return;
  }
  const name = describeTable(world, table, eni.subnetId);
  const objectIds = [table.routeTableId];
  const route = findRouteFor(world, table, source);
  const gate = record.at({ subnetId: eni.subnetId, ...(route === undefined ? {} : { route }) });
  const routeBack = isIpv6(source) ? routeIpv6ToInternetGateway : routeToInternetGateway;
  const mend = routeBack(world, table, route);
  if (route?.target.kind === 'internet-gateway') {
    const isUp = isRouteActive(world, table, route) || isMendedByAttaching(world, eni.vpcId, route.target.id);
    if (isUp) gate.pass('route', `${name} has ${describeRoute(world, route)} for the reply.`, ...objectIds);
    else {
      const sentence = `${capitalize(name)} has ${describeRoute(world, route)} for the reply, a blackhole: that gateway is not attached here.`;
      gate.stop('route', 'blackhole', { sentence, mend, objectIds });
    }
    return;
  }
  const instead =
    route === undefined
      ? `has no route to ${source}`
      : `sends ${source} by ${describeRoute(world, route)}, not to the internet gateway it came by`;
  gate.stop('route', 'no-route', {
    sentence: `${capitalize(name)} ${instead}: the reply cannot leave.`,
    mend,
    objectIds,
  });
}
