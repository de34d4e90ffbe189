import { strangersIn } from '../../analyze/expectations/strangers.ts';
import { findEnds } from '../../model/endpoint-names.ts';
import { endAt, type FlowEnd, type InterfaceEnd, isPrivateAddress } from '../../model/flow-endpoints.ts';
import { isInBlock } from '../../model/gates.ts';
import type { NetworkInsightsPath } from '../../model/network-insights-records.ts';
import { publicAddressOf } from '../../model/public-addresses.ts';
import type { NetworkInterface, VpcEndpoint } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { formatIpv4 } from '../../net/address.ts';
import { cidrOf } from '../../net/cidr.ts';
import { isIpv6 } from '../../net/ipv6.ts';
import { kindOfId } from '../kinds.ts';

/** The ends of the flows that a path asks about: one path is found if any of them has one. */
export interface PathEnds {
  readonly sources: readonly FlowEnd[];
  readonly destinations: readonly FlowEnd[];
  /** What a flow must pass for the path to begin, or end, there: the gateway that is an end of the path. */
  readonly from?: string;
  readonly to?: string;
}

/** Why there is nothing to follow: AWS's code, and what it is about. */
export class NoEnds extends Error {
  readonly code: string;
  readonly componentId: string | undefined;

  constructor(code: string, componentId?: string) {
    super(code);
    this.code = code;
    this.componentId = componentId;
  }
}

const EVERYWHERE = cidrOf('0.0.0.0/0');

/** The ends of a path as the worlds are. Throws NoEnds when there is no such end. */
export function endsOf(worlds: readonly World[], path: NetworkInsightsPath): PathEnds {
  const from = sourcesOf(worlds, path);
  const to = destinationsOf(worlds, path, from.ends);
  return {
    sources: from.ends,
    destinations: to.ends,
    ...(from.through === undefined ? {} : { from: from.through }),
    ...(to.through === undefined ? {} : { to: to.through }),
  };
}

interface Ends {
  readonly ends: readonly FlowEnd[];
  readonly through?: string;
}

function sourcesOf(
  worlds: readonly World[],
  { source, sourceIp, filterAtSource }: NetworkInsightsPath,
): Ends {
  const address = sourceIp ?? filterAtSource?.sourceAddress;
  switch (kindOfId(source)?.prefix) {
    case 'i':
    case 'eni': {
      const end = interfaceEnd(worlds, source, address, 'FILTER_AT_SOURCE_SOURCE_ADDRESS');
      // Endpoints, NAT gateways and load balancers begin no connections.
      if (end.eni.interfaceType !== 'interface') throw new NoEnds('NO_PATH', source);
      return { ends: [end] };
    }
    case 'igw':
      demandAttached(worlds, source);
      return { ends: address === undefined ? strangers(worlds) : [stranger(address)], through: source };
    default:
      return { ends: interfacesWith(worlds, address), through: source };
  }
}

function destinationsOf(
  worlds: readonly World[],
  path: NetworkInsightsPath,
  sources: readonly FlowEnd[],
): Ends {
  const { destination, filterAtSource } = path;
  const address = path.destinationIp ?? filterAtSource?.destinationAddress;
  const [source] = sources;
  const there = (): readonly FlowEnd[] => [endAtAddress(worlds, source, address)];
  if (destination === undefined) return { ends: there() };
  switch (kindOfId(destination)?.prefix) {
    case 'i':
    case 'eni':
      return { ends: [interfaceEnd(worlds, destination, address, 'FILTER_AT_SOURCE_DESTINATION_ADDRESS')] };
    case 'igw':
      demandAttached(worlds, destination);
      return { ends: address === undefined ? strangers(worlds) : there(), through: destination };
    case 'vpce':
      return { ends: endpointEnds(worlds, destination, source), through: destination };
    case 'vpce-svc': {
      const endpoint = endpointOfService(worlds, destination, source);
      return { ends: endpointEnds(worlds, endpoint.vpcEndpointId, source), through: endpoint.vpcEndpointId };
    }
    default:
      return { ends: there(), through: destination };
  }
}

function strangers(worlds: readonly World[]): FlowEnd[] {
  return strangersIn(worlds, EVERYWHERE).map((address) => outside(address));
}

/** A gateway that is attached to no VPC carries nothing. */
function demandAttached(worlds: readonly World[], id: string): void {
  const gateway = worlds.map((world) => world.internetGateways.get(id)).find((each) => each !== undefined);
  if (gateway === undefined) throw new NoEnds('NO_SOURCE_OR_DESTINATION', id);
  if (gateway.vpcId === undefined) throw new NoEnds('UNASSOCIATED_COMPONENT', id);
}

/** Beyond an internet gateway nobody has a private address. */
function stranger(address: string): FlowEnd {
  if (isPrivateAddress(address)) {
    const block = isInBlock(address, '100.64.0.0/10') ? 'RFC6598' : 'RFC1918';
    throw new NoEnds(`IGW_SOURCE_ADDRESS_NOT_IN_${block}_INGRESS`);
  }
  return outside(address);
}

