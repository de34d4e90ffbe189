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
import type { Address, NatGateway, NatGatewaySecondaryAddress, Subnet } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { checkPrivateAddress, takeFreeAddresses } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { showNatGatewayAddresses } from './nat-gateways.ts';

/** Addresses of a NAT gateway, the primary one included (semantics S50). */
const MOST_ADDRESSES = 8;

/** Seconds for which connections may go on by an address that is taken away; AWS's bounds. */
const DRAIN_SECONDS = { fewest: 1, most: 4000 };

/**
 * Addresses of NAT gateways besides the first. Packets are translated to the first one only so far: the others stay
 * `associating` or `assigning`, since nothing uses them.
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
    const privateIps = addPrivateAddresses(context, gateway, wished, addresses.length);
    const added = addresses.map((address, index) =>
      associate(context, gateway, address, privateIps[index] ?? ''),
    );
    return answer(context, gateway, [...secondariesOf(gateway), ...added]);
  },

  DisassociateNatGatewayAddress(
    context: ActionContext,
    input: DisassociateNatGatewayAddressRequest,
  ): DisassociateNatGatewayAddressResult {
    const { tx } = context;
    const gateway = findUsable(context, input.NatGatewayId, 'public');
    checkDrain(input.MaxDrainDurationSeconds);
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
    for (const { allocationId } of gone) {
      const address = allocationId === undefined ? undefined : tx.addresses.get(allocationId);
      if (address === undefined) continue;
      const { associationId: _a, networkInterfaceId: _n, privateIpAddress: _p, ...free } = address;
      tx.addresses.put(free);
    }
    return takeAway(context, gateway, gone);
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
    const privateIps = addPrivateAddresses(context, gateway, wished, count ?? wished.length);
    const added = privateIps.map((privateIp) => ({ privateIp }));
    return answer(context, gateway, [...secondariesOf(gateway), ...added]);
  },

  UnassignPrivateNatGatewayAddress(
    context: ActionContext,
    input: UnassignPrivateNatGatewayAddressRequest,
  ): UnassignPrivateNatGatewayAddressResult {
    const gateway = findUsable(context, input.NatGatewayId, 'private');
    checkDrain(input.MaxDrainDurationSeconds);
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
    return takeAway(context, gateway, gone);
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
  if (gateway.connectivityType === type) return gateway;
  throw errors.unsupportedOperation(
    `NAT gateway ${gateway.natGatewayId} is ${gateway.connectivityType}: this operation is for ${type} NAT gateways.`,
  );
}

function findFreeAddress({ tx }: ActionContext, allocationId: string): Address {
  const address = findResource(tx, kinds.address, allocationId, 'AllocationId');
  if (address.associationId === undefined) return address;
  throw errors.alreadyAssociated(`Elastic IP address ${allocationId} is already associated`);
}

/** Gives the gateway's interface more private addresses: the wished ones, else as many free ones. */
function addPrivateAddresses(
  context: ActionContext,
  gateway: NatGateway,
  wished: readonly string[],
  count: number,
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

function associate(
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
  return { privateIp, publicIp: address.publicIp, allocationId: address.allocationId, associationId };
}

function takeAway(context: ActionContext, gateway: NatGateway, gone: readonly NatGatewaySecondaryAddress[]) {
  const { tx } = context;
  const eni = findResource(tx, kinds.networkInterface, gateway.networkInterfaceId, 'networkInterfaceId');
  const left = new Set(gone.map(({ privateIp }) => privateIp));
  const privateIpAddresses = eni.privateIpAddresses.filter((address) => !left.has(address));
  tx.networkInterfaces.put({ ...eni, privateIpAddresses });
  return answer(
    context,
    gateway,
    secondariesOf(gateway).filter((each) => !gone.includes(each)),
  );
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

function checkDrain(seconds: number | undefined): void {
  if (seconds === undefined) return;
  const { fewest, most } = DRAIN_SECONDS;
  if (seconds >= fewest && seconds <= most) return;
  throw errors.invalidValue(seconds, 'MaxDrainDurationSeconds', `The range is ${fewest} to ${most}.`);
}

function isPrimary(natGatewayId: string): errors.AwsError {
  return errors.invalidParameterValue(`The primary address of ${natGatewayId} cannot be taken from it.`);
}
