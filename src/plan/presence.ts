import { endpointOfInterface, isEndpointOpen } from '../model/interface-endpoints.ts';
import { loadBalancerOf } from '../model/load-balancing.ts';
import type { NetworkInterface, Vpc } from '../model/records.ts';
import { isServiceInterface } from '../model/service-interfaces.ts';
import type { World } from '../model/world.ts';

/** The states of an instance in which its interfaces carry packets. */
const PRESENT_STATES = new Set(['pending', 'running', 'stopping', 'shutting-down']);

/**
 * Whether an interface exists on a machine now: that of an instance which runs or is about to, of a NAT gateway that is
 * not gone, of an interface endpoint that is accepted, of a load balancer, or of a service. An interface attached to nothing is a record only.
 */
export function isPresent(world: World, eni: NetworkInterface): boolean {
  if (eni.interfaceType === 'nat_gateway') {
    const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
    return gateway !== undefined && (gateway.state === 'pending' || gateway.state === 'available');
  }
  if (eni.interfaceType === 'vpc_endpoint') {
    const endpoint = endpointOfInterface(world, eni);
    return endpoint !== undefined && isEndpointOpen(endpoint);
  }
  if (eni.interfaceType === 'network_load_balancer') return loadBalancerOf(world, eni) !== undefined;
  if (isServiceInterface(eni)) return true;
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
  return instance !== undefined && PRESENT_STATES.has(instance.state);
}

/** Where an interface stands: the machine, by its name, and the link in it. */
export interface Standing {
  readonly machine: string;
  readonly device: string;
}

/**
 * Where a present interface stands: in a machine of its own, or in that of its instance's first interface, which is the
 * instance's network. The instance knows it by its device index: `eth1`.
 */
export function standingOf(world: World, eni: NetworkInterface): Standing {
  const { instanceId, deviceIndex = 0 } = eni.attachment ?? {};
  if (instanceId === undefined || deviceIndex === 0)
    return { machine: eni.networkInterfaceId, device: 'eth0' };
  const first = world.networkInterfaces
    .where('vpcId', eni.vpcId)
    .find(({ attachment }) => attachment?.instanceId === instanceId && attachment.deviceIndex === 0);
  if (first === undefined) throw new Error(`${instanceId} has no network interface of device index 0`);
  return { machine: first.networkInterfaceId, device: `eth${deviceIndex}` };
}

/** A VPC that has a router now, in its world. */
export interface PresentVpc {
  readonly world: World;
  readonly vpc: Vpc;
}

/** The interfaces of a VPC that exist on a machine now, by ordinal: none in a VPC that is only there to be analysed. */
export function presentInterfaces(world: World, vpcId: string): NetworkInterface[] {
  if (world.vpcs.get(vpcId)?.isAnalysedOnly === true) return [];
  return world.networkInterfaces
    .where('vpcId', vpcId)
    .filter((eni) => isPresent(world, eni))
    .sort((a, b) => a.ordinal - b.ordinal);
}