function outside(address: string): FlowEnd {
  return { kind: 'outside', address, label: address, block: `${address}/32` };
}

/** What has an address: of several, the one that is nearest to the source. */
function endAtAddress(
  worlds: readonly World[],
  source: FlowEnd | undefined,
  address: string | undefined,
): FlowEnd {
  // Analyses are about IPv4.
  if (source === undefined || address === undefined || isIpv6(address))
    throw new NoEnds('UNKNOWN_DESTINATION');
  const word = source.kind === 'outside' ? source.address : source.eni.networkInterfaceId;
  try {
    return findEnds(worlds, word, address).destination;
  } catch {
    throw new NoEnds('UNKNOWN_DESTINATION');
  }
}

/** An instance's first interface, or an interface; at an address of its own where one is asked about. */
function interfaceEnd(
  worlds: readonly World[],
  id: string,
  address: string | undefined,
  code: string,
): InterfaceEnd {
  const found = findInterface(worlds, id);
  const { world, eni } = found;
  if (address === undefined) return endAt(world, eni, 'name');
  if (eni.privateIpAddresses.includes(address)) return endAt(world, eni, 'private-address', address);
  const own = eni.privateIpAddresses.find((each) => publicAddressOf(world, eni, each) === address);
  if (own === undefined) throw new NoEnds(code, eni.networkInterfaceId);
  return endAt(world, eni, 'public-address', own);
}

function findInterface(
  worlds: readonly World[],
  id: string,
): { readonly world: World; readonly eni: NetworkInterface } {
  for (const world of worlds) {
    const eni = world.networkInterfaces.get(id);
    if (eni !== undefined) return { world, eni };
    const instance = world.instances.get(id);
    if (instance === undefined) continue;
    const first = world.networkInterfaces
      .where('vpcId', instance.vpcId)
      .find(({ attachment }) => attachment?.instanceId === id && attachment.deviceIndex === 0);
    if (first === undefined) throw new NoEnds('UNASSOCIATED_COMPONENT', id);
    return { world, eni: first };
  }
  throw new NoEnds('NO_SOURCE_OR_DESTINATION', id);
}

function interfacesWith(worlds: readonly World[], address: string | undefined): FlowEnd[] {
  if (address === undefined) throw new NoEnds('NO_SOURCE_OR_DESTINATION');
  const found = worlds.flatMap((world) =>
    world.networkInterfaces
      .where('privateIpAddresses', address)
      .map((eni) => endAt(world, eni, 'private-address', address)),
  );
  if (found.length === 0) throw new NoEnds('NO_SOURCE_OR_DESTINATION');
  return found;
}

/** The endpoint's interface in the source's zone, else its first; of a gateway endpoint an address of its service. */
function endpointEnds(worlds: readonly World[], id: string, source: FlowEnd | undefined): FlowEnd[] {
  for (const world of worlds) {
    const endpoint = world.vpcEndpoints.get(id);
    if (endpoint === undefined) continue;
    if (endpoint.vpcEndpointType === 'Gateway') return [serverOf(world, endpoint)];
    const enis = endpoint.networkInterfaceIds.flatMap((each) => world.networkInterfaces.get(each) ?? []);
    const zone = source?.kind === 'interface' ? source.eni.availabilityZone : undefined;
    const eni = enis.find(({ availabilityZone }) => availabilityZone === zone) ?? enis[0];
    if (eni === undefined) throw new NoEnds('UNASSOCIATED_COMPONENT', id);
    return [endAt(world, eni, 'name')];
  }
  throw new NoEnds('NO_SOURCE_OR_DESTINATION', id);
}

/** The service answers at the first address of its block, after the network's own. */
function serverOf(world: World, { serviceName, vpcEndpointId }: VpcEndpoint): FlowEnd {
  const [entry] = world.prefixLists.where('prefixListName', serviceName)[0]?.entries ?? [];
  if (entry === undefined) throw new NoEnds('UNKNOWN_DESTINATION', vpcEndpointId);
  return { ...outside(formatIpv4(cidrOf(entry.cidr).first + 1)) };
}

/** The endpoint of the source's VPC by which a service is reached from there. */
function endpointOfService(worlds: readonly World[], id: string, source: FlowEnd | undefined): VpcEndpoint {
  const service = worlds.map((world) => world.vpcEndpointServices.get(id)).find((each) => each !== undefined);
  if (service === undefined) throw new NoEnds('NO_SOURCE_OR_DESTINATION', id);
  const endpoint =
    source?.kind !== 'interface'
      ? undefined
      : source.world.vpcEndpoints
          .where('vpcId', source.eni.vpcId)
          .find(({ serviceName }) => serviceName === service.serviceName);
  if (endpoint === undefined) throw new NoEnds('NO_PATH', id);
  return endpoint;
}
