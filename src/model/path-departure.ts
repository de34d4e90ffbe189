import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import { endAt } from './flow-endpoints.ts';
import { isInBlock } from './gates.ts';
import { isInspector } from './gateway-route-tables.ts';
import {
  associateAddress,
  findNatGateway,
  isMendedByAttaching,
  replaceTarget,
  routeToInternetGateway,
  routeToNatGateway,
} from './mends.ts';
import {
  arriveOnInternet,
  demandPublicHost,
  demandRunning,
  looksLikeOwnReply,
  receive,
  stopForNoGateway,
} from './path-arrival.ts';
import { goneBecause, stopAtOtherVpc } from './path-dead-ends.ts';
import { capitalize, checkGroups, crossEdge } from './path-gates.ts';
import { crossLocally, isInOwnSubnet, isRoutedLocally, isSameVpc, stopForNobody } from './path-local.ts';
import { isNatExit, passNatGateway, stopInPrivateSubnet } from './path-nat.ts';
import { crossPeering } from './path-peering.ts';
import { crossTransitGateway, leadsToOtherVpcs } from './path-transit.ts';
import type { Departure, Walk } from './path-walk.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NatGateway, Route, RouteTable } from './records.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import { isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** From an interface to wherever its packets are addressed: within the VPC, or out of the subnet by its route table. */
export function sendOn(walk: Walk, from: Departure, packets: Packets): void {
  const { destination } = walk.flow;
  const isInside =
    destination.kind === 'interface' &&
    packets.destination === destination.privateAddress &&
    isSameVpc(from, destination);
  if (isInside && isRoutedLocally(from, packets.destination)) crossLocally(walk, from, destination, packets);
  else if (isInOwnSubnet(from, packets.destination)) stopForNobody(walk, from, packets);
  else leaveSubnet(walk, from, packets);
}

/** Out of a subnet by its route table (semantics S19–S28). */
function leaveSubnet(walk: Walk, from: Departure, packets: Packets): void {
  const { world, eni } = from;
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, packets.destination);
  if (route === undefined || nextSubnetOf(world, route) !== eni.subnetId) {
    crossEdge(walk, world, eni.subnetId, true, packets);
  }
  if (table === undefined) {
    const sentence = `The VPC of ${eni.subnetId} has no route table.`;
    walk.record.stop('route', 'no-route', { sentence, objectIds: [eni.subnetId] });
    return;
  }
  const isOnItsWay = leadsToOtherVpcs(route) || leadsOn(world, route, packets.destination);
  if (!isOnItsWay && stopAtOtherVpc(walk, from, table, route, packets)) return;
  if (eni.interfaceType === 'nat_gateway' && route?.target.kind !== 'local' && !isNatExit(route)) {
    stopInPrivateSubnet(walk, from, table, packets);
    leaveByInternetGateway(walk, from, packets);
    return;
  }
  if (route === undefined) {
    goOnWithoutRoute(walk, from, table, packets);
    return;
  }
  const name = `${describeRoute(world, route)} in ${describeTable(world, table, eni.subnetId).replace(/,$/, '')}`;
  if (!isRouteActive(world, table, route)) {
    goOnFromBlackhole(walk, from, table, route, name, packets);
    return;
  }
  const { target } = route;
  const onward = target.kind === 'local' ? [] : [target.id];
  const gate = walk.record.at({ packets, subnetId: eni.subnetId, route });
  gate.pass('route', `${name}.`, table.routeTableId, ...onward);
  follow(walk, from, route, packets);
}

/** Whether a route leads to a NAT gateway or an appliance from whose own subnet another VPC is reached. */
function leadsOn(world: World, route: Route | undefined, destination: string): boolean {
  const subnetId = route === undefined ? undefined : nextSubnetOf(world, route);
  const table = subnetId === undefined ? undefined : routeTableOf(world, subnetId);
  return table !== undefined && leadsToOtherVpcs(findRouteFor(world, table, destination));
}

/** The subnet of the interface that a route leads to, when it leads to one. */
function nextSubnetOf(world: World, { target }: Route): string | undefined {
  if (target.kind === 'nat-gateway') return world.natGateways.get(target.id)?.subnetId;
  return target.kind === 'network-interface' ? world.networkInterfaces.get(target.id)?.subnetId : undefined;
}

