import type { Instance, NetworkInterface, NetworkInterfaceAttachment } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { ActionContext } from './action.ts';
import { findInstanceType } from './catalogue/instance-types.ts';
import * as errors from './errors.ts';
import { interfacesOf } from './instance-states.ts';

/** What an attachment is to be. */
export interface AttachmentWish {
  readonly instanceId: string;
  readonly deviceIndex: number;
  readonly deleteOnTermination: boolean;
}

/** A new attachment to an instance. */
export function makeAttachment(context: ActionContext, wish: AttachmentWish): NetworkInterfaceAttachment {
  return {
    attachmentId: context.newId('eni-attach'),
    instanceOwnerId: context.account,
    attachTime: context.now.toISOString(),
    ...wish,
  };
}

/** Throws unless the instance's type lets it have this many interfaces. */
export function checkInterfaceCount(instanceType: string, count: number): void {
  const limit = findInstanceType(instanceType)?.mostInterfaces;
  if (limit === undefined || count <= limit) return;
  throw errors.limitExceeded(
    'AttachmentLimitExceeded',
    `Interface count ${count} exceeds the limit for ${instanceType}`,
  );
}

/** Throws unless the instance's type lets each of its interfaces have this many private addresses. */
export function checkAddressCount(instanceType: string, count: number, interfaceName: string): void {
  const limit = findInstanceType(instanceType)?.addressesPerInterface;
  if (limit === undefined || count <= limit) return;
  throw errors.limitExceeded(
    'PrivateIpAddressLimitExceeded',
    `${interfaceName}: Number of private addresses will exceed limit.`,
  );
}

/** Throws unless the interface can be the instance's at this device index (semantics S116). */
export function checkAttachable(
  world: World,
  eni: NetworkInterface,
  instance: Instance,
  deviceIndex: number,
): void {
  const { instanceId, state, instanceType } = instance;
  if (eni.attachment !== undefined) {
    throw errors.networkInterfaceInUse(`Interface: [${eni.networkInterfaceId}] in use.`);
  }
  if (state !== 'running' && state !== 'stopped') {
    throw new errors.AwsError('IncorrectState', `Instance '${instanceId}' is not 'running' or 'stopped'.`);
  }
  if (eni.availabilityZone !== instance.availabilityZone) {
    throw errors.invalidParameterCombination(
      'You may not attach a network interface to an instance if they are not in the same availability zone',
    );
  }
  if (eni.vpcId !== instance.vpcId) {
    throw errors.unsupportedOperation(
      'Cloudcroft attaches network interfaces to instances of the same VPC only, so far.',
    );
  }
  const present = interfacesOf(world, instance);
  if (present.some(({ attachment }) => attachment?.deviceIndex === deviceIndex)) {
    throw errors.invalidParameterValue(
      `Instance '${instanceId}' already has an interface attached at device index '${deviceIndex}'.`,
    );
  }
  checkInterfaceCount(instanceType, present.length + 1);
  checkAddressCount(instanceType, eni.privateIpAddresses.length, eni.networkInterfaceId);
}
