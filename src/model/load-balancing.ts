import { PROTOCOL_NUMBERS } from '../net/flow.ts';
import type { BalancedTarget, Listener, LoadBalancer, TargetGroup } from './load-balancer-records.ts';
import type { NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/** What a node may send packets to: a target that is in service, at the port it was registered with. */
export interface TargetInService {
  readonly eni: NetworkInterface;
  readonly address: string;
  readonly port: number;
}

/** The load balancer that an interface is a node of; undefined for every other interface. */
export function loadBalancerOf(world: World, eni: NetworkInterface): LoadBalancer | undefined {
  if (eni.interfaceType !== 'network_load_balancer') return undefined;
  return world.loadBalancers.where('networkInterfaceIds', eni.networkInterfaceId)[0];
}

/** Whether a protocol, by its number, is one that a listener takes. */
export function isListenedTo({ protocol }: Listener, number: number): boolean {
  return numbersOf(protocol).includes(number);
}

/** The protocol numbers that a listener takes. */
export function numbersOf(protocol: Listener['protocol']): readonly number[] {
  const { tcp, udp } = PROTOCOL_NUMBERS;
  const numbers = protocol === 'TCP' ? [tcp] : protocol === 'UDP' ? [udp] : [tcp, udp];
  return numbers.filter((number) => number !== undefined);
}

/** The listeners of a load balancer by port. */
export function listenersOf(world: World, { loadBalancerArn }: LoadBalancer): readonly Listener[] {
  return world.listeners
    .where('loadBalancerArn', loadBalancerArn)
    .toSorted((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

/** The targets that a node sends a listener's packets to: those of its own zone, or of all with cross-zone balancing. */
export function targetsOfNode(
  world: World,
  balancer: LoadBalancer,
  node: NetworkInterface,
  listener: Listener,
): readonly TargetInService[] {
  const group = world.targetGroups.get(listener.targetGroupArn);
  if (group === undefined) return [];
  const isCrossZone = crossesZones(balancer, group);
  return group.targets
    .flatMap((target) => targetInService(world, group, target) ?? [])
    .filter(({ eni }) => isCrossZone || eni.availabilityZone === node.availabilityZone);
}

/** Whether a target group's packets go to targets of any zone; the group may leave that to the load balancer. */
function crossesZones(balancer: LoadBalancer, group: TargetGroup): boolean {
  const name = 'load_balancing.cross_zone.enabled';
  const own = group.attributes[name];
  return (own === 'true' || own === 'false' ? own : balancer.attributes[name]) === 'true';
}

/** Where a target's packets go; undefined while its instance does not run, or when nobody has its address. */
export function targetInService(
  world: World,
  group: TargetGroup,
  { id, port }: BalancedTarget,
): TargetInService | undefined {
  const inVpc = world.networkInterfaces.where('vpcId', group.vpcId);
  const eni =
    group.targetType === 'instance'
      ? inVpc.find(({ attachment }) => attachment?.instanceId === id && attachment.deviceIndex === 0)
      : inVpc.find(({ privateIpAddresses }) => privateIpAddresses.includes(id));
  const address = group.targetType === 'instance' ? eni?.privateIpAddresses[0] : id;
  if (eni?.attachment === undefined || address === undefined) return undefined;
  const { instanceId } = eni.attachment;
  const isThere = instanceId === undefined || world.instances.get(instanceId)?.state === 'running';
  return isThere ? { eni, address, port } : undefined;
}