function follow(walk: Walk, from: Departure, { target }: Route, packets: Packets): void {
  const { world } = from;
  const { record } = walk;
  switch (target.kind) {
    case 'internet-gateway':
      leaveByInternetGateway(walk, from, packets);
      return;
    case 'nat-gateway': {
      const gateway = world.natGateways.get(target.id);
      if (gateway !== undefined) throughNatGateway(walk, from, gateway, packets);
      return;
    }
    case 'vpc-endpoint': {
      const name = describeResource(world.vpcEndpoints.get(target.id), target.id);
      const carried = `${name} carries it to the service, not through the Internet.`;
      record.at({ packets }).pass('gateway_endpoint', carried, target.id);
      if (!demandPublicHost(walk, 'gateway_endpoint', packets.destination)) return;
      record.pass('deliver', `the service sees it come from ${packets.source}.`);
      walk.arrive({ kind: 'service', packets });
      return;
    }
    case 'network-interface': {
      const eni = world.networkInterfaces.get(target.id);
      if (eni !== undefined) passAppliance(walk, from, { world, eni }, packets);
      return;
    }
    case 'vpc-peering-connection':
      crossPeering(walk, from, target.id, packets);
      return;
    case 'transit-gateway':
      crossTransitGateway(walk, from, target.id, packets);
      return;
    case 'vpn-gateway':
      record.stop('route', 'blackhole', {
        sentence: `${target.id} has no VPN behind it: nothing takes ${packets.destination}.`,
        objectIds: [target.id],
      });
      return;
    case 'egress-only-internet-gateway':
    case 'local':
      stopForNobody(walk, from, packets);
      return;
  }
}

/** Goes on by the way that the mend opens: by the gateway's endpoint, a NAT gateway, or the internet gateway. */
function goOnWithoutRoute(walk: Walk, from: Departure, table: RouteTable, packets: Packets): void {
  const { world, eni } = from;
  const sentence = `${capitalize(describeTable(world, table, eni.subnetId))} has no route to ${packets.destination}.`;
  const objectIds = [table.routeTableId];
  const endpoint = endpointLine(world, table, packets.destination);
  const hasPublicAddress = publicAddressOf(world, eni) !== undefined;
  const throughNat = hasPublicAddress ? undefined : routeToNatGateway(world, table);
  const mend = endpoint ?? throughNat ?? routeToInternetGateway(world, table);
  if (endpoint === undefined && throughNat === undefined) demandGateway(walk, from);
  const gate = walk.record.at({ packets, subnetId: eni.subnetId });
  gate.stop('route', 'no-route', { sentence, mend, objectIds });
  if (endpoint !== undefined) {
    walk.arrive({ kind: 'service', packets });
    return;
  }
  const gateway = hasPublicAddress ? undefined : findNatGateway(world, eni.vpcId);
  if (gateway !== undefined) throughNatGateway(walk, from, gateway, packets);
  else if (throughNat === undefined) leaveByInternetGateway(walk, from, packets);
  else walk.arrive({ kind: 'internet', packets });
}

/** Said before a route to the gateway is asked for: without the gateway there can be none. */
function demandGateway(walk: Walk, { world, eni }: Departure): void {
  if (world.internetGateways.where('vpcId', eni.vpcId).length === 0) stopForNoGateway(walk, { world, eni });
}

/** The line that makes a table lead to the service at an address by an endpoint of its own; undefined for other addresses. */
function endpointLine(world: World, table: RouteTable, address: string): string | undefined {
  const list = [...world.prefixLists.values()].find(
    ({ ownerId, entries }) => ownerId === 'AWS' && entries.some(({ cidr }) => isInBlock(address, cidr)),
  );
  if (list === undefined) return undefined;
  const endpoint = world.vpcEndpoints
    .where('vpcId', table.vpcId)
    .find(({ serviceName, state }) => serviceName === list.prefixListName && state === 'available');
  return endpoint === undefined
    ? `aws ec2 create-vpc-endpoint --vpc-id ${table.vpcId} --service-name ${list.prefixListName} --route-table-ids ${table.routeTableId}`
    : `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${endpoint.vpcEndpointId} --add-route-table-ids ${table.routeTableId}`;
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
  const isGatewayMissing =
    target.kind === 'internet-gateway' && isMendedByAttaching(world, eni.vpcId, target.id);
  if (isGatewayMissing) {
    // Attaching it mends the route too, so it is one obstacle, not two.
    gate.pass('route', `${name}.`, table.routeTableId);
    leaveByInternetGateway(walk, from, packets);
    return;
  }
  if (target.kind === 'internet-gateway') demandGateway(walk, from);
  gate.stop('route', 'blackhole', {
    sentence: `${name}, is a blackhole: ${goneBecause(world, target)}.`,
    mend: replaceTarget(world, table, route),
    objectIds: [table.routeTableId, ...(target.kind === 'local' ? [] : [target.id])],
  });
  if (target.kind === 'internet-gateway') leaveByInternetGateway(walk, from, packets);
  const gateway = target.kind === 'nat-gateway' ? findNatGateway(world, eni.vpcId) : undefined;
  if (gateway !== undefined) throughNatGateway(walk, from, gateway, packets);
  else if (target.kind === 'nat-gateway') walk.arrive({ kind: 'internet', packets });
  else if (target.kind === 'vpc-endpoint') walk.arrive({ kind: 'service', packets });
}

