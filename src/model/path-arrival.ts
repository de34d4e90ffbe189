import { hasPorts, type Packets, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import { isOfferedService } from './endpoint-dns.ts';
import { type InterfaceEnd, isPrivateAddress, isWorldsPublicAddress } from './flow-endpoints.ts';
import { describeGatewayTable, findGatewayRouteFault, gatewayTableOf } from './gateway-route-tables.ts';
import { ENDPOINT_PORTS, endpointOfInterface, isEndpointOpen } from './interface-endpoints.ts';
import { acceptEndpoint, associateAddress, attachInternetGateway, mendGatewayRoute } from './mends.ts';
import { reachLoadBalancer, reachOfferedService } from './path-balancing.ts';
import { checkGroups, crossEdge, passGroupsAsReply } from './path-gates.ts';
import type { Walk } from './path-walk.ts';
import { describeRoute, findRouteFor } from './route-lookup.ts';
import { isServiceInterface } from './service-interfaces.ts';
import type { StageName } from './stages.ts';

/** On the Internet: at a public server, or before the VPC whose public address is meant. */
export function arriveOnInternet(walk: Walk, packets: Packets): void {
  const { record, flow } = walk;
  const { destination } = flow;
  if (destination.kind === 'interface') {
    enterVpc(walk, destination, packets.source);
    return;
  }
  if (isPrivateAddress(packets.destination)) {
    const sentence = `The Internet does not route ${packets.destination}: it is a private address.`;
    record.at({ packets }).stop('internet_gateway', 'private-address', { sentence, objectIds: [] });
    return;
  }
  if (isWorldsPublicAddress(packets.destination)) {
    const sentence = `No interface has the public address ${packets.destination}.`;
    record.at({ packets }).stop('internet_gateway', 'no-such-address', { sentence, objectIds: [] });
    return;
  }
  const passed = `${packets.destination} is reached through the Internet, from ${packets.source}.`;
  if (!demandPublicHost(walk, 'internet_gateway', packets.destination)) return;
  record.pass('deliver', passed);
  walk.arrive({ kind: 'internet', packets });
}

/** Whether anyone of the simulated Internet answers at an address. */
export function demandPublicHost({ flow, record }: Walk, stage: StageName, address: string): boolean {
  if (flow.publicHosts?.has(address) ?? true) return true;
  const sentence = `Nobody has ${address} on the simulated Internet: it has a few hosts only, such as 8.8.8.8 and example.com.`;
  record.stop(stage, 'no-such-address', { sentence, objectIds: [] });
  return false;
}

/** In by the VPC's internet gateway, from an address of the Internet (semantics S36–S38). */
export function enterVpc(walk: Walk, end: InterfaceEnd, source: string): void {
  const { world, eni, privateAddress, publicAddress } = end;
  const { protocol, ports } = walk.flow;
  const packets = { protocol, ports, source, destination: privateAddress };
  demandPublicAddress(walk, end, packets);
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  if (gateway === undefined) stopForNoGateway(walk, end);
  else if (publicAddress !== undefined) {
    const id = gateway.internetGatewayId;
    const because = `${describeResource(gateway, id)} turns ${publicAddress} into ${privateAddress}.`;
    const before = { ...packets, destination: publicAddress };
    const gate = walk.record.at({ packets: before, sourcePorts: walk.clientPorts, translated: packets });
    gate.pass('internet_gateway', because, id);
  }
  if (divertByGatewayTable(walk, end, packets)) return;
  crossEdge(walk, world, eni.subnetId, false, packets);
  receive(walk, end, packets);
}

/** What comes in by the internet gateway is routed by the gateway's own table, where it has one (semantics S30). */
function divertByGatewayTable(walk: Walk, { world, eni }: InterfaceEnd, packets: Packets): boolean {
  const table = gatewayTableOf(world, eni.vpcId);
  const route = table === undefined ? undefined : findRouteFor(world, table, packets.destination);
  if (table === undefined || route === undefined) return false;
  const name = `${describeRoute(world, route)} in ${describeGatewayTable(table)}`;
  const objectIds = [table.routeTableId, ...(route.target.kind === 'local' ? [] : [route.target.id])];
  const gate = walk.record.at({ packets, route });
  const fault = findGatewayRouteFault(world, table, route);
  if (fault !== undefined) {
    const mend = mendGatewayRoute(world, table, route);
    gate.stop('route', 'blackhole', { sentence: `${name}, carries nothing: ${fault}.`, mend, objectIds });
    return false;
  }
  gate.pass('route', `${name}.`, ...objectIds);
  const middlebox =
    route.target.kind === 'network-interface' ? world.networkInterfaces.get(route.target.id) : undefined;
  if (middlebox === undefined) return false;
  walk.divertLater({ world, eni: middlebox }, packets);
  return true;
}

function demandPublicAddress({ record }: Walk, end: InterfaceEnd, packets: Packets): void {
  const { world, eni, label, privateAddress, publicAddress, asked } = end;
  const gate = record.at({ packets, networkInterfaceId: eni.networkInterfaceId });
  if (publicAddress === undefined) {
    gate.stop('internet_gateway', 'no-public-address', {
      sentence: `${label} has no public address, and the Internet does not route its private one, ${privateAddress}: it is reached from within the VPC only.`,
      mend: associateAddress(world, eni),
      objectIds: [eni.networkInterfaceId],
    });
  } else if (asked === 'private-address') {
    gate.stop('internet_gateway', 'private-address', {
      sentence: `The Internet does not route ${privateAddress}, a private address; ${label} is reached at ${publicAddress}.`,
      objectIds: [eni.networkInterfaceId],
    });
  }
}

/** A VPC without an internet gateway has no way from or to the Internet; told once. */
export function stopForNoGateway(
  { record }: Walk,
  { world, eni }: Pick<InterfaceEnd, 'world' | 'eni'>,
): void {
  if (record.hasStopped('no-internet-gateway', eni.vpcId)) return;
  record.stop('internet_gateway', 'no-internet-gateway', {
    sentence: `VPC ${describeResource(world.vpcs.get(eni.vpcId), eni.vpcId)} has no internet gateway attached.`,
    mend: attachInternetGateway(world, eni.vpcId),
    objectIds: [eni.vpcId],
  });
}

/** At the interface: its security groups, and whether anyone is there. */
export function receive(walk: Walk, end: InterfaceEnd, packets: Packets): void {
  const { record } = walk;
  const { world, eni, label } = end;
  if (eni.interfaceType === 'nat_gateway') {
    record.stop('nat_gateway', 'unsolicited', {
      sentence: `${label} is a NAT gateway: it lets in only answers to what began behind it.`,
      objectIds: [eni.networkInterfaceId],
    });
    return;
  }
  if (looksLikeOwnReply(end, packets)) passGroupsAsReply(walk, end, packets);
  else if (eni.interfaceType !== 'network_load_balancer') checkGroups(walk, end, false, packets);
  const own = `it is addressed to ${label}’s own ${packets.destination}.`;
  const sourcePorts = walk.clientPorts;
  record.at({ packets, sourcePorts }).pass('destination_check', own, eni.networkInterfaceId);
  if (eni.interfaceType === 'network_load_balancer') {
    reachLoadBalancer(walk, end, packets);
    return;
  }
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint !== undefined && isEndpointOpen(endpoint) && isOfferedService(endpoint.serviceName)) {
    reachOfferedService(walk, end, endpoint, packets);
    return;
  }
  if (eni.interfaceType === 'vpc_endpoint') reachEndpoint(walk, end, packets);
  else if (demandRunning(walk, end, 'deliver'))
    record.pass('deliver', `${label} gets it.`, eni.networkInterfaceId);
  walk.arrive({ kind: 'interface', end, packets });
}

