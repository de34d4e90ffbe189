import type {
  CreateNatGatewayRequest,
  CreateNatGatewayResult,
  DeleteNatGatewayRequest,
  DeleteNatGatewayResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
  NatGatewayAddress,
  NatGateway as WireNatGateway,
} from '@aws-sdk/client-ec2';
import type { NatGateway, NatGatewaySecondaryAddress, Subnet } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { makeInterface } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
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
    const { SecondaryAllocationIds, SecondaryPrivateIpAddresses, SecondaryPrivateIpAddressCount } = input;
    if (
      (SecondaryAllocationIds?.length ?? 0) > 0 ||
      (SecondaryPrivateIpAddresses?.length ?? 0) > 0 ||
      SecondaryPrivateIpAddressCount !== undefined
    ) {
      throw errors.unsupportedOperation(
        'Cloudcroft makes NAT gateways with one address: add others with AssociateNatGatewayAddress or AssignPrivateNatGatewayAddress.',
      );
    }
    const subnet = findResource(tx, kinds.subnet, input.SubnetId, 'subnetId');
    const connectivityType = input.ConnectivityType ?? 'public';
    const isPublic = connectivityType === 'public';
    if (isPublic && input.AllocationId === undefined) throw errors.missingParameter('AllocationId');
    if (!isPublic && input.AllocationId !== undefined) {
      throw errors.invalidParameterCombination('AllocationId cannot be given for a private NAT gateway.');
    }
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
    const failure = isPublic ? findFailure(context, subnet, input.AllocationId ?? '') : undefined;
    const made =
      failure === undefined ? standUp(context, gateway, subnet, input) : fail(gateway, failure, now);
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

function findFailure({ tx }: ActionContext, subnet: Subnet, allocationId: string): Failure | undefined {
  const address = tx.addresses.get(allocationId);
  if (address === undefined) {
    const failureMessage = `Elastic IP address ${allocationId} could not be associated with this NAT gateway`;
    return { failureCode: 'InvalidAllocationID.NotFound', failureMessage };
  }
  if (address.associationId !== undefined) {
    const failureMessage = `Elastic IP address ${allocationId} is already associated`;
    return { failureCode: 'Resource.AlreadyAssociated', failureMessage };
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

/** Gives the gateway its interface, which the user cannot change (semantics S58), and its Elastic IP. */
function standUp(
  context: ActionContext,
  gateway: NatGateway,
  subnet: Subnet,
  { AllocationId, PrivateIpAddress }: CreateNatGatewayRequest,
): NatGateway {
  const { tx, account, now } = context;
  let made: ReturnType<typeof makeInterface>;
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
  } catch (error) {
    if (!(error instanceof errors.AwsError) || error.code !== 'InsufficientFreeAddressesInSubnet')
      throw error;
    const failureMessage = `Subnet ${subnet.subnetId} has insufficient free addresses to create this NAT gateway`;
    return fail(gateway, { failureCode: error.code, failureMessage }, now);
  }
  const privateIp = made.privateIpAddresses[0] ?? '';
  const standing = { ...gateway, networkInterfaceId: made.networkInterfaceId, privateIp };
  const address = AllocationId === undefined ? undefined : tx.addresses.get(AllocationId);
  if (address === undefined) return standing;
  const associationId = context.newId('eipassoc');
  tx.addresses.put({
    ...address,
    associationId,
    networkInterfaceId: made.networkInterfaceId,
    privateIpAddress: privateIp,
  });
  return { ...standing, publicIp: address.publicIp, allocationId: address.allocationId, associationId };
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
        Status: isGone ? 'disassociating' : address.publicIp === undefined ? 'assigning' : 'associating',
        ...show(address),
      }),
    ),
  ];
}
