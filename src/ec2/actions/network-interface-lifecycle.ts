import type {
  AttachNetworkInterfaceRequest,
  AttachNetworkInterfaceResult,
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DetachNetworkInterfaceRequest,
  NetworkInterfaceStatus,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { readAddressWish } from '../address-wishes.ts';
import { checkAttachable, makeAttachment } from '../attachments.ts';
import * as errors from '../errors.ts';
import { readIdleTimeouts } from '../idle-timeouts.ts';
import { refuseUnsupportedFeatures } from '../interface-features.ts';
import { chooseGroups, makeInterface } from '../interfaces.ts';
import { readIpv6Wish } from '../ipv6-addresses.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications } from '../tags.ts';
import { freed } from './addresses.ts';
import { showNetworkInterface } from './network-interfaces.ts';

/** Longest description of an interface. */
const LONGEST_DESCRIPTION = 255;

/**
 * What AWS's reply says of a new interface, which is `available` when it is next looked at. The SDK's list of states
 * lacks it.
 */
const PENDING = 'pending' as string as NetworkInterfaceStatus;

/** The user's own interfaces: made, attached to instances and detached, deleted (semantics S115–S117). */
export const networkInterfaceLifecycleActions = {
  CreateNetworkInterface(
    context: ActionContext,
    input: CreateNetworkInterfaceRequest,
  ): CreateNetworkInterfaceResult {
    const subnet = findResource(context.tx, kinds.subnet, input.SubnetId, 'subnetId');
    refuseUnsupportedFeatures(input);
    const { primary, secondary } = readAddressWish(input);
    const eni = makeInterface(context, {
      subnet,
      description: readDescription(input.Description),
      interfaceType: 'interface',
      groupIds: chooseGroups(context, subnet.vpcId, input.Groups),
      privateIpAddress: primary,
      secondaryAddresses: secondary,
      ipv6Addresses: readIpv6Wish(input),
      associatePublicIpAddress: subnet.mapPublicIpOnLaunch,
      idleTimeouts: readIdleTimeouts(input.ConnectionTrackingSpecification),
      tags: readTagSpecifications(input.TagSpecifications, 'network-interface'),
    });
    return {
      NetworkInterface: { ...showNetworkInterface(context.tx, eni), Status: PENDING },
      ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
    };
  },

  DeleteNetworkInterface({ tx }: ActionContext, input: DeleteNetworkInterfaceRequest): undefined {
    const eni = findResource(tx, kinds.networkInterface, input.NetworkInterfaceId, 'networkInterfaceId');
    const { networkInterfaceId } = eni;
    if (eni.requesterId !== undefined) {
      throw errors.operationNotPermitted(
        `You do not have permission to delete the requester-managed interface ${networkInterfaceId}.`,
      );
    }
    if (eni.attachment !== undefined) {
      throw errors.invalidParameterValue(`Network interface '${networkInterfaceId}' is currently in use.`);
    }
    for (const address of tx.addresses.where('networkInterfaceId', networkInterfaceId)) {
      tx.addresses.put(freed(address));
    }
    tx.networkInterfaces.delete(networkInterfaceId);
  },

  AttachNetworkInterface(
    context: ActionContext,
    input: AttachNetworkInterfaceRequest,
  ): AttachNetworkInterfaceResult {
    const { tx } = context;
    const { DeviceIndex: deviceIndex } = input;
    const eni = findResource(tx, kinds.networkInterface, input.NetworkInterfaceId, 'networkInterfaceId');
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    if (deviceIndex === undefined) throw errors.missingParameter('deviceIndex');
    refuseUnsupportedFeatures(input);
    if (deviceIndex < 0) {
      throw errors.invalidValue(deviceIndex, 'deviceIndex', 'The index must not be negative.');
    }
    if ((input.NetworkCardIndex ?? 0) !== 0) {
      throw errors.invalidParameterValue(
        `The instance type '${instance.instanceType}' has no network card with index ${input.NetworkCardIndex}.`,
      );
    }
    checkAttachable(tx, eni, instance, deviceIndex);
    const attachment = makeAttachment(context, {
      instanceId: instance.instanceId,
      deviceIndex,
      deleteOnTermination: false,
    });
    tx.networkInterfaces.put({ ...eni, attachment });
    return { AttachmentId: attachment.attachmentId, NetworkCardIndex: 0 };
  },

  /** `Force` changes nothing here: no instance can hold on to an interface. */
  DetachNetworkInterface({ tx }: ActionContext, input: DetachNetworkInterfaceRequest): undefined {
    const eni = findAttached(tx.networkInterfaces.values(), input.AttachmentId);
    if (eni.requesterId !== undefined) {
      throw errors.operationNotPermitted("You are not allowed to manage 'ela-attach' attachments.");
    }
    if (eni.attachment?.deviceIndex === 0) {
      throw errors.operationNotPermitted(
        'The network interface at device index 0 and networkCard index 0 cannot be detached.',
      );
    }
    const { attachment: _detached, autoAssignedPublicIp: _released, ...kept } = eni;
    tx.networkInterfaces.put(kept);
  },
};

function findAttached(all: Iterable<NetworkInterface>, attachmentId: string | undefined): NetworkInterface {
  if (attachmentId === undefined || attachmentId === '') throw errors.missingParameter('attachmentId');
  for (const eni of all) if (eni.attachment?.attachmentId === attachmentId) return eni;
  throw /^eni-attach-[0-9a-f]+$/.test(attachmentId)
    ? errors.noSuchAttachment(attachmentId)
    : errors.malformedId('InvalidAttachmentID.Malformed', attachmentId, 'eni-attach');
}

function readDescription(description = ''): string {
  if (description.length <= LONGEST_DESCRIPTION) return description;
  throw errors.invalidParameterValue(
    `Invalid description. A description has at most ${LONGEST_DESCRIPTION} characters.`,
  );
}
