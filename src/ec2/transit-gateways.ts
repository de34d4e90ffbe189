import type {
  TransitGateway,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from '../model/transit-gateway-records.ts';
import { isAttachmentOpen } from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import type { PageBounds } from './describe.ts';
import * as errors from './errors.ts';
import { findResource, kinds } from './kinds.ts';

/** Pages of every listing of this family. */
export const TRANSIT_GATEWAY_PAGES: PageBounds = { fewest: 5, most: 1000 };

/** The transit gateway, unless it was deleted or is about to be. */
export function findTransitGateway(world: World, id: string | undefined): TransitGateway {
  const gateway = findResource(world, kinds.transitGateway, id, 'TransitGatewayId');
  if (gateway.state === 'deleted') throw errors.noSuchTransitGateway(gateway.transitGatewayId);
  if (gateway.state === 'deleting') throw inWrongState(gateway.transitGatewayId, gateway.state);
  return gateway;
}

/** The transit gateway's route table, unless it was deleted or is about to be. */
export function findTransitRouteTable(world: World, id: string | undefined): TransitGatewayRouteTable {
  const table = findResource(world, kinds.transitGatewayRouteTable, id, 'TransitGatewayRouteTableId');
  const { transitGatewayRouteTableId, state } = table;
  if (state === 'deleted') throw errors.noSuchTransitGatewayRouteTable(transitGatewayRouteTableId);
  if (state === 'deleting') throw inWrongState(transitGatewayRouteTableId, state);
  return table;
}

/** The attachment, unless it was deleted or is about to be. */
export function findOpenAttachment(world: World, id: string | undefined): TransitGatewayVpcAttachment {
  const attachment = findResource(world, kinds.transitGatewayVpcAttachment, id, 'TransitGatewayAttachmentId');
  const { transitGatewayAttachmentId, state } = attachment;
  if (state === 'deleted') throw errors.noSuchTransitGatewayAttachment(transitGatewayAttachmentId);
  if (!isAttachmentOpen(attachment)) throw inWrongState(transitGatewayAttachmentId, state);
  return attachment;
}

/** The attachments of a transit gateway that are not deleted. */
export function attachmentsOf(world: World, transitGatewayId: string): TransitGatewayVpcAttachment[] {
  return world.transitGatewayVpcAttachments
    .where('transitGatewayId', transitGatewayId)
    .filter(({ state }) => state !== 'deleted');
}

/** The resource is in a state that does not allow it. */
export function inWrongState(id: string, state: string): errors.AwsError {
  return errors.incorrectState(`${id} is in invalid state: ${state}`);
}

/** Throws unless both belong to one transit gateway. */
export function checkSameGateway(
  table: TransitGatewayRouteTable,
  attachment: TransitGatewayVpcAttachment,
): void {
  if (table.transitGatewayId === attachment.transitGatewayId) return;
  throw errors.invalidParameterValue(
    `Transit Gateway Attachment ${attachment.transitGatewayAttachmentId} and Transit Gateway Route Table ${table.transitGatewayRouteTableId} belong to different transit gateways.`,
  );
}
