import { describeResource } from '../model/display-names.ts';
import type { Flow, FlowEnd } from '../model/flow-endpoints.ts';
import { endpointOfInterface } from '../model/interface-endpoints.ts';
import { loadBalancerOf } from '../model/load-balancing.ts';
import type { MetRule, ProbeAnswer } from '../model/passage.ts';
import { addressedTo } from '../model/path.ts';
import type { Path } from '../model/path-result.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { StageName } from '../model/stages.ts';
import type { World } from '../model/world.ts';
import { hasPorts } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import type { PublicServers } from './edge.ts';
import { INTERNET, LAPTOP, LAPTOP_ADDRESS, LAPTOP_IPV6, SERVICES } from './places.ts';
import { isPresent, standingOf } from './presence.ts';
import { serviceAddressesOf } from './service-addresses.ts';

/** One packet to send, and where it is to be followed. */
export interface ProbeSpec {
  /** IANA's number. */
  readonly protocol: number;
  /** The machine that it is sent in, and the address it comes from. */
  readonly machine: string;
  readonly source: string;
  readonly destination: string;
  /** 0 where the protocol has none. */
  readonly port: number;
  /** Addresses from which the destination may answer, on its way back. */
  readonly peers: readonly string[];
  /** Machines to follow it in. Those that are not there are left out. */
  readonly machines: readonly string[];
  /** How long an answer is waited for. */
  readonly milliseconds: number;
}

/** What the kernel tells of a rule, or the end of a chain, that the packet met. */
export interface TraceEvent {
  readonly machine: string;
  readonly table: string;
  readonly chain: string;
  readonly kind: 'rule' | 'return' | 'policy';
  /** The rule's handle in its table; undefined at the end of a chain. */
  readonly handle: number | undefined;
  readonly verdict: string;
  readonly isReply: boolean;
  /** The packet's time to live, or hops left, told where a hook begins. */
  readonly ttl: number | undefined;
}

/** What became of a probe. */
export interface ProbeReport {
  readonly answer: ProbeAnswer | undefined;
  /** Why the sender's own kernel did not send it. */
  readonly unsent: string | undefined;
  /** In order within each machine. */
  readonly events: readonly TraceEvent[];
  readonly rules: readonly Omit<MetRule, 'moved'>[];
}

/** A machine on the way, as people know it. */
export interface Waypoint {
  readonly machine: string;
  readonly label: string;
  /** The stage that the whole machine is, such as a NAT gateway; undefined for routers, and for whatever is at an end. */
  readonly stage: StageName | undefined;
  /** Whether packets end there, or are sent on by someone's own computer. */
  readonly isEnd: boolean;
}

/** A probe of a flow, and the machines on its way. */
export interface PlannedProbe {
  readonly spec: ProbeSpec;
  readonly waypoints: readonly Waypoint[];
}

/** The machines that stand outside every VPC. */
const OUTSIDE = [
  [LAPTOP, 'the laptop'],
  [INTERNET, 'the simulated Internet'],
  [SERVICES, 'the region’s services'],
] as const;

/**
 * The packet that tries a flow out, and the machines on the way that the model says it takes. Throws with a sentence for
 * people when nothing can send it: the source does not run, or nobody of the simulated Internet has its address.
 */
export function planProbe(
  flow: Flow,
  path: Path,
  servers: PublicServers,
  milliseconds: number,
): PlannedProbe {
  const { source, destination } = flow;
  const waypoints = new Map<string, Waypoint>();
  const add = (waypoint: Waypoint): void => {
    if (!waypoints.has(waypoint.machine)) waypoints.set(waypoint.machine, waypoint);
  };
  const sender = findSender(source, servers);
  for (const end of [source, destination])
    if (end.kind === 'interface') addInterface(end.world, end.eni, add);
  const goal = destination.kind === 'outside' ? findPublicMachine(destination.address, servers) : undefined;
  for (const [machine, label] of OUTSIDE) {
    add({ machine, label, stage: undefined, isEnd: machine === sender.machine || machine === goal });
  }
  for (const id of new Set(path.hops.flatMap(({ objectIds }) => objectIds))) {
    for (const world of flow.worlds) addObject(world, id, add);
  }
  const address = addressedTo(flow);
  const spec: ProbeSpec = {
    protocol: flow.protocol,
    machine: sender.machine,
    source: sender.address,
    destination: address,
    port: hasPorts(flow.protocol) ? flow.ports.first : 0,
    peers: addressesOf(destination, address),
    machines: [...new Set([sender.machine, ...waypoints.keys()])],
    milliseconds,
  };
  return { spec, waypoints: [...waypoints.values()] };
}

