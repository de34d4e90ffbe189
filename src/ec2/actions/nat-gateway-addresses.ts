import type {
  AssignPrivateNatGatewayAddressRequest,
  AssignPrivateNatGatewayAddressResult,
  AssociateNatGatewayAddressRequest,
  AssociateNatGatewayAddressResult,
  DisassociateNatGatewayAddressRequest,
  DisassociateNatGatewayAddressResult,
  UnassignPrivateNatGatewayAddressRequest,
  UnassignPrivateNatGatewayAddressResult,
} from '@aws-sdk/client-ec2';
import { isNatAddressOpen } from '../../model/nat-gateways.ts';
import type { Address, NatGateway, NatGatewaySecondaryAddress } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import {
  addPrivateAddresses,
  associateWithGateway,
  MOST_ADDRESSES,
  showNatGatewayAddresses,
} from '../nat-gateway-addresses.ts';

/** Seconds for which connections may go on by an address that is taken away: AWS's bounds, and what it takes (S60). */
const DRAIN_SECONDS = { fewest: 1, most: 4000, usual: 350 };

/**
 * Addresses of NAT gateways besides the first. One that is given becomes `succeeded` when connections begin by it; one that
 * is taken away goes when those by it have ended.
 */
export const natGatewayAddressActions = {
  AssociateNatGatewayAddress(
    context: ActionContext,
    input: AssociateNatGatewayAddressRequest,
  ): AssociateNatGatewayAddressResult {
    const gateway = findUsable(context, input.NatGatewayId, 'public');
    const allocationIds = [...new Set(input.AllocationIds ?? [])];
    if (allocationIds.length === 0) throw errors.missingParameter('AllocationId');
    const wished = input.PrivateIpAddresses ?? [];
    if (wished.length > 0 && wished.length !== allocationIds.length) {
      throw errors.invalidParameterCombination(
        'As many PrivateIpAddresses as AllocationIds must be given, or none.',
      );
    }
    const addresses = allocationIds.map((id) => findFreeAddress(context, id));
    const privateIps = addPrivateAddresses(context, gateway, { addresses: wished, count: addresses.length });
    const added = addresses.map((address, index) =>
      associateWithGateway(context, gateway, address, privateIps[index] ?? ''),
    );
    return answer(context, gateway, [...secondariesOf(gateway), ...added]);
  },

  DisassociateNatGatewayAddress(
    context: ActionContext,
    input: DisassociateNatGatewayAddressRequest,
  ): DisassociateNatGatewayAddressResult {
    const gateway = findUsable(context, input.NatGatewayId, 'public');
    const seconds = readDrain(input.MaxDrainDurationSeconds);
    const associationIds = input.AssociationIds ?? [];
    if (associationIds.length === 0) throw errors.missingParameter('AssociationId');
    for (const id of associationIds) {
      if (id === gateway.associationId) throw isPrimary(gateway.natGatewayId);
      if (!secondariesOf(gateway).some(({ associationId }) => associationId === id)) {
        throw errors.noSuchAssociation(id);
      }
    }
    const gone = secondariesOf(gateway).filter(
      ({ associationId }) => associationId !== undefined && associationIds.includes(associationId),
    );
    return takeAway(context, gateway, gone, 'disassociating', seconds);
  },

  AssignPrivateNatGatewayAddress(
    context: ActionContext,
    input: AssignPrivateNatGatewayAddressRequest,
  ): AssignPrivateNatGatewayAddressResult {
    const gateway = findUsable(context, input.NatGatewayId, 'private');
    const { PrivateIpAddresses: wished = [], PrivateIpAddressCount: count } = input;
    if (wished.length > 0 && count !== undefined) {
      throw errors.invalidParameterCombination(
        'Only one of PrivateIpAddresses and PrivateIpAddressCount may be given.',
      );
    }
    if (wished.length === 0 && count === undefined) throw errors.missingParameter('PrivateIpAddress');
    if (count !== undefined && (count < 1 || count >= MOST_ADDRESSES)) {
      throw errors.invalidValue(count, 'PrivateIpAddressCount', 'The range is 1 to 7.');
    }
    const wish = { addresses: wished, count: count ?? wished.length };
    const added = addPrivateAddresses(context, gateway, wish).map(
      (privateIp): NatGatewaySecondaryAddress => ({ privateIp, status: 'assigning' }),
    );
    return answer(context, gateway, [...secondariesOf(gateway), ...added]);
  },

  UnassignPrivateNatGatewayAddress(
    context: ActionContext,
    input: UnassignPrivateNatGatewayAddressRequest,
  ): UnassignPrivateNatGatewayAddressResult {
    const gateway = findUsable(context, input.NatGatewayId, 'private');
    const seconds = readDrain(input.MaxDrainDurationSeconds);
    const wished = input.PrivateIpAddresses ?? [];
    if (wished.length === 0) throw errors.missingParameter('PrivateIpAddress');
    for (const address of wished) {
      if (address === gateway.privateIp) throw isPrimary(gateway.natGatewayId);
      if (!secondariesOf(gateway).some(({ privateIp }) => privateIp === address)) {
        throw errors.invalidParameterValue(
          `Address ${address} is not assigned to NAT gateway ${gateway.natGatewayId}.`,
        );
      }
    }
    const gone = secondariesOf(gateway).filter(({ privateIp }) => wished.includes(privateIp));
    return takeAway(context, gateway, gone, 'unassigning', seconds);
  },
};

