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

/** The metadata options of an instance that are not as they are when nobody says them, by AWS's names. */
export function unusualMetadataOf({ metadataOptions: options }: Instance): {
  readonly HttpTokens?: string;
  readonly HttpPutResponseHopLimit?: number;
  readonly HttpEndpoint?: string;
  readonly InstanceMetadataTags?: string;
} {
  return {
    ...(options.httpTokens === 'optional' ? {} : { HttpTokens: options.httpTokens }),
    ...(options.httpPutResponseHopLimit === 1
      ? {}
      : { HttpPutResponseHopLimit: options.httpPutResponseHopLimit }),
    ...(options.httpEndpoint === 'enabled' ? {} : { HttpEndpoint: options.httpEndpoint }),
    ...(options.instanceMetadataTags === 'disabled'
      ? {}
      : { InstanceMetadataTags: options.instanceMetadataTags }),
  };
}

/** How many IPv6 addresses an interface asks for; undefined for none. The VPC's block is another each time, and so are they. */
export function ipv6CountOf(eni: NetworkInterface | undefined): number | undefined {
  return eni === undefined || eni.ipv6Addresses.length === 0 ? undefined : eni.ipv6Addresses.length;
}

/** What an export has no words for of an instance, each as people say it: nothing is to be lost unsaid. */
export function unsaidOptionsOf(world: World, instance: Instance): string[] {
  const { autoRecovery, privateDnsNameOptions: names, subnetId } = instance;
  const subnet = world.subnets.get(subnetId);
  // A launch that says nothing of names takes the subnet's.
  const isNamedBySubnet =
    names === undefined ||
    (names.hostnameType === subnet?.privateDnsHostnameType &&
      names.enableResourceNameDnsARecord === subnet.enableResourceNameDnsARecord &&
      names.enableResourceNameDnsAaaaRecord === subnet.enableResourceNameDnsAaaaRecord);
  return [
    ...(autoRecovery === 'disabled' ? ['no automatic recovery'] : []),
    ...(isNamedBySubnet ? [] : ['private DNS names of its own']),
  ];
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

/**
 * What has addresses of its own choice in subnets, by id: it is to be made before services are given whatever address is
 * free there.
 */
export function placedIn(selection: Selection, subnetIds: readonly string[]): string[] {
  return [
    ...instancesIn(selection).map(({ instanceId, subnetId }) => ({ id: instanceId, subnetId })),
    ...interfacesIn(selection).map(({ networkInterfaceId: id, subnetId }) => ({ id, subnetId })),
    ...natGatewaysIn(selection).map(({ natGatewayId, subnetId }) => ({ id: natGatewayId, subnetId })),
  ]
    .filter(({ subnetId }) => subnetIds.includes(subnetId))
    .map(({ id }) => id);
}

/** The Elastic IPs that something selected uses, and those that nothing uses. */
export function addressesIn({ world, vpcIds }: Selection): Address[] {
  return [...world.addresses.values()].filter(({ networkInterfaceId }) => {
    const eni = world.networkInterfaces.get(networkInterfaceId ?? '');
    return networkInterfaceId === undefined || (eni !== undefined && vpcIds.has(eni.vpcId));
  });
}