/**
 * Whether packets that an interface sent to its own public address come back just as their answer would: connections of a
 * protocol without ports are known by address and protocol alone (semantics S83), and an echo by its type, too.
 */
export function looksLikeOwnReply(
  { publicAddress, privateAddress }: InterfaceEnd,
  packets: Packets,
): boolean {
  const isByAddress = !hasPorts(packets.protocol) && packets.protocol !== PROTOCOL_NUMBERS['icmp'];
  return isByAddress && packets.source === publicAddress && packets.destination === privateAddress;
}

/** At an interface endpoint: it hands on to its service what is for the service's ports (semantics S104). */
function reachEndpoint({ record, flow }: Walk, { world, eni, label }: InterfaceEnd, packets: Packets): void {
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint === undefined || !isEndpointOpen(endpoint)) {
    record.stop('deliver', 'endpoint-not-available', {
      sentence: `${label} is the interface of an endpoint that is ${endpoint?.state ?? 'gone'}.`,
      mend: endpoint === undefined ? undefined : acceptEndpoint(flow.worlds, world, endpoint),
      objectIds: [endpoint?.vpcEndpointId ?? eni.networkInterfaceId],
    });
    return;
  }
  const { vpcEndpointId, serviceName } = endpoint;
  const { first, last } = packets.ports;
  const isServed =
    packets.protocol === PROTOCOL_NUMBERS['tcp'] && first === last && ENDPOINT_PORTS.includes(first);
  if (!isServed) {
    record.stop('deliver', 'endpoint-port', {
      sentence: `${serviceName} answers at its endpoint on TCP ports ${ENDPOINT_PORTS.join(' and ')} only.`,
      objectIds: [vpcEndpointId],
    });
    return;
  }
  record.pass('deliver', `${label} hands it to ${serviceName}.`, vpcEndpointId);
}

/** Whether someone is there, an instance or a service: an instance that does not run sends nothing and gets nothing. */
export function demandRunning({ record }: Walk, end: InterfaceEnd, stage: StageName): boolean {
  const { eni, instance, label } = end;
  if (instance?.state === 'running' || isServiceInterface(eni)) return true;
  record.stop(stage, 'not-running', {
    sentence:
      instance === undefined
        ? `${label} is attached to no running instance.`
        : `${label} is ${instance.state}.`,
    mend: startLine(instance),
    objectIds: [instance?.instanceId ?? eni.networkInterfaceId],
  });
  return false;
}

function startLine(instance: InterfaceEnd['instance']): string | undefined {
  if (instance?.state === 'stopped') return `aws ec2 start-instances --instance-ids ${instance.instanceId}`;
  if (instance?.state !== 'pending') return undefined;
  return `aws ec2 wait instance-running --instance-ids ${instance.instanceId}`;
}
