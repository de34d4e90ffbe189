import { hasPorts, NAT_PORTS, type Packets, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import { routeToInternetGateway, routeToNatGateway } from './mends.ts';
import { chooseNatAddress, natAddressesOf } from './nat-gateways.ts';
import { crossEdge } from './path-gates.ts';
import { leadsToOtherVpcs } from './path-transit.ts';
import type { Departure, Onward, Walk } from './path-walk.ts';
import type { NatGateway, NetworkInterface, Route, RouteTable } from './records.ts';
import { describeTable, findRouteFor } from './route-lookup.ts';
import { routeTableOf } from './routes.ts';
import { isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/**
 * Into the NAT gateway's subnet, to go on from there under an address of the gateway's own (semantics S46–S54, S57).
 * Undefined where it does not go on.
 */
export function passNatGateway(
  walk: Walk,
  from: Departure,
  gateway: NatGateway,
  packets: Packets,
): Onward | undefined {
  const { record } = walk;
  const { world } = from;
  const { natGatewayId, networkInterfaceId } = gateway;
  const label = `NAT gateway ${describeResource(gateway, natGatewayId)}`;
  const objectIds = [natGatewayId];
  if (gateway.subnetId !== from.eni.subnetId) crossEdge(walk, world, gateway.subnetId, false, packets);
  if (gateway.state !== 'available') {
    record.stop('nat_gateway', 'nat-gateway-not-available', {
      sentence: `${label} is still ${gateway.state}.`,
      mend: `aws ec2 wait nat-gateway-available --nat-gateway-ids ${natGatewayId}`,
      objectIds,
    });
  }
  if (!hasPorts(packets.protocol) && packets.protocol !== PROTOCOL_NUMBERS['icmp']) {
    const sentence = `${label} translates TCP, UDP and ICMP only.`;
    record.stop('nat_gateway', 'nat-gateway-protocol', { sentence, objectIds });
  }
  const eni = networkInterfaceId === undefined ? undefined : world.networkInterfaces.get(networkInterfaceId);
  const addresses = eni === undefined ? [] : natAddressesOf(world, eni);
  if (eni === undefined || addresses.length === 0) return undefined;
  if (gateway.connectivityType === 'private' && !isReachedPrivately(world, eni, packets.destination)) {
    stopAtPrivateGateway(walk, from, gateway, label, packets);
    return undefined;
  }
  const chosen = chooseNatAddress(packets, walk.clientPorts, addresses.length);
  const own = chosen === undefined ? walk.choose(addresses) : addresses[chosen];
  if (own === undefined) return undefined;
  const which =
    chosen === undefined
      ? `one of its own addresses, ${addresses.join(', ')}; here ${own}`
      : `its own address ${own}`;
  const gate = record.at({
    packets,
    sourcePorts: walk.clientPorts,
    translated: { ...packets, source: own },
    networkInterfaceId: eni.networkInterfaceId,
  });
  gate.pass('nat_gateway', `${label} sends it on from ${which}.`, natGatewayId);
  const by = { world, eni, label };
  walk.translate({ by, name: label, client: packets.source, address: own, clientPorts: NAT_PORTS });
  return { from: by, packets: { ...packets, source: own } };
}

/** Whether packets from a private address get to another: within the VPC, or by a gateway that asks for no public one. */
function isReachedPrivately(world: World, { vpcId, subnetId }: NetworkInterface, address: string): boolean {
  if (isInVpc(world, vpcId, address)) return true;
  const table = routeTableOf(world, subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  return isNatExit(route) && route?.target.kind !== 'internet-gateway';
}

/** A private one leads to other VPCs; what it sends to an internet gateway is dropped there (semantics S57). */
function stopAtPrivateGateway(
  { record }: Walk,
  { world, eni }: Departure,
  { natGatewayId }: NatGateway,
  label: string,
  { destination }: Packets,
): void {
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, destination);
  record.stop('nat_gateway', 'nat-gateway-is-private', {
    sentence: `${label} is a private one: it has no Elastic IP and leads to no Internet.`,
    mend: table === undefined ? undefined : routeToNatGateway(world, table, route),
    objectIds: [natGatewayId],
  });
}

/** Whether a NAT gateway's own subnet sends on by such a route: out of the VPC or to an appliance, not to another like it. */
export function isNatExit(route: Route | undefined): boolean {
  switch (route?.target.kind) {
    case 'internet-gateway':
    case 'network-interface':
    case 'vpc-endpoint':
      return true;
    default:
      return leadsToOtherVpcs(route);
  }
}

/** The gateway's own subnet leads nowhere outside. */
export function stopInPrivateSubnet(
  { record }: Walk,
  { world, eni, label }: Departure,
  table: RouteTable,
  packets: Packets,
): void {
  const route = findRouteFor(world, table, packets.destination);
  record.stop('nat_gateway', 'nat-gateway-in-private-subnet', {
    sentence: `${label} stands in a private subnet: ${describeTable(world, table, eni.subnetId)} has no route to an internet gateway.`,
    // A table that leads to the NAT gateway itself serves private instances: it must stay private.
    mend: table.routes.some(({ target }) => target.kind === 'nat-gateway')
      ? routeToNatGateway(world, table, route)
      : routeToInternetGateway(world, table, route),
    objectIds: [eni.subnetId, table.routeTableId],
  });
}
