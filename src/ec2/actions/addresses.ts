import type {
  AddressAttribute,
  AllocateAddressRequest,
  AllocateAddressResult,
  AssociateAddressRequest,
  AssociateAddressResult,
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult,
  DescribeAddressesRequest,
  DescribeAddressesResult,
  DisassociateAddressRequest,
  ReleaseAddressRequest,
  Address as WireAddress,
} from '@aws-sdk/client-ec2';
import type { Address, NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { findRecord, pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, selectRecords } from '../filters.ts';
import { takePublicAddress } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const filters: FilterTable<Address> = {
  'allocation-id': 'allocationId',
  'association-id': 'associationId',
  'instance-id': (address, world) => interfaceOf(world, address)?.attachment?.instanceId,
  'network-border-group': (_address, world) => world.scope.region,
  'network-interface-id': 'networkInterfaceId',
  'network-interface-owner-id': (address, world) =>
    address.networkInterfaceId === undefined ? undefined : world.scope.account,
  'private-ip-address': 'privateIpAddress',
  'public-ip': 'publicIp',
  domain: () => 'vpc',
};

/** Elastic IPs: allocated until released, associated with one interface at most (semantics S41). */
export const addressActions = {
  AllocateAddress(context: ActionContext, input: AllocateAddressRequest): AllocateAddressResult {
    if (input.Domain === 'standard') {
      throw errors.invalidParameterValue(
        'The domain "standard" is EC2-Classic, which is no more. Use "vpc".',
      );
    }
    const { PublicIpv4Pool: pool = 'amazon' } = input;
    if (pool !== 'amazon') throw errors.noSuchAddressPool(pool);
    demandQuota(context, 'elastic-ips', context.tx.addresses.size + 1);
    const record: Address = {
      allocationId: context.newId('eipalloc'),
      publicIp: input.Address ?? takePublicAddress(context),
      tags: readTagSpecifications(input.TagSpecifications, 'elastic-ip'),
    };
    if (input.Address !== undefined) {
      throw errors.invalidParameterValue(
        `The address ${input.Address} cannot be recovered: it was not yours.`,
      );
    }
    context.tx.addresses.put(record);
    return {
      AllocationId: record.allocationId,
      PublicIp: record.publicIp,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: context.region,
      Domain: 'vpc',
    };
  },

  ReleaseAddress({ tx }: ActionContext, input: ReleaseAddressRequest): undefined {
    if (input.AllocationId === undefined && input.PublicIp === undefined) {
      throw errors.missingParameter('allocationId');
    }
    const address = findAddress(tx, input);
    if (address.associationId !== undefined) {
      throw errors.addressInUse(`Address ${address.publicIp} is in use.`);
    }
    tx.addresses.delete(address.allocationId);
  },

  AssociateAddress(context: ActionContext, input: AssociateAddressRequest): AssociateAddressResult {
    const { tx } = context;
    if (input.AllocationId === undefined && input.PublicIp === undefined) {
      throw errors.missingParameter('allocationId');
    }
    const address = findAddress(tx, input);
    const eni = findTarget(tx, input);
    requireInternetGateway(tx, eni);
    const privateIpAddress = input.PrivateIpAddress ?? eni.privateIpAddresses[0];
    if (privateIpAddress === undefined || !eni.privateIpAddresses.includes(privateIpAddress)) {
      throw errors.invalidParameterValue(
        `The address ${input.PrivateIpAddress} is not of the interface ${eni.networkInterfaceId}.`,
      );
    }
    const isElsewhere =
      address.networkInterfaceId !== undefined && address.networkInterfaceId !== eni.networkInterfaceId;
    // In a VPC the CLI and the console allow it unless they say otherwise; the API's default is to refuse.
    if (isElsewhere && input.AllowReassociation !== true) {
      throw errors.alreadyAssociated(
        `resource ${address.allocationId} is already associated with associate-id ${address.associationId}`,
      );
    }
    for (const other of tx.addresses.where('networkInterfaceId', eni.networkInterfaceId)) {
      const isReplaced = other.privateIpAddress === privateIpAddress;
      if (isReplaced && other.allocationId !== address.allocationId) tx.addresses.put(freed(other));
    }
    const associationId = context.newId('eipassoc');
    tx.addresses.put({
      ...address,
      associationId,
      networkInterfaceId: eni.networkInterfaceId,
      privateIpAddress,
    });
    // The automatically assigned address goes back to the pool (semantics S39).
    if (privateIpAddress === eni.privateIpAddresses[0]) {
      const { autoAssignedPublicIp: _released, ...kept } = eni;
      tx.networkInterfaces.put(kept);
    }
    return { AssociationId: associationId };
  },

  DisassociateAddress({ tx }: ActionContext, input: DisassociateAddressRequest): undefined {
    if (input.AssociationId === undefined && input.PublicIp === undefined) {
      throw errors.missingParameter('associationId');
    }
    const [address] =
      input.AssociationId === undefined
        ? tx.addresses.where('publicIp', input.PublicIp ?? '')
        : tx.addresses.where('associationId', input.AssociationId);
    if (address === undefined) {
      throw input.AssociationId === undefined
        ? errors.noSuchAddress(input.PublicIp ?? '')
        : errors.noSuchAssociation(input.AssociationId);
    }
    const eni = interfaceOf(tx, address);
    if (eni?.interfaceType === 'nat_gateway' || eni?.interfaceType === 'network_load_balancer') {
      const whose = eni.interfaceType === 'nat_gateway' ? 'NAT gateway' : 'load balancer';
      throw errors.operationNotPermitted(
        `You do not have permission to disassociate the address of the ${whose}'s interface ${eni.networkInterfaceId}.`,
      );
    }
    tx.addresses.put(freed(address));
  },

  DescribeAddresses(
    { tx, account, region }: ActionContext,
    input: DescribeAddressesRequest,
  ): DescribeAddressesResult {
    for (const id of input.AllocationIds ?? []) findRecord(tx.addresses, kinds.address, id);
    for (const ip of input.PublicIps ?? []) {
      if (tx.addresses.where('publicIp', ip).length === 0) throw errors.noSuchAddress(ip);
    }
    return {
      Addresses: selectRecords(tx.addresses, input.Filters, filters, tx)
        .filter(
          ({ allocationId, publicIp }) =>
            (input.AllocationIds?.includes(allocationId) ?? true) &&
            (input.PublicIps?.includes(publicIp) ?? true),
        )
        .map((address) => showAddress(tx, address, account, region)),
    };
  },

  DescribeAddressesAttribute(
    { tx }: ActionContext,
    input: DescribeAddressesAttributeRequest,
  ): DescribeAddressesAttributeResult {
    const ids = input.AllocationIds ?? [...tx.addresses.values()].map(({ allocationId }) => allocationId);
    const page = pageOf(
      ids.map((id) => findRecord(tx.addresses, kinds.address, id)),
      {
        name: 'address-attributes',
        idOf: ({ allocationId }) => allocationId,
        pages: { fewest: 1, most: 1000 },
      },
      input,
    );
    return {
      Addresses: page.records.map(
        ({ allocationId, publicIp }): AddressAttribute => ({
          AllocationId: allocationId,
          PublicIp: publicIp,
        }),
      ),
      NextToken: page.nextToken,
    };
  },
};

/** The address without what it was associated with. */
export function freed(address: Address): Address {
  const { associationId: _a, networkInterfaceId: _n, privateIpAddress: _p, ...rest } = address;
  return rest;
}

function findAddress(
  world: World,
  { AllocationId, PublicIp }: { AllocationId?: string | undefined; PublicIp?: string | undefined },
): Address {
  if (AllocationId !== undefined) return findResource(world, kinds.address, AllocationId, 'allocationId');
  const [found] = world.addresses.where('publicIp', PublicIp ?? '');
  if (found === undefined) throw errors.noSuchAddress(PublicIp ?? '');
  return found;
}

function findTarget(
  world: World,
  { NetworkInterfaceId, InstanceId }: AssociateAddressRequest,
): NetworkInterface {
  if (NetworkInterfaceId !== undefined) {
    return findResource(world, kinds.networkInterface, NetworkInterfaceId, 'networkInterfaceId');
  }
  const instance = findResource(world, kinds.instance, InstanceId, 'instanceId');
  if (instance.state === 'terminated' || instance.state === 'shutting-down') {
    throw errors.incorrectInstanceState(
      `The instance '${instance.instanceId}' is not in a valid state for this operation.`,
    );
  }
  const primary = world.networkInterfaces
    .where('vpcId', instance.vpcId)
    .find(({ attachment }) => attachment?.instanceId === instance.instanceId && attachment.deviceIndex === 0);
  if (primary === undefined) throw errors.noSuchNetworkInterface(instance.instanceId);
  return primary;
}

function requireInternetGateway(world: World, eni: NetworkInterface): void {
  if (world.internetGateways.where('vpcId', eni.vpcId).length > 0) return;
  throw new errors.AwsError(
    'Gateway.NotAttached',
    `Network ${eni.vpcId} is not attached to any internet gateway`,
  );
}

function interfaceOf(world: World, { networkInterfaceId }: Address): NetworkInterface | undefined {
  return networkInterfaceId === undefined ? undefined : world.networkInterfaces.get(networkInterfaceId);
}

function showAddress(world: World, address: Address, account: string, region: string): WireAddress {
  const eni = interfaceOf(world, address);
  return {
    PublicIp: address.publicIp,
    AllocationId: address.allocationId,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: region,
    ...(address.associationId === undefined ? {} : { AssociationId: address.associationId }),
    ...(eni === undefined
      ? {}
      : {
          NetworkInterfaceId: eni.networkInterfaceId,
          NetworkInterfaceOwnerId: account,
          PrivateIpAddress: address.privateIpAddress,
          ...(eni.attachment?.instanceId === undefined ? {} : { InstanceId: eni.attachment.instanceId }),
        }),
    Tags: showTags(address),
  };
}