function secondariesOf({ secondaryAddresses }: NatGateway): readonly NatGatewaySecondaryAddress[] {
  return secondaryAddresses ?? [];
}

function findUsable(
  { tx }: ActionContext,
  id: string | undefined,
  type: NatGateway['connectivityType'],
): NatGateway {
  const gateway = findResource(tx, kinds.natGateway, id, 'NatGatewayId');
  if (gateway.state === 'deleted') throw errors.noSuchNatGateway(gateway.natGatewayId);
  if (gateway.state !== 'available') {
    throw errors.incorrectState(
      `NAT gateway ${gateway.natGatewayId} is in state ${gateway.state}: it must be available.`,
    );
  }
  if (gateway.connectivityType !== type) {
    throw errors.unsupportedOperation(
      `NAT gateway ${gateway.natGatewayId} is ${gateway.connectivityType}: this operation is for ${type} NAT gateways.`,
    );
  }
  const draining = secondariesOf(gateway).find((address) => !isNatAddressOpen(address));
  if (draining === undefined) return gateway;
  // AWS changes no address of a gateway while connections by another drain.
  throw errors.incorrectState(
    `Address ${draining.privateIp} of NAT gateway ${gateway.natGatewayId} is ${draining.status}: wait until it is gone.`,
  );
}

function findFreeAddress({ tx }: ActionContext, allocationId: string): Address {
  const address = findResource(tx, kinds.address, allocationId, 'AllocationId');
  if (address.associationId === undefined) return address;
  throw errors.alreadyAssociated(`Elastic IP address ${allocationId} is already associated`);
}

/** From now on no connection begins by the addresses; they are let go when those that stand have ended. */
function takeAway(
  context: ActionContext,
  gateway: NatGateway,
  gone: readonly NatGatewaySecondaryAddress[],
  status: 'disassociating' | 'unassigning',
  seconds: number,
) {
  const drainsUntil = new Date(context.now.getTime() + seconds * 1000).toISOString();
  const draining = secondariesOf(gateway).map((each) =>
    gone.includes(each) ? { ...each, status, drainsUntil } : each,
  );
  return answer(context, gateway, draining);
}

function answer(
  { tx }: ActionContext,
  gateway: NatGateway,
  secondaryAddresses: readonly NatGatewaySecondaryAddress[],
) {
  const changed: NatGateway = { ...gateway, secondaryAddresses };
  tx.natGateways.put(changed);
  return { NatGatewayId: gateway.natGatewayId, NatGatewayAddresses: showNatGatewayAddresses(changed) };
}

function readDrain(seconds: number = DRAIN_SECONDS.usual): number {
  const { fewest, most } = DRAIN_SECONDS;
  if (seconds >= fewest && seconds <= most) return seconds;
  throw errors.invalidValue(seconds, 'MaxDrainDurationSeconds', `The range is ${fewest} to ${most}.`);
}

function isPrimary(natGatewayId: string): errors.AwsError {
  return errors.invalidParameterValue(`The primary address of ${natGatewayId} cannot be taken from it.`);
}
