import { findAddressObstacle, findFreePrivateAddresses } from '../model/private-addresses.ts';
import { findFreePublicAddress, publicPoolOf } from '../model/public-addresses.ts';
import type { NetworkInterface, Subnet, Tag } from '../model/records.ts';
import { sizeOf } from '../net/cidr.ts';
import type { ActionContext } from './action.ts';
import { indexOfRegion } from './catalogue/regions.ts';
import * as errors from './errors.ts';
import { chooseIpv6Addresses, type Ipv6Wish } from './ipv6-addresses.ts';
import { findResource, kinds } from './kinds.ts';
import { demandQuota } from './quotas.ts';

/** What a new interface is to be. */
export interface InterfaceWish {
  readonly subnet: Subnet;
  readonly description: string;
  readonly interfaceType: NetworkInterface['interfaceType'];
  readonly groupIds: readonly string[];
  /** The lowest free address when absent. */
  readonly privateIpAddress?: string | undefined;
  /** None when absent. */
  readonly secondaryAddresses?: SecondaryAddresses;
  /** None when absent. */
  readonly ipv6Addresses?: Ipv6Wish;
  /** Whether it gets a public address when an instance is launched or started with it. */
  readonly associatePublicIpAddress?: boolean;
  readonly sourceDestCheck?: boolean;
  readonly requesterId?: string;
  readonly attachment?: NetworkInterface['attachment'];
  readonly tags?: readonly Tag[];
}

/** The private addresses of an interface besides its primary one: some by name, and as many others as `count` says. */
export interface SecondaryAddresses {
  readonly named: readonly string[];
  readonly count: number;
}

/** Makes an interface in a subnet. Throws when the address is not to be had or the subnet is full. */
export function makeInterface(context: ActionContext, wish: InterfaceWish): NetworkInterface {
  const { tx, now } = context;
  const { subnet } = wish;
  if (subnet.cidrBlock === undefined) {
    throw errors.unsupportedOperation(
      `The subnet ${subnet.subnetId} has IPv6 only, and Cloudcroft has no interfaces without IPv4: use a subnet with both.`,
    );
  }
  const record: NetworkInterface = {
    networkInterfaceId: context.newId('eni'),
    ordinal: tx.takeOrdinal(),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    description: wish.description,
    interfaceType: wish.interfaceType,
    macAddress: makeMacAddress(context),
    privateIpAddresses: choosePrivateAddresses(context, wish),
    ipv6Addresses: chooseIpv6Addresses(context, subnet, ipv6WishOf(wish)),
    groupIds: wish.groupIds,
    sourceDestCheck: wish.sourceDestCheck ?? true,
    ...(wish.requesterId === undefined ? {} : { requesterId: wish.requesterId }),
    ...(wish.associatePublicIpAddress === undefined
      ? {}
      : { associatePublicIpAddress: wish.associatePublicIpAddress }),
    ...(wish.attachment === undefined ? {} : { attachment: wish.attachment }),
    createTime: now.toISOString(),
    tags: wish.tags ?? [],
  };
  tx.networkInterfaces.put(record);
  return record;
}

/** A subnet may give each new interface of the user's one IPv6 address, unless the request says how many it wants. */
function ipv6WishOf({ subnet, ipv6Addresses: wish }: InterfaceWish): Ipv6Wish {
  if (wish === undefined) return { named: [], count: 0 };
  const isSaid = wish.named.length > 0 || wish.count !== undefined;
  return isSaid || !subnet.assignIpv6AddressOnCreation ? wish : { named: [], count: 1 };
}

/** The private addresses of a new interface, the primary first. */
function choosePrivateAddresses(context: ActionContext, wish: InterfaceWish): readonly string[] {
  const { subnet, privateIpAddress: primary, secondaryAddresses } = wish;
  const { named, count } = secondaryAddresses ?? { named: [], count: 0 };
  const wished = [...(primary === undefined ? [] : [primary]), ...named];
  for (const address of wished) checkPrivateAddress(context, subnet, address);
  const free = takeFreeAddresses(context, subnet, count + (primary === undefined ? 1 : 0), wished);
  return primary === undefined ? [...free.slice(0, 1), ...named, ...free.slice(1)] : [...wished, ...free];
}

/** `count` free private addresses of the subnet that are not among `others`. Throws when it has not so many. */
export function takeFreeAddresses(
  { tx }: ActionContext,
  subnet: Subnet,
  count: number,
  others: readonly string[],
): readonly string[] {
  const free = findFreePrivateAddresses(tx, subnet, count, others);
  if (free.length < count) throw errors.insufficientFreeAddresses();
  return free;
}

/** Throws unless an interface of the subnet may be given the address. */
export function checkPrivateAddress({ tx }: ActionContext, subnet: Subnet, wished: string): void {
  switch (findAddressObstacle(tx, subnet, wished)) {
    case undefined:
      return;
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
  context: ActionContext,
  vpcId: string,
  groupIds: readonly string[] | undefined,
): readonly string[] {
  const { tx } = context;
  if (groupIds === undefined || groupIds.length === 0) {
    const standard = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === 'default');
    if (standard === undefined) throw errors.noSuchSecurityGroup('default');
    return [standard.groupId];
  }
  const chosen = [...new Set(groupIds)];
  demandQuota(context, 'security-groups-per-interface', chosen.length);
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
