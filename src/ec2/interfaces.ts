import { findAddressObstacle, findFreePrivateAddress } from '../model/private-addresses.ts';
import { findFreePublicAddress, publicPoolOf } from '../model/public-addresses.ts';
import type { NetworkInterface, Subnet, Tag } from '../model/records.ts';
import { sizeOf } from '../net/cidr.ts';
import type { ActionContext } from './action.ts';
import { indexOfRegion } from './catalogue/regions.ts';
import * as errors from './errors.ts';
import { findResource, kinds } from './kinds.ts';

/** Groups an interface may have (semantics S18); AWS lets the quota be raised to 16. */
const MOST_GROUPS = 5;

/** What a new interface is to be. */
export interface InterfaceWish {
  readonly subnet: Subnet;
  readonly description: string;
  readonly interfaceType: NetworkInterface['interfaceType'];
  readonly groupIds: readonly string[];
  /** The lowest free address when absent. */
  readonly privateIpAddress?: string | undefined;
  readonly sourceDestCheck?: boolean;
  readonly requesterId?: string;
  readonly attachment?: NetworkInterface['attachment'];
  readonly tags?: readonly Tag[];
}

/** Makes an interface in a subnet. Throws when the address is not to be had or the subnet is full. */
export function makeInterface(context: ActionContext, wish: InterfaceWish): NetworkInterface {
  const { tx, now } = context;
  const { subnet } = wish;
  const record: NetworkInterface = {
    networkInterfaceId: context.newId('eni'),
    ordinal: tx.takeOrdinal(),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    description: wish.description,
    interfaceType: wish.interfaceType,
    macAddress: makeMacAddress(context),
    privateIpAddresses: [choosePrivateAddress(context, subnet, wish.privateIpAddress)],
    groupIds: wish.groupIds,
    sourceDestCheck: wish.sourceDestCheck ?? true,
    ...(wish.requesterId === undefined ? {} : { requesterId: wish.requesterId }),
    ...(wish.attachment === undefined ? {} : { attachment: wish.attachment }),
    createTime: now.toISOString(),
    tags: wish.tags ?? [],
  };
  tx.networkInterfaces.put(record);
  return record;
}

/** A free private address of the subnet, or the wished one. */
function choosePrivateAddress({ tx }: ActionContext, subnet: Subnet, wished: string | undefined): string {
  if (wished === undefined) {
    const free = findFreePrivateAddress(tx, subnet);
    if (free === undefined) throw errors.insufficientFreeAddresses(subnet.subnetId);
    return free;
  }
  switch (findAddressObstacle(tx, subnet, wished)) {
    case undefined:
      return wished;
    case 'not an address':
      throw errors.invalidValue(wished, 'privateIpAddress', 'The address is not a valid IPv4 address.');
    case 'not in the subnet':
      throw errors.invalidParameterValue("Address does not fall within the subnet's address range");
    case 'reserved':
      throw errors.invalidParameterValue("Address is in subnet's reserved address range");
    case 'in use':
      throw errors.addressInUse(`Address ${wished} is in use.`);
  }
}

/** A public address of the region's pool. Throws when all are taken. */
export function takePublicAddress(context: ActionContext): string {
  const pool = publicPoolOf(indexOfRegion(context.region));
  const address = findFreePublicAddress(context.tx.allWorlds(), pool, context.randomBelow(sizeOf(pool)));
  if (address === undefined) {
    throw errors.limitExceeded('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
  }
  return address;
}

/**
 * The security groups of a new interface: the given ones, else the VPC's default group (semantics S76). All must be of
 * the VPC (S90). Throws for an unknown one and for more than five.
 */
export function chooseGroups(
  { tx }: ActionContext,
  vpcId: string,
  groupIds: readonly string[] | undefined,
): readonly string[] {
  if (groupIds === undefined || groupIds.length === 0) {
    const standard = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === 'default');
    if (standard === undefined) throw errors.noSuchSecurityGroup('default');
    return [standard.groupId];
  }
  const chosen = [...new Set(groupIds)];
  if (chosen.length > MOST_GROUPS) {
    const message = `You have exceeded the maximum number of security groups allowed per network interface.`;
    throw errors.limitExceeded('SecurityGroupsPerInterfaceLimitExceeded', message);
  }
  for (const id of chosen) {
    const group = findResource(tx, kinds.securityGroup, id, 'groupId');
    if (group.vpcId === vpcId) continue;
    throw errors.invalidParameterValue(
      `You have specified two resources that belong to different networks: ${id} and ${vpcId}.`,
    );
  }
  return chosen;
}

/** Locally administered, and beginning as those of EC2 in Asia do. */
function makeMacAddress({ randomBelow }: ActionContext): string {
  const rest = Array.from({ length: 4 }, () => randomBelow(256).toString(16).padStart(2, '0'));
  return ['02', '0c', ...rest].join(':');
}
