import type {
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  GroupIdentifier,
  ModifyNetworkInterfaceAttributeRequest,
  NetworkInterfaceAssociation,
  NetworkInterfaceType,
  NetworkInterface as WireNetworkInterface,
} from '@aws-sdk/client-ec2';
import { privateDnsNameOf, publicDnsNameOf } from '../../model/dns-names.ts';
import { publicAddressOf } from '../../model/public-addresses.ts';
import type { Address, NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { zoneIdOf } from '../catalogue/regions.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterTable, FilterValue } from '../filters.ts';
import { readIdleTimeouts, showIdleTimeouts } from '../idle-timeouts.ts';
import { refuseUnsupportedFeatures } from '../interface-features.ts';
import { chooseGroups, takePublicAddress } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { showTags } from '../tags.ts';

/** The Elastic IP of one of the interface's private addresses, of the primary when none is said. */
function addressOf(
  eni: NetworkInterface,
  world: World,
  privateAddress = eni.privateIpAddresses[0],
): Address | undefined {
  return world.addresses
    .where('networkInterfaceId', eni.networkInterfaceId)
    .find(({ privateIpAddress }) => privateIpAddress === privateAddress);
}

const eachAssociation =
  (read: (association: NetworkInterfaceAssociation) => FilterValue) =>
  (eni: NetworkInterface, world: World): FilterValue =>
    eni.privateIpAddresses.flatMap((address) => {
      const association = showAssociation(world, eni, address);
      const value = association === undefined ? undefined : read(association);
      return typeof value === 'object' ? value : [value];
    });

/** The filters of interfaces, by AWS's name. */
export const networkInterfaceFilters: FilterTable<NetworkInterface> = {
  'network-interface-id': 'networkInterfaceId',
  'subnet-id': 'subnetId',
  'vpc-id': 'vpcId',
  'availability-zone': 'availabilityZone',
  'availability-zone-id': ({ availabilityZone }) => zoneIdOf(availabilityZone),
  description: 'description',
  'group-id': 'groupIds',
  'group-name': ({ groupIds }, world) => groupIds.map((id) => world.securityGroups.get(id)?.groupName),
  'interface-type': 'interfaceType',
  'ipv6-addresses.ipv6-address': 'ipv6Addresses',
  'mac-address': 'macAddress',
  'owner-id': (_eni, world) => world.scope.account,
  'private-ip-address': 'privateIpAddresses',
  'addresses.private-ip-address': 'privateIpAddresses',
  'addresses.primary': ({ privateIpAddresses }) => privateIpAddresses.map((_, index) => index === 0),
  'addresses.association.public-ip': eachAssociation(({ PublicIp }) => PublicIp),
  'addresses.association.owner-id': eachAssociation(({ IpOwnerId }) => IpOwnerId),
  'association.public-ip': (eni, world) => publicAddressOf(world, eni),
  'association.public-dns-name': (eni, world) => {
    const publicIp = publicAddressOf(world, eni);
    return publicIp === undefined ? undefined : publicDnsNameOf(world.scope.region, publicIp);
  },
  'association.allocation-id': (eni, world) => addressOf(eni, world)?.allocationId,
  'association.association-id': (eni, world) => addressOf(eni, world)?.associationId,
  'association.ip-owner-id': (eni, world) => showAssociation(world, eni)?.IpOwnerId,
  'attachment.attachment-id': ({ attachment }) => attachment?.attachmentId,
  'attachment.instance-id': ({ attachment }) => attachment?.instanceId,
  'attachment.instance-owner-id': ({ attachment }) => attachment?.instanceOwnerId,
  'attachment.device-index': ({ attachment }) => attachment?.deviceIndex,
  'attachment.status': ({ attachment }) => (attachment === undefined ? undefined : 'attached'),
  'attachment.attach-time': ({ attachment }) => attachment?.attachTime,
  'attachment.delete-on-termination': ({ attachment }) => attachment?.deleteOnTermination,
  'private-dns-name': (eni, world) => privateDnsNameOf(world.scope.region, eni.privateIpAddresses[0] ?? ''),
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  'requester-id': 'requesterId',
  'requester-managed': ({ requesterId }) => requesterId !== undefined,
  'source-dest-check': ({ sourceDestCheck }) => sourceDestCheck,
  status: (eni) => statusOf(eni),
};

const listing: Listing<NetworkInterface> = { ...kinds.networkInterface, filters: networkInterfaceFilters };

/** Network interfaces: those of instances, and those that services hold for the user (semantics S58, S115–S117). */
export const networkInterfaceActions = {
  DescribeNetworkInterfaces(
    context: ActionContext,
    input: DescribeNetworkInterfacesRequest,
  ): DescribeNetworkInterfacesResult {
    const { tx } = context;
    const page = listRecords(tx.networkInterfaces, tx, listing, { ...input, ids: input.NetworkInterfaceIds });
    return {
      NetworkInterfaces: page.records.map((eni) => showNetworkInterface(tx, eni)),
      NextToken: page.nextToken,
    };
  },

  DescribeNetworkInterfaceAttribute(
    { tx }: ActionContext,
    input: DescribeNetworkInterfaceAttributeRequest,
  ): DescribeNetworkInterfaceAttributeResult {
    const eni = findResource(tx, kinds.networkInterface, input.NetworkInterfaceId, 'networkInterfaceId');
    const shown = showNetworkInterface(tx, eni);
    const base = { NetworkInterfaceId: eni.networkInterfaceId };
    switch (input.Attribute) {
      case 'description':
        return { ...base, Description: { Value: eni.description } };
      case 'groupSet':
        return { ...base, Groups: shown.Groups };
      case 'sourceDestCheck':
        return { ...base, SourceDestCheck: { Value: eni.sourceDestCheck } };
      case 'attachment':
        return { ...base, Attachment: shown.Attachment };
      case 'associatePublicIpAddress':
        return {
          ...base,
          AssociatePublicIpAddress: eni.associatePublicIpAddress ?? eni.autoAssignedPublicIp !== undefined,
        };
      case undefined:
        throw errors.missingParameter('attribute');
      default:
        throw errors.invalidValue(input.Attribute, 'attribute', 'Unknown network interface attribute.');
    }
  },

  ModifyNetworkInterfaceAttribute(
    context: ActionContext,
    input: ModifyNetworkInterfaceAttributeRequest,
  ): undefined {
    const { tx } = context;
    const eni = findResource(tx, kinds.networkInterface, input.NetworkInterfaceId, 'networkInterfaceId');
    if (eni.requesterId !== undefined) {
      throw errors.operationNotPermitted(
        `You do not have permission to modify the requester-managed interface ${eni.networkInterfaceId}.`,
      );
    }
    refuseUnsupportedFeatures(input);
    const idleTimeouts = readIdleTimeouts(input.ConnectionTrackingSpecification);
    const deleteOnTermination = input.Attachment?.DeleteOnTermination;
    if (input.Attachment !== undefined && input.Attachment.AttachmentId !== eni.attachment?.attachmentId) {
      throw errors.noSuchAttachment(input.Attachment.AttachmentId ?? '');
    }
    tx.networkInterfaces.put({
      ...withPublicAddress(context, eni, input.AssociatePublicIpAddress),
      ...(input.Description?.Value === undefined ? {} : { description: input.Description.Value }),
      ...(input.SourceDestCheck?.Value === undefined ? {} : { sourceDestCheck: input.SourceDestCheck.Value }),
      // What the request does not say of them stays.
      ...(idleTimeouts === undefined ? {} : { idleTimeouts: { ...eni.idleTimeouts, ...idleTimeouts } }),
      ...(input.Groups === undefined ? {} : { groupIds: chooseGroups(context, eni.vpcId, input.Groups) }),
      ...(deleteOnTermination === undefined || eni.attachment === undefined
        ? {}
        : { attachment: { ...eni.attachment, deleteOnTermination } }),
    });
  },
};

/** The interface as the wish for a public address makes it: at once where it is the first of a running instance. */
function withPublicAddress(
  context: ActionContext,
  eni: NetworkInterface,
  associatePublicIpAddress: boolean | undefined,
): NetworkInterface {
  if (associatePublicIpAddress === undefined) return eni;
  const { autoAssignedPublicIp: present, ...kept } = eni;
  if (!associatePublicIpAddress) return { ...kept, associatePublicIpAddress };
  const { instanceId, deviceIndex } = eni.attachment ?? {};
  const instance = instanceId === undefined ? undefined : context.tx.instances.get(instanceId);
  const isUp = instance?.state === 'running' || instance?.state === 'pending';
  if (!isUp || deviceIndex !== 0 || publicAddressOf(context.tx, eni) !== undefined) {
    return { ...eni, associatePublicIpAddress };
  }
  return { ...eni, associatePublicIpAddress, autoAssignedPublicIp: present ?? takePublicAddress(context) };
}

/** The interface's groups as replies show them, in the order they were given. */
export function showGroups(world: World, groupIds: readonly string[]): GroupIdentifier[] {
  return groupIds.map((groupId) => ({
    GroupId: groupId,
    GroupName: world.securityGroups.get(groupId)?.groupName ?? '',
  }));
}

/** The public address of one of an interface's private ones, of the primary when none is said; undefined without. */
export function showAssociation(
  world: World,
  eni: NetworkInterface,
  privateAddress = eni.privateIpAddresses[0],
): NetworkInterfaceAssociation | undefined {
  const publicIp = publicAddressOf(world, eni, privateAddress);
  if (publicIp === undefined) return undefined;
  const address = addressOf(eni, world, privateAddress);
  const hasName = world.vpcs.get(eni.vpcId)?.enableDnsHostnames === true;
  return {
    PublicIp: publicIp,
    PublicDnsName: hasName ? publicDnsNameOf(world.scope.region, publicIp) : '',
    IpOwnerId: address === undefined ? 'amazon' : world.scope.account,
    ...(address === undefined
      ? {}
      : { AllocationId: address.allocationId, AssociationId: address.associationId }),
  };
}

function statusOf({ attachment }: NetworkInterface): 'in-use' | 'available' {
  return attachment === undefined ? 'available' : 'in-use';
}

/** An interface as replies show it. */
export function showNetworkInterface(world: World, eni: NetworkInterface): WireNetworkInterface {
  const { attachment } = eni;
  const association = showAssociation(world, eni);
  const hasName = world.vpcs.get(eni.vpcId)?.enableDnsHostnames === true;
  return {
    NetworkInterfaceId: eni.networkInterfaceId,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    AvailabilityZone: eni.availabilityZone,
    Description: eni.description,
    // The SDK's list spells it natGateway; what AWS sends is nat_gateway.
    InterfaceType: eni.interfaceType as string as NetworkInterfaceType,
    MacAddress: eni.macAddress,
    OwnerId: world.scope.account,
    PrivateIpAddress: eni.privateIpAddresses[0],
    ...(hasName
      ? { PrivateDnsName: privateDnsNameOf(world.scope.region, eni.privateIpAddresses[0] ?? '') }
      : {}),
    PrivateIpAddresses: eni.privateIpAddresses.map((address, index) => {
      const itsAssociation = showAssociation(world, eni, address);
      return {
        Primary: index === 0,
        PrivateIpAddress: address,
        ...(hasName ? { PrivateDnsName: privateDnsNameOf(world.scope.region, address) } : {}),
        ...(itsAssociation === undefined ? {} : { Association: itsAssociation }),
      };
    }),
    Ipv6Address: eni.ipv6Addresses[0],
    Ipv6Addresses: eni.ipv6Addresses.map((address) => ({ Ipv6Address: address, IsPrimaryIpv6: false })),
    Groups: showGroups(world, eni.groupIds),
    SourceDestCheck: eni.sourceDestCheck,
    ...showIdleTimeouts(eni),
    RequesterManaged: eni.requesterId !== undefined,
    ...(eni.requesterId === undefined ? {} : { RequesterId: eni.requesterId }),
    Status: statusOf(eni),
    ...(association === undefined ? {} : { Association: association }),
    ...(attachment === undefined
      ? {}
      : {
          Attachment: {
            AttachmentId: attachment.attachmentId,
            ...(attachment.instanceId === undefined ? {} : { InstanceId: attachment.instanceId }),
            InstanceOwnerId: attachment.instanceOwnerId,
            DeviceIndex: attachment.deviceIndex,
            NetworkCardIndex: 0,
            Status: 'attached' as const,
            AttachTime: new Date(attachment.attachTime),
            DeleteOnTermination: attachment.deleteOnTermination,
          },
        }),
    TagSet: showTags(eni),
  };
}
