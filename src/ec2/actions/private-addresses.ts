import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  UnassignPrivateIpAddressesRequest,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface, Subnet } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { readAddressCount } from '../address-wishes.ts';
import { checkAddressCount } from '../attachments.ts';
import * as errors from '../errors.ts';
import { refuseUnsupportedFeatures } from '../interface-features.ts';
import { checkPrivateAddress, takeFreeAddresses } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { freed } from './addresses.ts';

/** Secondary private addresses: the instance gets them on the link of their interface. */
export const privateAddressActions = {
  AssignPrivateIpAddresses(
    context: ActionContext,
    input: AssignPrivateIpAddressesRequest,
  ): AssignPrivateIpAddressesResult {
    const { tx } = context;
    refuseUnsupportedFeatures(input);
    const eni = findOwnInterface(tx, input.NetworkInterfaceId);
    const named = [...new Set(input.PrivateIpAddresses ?? [])];
    const count = readAddressCount(input.SecondaryPrivateIpAddressCount);
    if (named.length > 0 && count !== undefined) {
      throw errors.invalidParameterCombination(
        'secondaryPrivateIpAddressCount and privateIpAddresses may not be specified on the same request.',
      );
    }
    if (named.length === 0 && count === undefined) {
      throw new errors.AwsError(
        'MissingParameter',
        "Either 'secondaryPrivateIpAddressCount' or 'privateIpAddresses' should be provided.",
      );
    }
    const subnet = findResource(tx, kinds.subnet, eni.subnetId, 'subnetId');
    const added = named.filter((address) => !eni.privateIpAddresses.includes(address));
    const total = eni.privateIpAddresses.length + added.length + (count ?? 0);
    const instanceId = eni.attachment?.instanceId;
    const instance = instanceId === undefined ? undefined : tx.instances.get(instanceId);
    if (instance !== undefined) checkAddressCount(instance.instanceType, total, eni.networkInterfaceId);
    for (const address of added) {
      if (input.AllowReassignment === true) release(context, subnet, eni, address);
      checkPrivateAddress(context, subnet, address);
    }
    const assigned = count === undefined ? added : takeFreeAddresses(context, subnet, count, []);
    tx.networkInterfaces.put({ ...eni, privateIpAddresses: [...eni.privateIpAddresses, ...assigned] });
    return {
      NetworkInterfaceId: eni.networkInterfaceId,
      AssignedPrivateIpAddresses: (count === undefined ? named : assigned).map((address) => ({
        PrivateIpAddress: address,
      })),
      AssignedIpv4Prefixes: [],
    };
  },

  /** An Elastic IP associated with an address that goes is let go. */
  UnassignPrivateIpAddresses({ tx }: ActionContext, input: UnassignPrivateIpAddressesRequest): undefined {
    refuseUnsupportedFeatures(input);
    const eni = findOwnInterface(tx, input.NetworkInterfaceId);
    const removed = new Set(input.PrivateIpAddresses);
    if (removed.size === 0) throw errors.missingParameter('privateIpAddress');
    const [primary, ...secondary] = eni.privateIpAddresses;
    if (primary !== undefined && removed.has(primary)) {
      throw errors.invalidParameterValue(
        `The primary private IP address ${primary} of interface ${eni.networkInterfaceId} cannot be unassigned.`,
      );
    }
    if ([...removed].some((address) => !secondary.includes(address))) {
      throw errors.invalidParameterValue(
        `Some of the specified addresses are not assigned to interface ${eni.networkInterfaceId}`,
      );
    }
    for (const address of tx.addresses.where('networkInterfaceId', eni.networkInterfaceId)) {
      if (removed.has(address.privateIpAddress ?? '')) tx.addresses.put(freed(address));
    }
    const privateIpAddresses = eni.privateIpAddresses.filter((address) => !removed.has(address));
    tx.networkInterfaces.put({ ...eni, privateIpAddresses });
  },
};

/** An interface that the user may change. */
export function findOwnInterface(tx: Transaction, id: string | undefined): NetworkInterface {
  const eni = findResource(tx, kinds.networkInterface, id, 'networkInterfaceId');
  if (eni.requesterId === undefined) return eni;
  throw errors.operationNotPermitted(
    `You do not have permission to modify the requester-managed interface ${eni.networkInterfaceId}.`,
  );
}

/** Takes a secondary address from the interface that has it now; its Elastic IP moves to the new one with it. */
function release(
  { tx, newId }: ActionContext,
  subnet: Subnet,
  next: NetworkInterface,
  address: string,
): void {
  const holder = tx.networkInterfaces
    .where('privateIpAddresses', address)
    .find(({ subnetId }) => subnetId === subnet.subnetId);
  if (holder === undefined) return;
  if (holder.privateIpAddresses[0] === address || holder.requesterId !== undefined) {
    throw errors.addressInUse(
      `Address ${address} is in use by interface ${holder.networkInterfaceId} and cannot be reassigned.`,
    );
  }
  const privateIpAddresses = holder.privateIpAddresses.filter((each) => each !== address);
  tx.networkInterfaces.put({ ...holder, privateIpAddresses });
  for (const elastic of tx.addresses.where('networkInterfaceId', holder.networkInterfaceId)) {
    if (elastic.privateIpAddress !== address) continue;
    const { networkInterfaceId } = next;
    tx.addresses.put({ ...elastic, networkInterfaceId, associationId: newId('eipassoc') });
  }
}