/** Out by the sender's own public address; without one the internet gateway drops, it never masquerades (S38). */
function leaveByInternetGateway(walk: Walk, from: Departure, packets: Packets): void {
  const { record } = walk;
  const { world, eni, label } = senderOf(from, packets.source);
  const publicAddress = publicAddressOf(world, eni, packets.source);
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  if (gateway === undefined) stopForNoGateway(walk, { world, eni });
  if (publicAddress === undefined) {
    const name =
      gateway === undefined ? 'an internet gateway' : describeResource(gateway, gateway.internetGatewayId);
    const gate = record.at({ packets, networkInterfaceId: eni.networkInterfaceId });
    gate.stop('internet_gateway', 'no-public-address', {
      sentence: `${label} has no public address: ${name} drops what comes from ${packets.source}, it does not masquerade.`,
      mend: associateAddress(world, eni),
      objectIds: [eni.networkInterfaceId],
    });
  } else if (gateway !== undefined) {
    const id = gateway.internetGatewayId;
    const address = world.addresses.where('publicIp', publicAddress)[0];
    const what = address === undefined ? 'public address' : `Elastic IP (${address.allocationId})`;
    const gate = record.at({
      packets,
      sourcePorts: walk.clientPorts,
      translated: { ...packets, source: publicAddress },
    });
    gate.pass(
      'internet_gateway',
      `${describeResource(gateway, id)} turns ${packets.source} into ${label}’s ${what} ${publicAddress}.`,
      id,
      ...(address === undefined ? [] : [address.allocationId]),
    );
  }
  arriveOnInternet(walk, { ...packets, source: publicAddress ?? packets.source });
}

/** Whose address packets come from: what they leave from, or whatever sent them by an interface that inspects. */
function senderOf(from: Departure, source: string): Departure {
  const { world, eni } = from;
  if (eni.privateIpAddresses.includes(source)) return from;
  const owner = world.networkInterfaces
    .where('vpcId', eni.vpcId)
    .find(({ privateIpAddresses }) => privateIpAddresses.includes(source));
  return owner === undefined ? from : endAt(world, owner, 'private-address');
}

/** Into the NAT gateway's subnet, and on from there under the gateway's own address. */
function throughNatGateway(walk: Walk, from: Departure, gateway: NatGateway, packets: Packets): void {
  const onward = passNatGateway(walk, from, gateway, packets);
  if (onward !== undefined) sendOn(walk, onward.from, onward.packets);
}

/**
 * To an interface that forwards for others, and on from there: `from` a subnet, or from the VPC's internet gateway. What its
 * instance does with the packets is its own affair; here it is taken to do what such instances are for: to inspect within the
 * VPC, and what comes and goes by the gateway where that leads to it; to translate towards everywhere else.
 */
export function passAppliance(
  walk: Walk,
  from: Departure | undefined,
  { world, eni }: Pick<Departure, 'world' | 'eni'>,
  packets: Packets,
): void {
  const { record } = walk;
  const { destination } = walk.flow;
  const id = eni.networkInterfaceId;
  if (!walk.visit(id, packets)) {
    const sentence = `The routes lead back to ${id}, which had it already: it goes round until its time to live is over.`;
    record.stop('route', 'routing-loop', { sentence, objectIds: [id] });
    return;
  }
  if (eni.subnetId !== from?.eni.subnetId) crossEdge(walk, world, eni.subnetId, false, packets);
  if (eni.privateIpAddresses.includes(packets.destination) && destination.kind === 'interface') {
    receive(walk, destination, packets);
    return;
  }
  const end = endAt(world, eni, 'private-address');
  const { label } = end;
  // As at whoever sent them: what looks like their answer is asked for no rule.
  const isKnown = destination.kind === 'interface' && looksLikeOwnReply(destination, packets);
  if (!isKnown) checkGroups(walk, end, false, packets);
  if (eni.sourceDestCheck) {
    record.stop('destination_check', 'source-destination-check', {
      sentence: `${label} gets only what is addressed to itself: its source/destination check is on.`,
      mend: `aws ec2 modify-network-interface-attribute --network-interface-id ${id} --no-source-dest-check`,
      objectIds: [id],
    });
  }
  if (!demandRunning(walk, end, 'deliver')) return;
  const isUnchanged =
    isInVpc(world, eni.vpcId, packets.destination) || isInspector(world, eni, packets.source);
  const how = isUnchanged ? 'unchanged' : 'under its own address, as a NAT instance does';
  record.at({ packets }).pass('deliver', `${label} gets it, and is taken to send it on ${how}.`, id);
  const sent = isUnchanged ? packets : { ...packets, source: end.privateAddress };
  if (isUnchanged) walk.inspect(id);
  else walk.translate({ by: end, name: label, client: packets.source, address: end.privateAddress });
  walk.isPassedOn = !eni.privateIpAddresses.includes(sent.source);
  if (!isKnown) checkGroups(walk, end, true, sent);
  sendOn(walk, end, sent);
}