function findSender(source: FlowEnd, servers: PublicServers): { machine: string; address: string } {
  if (source.kind === 'interface') {
    const { world, eni, instance, label, privateAddress } = source;
    if (instance?.state === 'running') {
      return { machine: standingOf(world, eni).machine, address: privateAddress };
    }
    throw new Error(
      instance === undefined
        ? `${label} is attached to no running instance: nothing can be sent from it.`
        : `${label} is ${instance.state}: nothing can be sent from it. \`croft explain\` asks the model alone.`,
    );
  }
  const machine = findPublicMachine(source.address, servers);
  if (machine !== undefined) return { machine, address: source.address };
  throw new Error(
    `Nobody has ${source.address} on the simulated Internet, so nothing can be sent from it. Trace from laptop, or from ${isIpv6(source.address) ? '2001:4860:4860::8888' : '8.8.8.8'}.`,
  );
}

function findPublicMachine(address: string, { internet, services }: PublicServers): string | undefined {
  if (address === LAPTOP_ADDRESS || address === LAPTOP_IPV6) return LAPTOP;
  if (internet.includes(address)) return INTERNET;
  return services.includes(address) ? SERVICES : undefined;
}

function addressesOf(end: FlowEnd, asked: string): string[] {
  if (end.kind === 'outside') return [end.address];
  const { privateAddress, publicAddress, eni } = end;
  const others = publicAddress === undefined ? [] : [publicAddress];
  const ofServices = serviceAddressesOf(eni).map(({ serviceAddress }) => serviceAddress);
  const all = [asked, privateAddress, ...others, ...ofServices];
  return [...new Set(all)].filter((address) => isIpv6(address) === isIpv6(asked));
}

function addObject(world: World, id: string, add: (waypoint: Waypoint) => void): void {
  const enis = [
    id,
    world.natGateways.get(id)?.networkInterfaceId,
    ...(world.vpcEndpoints.get(id)?.networkInterfaceIds ?? []),
    ...(world.loadBalancers.get(id)?.networkInterfaceIds ?? []),
  ];
  for (const eniId of enis) {
    const eni = eniId === undefined ? undefined : world.networkInterfaces.get(eniId);
    if (eni !== undefined) addInterface(world, eni, add);
  }
  if (world.transitGateways.get(id) !== undefined) {
    add({ machine: id, label: `transit gateway ${id}`, stage: undefined, isEnd: false });
  }
}

function addInterface(world: World, eni: NetworkInterface, add: (waypoint: Waypoint) => void): void {
  if (!isPresent(world, eni)) return;
  add({
    machine: eni.vpcId,
    label: `the router of VPC ${describeResource(world.vpcs.get(eni.vpcId), eni.vpcId)}`,
    stage: undefined,
    isEnd: false,
  });
  const { machine } = standingOf(world, eni);
  const stage = stageOf(eni);
  add({ machine, label: labelOf(world, eni), stage, isEnd: stage === undefined });
}

function stageOf({ interfaceType }: NetworkInterface): StageName | undefined {
  switch (interfaceType) {
    case 'nat_gateway':
      return 'nat_gateway';
    case 'network_load_balancer':
      return 'load_balancer';
    case 'vpc_endpoint':
      return 'deliver';
    default:
      return undefined;
  }
}

function labelOf(world: World, eni: NetworkInterface): string {
  const instance = world.instances.get(eni.attachment?.instanceId ?? '');
  if (instance !== undefined) return describeResource(instance, instance.instanceId);
  const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
  if (gateway !== undefined) return `NAT gateway ${describeResource(gateway, gateway.natGatewayId)}`;
  const balancer = loadBalancerOf(world, eni);
  if (balancer !== undefined) return `a node of load balancer ${balancer.loadBalancerName}`;
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint !== undefined) return `endpoint ${describeResource(endpoint, endpoint.vpcEndpointId)}`;
  return describeResource(eni, eni.networkInterfaceId);
}
