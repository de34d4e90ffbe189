import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { NetworkInterface, Subnet, Tag } from '../model/records.ts';
import type { ActionContext } from './action.ts';
import { type AddressWish, readAddressWish } from './address-wishes.ts';
import { checkAddressCount, checkInterfaceCount, makeAttachment } from './attachments.ts';
import * as errors from './errors.ts';
import { readIdleTimeouts } from './idle-timeouts.ts';
import { refuseUnsupportedFeatures } from './interface-features.ts';
import { chooseGroups, makeInterface, takePublicAddress } from './interfaces.ts';
import { type Ipv6Wish, readIpv6Wish } from './ipv6-addresses.ts';
import { findResource, kinds } from './kinds.ts';

/** One interface that each instance of a launch gets: a new one, or one there is. */
export interface LaunchInterface {
  readonly deviceIndex: number;
  readonly existing: NetworkInterface | undefined;
  readonly subnet: Subnet;
  readonly groupIds: readonly string[];
  readonly addresses: AddressWish;
  readonly ipv6Addresses: Ipv6Wish;
  readonly description: string;
  readonly deleteOnTermination: boolean;
  readonly associatePublicIpAddress: boolean;
  readonly idleTimeouts?: NetworkInterface['idleTimeouts'] | undefined;
}

/** The interfaces of a launch: the one with device index 0, and the others by their index. */
export interface LaunchInterfaces {
  readonly primary: LaunchInterface;
  readonly others: readonly LaunchInterface[];
}

type Specification = InstanceNetworkInterfaceSpecification;

/** The interfaces that a launch of `count` instances asks for. Throws when it cannot have them. */
export function readLaunchInterfaces(
  context: ActionContext,
  input: RunInstancesRequest,
  instanceType: string,
  count: number,
): LaunchInterfaces {
  const specifications = input.NetworkInterfaces ?? [];
  if (specifications.length === 0) return { primary: readPlainLaunch(context, input, count), others: [] };
  checkInstanceLevel(input);
  checkIndexes(specifications);
  checkPublicAddresses(specifications);
  checkInterfaceCount(instanceType, specifications.length);
  const all = specifications
    .map((specification) => readSpecification(context, input, specification, specifications.length, count))
    .sort((a, b) => a.deviceIndex - b.deviceIndex);
  const [primary, ...others] = all;
  if (primary === undefined || primary.deviceIndex !== 0) {
    throw errors.invalidParameterCombination(
      'A network interface with device index 0 must be specified when network interfaces are.',
    );
  }
  for (const each of all) {
    const secondary = each.addresses.secondary;
    const addressCount =
      each.existing?.privateIpAddresses.length ?? 1 + secondary.named.length + secondary.count;
    checkAddressCount(instanceType, addressCount, `Network interface at device index ${each.deviceIndex}`);
    if (each.subnet.availabilityZone !== primary.subnet.availabilityZone) {
      throw errors.invalidParameterCombination(
        'Network interfaces of an instance must be in the same availability zone.',
      );
    }
    if (each.subnet.vpcId !== primary.subnet.vpcId) {
      throw errors.unsupportedOperation(
        'Cloudcroft launches instances with network interfaces of one VPC only, so far.',
      );
    }
  }
  return { primary, others };
}

/** Gives an instance its interfaces; new ones get the tags. */
export function attachLaunchInterfaces(
  context: ActionContext,
  { primary, others }: LaunchInterfaces,
  instanceId: string,
  tags: readonly Tag[],
): void {
  const { tx } = context;
  for (const wish of [primary, ...others]) {
    const eni =
      wish.existing ??
      makeInterface(context, {
        subnet: wish.subnet,
        description: wish.description,
        interfaceType: 'interface',
        groupIds: wish.groupIds,
        privateIpAddress: wish.addresses.primary,
        secondaryAddresses: wish.addresses.secondary,
        ipv6Addresses: wish.ipv6Addresses,
        associatePublicIpAddress: wish.associatePublicIpAddress,
        idleTimeouts: wish.idleTimeouts,
        tags,
      });
    const { deviceIndex, deleteOnTermination } = wish;
    const hasElasticIp = tx.addresses.where('networkInterfaceId', eni.networkInterfaceId).length > 0;
    tx.networkInterfaces.put({
      ...eni,
      attachment: makeAttachment(context, { instanceId, deviceIndex, deleteOnTermination }),
      ...(wish.associatePublicIpAddress && !hasElasticIp
        ? { autoAssignedPublicIp: takePublicAddress(context) }
        : {}),
    });
  }
}

