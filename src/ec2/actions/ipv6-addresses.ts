import type {
  AssignIpv6AddressesRequest,
  AssignIpv6AddressesResult,
  UnassignIpv6AddressesRequest,
  UnassignIpv6AddressesResult,
} from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import { checkAddressCount } from '../attachments.ts';
import * as errors from '../errors.ts';
import { refuseUnsupportedFeatures } from '../interface-features.ts';
import { canonicalOf, chooseIpv6Addresses, readIpv6Names } from '../ipv6-addresses.ts';
import { findResource, kinds } from '../kinds.ts';
import { findOwnInterface } from './private-addresses.ts';

/** The IPv6 addresses of interfaces: all are alike, none is the primary one. */
export const ipv6AddressActions = {
  AssignIpv6Addresses(context: ActionContext, input: AssignIpv6AddressesRequest): AssignIpv6AddressesResult {
    const { tx } = context;
    refuseUnsupportedFeatures(input);
    const eni = findOwnInterface(tx, input.NetworkInterfaceId);
    const wish = readIpv6Names(input.Ipv6Addresses ?? [], input.Ipv6AddressCount);
    if (wish.named.length === 0 && (wish.count ?? 0) === 0) {
      throw new errors.AwsError(
        'MissingParameter',
        "Either 'ipv6AddressCount' or 'ipv6Addresses' should be provided.",
      );
    }
    const subnet = findResource(tx, kinds.subnet, eni.subnetId, 'subnetId');
    const named = wish.named.filter((address) => !eni.ipv6Addresses.includes(address));
    const assigned = chooseIpv6Addresses(context, subnet, { ...wish, named });
    const ipv6Addresses = [...eni.ipv6Addresses, ...assigned];
    const instanceId = eni.attachment?.instanceId;
    const instance = instanceId === undefined ? undefined : tx.instances.get(instanceId);
    if (instance !== undefined) {
      checkAddressCount(instance.instanceType, ipv6Addresses.length, eni.networkInterfaceId);
    }
    tx.networkInterfaces.put({ ...eni, ipv6Addresses });
    return {
      NetworkInterfaceId: eni.networkInterfaceId,
      AssignedIpv6Addresses: wish.count === undefined ? [...wish.named] : [...assigned],
      AssignedIpv6Prefixes: [],
    };
  },

  UnassignIpv6Addresses(
    { tx }: ActionContext,
    input: UnassignIpv6AddressesRequest,
  ): UnassignIpv6AddressesResult {
    refuseUnsupportedFeatures(input);
    const eni = findOwnInterface(tx, input.NetworkInterfaceId);
    const removed = new Set((input.Ipv6Addresses ?? []).map(canonicalOf));
    if (removed.size === 0) throw errors.missingParameter('ipv6Addresses');
    if ([...removed].some((address) => !eni.ipv6Addresses.includes(address))) {
      throw errors.invalidParameterValue(
        `Some of the specified addresses are not assigned to interface ${eni.networkInterfaceId}`,
      );
    }
    const ipv6Addresses = eni.ipv6Addresses.filter((address) => !removed.has(address));
    tx.networkInterfaces.put({ ...eni, ipv6Addresses });
    return {
      NetworkInterfaceId: eni.networkInterfaceId,
      UnassignedIpv6Addresses: [...removed],
      UnassignedIpv6Prefixes: [],
    };
  },
};
