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
import type { NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { zoneIdOf } from '../catalogue/regions.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { chooseGroups } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { showTags } from '../tags.ts';

const addressOf = (eni: NetworkInterface, world: World) => {
  const [address] = world.addresses.where('networkInterfaceId', eni.networkInterfaceId);
  return address;
};

const listing: Listing<NetworkInterface> = {
  ...kinds.networkInterface,
  filters: {
    'network-interface-id': 'networkInterfaceId',
    'subnet-id': 'subnetId',
    'vpc-id': 'vpcId',
    'availability-zone': 'availabilityZone',
    'availability-zone-id': ({ availabilityZone }) => zoneIdOf(availabilityZone),
    description: 'description',
    'group-id': 'groupIds',
    'group-name': ({ groupIds }, world) => groupIds.map((id) => world.securityGroups.get(id)?.groupName),
    'interface-type': 'interfaceType',
    'mac-address': 'macAddress',
    'owner-id': (_eni, world) => world.scope.account,
    'private-ip-address': 'privateIpAddresses',
    'addresses.private-ip-address': 'privateIpAddresses',
    'addresses.primary': () => true,
    'addresses.association.public-ip': (eni, world) => publicAddressOf(world, eni),
    'association.public-ip': (eni, world) => publicAddressOf(world, eni),
    'association.public-dns-name': (eni, world) => {
      const publicIp = publicAddressOf(world, eni);
      return publicIp === undefined ? undefined : publicDnsNameOf(world.scope.region, publicIp);
    },
    'association.allocation-id': (eni, world) => addressOf(eni, world)?.allocationId,
    'association.association-id': (eni, world) => addressOf(eni, world)?.associationId,
    'association.ip-owner-id': (eni, world) =>
      publicAddressOf(world, eni) === undefined ? undefined : ipOwnerOf(eni, world),
    'attachment.attachment-id': ({ attachment }) => attachment?.attachmentId,
    'attachment.instance-id': ({ attachment }) => attachment?.instanceId,
    'attachment.instance-owner-id': ({ attachment }) => attachment?.instanceOwnerId,
    'attachment.device-index': ({ attachment }) => attachment?.deviceIndex,
    'attachment.status': ({ attachment }) => (attachment === undefined ? undefined : 'attached'),
    'attachment.attach-time': ({ attachment }) => attachment?.attachTime,
    'attachment.delete-on-termination': ({ attachment }) => attachment?.deleteOnTermination,
    'private-dns-name': (eni, world) => privateDnsNameOf(world.scope.region, eni.privateIpAddresses[0] ?? ''),
    'requester-id': 'requesterId',
    'requester-managed': ({ requesterId }) => requesterId !== undefined,
    'source-dest-check': ({ sourceDestCheck }) => sourceDestCheck,
    status: (eni) => statusOf(eni),
  },
};

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
        return { ...base, AssociatePublicIpAddress: eni.autoAssignedPublicIp !== undefined };
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
    const deleteOnTermination = input.Attachment?.DeleteOnTermination;
    if (input.Attachment !== undefined && input.Attachment.AttachmentId !== eni.attachment?.attachmentId) {
      throw errors.noSuchAttachment(input.Attachment.AttachmentId ?? '');
    }
    tx.networkInterfaces.put({
      ...eni,
      ...(input.Description?.Value === undefined ? {} : { description: input.Description.Value }),
      ...(input.SourceDestCheck?.Value === undefined ? {} : { sourceDestCheck: input.SourceDestCheck.Value }),
      ...(input.Groups === undefined ? {} : { groupIds: chooseGroups(context, eni.vpcId, input.Groups) }),
      ...(deleteOnTermination === undefined || eni.attachment === undefined
        ? {}
        : { attachment: { ...eni.attachment, deleteOnTermination } }),
    });
  },
};

/** The interface's groups as replies show them, in the order they were given. */
export function showGroups(world: World, groupIds: readonly string[]): GroupIdentifier[] {
  return groupIds.map((groupId) => ({
    GroupId: groupId,
    GroupName: world.securityGroups.get(groupId)?.groupName ?? '',
  }));
}

/** The public address of an interface as replies show it; undefined without one. */
export function showAssociation(
  world: World,
  eni: NetworkInterface,
): NetworkInterfaceAssociation | undefined {
  const publicIp = publicAddressOf(world, eni);
  if (publicIp === undefined) return undefined;
  const address = addressOf(eni, world);
  const hasName = world.vpcs.get(eni.vpcId)?.enableDnsHostnames === true;
  return {
    PublicIp: publicIp,
    PublicDnsName: hasName ? publicDnsNameOf(world.scope.region, publicIp) : '',
    IpOwnerId: ipOwnerOf(eni, world),
    ...(address === undefined
      ? {}
      : { AllocationId: address.allocationId, AssociationId: address.associationId }),
  };
}

/** An Elastic IP is the account's, an automatically assigned address Amazon's. */
function ipOwnerOf(eni: NetworkInterface, world: World): string {
  return addressOf(eni, world) === undefined ? 'amazon' : world.scope.account;
}

function statusOf({ attachment }: NetworkInterface): 'in-use' | 'available' {
  return attachment === undefined ? 'available' : 'in-use';
}

function showNetworkInterface(world: World, eni: NetworkInterface): WireNetworkInterface {
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
    PrivateIpAddresses: eni.privateIpAddresses.map((address, index) => ({
      Primary: index === 0,
      PrivateIpAddress: address,
      ...(index === 0 && association !== undefined ? { Association: association } : {}),
    })),
    Ipv6Addresses: [],
    Groups: showGroups(world, eni.groupIds),
    SourceDestCheck: eni.sourceDestCheck,
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