/** A launch that speaks of no interfaces gets one, by the instance's own parameters. */
function readPlainLaunch(context: ActionContext, input: RunInstancesRequest, count: number): LaunchInterface {
  const subnet = chooseSubnet(context, input.SubnetId, input.Placement?.AvailabilityZone);
  checkAddressFor(input.PrivateIpAddress, count);
  const named = groupsByName(context, subnet, input.SecurityGroups);
  return {
    deviceIndex: 0,
    existing: undefined,
    subnet,
    groupIds: chooseGroups(context, subnet.vpcId, input.SecurityGroupIds ?? named),
    addresses: readAddressWish({ PrivateIpAddress: input.PrivateIpAddress }),
    ipv6Addresses: readIpv6Wish(input),
    description: '',
    deleteOnTermination: true,
    associatePublicIpAddress: subnet.mapPublicIpOnLaunch,
  };
}

function readSpecification(
  context: ActionContext,
  input: RunInstancesRequest,
  specification: Specification,
  interfaceCount: number,
  instanceCount: number,
): LaunchInterface {
  const deviceIndex = specification.DeviceIndex ?? 0;
  refuseUnsupportedFeatures(specification);
  if (specification.NetworkInterfaceId !== undefined) {
    return readExisting(context, specification, deviceIndex, interfaceCount, instanceCount);
  }
  const subnet = chooseSubnet(context, specification.SubnetId, input.Placement?.AvailabilityZone);
  const addresses = readAddressWish(specification);
  checkAddressFor(addresses.primary ?? addresses.secondary.named[0], instanceCount);
  return {
    deviceIndex,
    existing: undefined,
    subnet,
    groupIds: chooseGroups(context, subnet.vpcId, specification.Groups),
    addresses,
    ipv6Addresses: readIpv6Wish(specification),
    description: specification.Description ?? '',
    deleteOnTermination: specification.DeleteOnTermination ?? true,
    // With several interfaces nothing is assigned by itself (semantics S40).
    associatePublicIpAddress:
      specification.AssociatePublicIpAddress ?? (interfaceCount === 1 && subnet.mapPublicIpOnLaunch),
    idleTimeouts: readIdleTimeouts(specification.ConnectionTrackingSpecification),
  };
}

function readExisting(
  { tx }: ActionContext,
  specification: Specification,
  deviceIndex: number,
  interfaceCount: number,
  instanceCount: number,
): LaunchInterface {
  for (const [value, name] of [
    [specification.SubnetId, 'a subnet'],
    [specification.Groups, 'security groups'],
    [specification.Description, 'a description'],
    [specification.PrivateIpAddress ?? specification.PrivateIpAddresses, 'private IP addresses'],
    [specification.AssociatePublicIpAddress, 'associatePublicIPAddress'],
    [specification.ConnectionTrackingSpecification, 'a connection tracking specification'],
  ] as const) {
    if (value === undefined) continue;
    throw errors.invalidParameterCombination(
      `A network interface may not specify both a network interface ID and ${name}`,
    );
  }
  if (specification.DeleteOnTermination === true) {
    throw errors.invalidParameterCombination(
      'A network interface may not specify a network interface ID and delete on termination as true',
    );
  }
  if (instanceCount > 1) {
    throw errors.invalidParameterCombination(
      'A network interface ID may not be specified when launching more than one instance.',
    );
  }
  const existing = findResource(
    tx,
    kinds.networkInterface,
    specification.NetworkInterfaceId,
    'networkInterfaceId',
  );
  if (existing.attachment !== undefined) {
    throw errors.networkInterfaceInUse(`Interface: [${existing.networkInterfaceId}] in use.`);
  }
  return {
    deviceIndex,
    existing,
    subnet: findResource(tx, kinds.subnet, existing.subnetId, 'subnetId'),
    groupIds: existing.groupIds,
    addresses: { primary: undefined, secondary: { named: [], count: 0 } },
    ipv6Addresses: { named: [], count: 0 },
    description: existing.description,
    deleteOnTermination: false,
    // The interface has inherited it from its subnet when it was made (semantics S117).
    associatePublicIpAddress:
      interfaceCount === 1 && deviceIndex === 0 && existing.associatePublicIpAddress === true,
  };
}

