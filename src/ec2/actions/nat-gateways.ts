import type {
  CreateNatGatewayRequest,
  CreateNatGatewayResult,
  DeleteNatGatewayRequest,
  DeleteNatGatewayResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
  NatGateway as WireNatGateway,
} from '@aws-sdk/client-ec2';
import type {
  NatGateway,
  NatGatewaySecondaryAddress,
  NetworkInterface,
  Subnet,
} from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { makeInterface } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import {
  addPrivateAddresses,
  associateWithGateway,
  MOST_ADDRESSES,
  type PrivateAddressWish,
  showNatGatewayAddresses,
} from '../nat-gateway-addresses.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const listing: Listing<NatGateway> = {
  ...kinds.natGateway,
  filters: {
    'nat-gateway-id': 'natGatewayId',
    state: 'state',
    'subnet-id': 'subnetId',
    'vpc-id': 'vpcId',
  },
};

/** Why a gateway could not be made: AWS tells it in the resource and not by refusing the request (semantics S46, S47). */
interface Failure {
  readonly failureCode: string;
  readonly failureMessage: string;
}

/** NAT gateways: an interface of their own in their subnet (semantics S46–S60). */
export const natGatewayActions = {
  CreateNatGateway(context: ActionContext, input: CreateNatGatewayRequest): CreateNatGatewayResult {
    const { tx, now } = context;
    if (input.AvailabilityMode === 'regional') {
      throw errors.unsupportedOperation('Cloudcroft has zonal NAT gateways only: give a SubnetId.');
    }
    const subnet = findResource(tx, kinds.subnet, input.SubnetId, 'subnetId');
    const connectivityType = input.ConnectivityType ?? 'public';
    const isPublic = connectivityType === 'public';
    if (isPublic && input.AllocationId === undefined) throw errors.missingParameter('AllocationId');
    if (!isPublic && input.AllocationId !== undefined) {
      throw errors.invalidParameterCombination('AllocationId cannot be given for a private NAT gateway.');
    }
    const more = readSecondaries(input, isPublic);
    demandQuota(context, 'nat-gateways-per-zone', countInZone(tx, subnet) + 1);
    const gateway: NatGateway = {
      natGatewayId: context.newId('nat'),
      subnetId: subnet.subnetId,
      vpcId: subnet.vpcId,
      connectivityType,
      state: 'pending',
      createTime: now.toISOString(),
      tags: readTagSpecifications(input.TagSpecifications, 'natgateway'),
    };
    const failure = isPublic
      ? findFailure(context, subnet, [input.AllocationId ?? '', ...more.allocationIds])
      : undefined;
    const made =
      failure === undefined ? standUp(context, gateway, subnet, input, more) : fail(gateway, failure, now);
    tx.natGateways.put(made);
    return {
      NatGateway: showNatGateway(made),
      ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
    };
  },

  /** Its routes stay and become blackholes (semantics S28). */
  DeleteNatGateway({ tx, now }: ActionContext, input: DeleteNatGatewayRequest): DeleteNatGatewayResult {
    const gateway = findResource(tx, kinds.natGateway, input.NatGatewayId, 'natGatewayId');
    if (gateway.state === 'deleted') throw errors.noSuchNatGateway(gateway.natGatewayId);
    if (gateway.state === 'failed') {
      tx.natGateways.put({ ...gateway, state: 'deleted', deleteTime: now.toISOString() });
    } else if (gateway.state !== 'deleting') {
      tx.natGateways.put({ ...gateway, state: 'deleting', deleteTime: now.toISOString() });
    }
    return { NatGatewayId: gateway.natGatewayId };
  },

  DescribeNatGateways({ tx }: ActionContext, input: DescribeNatGatewaysRequest): DescribeNatGatewaysResult {
    const page = listRecords(tx.natGateways, tx, listing, {
      ...input,
      ids: input.NatGatewayIds,
      Filters: input.Filter,
    });
    return { NatGateways: page.records.map(showNatGateway), NextToken: page.nextToken };
  },
};

/** The NAT gateways of a subnet's zone that are not gone. */
function countInZone(tx: Transaction, { availabilityZone }: Subnet): number {
  return [...tx.natGateways.values()].filter(
    ({ state, subnetId }) =>
      (state === 'pending' || state === 'available') &&
      tx.subnets.get(subnetId)?.availabilityZone === availabilityZone,
  ).length;
}

/** The addresses besides the primary one that a new gateway is to have. */
interface Secondaries extends PrivateAddressWish {
  readonly allocationIds: readonly string[];
}

