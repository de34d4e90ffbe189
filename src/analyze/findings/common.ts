import { describeResource } from '../../model/display-names.ts';
import { publicAddressOf } from '../../model/public-addresses.ts';
import type { Instance, NetworkInterface, RouteTable, Subnet, Vpc } from '../../model/records.ts';
import { isPublicSubnet } from '../../model/route-lookup.ts';
import { routeTableOf } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';

/** An address of the Internet, to ask where a subnet's packets to it go. */
export const SOMEWHERE = '8.8.8.8';

/** The same for IPv6. */
export const SOMEWHERE_IPV6 = '2001:4860:4860::8888';

/** Every address there is. */
export const EVERYWHERE = '0.0.0.0/0';
export const EVERYWHERE_IPV6 = '::/0';

/** The VPCs that somebody made: a default VPC, as AWS makes it, is nobody's mistake. */
export function ownVpcs(world: World): readonly Vpc[] {
  return [...world.vpcs.values()].filter(({ isDefault }) => !isDefault);
}

/** Instances that are not terminated, each with its primary interface. */
export function placedInstances(
  world: World,
): readonly { readonly instance: Instance; readonly eni: NetworkInterface }[] {
  return [...world.networkInterfaces.values()].flatMap((eni) => {
    const { instanceId, deviceIndex } = eni.attachment ?? {};
    const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
    return instance === undefined || instance.state === 'terminated' || deviceIndex !== 0
      ? []
      : [{ instance, eni }];
  });
}

/** Whether packets of a subnet to the Internet leave by an internet gateway that is attached. */
export function isPublic(world: World, { subnetId }: Pick<Subnet, 'subnetId'>): boolean {
  return isPublicSubnet(world, subnetId, SOMEWHERE);
}

/** Whether packets of an interface's own IPv6 address leave by an internet gateway that is attached. */
export function isPublicByIpv6(world: World, { subnetId, ipv6Addresses }: NetworkInterface): boolean {
  return ipv6Addresses.length > 0 && isPublicSubnet(world, subnetId, SOMEWHERE_IPV6);
}

/** Whether an interface has a public address. */
export function hasPublicAddress(world: World, eni: NetworkInterface): boolean {
  return publicAddressOf(world, eni) !== undefined;
}

/** The subnets that use a route table: its own, and of the main one all those that have none. */
export function subnetsOf(world: World, { routeTableId, vpcId }: RouteTable): readonly Subnet[] {
  return world.subnets
    .where('vpcId', vpcId)
    .filter(({ subnetId }) => routeTableOf(world, subnetId)?.routeTableId === routeTableId);
}

/** `subnet public (subnet-…)` */
export function subnetName(world: World, subnetId: string): string {
  return `subnet ${describeResource(world.subnets.get(subnetId), subnetId)}`;
}

/** `route table public (rtb-…)` */
export function tableName(table: RouteTable): string {
  return `route table ${describeResource(table, table.routeTableId)}`;
}

/** The text with its first letter large, as a sentence begins. */
export function begin(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