/** What a request may not say of the instance when it says it of its interfaces. */
function checkInstanceLevel(input: RunInstancesRequest): void {
  for (const [value, name] of [
    [input.SubnetId, 'subnet ID'],
    [input.SecurityGroupIds ?? input.SecurityGroups, 'security groups'],
    [input.PrivateIpAddress, 'private IP address'],
    [input.Ipv6AddressCount ?? input.Ipv6Addresses, 'IPv6 addresses'],
  ] as const) {
    if (value === undefined) continue;
    throw errors.invalidParameterCombination(
      `Network interfaces and an instance-level ${name} may not be specified on the same request`,
    );
  }
}

function checkIndexes(specifications: readonly Specification[]): void {
  const seen = new Set<number>();
  const named = new Set<string>();
  for (const { DeviceIndex, NetworkInterfaceId } of specifications) {
    // Only a request for a single new interface may leave the index out.
    if (DeviceIndex === undefined && (specifications.length > 1 || NetworkInterfaceId !== undefined)) {
      throw errors.invalidParameterValue('Each network interface requires a device index.');
    }
    const index = DeviceIndex ?? 0;
    if (seen.has(index) || (NetworkInterfaceId !== undefined && named.has(NetworkInterfaceId))) {
      throw errors.invalidParameterValue('Each network interface requires a unique device index.');
    }
    seen.add(index);
    if (NetworkInterfaceId !== undefined) named.add(NetworkInterfaceId);
  }
}

function checkPublicAddresses(specifications: readonly Specification[]): void {
  if (specifications.length === 1) return;
  if (specifications.every(({ AssociatePublicIpAddress }) => AssociatePublicIpAddress !== true)) return;
  throw errors.invalidParameterCombination(
    'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
  );
}

function checkAddressFor(address: string | undefined, instanceCount: number): void {
  if (address === undefined || instanceCount === 1) return;
  throw errors.invalidParameterCombination('A private address can be given to one instance only.');
}

/** The named subnet; else the default subnet of the wished zone, or of the first. */
function chooseSubnet(
  { tx }: ActionContext,
  subnetId: string | undefined,
  wished: string | undefined,
): Subnet {
  // Clients send an empty zone for none.
  const zone = wished === '' ? undefined : wished;
  if (subnetId !== undefined) {
    const subnet = findResource(tx, kinds.subnet, subnetId, 'subnetId');
    if (zone === undefined || zone === subnet.availabilityZone) return subnet;
    throw errors.invalidParameterValue(`The subnet ${subnetId} is not in the availability zone ${zone}.`);
  }
  const subnets = [...tx.subnets.values()].filter(({ isDefaultForAz }) => isDefaultForAz);
  const found = subnets.find(({ availabilityZone }) => zone === undefined || availabilityZone === zone);
  if (found !== undefined) return found;
  if (subnets.length === 0) throw errors.noDefaultVpc();
  throw new errors.AwsError('MissingInput', `No default subnet in availability zone ${zone}.`);
}

function groupsByName(
  { tx }: ActionContext,
  { vpcId }: Subnet,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  return names?.map((name) => {
    const group = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === name);
    if (group === undefined) throw errors.noSuchSecurityGroup(name);
    return group.groupId;
  });
}
