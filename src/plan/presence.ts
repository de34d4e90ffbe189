import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** The states of an instance in which its interfaces carry packets. */
const PRESENT_STATES = new Set(['pending', 'running', 'stopping', 'shutting-down']);

/**
 * Whether an interface exists on a machine now: that of an instance which runs or is about to, or of a NAT gateway that
 * is not gone. An interface attached to nothing is a record only.
 */
export function isPresent(world: World, eni: NetworkInterface): boolean {
  if (eni.interfaceType === 'nat_gateway') {
    const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
    return gateway !== undefined && (gateway.state === 'pending' || gateway.state === 'available');
  }
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
  return instance !== undefined && PRESENT_STATES.has(instance.state);
}

/** The interfaces of a VPC that exist on a machine now, by ordinal. */
export function presentInterfaces(world: World, vpcId: string): NetworkInterface[] {
  return world.networkInterfaces
    .where('vpcId', vpcId)
    .filter((eni) => isPresent(world, eni))
    .sort((a, b) => a.ordinal - b.ordinal);
}
