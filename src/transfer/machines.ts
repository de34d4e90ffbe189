import { isNatAddressOpen } from '../model/nat-gateways.ts';
import type { Address, Instance, NatGateway, NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { inSelection, isOwnInterface, type Selection } from './selection.ts';

/** The first interface of an instance. */
export function firstInterfaceOf(world: World, instanceId: string): NetworkInterface | undefined {
  return [...world.networkInterfaces.values()].find(
    ({ attachment }) => attachment?.instanceId === instanceId && attachment.deviceIndex === 0,
  );
}

/** The instances that there are: not those that are over. */
export function instancesIn(selection: Selection): Instance[] {
  return inSelection(selection, selection.world.instances).filter(
    ({ state }) => state !== 'terminated' && state !== 'shutting-down',
  );
}

/** The NAT gateways that there are. */
export function natGatewaysIn(selection: Selection): NatGateway[] {
  return inSelection(selection, selection.world.natGateways).filter(
    ({ state }) => state === 'pending' || state === 'available',
  );
}

/** The other addresses of a NAT gateway that stay with it: Elastic IPs of a public one, private ones of a private one. */
export function otherAddressesOf({ connectivityType, secondaryAddresses = [] }: NatGateway): {
  readonly allocationIds: readonly string[];
  readonly privateIps: readonly string[];
} {
  const kept = secondaryAddresses.filter(isNatAddressOpen);
  return {
    allocationIds: kept.flatMap(({ allocationId }) => allocationId ?? []),
    privateIps: connectivityType === 'private' ? kept.map(({ privateIp }) => privateIp) : [],
  };
}

/** The interfaces that people made by themselves. */
export function interfacesIn(selection: Selection): NetworkInterface[] {
  return inSelection(selection, selection.world.networkInterfaces).filter(isOwnInterface);
}

/** The Elastic IPs that something selected uses, and those that nothing uses. */
export function addressesIn({ world, vpcIds }: Selection): Address[] {
  return [...world.addresses.values()].filter(({ networkInterfaceId }) => {
    const eni = world.networkInterfaces.get(networkInterfaceId ?? '');
    return networkInterfaceId === undefined || (eni !== undefined && vpcIds.has(eni.vpcId));
  });
}
