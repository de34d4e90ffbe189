import type {
  AcceptAddressTransferRequest,
  AcceptAddressTransferResult,
  DescribeAddressTransfersRequest,
  DescribeAddressTransfersResult,
  DisableAddressTransferRequest,
  DisableAddressTransferResult,
  EnableAddressTransferRequest,
  EnableAddressTransferResult,
  AddressTransfer as WireTransfer,
} from '@aws-sdk/client-ec2';
import type { Address } from '../../model/records.ts';
import type { Scope } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications } from '../tags.ts';

/** How long an offer can be accepted. */
const OFFER_MILLISECONDS = 7 * 86_400_000;

/** Elastic IPs that one account offers and another takes, in the same region. */
export const addressTransferActions = {
  EnableAddressTransfer(
    { tx, now, account }: ActionContext,
    input: EnableAddressTransferRequest,
  ): EnableAddressTransferResult {
    const address = findResource(tx, kinds.address, input.AllocationId, 'AllocationId');
    const { TransferAccountId: transferAccountId } = input;
    if (transferAccountId === undefined || !/^[0-9]{12}$/.test(transferAccountId)) {
      throw errors.invalidValue(transferAccountId, 'TransferAccountId', 'An account id has twelve digits.');
    }
    if (transferAccountId === account) {
      throw errors.invalidValue(transferAccountId, 'TransferAccountId', 'It is the account that owns it.');
    }
    const offerExpiration = new Date(now.getTime() + OFFER_MILLISECONDS).toISOString();
    const offered: Address = { ...address, transfer: { transferAccountId, offerExpiration } };
    tx.addresses.put(offered);
    return { AddressTransfer: showTransfer(offered, 'pending') };
  },

  DisableAddressTransfer(
    { tx }: ActionContext,
    input: DisableAddressTransferRequest,
  ): DisableAddressTransferResult {
    const address = findResource(tx, kinds.address, input.AllocationId, 'AllocationId');
    if (address.transfer === undefined) {
      throw new errors.AwsError(
        'InvalidTransfer.NotFound',
        `No transfer of ${address.allocationId} is enabled.`,
      );
    }
    const { transfer: _transfer, ...kept } = address;
    tx.addresses.put(kept);
    return { AddressTransfer: showTransfer(address, 'disabled') };
  },

  DescribeAddressTransfers(
    { tx, now }: ActionContext,
    input: DescribeAddressTransfersRequest,
  ): DescribeAddressTransfersResult {
    const ids = input.AllocationIds ?? [];
    const named = ids.map((id) => findResource(tx, kinds.address, id, 'AllocationId'));
    const offered = (ids.length > 0 ? named : [...tx.addresses.values()]).filter((each) =>
      isOffered(each, now),
    );
    const page = pageOf(
      offered,
      {
        name: 'address-transfers',
        idOf: ({ allocationId }) => allocationId,
        pages: { fewest: 5, most: 1000 },
      },
      input,
    );
    return {
      AddressTransfers: page.records.map((address) => showTransfer(address, 'pending')),
      NextToken: page.nextToken,
    };
  },

  /** The address moves to the account that asks; there it has a new allocation id and none of its tags. */
  AcceptAddressTransfer(
    context: ActionContext,
    input: AcceptAddressTransferRequest,
  ): AcceptAddressTransferResult {
    const { tx, now, account } = context;
    const { Address: publicIp } = input;
    if (publicIp === undefined || publicIp === '') throw errors.missingParameter('Address');
    const tags = readTagSpecifications(input.TagSpecifications, 'elastic-ip');
    const offer = findOffer(context, publicIp);
    if (offer === undefined) throw errors.noSuchAddress(publicIp);
    const { address, scope } = offer;
    if (address.associationId !== undefined) {
      throw new errors.AwsError(
        'InvalidTransfer.AddressAssociated',
        `The Elastic IP address ${publicIp} is associated: its owner must disassociate it first.`,
      );
    }
    tx.transactionOf(scope)?.addresses.delete(address.allocationId);
    tx.addresses.put({ allocationId: context.newId('eipalloc'), publicIp, tags });
    return {
      AddressTransfer: {
        ...showTransfer(address, 'accepted'),
        TransferAccountId: account,
        TransferOfferAcceptedTimestamp: now,
      },
    };
  },
};

function isOffered({ transfer }: Address, now: Date): boolean {
  return transfer !== undefined && Date.parse(transfer.offerExpiration) > now.getTime();
}

/** The offer of this address to the account that asks. */
function findOffer(
  { tx, now, account, region }: ActionContext,
  publicIp: string,
): { readonly address: Address; readonly scope: Scope } | undefined {
  for (const world of tx.allWorlds()) {
    if (world.scope.region !== region) continue;
    const address = world.addresses
      .where('publicIp', publicIp)
      .find((each) => isOffered(each, now) && each.transfer?.transferAccountId === account);
    if (address !== undefined) return { address, scope: world.scope };
  }
  return undefined;
}

function showTransfer(
  { publicIp, allocationId, transfer }: Address,
  status: NonNullable<WireTransfer['AddressTransferStatus']>,
): WireTransfer {
  return {
    PublicIp: publicIp,
    AllocationId: allocationId,
    TransferAccountId: transfer?.transferAccountId,
    ...(transfer === undefined
      ? {}
      : { TransferOfferExpirationTimestamp: new Date(transfer.offerExpiration) }),
    AddressTransferStatus: status,
  };
}
