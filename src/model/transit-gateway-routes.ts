import { prefixLengthOf } from '../net/cidr.ts';
import { isInBlock } from './gates.ts';
import { ipv6BlocksOf } from './ipv6-addressing.ts';
import type {
  TransitGateway,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from './transit-gateway-records.ts';
import { blocksOfVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** A route as the table has it: the user's own, or one that an attachment made known. */
export interface TransitGatewayRoute {
  readonly destinationCidrBlock: string;
  /** Absent for a route that drops its packets. */
  readonly attachment?: TransitGatewayVpcAttachment;
  readonly type: 'static' | 'propagated';
  /** A route is a blackhole when it is made one, or when its attachment is gone. */
  readonly state: 'active' | 'blackhole';
}

/** Whether the attachment carries packets, or is about to. */
export function isAttachmentOpen({ state }: Pick<TransitGatewayVpcAttachment, 'state'>): boolean {
  return state === 'pending' || state === 'available' || state === 'modifying';
}

/** The routes of a table, static ones first: one of them beats a propagated one to the same destination. */
export function transitGatewayRoutesOf(
  world: World,
  table: TransitGatewayRouteTable,
): readonly TransitGatewayRoute[] {
  const known = table.staticRoutes.map(
    ({ destinationCidrBlock, transitGatewayAttachmentId: id }): TransitGatewayRoute => {
      const attachment = id === undefined ? undefined : world.transitGatewayVpcAttachments.get(id);
      const isActive = attachment !== undefined && isAttachmentOpen(attachment);
      return {
        destinationCidrBlock,
        ...(attachment === undefined ? {} : { attachment }),
        type: 'static',
        state: isActive ? 'active' : 'blackhole',
      };
    },
  );
  const seen = new Set(known.map(({ destinationCidrBlock }) => destinationCidrBlock));
  for (const attachment of propagatingInto(world, table)) {
    const vpc = world.vpcs.get(attachment.vpcId);
    if (vpc === undefined) continue;
    for (const destinationCidrBlock of [
      ...blocksOfVpc(vpc),
      ...(hasIpv6Support(attachment) ? ipv6BlocksOf(vpc) : []),
    ]) {
      if (seen.has(destinationCidrBlock)) continue;
      seen.add(destinationCidrBlock);
      known.push({ destinationCidrBlock, attachment, type: 'propagated', state: 'active' });
    }
  }
  return known;
}

/** The open attachments whose routes the table takes, the oldest first: of two to one destination the older one wins. */
function propagatingInto(world: World, table: TransitGatewayRouteTable): TransitGatewayVpcAttachment[] {
  return world.transitGatewayVpcAttachments
    .where('transitGatewayId', table.transitGatewayId)
    .filter(
      (attachment) =>
        isAttachmentOpen(attachment) &&
        attachment.propagations.some(
          ({ transitGatewayRouteTableId: id, state }) =>
            id === table.transitGatewayRouteTableId && state !== 'disabling',
        ),
    )
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

/** Whether the attachment carries IPv6: what is asked for when it is made, or later. */
export function hasIpv6Support({ options }: Pick<TransitGatewayVpcAttachment, 'options'>): boolean {
  return options.ipv6Support === 'enable';
}

/** The open attachment of a VPC to a transit gateway. */
export function findAttachment(
  world: World,
  transitGatewayId: string,
  vpcId: string,
): TransitGatewayVpcAttachment | undefined {
  return world.transitGatewayVpcAttachments
    .where('transitGatewayId', transitGatewayId)
    .find((attachment) => attachment.vpcId === vpcId && isAttachmentOpen(attachment));
}

/** Whether the gateway is there, or is about to be. */
export function isTransitGatewayOpen({ state }: Pick<TransitGateway, 'state'>): boolean {
  return state === 'pending' || state === 'available' || state === 'modifying';
}

/** The table that routes what comes from an attachment; undefined when none does, and then nothing goes on. */
export function associatedTableOf(
  world: World,
  { association }: TransitGatewayVpcAttachment,
): TransitGatewayRouteTable | undefined {
  if (association === undefined || association.state === 'disassociating') return undefined;
  return world.transitGatewayRouteTables.get(association.transitGatewayRouteTableId);
}

/** The route of a table to an address: the longest prefix. */
export function findTransitGatewayRoute(
  world: World,
  table: TransitGatewayRouteTable,
  address: string,
): TransitGatewayRoute | undefined {
  return transitGatewayRoutesOf(world, table)
    .filter(({ destinationCidrBlock: block }) => isInBlock(address, block))
    .toSorted((a, b) => prefixLengthOf(b.destinationCidrBlock) - prefixLengthOf(a.destinationCidrBlock))
    .at(0);
}
