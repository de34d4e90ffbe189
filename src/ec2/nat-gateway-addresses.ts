import type { NatGatewayAddress } from '@aws-sdk/client-ec2';
import type { Address, NatGateway, NatGatewaySecondaryAddress, Subnet } from '../model/records.ts';
import type { ActionContext } from './action.ts';
import * as errors from './errors.ts';
import { checkPrivateAddress, takeFreeAddresses } from './interfaces.ts';
import { findResource, kinds } from './kinds.ts';

/** Addresses of a NAT gateway, the primary one included (semantics S50). */
export const MOST_ADDRESSES = 8;

/** Which private addresses a gateway is to have more. */
export interface PrivateAddressWish {
  /** These; none for as many free ones. */
  readonly addresses: readonly string[];
  readonly count: number;
}

/** Gives the gateway's interface more private addresses: the wished ones, else as many free ones. */
export function addPrivateAddresses(
  context: ActionContext,
  gateway: NatGateway,
  { addresses: wished, count }: PrivateAddressWish,
): readonly string[] {
  const { tx } = context;
  const eni = findResource(tx, kinds.networkInterface, gateway.networkInterfaceId, 'networkInterfaceId');
  const subnet: Subnet = findResource(tx, kinds.subnet, eni.subnetId, 'subnetId');
  if (eni.privateIpAddresses.length + count > MOST_ADDRESSES) {
    throw errors.limitExceeded(
      'NatGatewayAddressLimitExceeded',
      `NAT gateway ${gateway.natGatewayId} may have at most ${MOST_ADDRESSES} addresses.`,
    );
  }
  for (const address of wished) checkPrivateAddress(context, subnet, address);
  if (new Set(wished).size < wished.length) {
    throw errors.invalidParameterValue('An address is given twice in PrivateIpAddresses.');
  }
  const added = wished.length > 0 ? wished : takeFreeAddresses(context, subnet, count, []);
  tx.networkInterfaces.put({ ...eni, privateIpAddresses: [...eni.privateIpAddresses, ...added] });
  return added;
}

/** Associates an Elastic IP with a private address of the gateway's interface. */
export function associateWithGateway(
  { tx, newId }: ActionContext,
  { networkInterfaceId }: NatGateway,
  address: Address,
  privateIp: string,
): NatGatewaySecondaryAddress {
  const associationId = newId('eipassoc');
  tx.addresses.put({
    ...address,
    associationId,
    ...(networkInterfaceId === undefined ? {} : { networkInterfaceId }),
    privateIpAddress: privateIp,
  });
  const { publicIp, allocationId } = address;
  return { privateIp, publicIp, allocationId, associationId, status: 'associating' };
}

/** The addresses of a gateway, the primary one first. */
export function showNatGatewayAddresses(gateway: NatGateway): NatGatewayAddress[] {
  const { networkInterfaceId, privateIp, secondaryAddresses } = gateway;
  if (networkInterfaceId === undefined) return [];
  const isGone = gateway.state === 'deleting' || gateway.state === 'deleted';
  const show = (address: Partial<NatGatewaySecondaryAddress>) =>
    address.publicIp === undefined
      ? {}
      : {
          PublicIp: address.publicIp,
          AllocationId: address.allocationId,
          AssociationId: address.associationId,
        };
  return [
    {
      NetworkInterfaceId: networkInterfaceId,
      PrivateIp: privateIp,
      IsPrimary: true,
      Status: isGone ? 'disassociating' : 'succeeded',
      ...show(gateway),
    },
    ...(secondaryAddresses ?? []).map(
      (address): NatGatewayAddress => ({
        NetworkInterfaceId: networkInterfaceId,
        PrivateIp: address.privateIp,
        IsPrimary: false,
        Status: isGone ? 'disassociating' : (address.status ?? 'associating'),
        ...show(address),
      }),
    ),
  ];
}
