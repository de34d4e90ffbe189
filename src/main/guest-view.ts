import { zoneIdOf } from '../ec2/catalogue/regions.ts';
import { findImageIn } from '../ec2/images.ts';
import type { GuestInstance, GuestInterface, GuestRole } from '../guest/view.ts';
import { instanceNameOf, privateDnsNameOf, publicDnsNameOf } from '../model/dns-names.ts';
import type { EndpointName } from '../model/endpoint-dns.ts';
import { ipv6BlocksOf } from '../model/ipv6-addressing.ts';
import { publicAddressOf } from '../model/public-addresses.ts';
import type { Instance, NetworkInterface, Subnet, Vpc } from '../model/records.ts';
import { isPeeringOpen, routeTableOf } from '../model/routes.ts';
import type { World } from '../model/world.ts';
import { presentInterfaces } from '../plan/presence.ts';
import { type ServiceAddress, serviceAddressesOf } from '../plan/service-addresses.ts';
import type { Credentials } from '../state/directory.ts';
import { balancerNamesOf, endpointViewOf, type ToldEndpoint } from './endpoint-view.ts';
import { roleCredentialsOf } from './role-credentials.ts';

/** One interface as the world's servers are told of it, in JSON. */
export interface ToldInterface {
  readonly serviceAddress: string;
  readonly guest: GuestInterface;
  /** Its private addresses besides the primary one, with the service addresses that their packets come from. */
  readonly others: readonly ServiceAddress[];
  /** The gateway endpoints on the way of its packets, by service name. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** What the servers inside the world are told of it, in JSON. */
export interface Told {
  readonly interfaces: readonly ToldInterface[];
  readonly endpoints: readonly ToldEndpoint[];
  readonly balancerNames: readonly EndpointName[];
  readonly installation: ToldInstallation;
}

/** What does not change while the daemon runs. */
export interface ToldInstallation {
  /** The installation's own account and its key, from which those of other accounts follow. */
  readonly own: Credentials;
  /** Whether any access key is accepted. */
  readonly isOpen: boolean;
  /** Services that servers of the user's answer. */
  readonly plugged: readonly string[];
}

/** What the servers inside the world must know of all worlds. */
export function tellWorlds(worlds: readonly World[], installation: ToldInstallation): Told {
  const { own } = installation;
  return {
    interfaces: guestViewOf(worlds, own),
    endpoints: endpointViewOf(worlds),
    balancerNames: balancerNamesOf(worlds),
    installation,
  };
}

/** Who is behind which service address. */
export function guestViewOf(worlds: Iterable<World>, own: Credentials): ToldInterface[] {
  const told: ToldInterface[] = [];
  for (const world of worlds) {
    const vpcIds = new Set(Array.from(world.networkInterfaces.values(), ({ vpcId }) => vpcId));
    for (const vpcId of vpcIds) {
      const vpc = world.vpcs.get(vpcId);
      if (vpc === undefined) continue;
      for (const eni of presentInterfaces(world, vpcId)) {
        const guest = guestOf(world, vpc, eni, own);
        if (guest === undefined) continue;
        const [primary, ...others] = serviceAddressesOf(eni);
        if (primary === undefined) continue;
        const { serviceAddress } = primary;
        told.push({ serviceAddress, guest, others, endpoints: endpointsOf(world, eni) });
      }
    }
  }
  return told;
}

function guestOf(
  world: World,
  vpc: Vpc,
  eni: NetworkInterface,
  own: Credentials,
): GuestInterface | undefined {
  const { account, region } = world.scope;
  const subnet = world.subnets.get(eni.subnetId);
  const [privateIpAddress] = eni.privateIpAddresses;
  if (subnet?.cidrBlock === undefined || privateIpAddress === undefined) return undefined;
  const publicIpAddress = publicAddressOf(world, eni);
  const peersWithPrivateDns = privateDnsPeersOf(world, vpc.vpcId);
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
  return {
    eniId: eni.networkInterfaceId,
    macAddress: eni.macAddress,
    deviceIndex: eni.attachment?.deviceIndex ?? 0,
    vpcId: vpc.vpcId,
    vpcCidrBlocks: vpc.cidrBlockAssociations.map(({ cidrBlock }) => cidrBlock),
    subnetId: subnet.subnetId,
    subnetCidrBlock: subnet.cidrBlock,
    privateIpAddress,
    ...(publicIpAddress === undefined ? {} : { publicIpAddress }),
    ...ipv6Of(vpc, subnet, eni),
    ownerId: account,
    region,
    availabilityZone: eni.availabilityZone,
    availabilityZoneId: zoneIdOf(eni.availabilityZone) ?? '',
    securityGroups: eni.groupIds.map((id) => world.securityGroups.get(id)?.groupName ?? id),
    securityGroupIds: eni.groupIds,
    localHostname:
      instance === undefined || eni.attachment?.deviceIndex !== 0
        ? privateDnsNameOf(region, privateIpAddress)
        : instanceNameOf(region, instance, privateIpAddress),
    ...resourceNamesOf(instance),
    ...(publicIpAddress === undefined || !vpc.enableDnsHostnames
      ? {}
      : { publicHostname: publicDnsNameOf(region, publicIpAddress) }),
    isDnsSupportEnabled: vpc.enableDnsSupport,
    isDnsHostnamesEnabled: vpc.enableDnsHostnames,
    ...(peersWithPrivateDns.length === 0 ? {} : { peersWithPrivateDns }),
    ...(instance === undefined ? {} : { instance: guestInstanceOf(world, instance, own) }),
  };
}

function ipv6Of(vpc: Vpc, subnet: Subnet, { ipv6Addresses }: NetworkInterface): Partial<GuestInterface> {
  const [vpcIpv6CidrBlocks, subnetIpv6CidrBlocks] = [ipv6BlocksOf(vpc), ipv6BlocksOf(subnet)];
  return {
    ...(ipv6Addresses.length === 0 ? {} : { ipv6Addresses }),
    ...(vpcIpv6CidrBlocks.length === 0 ? {} : { vpcIpv6CidrBlocks }),
    ...(subnetIpv6CidrBlocks.length === 0 ? {} : { subnetIpv6CidrBlocks }),
  };
}

/** What the subnet, or the launch itself, asked for when the instance was launched. */
function resourceNamesOf(instance: Instance | undefined): Partial<GuestInterface> {
  const asked = instance?.privateDnsNameOptions;
  const records = [
    ...(asked?.enableResourceNameDnsARecord === true ? (['A'] as const) : []),
    ...(asked?.enableResourceNameDnsAaaaRecord === true ? (['AAAA'] as const) : []),
  ];
  return records.length === 0 ? {} : { resourceNameRecords: records };
}

/** The VPCs at the other end of a peering connection by which this VPC lets its names be resolved (semantics S114). */
function privateDnsPeersOf(world: World, vpcId: string): string[] {
  return world.vpcPeeringConnections
    .where('vpcIds', vpcId)
    .filter(isPeeringOpen)
    .flatMap(({ requester, accepter }) => {
      const [own, peer] = requester.vpcId === vpcId ? [requester, accepter] : [accepter, requester];
      return own.allowDnsResolutionFromRemoteVpc ? [peer.vpcId] : [];
    });
}

function guestInstanceOf(world: World, instance: Instance, own: Credentials): GuestInstance {
  const { metadataOptions } = instance;
  const role = roleOf(world.scope.account, instance, own);
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceType: instance.instanceType,
    ...(instance.keyName === undefined ? {} : { keyName: instance.keyName }),
    ...(instance.publicKey === undefined ? {} : { publicKey: instance.publicKey }),
    ...(instance.userData === undefined ? {} : { userData: instance.userData }),
    launchTime: instance.launchTime,
    reservationId: instance.reservationId,
    amiLaunchIndex: instance.amiLaunchIndex,
    architecture: findImageIn(world, instance.imageId)?.architecture ?? 'x86_64',
    ...(metadataOptions.instanceMetadataTags === 'enabled'
      ? { tags: Object.fromEntries(instance.tags.map(({ key, value }) => [key, value])) }
      : {}),
    ...(role === undefined ? {} : { role }),
    metadata: {
      isEnabled: metadataOptions.httpEndpoint === 'enabled',
      tokens: metadataOptions.httpTokens,
      hopLimit: metadataOptions.httpPutResponseHopLimit,
    },
  };
}

function roleOf(account: string, instance: Instance, own: Credentials): GuestRole | undefined {
  const made = roleCredentialsOf(own, account, instance);
  if (made === undefined || instance.instanceProfile === undefined) return undefined;
  const { arn: profileArn, profileId } = instance.instanceProfile;
  const { roleName: name, accessKeyId, secretAccessKey, sessionToken } = made;
  return { profileArn, profileId, name, accessKeyId, secretAccessKey, sessionToken };
}

function endpointsOf(world: World, eni: NetworkInterface): Record<string, string> {
  const table = routeTableOf(world, eni.subnetId);
  const found: Record<string, string> = {};
  for (const { target } of table?.routes ?? []) {
    const endpoint = target.kind === 'vpc-endpoint' ? world.vpcEndpoints.get(target.id) : undefined;
    if (endpoint !== undefined) found[endpoint.serviceName] = endpoint.vpcEndpointId;
  }
  return found;
}