function readSecondaries(input: CreateNatGatewayRequest, isPublic: boolean): Secondaries {
  const { SecondaryPrivateIpAddresses: addresses = [], SecondaryPrivateIpAddressCount: count } = input;
  const allocationIds = [...new Set(input.SecondaryAllocationIds ?? [])];
  if (isPublic) {
    if (count !== undefined) {
      throw errors.invalidParameterCombination(
        'SecondaryPrivateIpAddressCount is for private NAT gateways: give SecondaryAllocationIds.',
      );
    }
    if (addresses.length > 0 && addresses.length !== allocationIds.length) {
      throw errors.invalidParameterCombination(
        'As many SecondaryPrivateIpAddresses as SecondaryAllocationIds must be given, or none.',
      );
    }
    return { allocationIds, addresses, count: allocationIds.length };
  }
  if (allocationIds.length > 0) {
    throw errors.invalidParameterCombination(
      'SecondaryAllocationIds cannot be given for a private NAT gateway.',
    );
  }
  if (addresses.length > 0 && count !== undefined) {
    throw errors.invalidParameterCombination(
      'Only one of SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount may be given.',
    );
  }
  if (count !== undefined && (count < 1 || count >= MOST_ADDRESSES)) {
    throw errors.invalidValue(count, 'SecondaryPrivateIpAddressCount', 'The range is 1 to 7.');
  }
  return { allocationIds, addresses, count: count ?? addresses.length };
}

function findFailure(
  { tx }: ActionContext,
  subnet: Subnet,
  allocationIds: readonly string[],
): Failure | undefined {
  for (const [index, allocationId] of allocationIds.entries()) {
    const address = tx.addresses.get(allocationId);
    if (address === undefined) {
      const failureMessage = `Elastic IP address ${allocationId} could not be associated with this NAT gateway`;
      return { failureCode: 'InvalidAllocationID.NotFound', failureMessage };
    }
    if (address.associationId !== undefined || allocationIds.indexOf(allocationId) < index) {
      const failureMessage = `Elastic IP address ${allocationId} is already associated`;
      return { failureCode: 'Resource.AlreadyAssociated', failureMessage };
    }
  }
  if (tx.internetGateways.where('vpcId', subnet.vpcId).length === 0) {
    const failureMessage = `Network ${subnet.vpcId} has no Internet gateway attached`;
    return { failureCode: 'Gateway.NotAttached', failureMessage };
  }
  return undefined;
}

function fail(gateway: NatGateway, failure: Failure, now: Date): NatGateway {
  return { ...gateway, state: 'failed', ...failure, deleteTime: now.toISOString() };
}

/** Gives the gateway its interface, which the user cannot change (semantics S58), its addresses and Elastic IPs. */
function standUp(
  context: ActionContext,
  gateway: NatGateway,
  subnet: Subnet,
  { AllocationId, PrivateIpAddress }: CreateNatGatewayRequest,
  { allocationIds, ...wish }: Secondaries,
): NatGateway {
  const { tx, account, now } = context;
  let made: NetworkInterface | undefined;
  let others: readonly string[];
  try {
    made = makeInterface(context, {
      subnet,
      description: `Interface for NAT Gateway ${gateway.natGatewayId}`,
      interfaceType: 'nat_gateway',
      groupIds: [],
      privateIpAddress: PrivateIpAddress,
      sourceDestCheck: false,
      requesterId: account,
      attachment: {
        attachmentId: context.newId('ela-attach'),
        instanceOwnerId: 'amazon-aws',
        deviceIndex: 1,
        attachTime: now.toISOString(),
        deleteOnTermination: false,
      },
    });
    const { networkInterfaceId } = made;
    others = wish.count === 0 ? [] : addPrivateAddresses(context, { ...gateway, networkInterfaceId }, wish);
  } catch (error) {
    if (!(error instanceof errors.AwsError) || error.code !== 'InsufficientFreeAddressesInSubnet')
      throw error;
    if (made !== undefined) tx.networkInterfaces.delete(made.networkInterfaceId);
    const failureMessage = `Subnet ${subnet.subnetId} has insufficient free addresses to create this NAT gateway`;
    return fail(gateway, { failureCode: error.code, failureMessage }, now);
  }
  const privateIp = made.privateIpAddresses[0] ?? '';
  const standing = { ...gateway, networkInterfaceId: made.networkInterfaceId, privateIp };
  const ownOf = (address: string, index: number): NatGatewaySecondaryAddress => {
    const elastic = tx.addresses.get(allocationIds[index] ?? '');
    return elastic === undefined
      ? { privateIp: address, status: 'assigning' }
      : associateWithGateway(context, standing, elastic, address);
  };
  const secondary = others.length === 0 ? {} : { secondaryAddresses: others.map(ownOf) };
  const address = AllocationId === undefined ? undefined : tx.addresses.get(AllocationId);
  if (address === undefined) return { ...standing, ...secondary };
  const { status: _, ...primary } = associateWithGateway(context, standing, address, privateIp);
  return { ...standing, ...primary, ...secondary };
}

function showNatGateway(gateway: NatGateway): WireNatGateway {
  const { failureCode, failureMessage, deleteTime } = gateway;
  return {
    NatGatewayId: gateway.natGatewayId,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    ConnectivityType: gateway.connectivityType,
    State: gateway.state,
    CreateTime: new Date(gateway.createTime),
    ...(deleteTime === undefined ? {} : { DeleteTime: new Date(deleteTime) }),
    ...(failureCode === undefined ? {} : { FailureCode: failureCode, FailureMessage: failureMessage }),
    NatGatewayAddresses: showNatGatewayAddresses(gateway),
    Tags: showTags(gateway),
  };
}
