import type {
  CreateTransitGatewayRouteTableRequest,
  CreateTransitGatewayRouteTableResult,
  DeleteTransitGatewayRouteTableRequest,
  DeleteTransitGatewayRouteTableResult,
  DescribeTransitGatewayRouteTablesRequest,
  DescribeTransitGatewayRouteTablesResult,
  TransitGatewayRouteTable as WireRouteTable,
} from '@aws-sdk/client-ec2';
import type { TransitGatewayRouteTable } from '../../model/transit-gateway-records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import {
  attachmentsOf,
  findTransitGateway,
  findTransitRouteTable,
  TRANSIT_GATEWAY_PAGES,
} from '../transit-gateways.ts';
import { makeRouteTable } from './transit-gateways.ts';

/** Route tables of a transit gateway (AWS's quota). */
const MOST_TABLES = 20;

const listing: Listing<TransitGatewayRouteTable> = {
  ...kinds.transitGatewayRouteTable,
  filters: {
    'default-association-route-table': (table, world) => isDefault(world, table).forAssociation,
    'default-propagation-route-table': (table, world) => isDefault(world, table).forPropagation,
    state: 'state',
    'transit-gateway-id': 'transitGatewayId',
    'transit-gateway-route-table-id': 'transitGatewayRouteTableId',
  },
  pages: TRANSIT_GATEWAY_PAGES,
};

/** Route tables of transit gateways. */
export const transitGatewayRouteTableActions = {
  CreateTransitGatewayRouteTable(
    context: ActionContext,
    input: CreateTransitGatewayRouteTableRequest,
  ): CreateTransitGatewayRouteTableResult {
    const { tx } = context;
    const { transitGatewayId } = findTransitGateway(tx, input.TransitGatewayId);
    const tags = readTagSpecifications(input.TagSpecifications, 'transit-gateway-route-table');
    const present = tx.transitGatewayRouteTables.where('transitGatewayId', transitGatewayId);
    if (present.filter(({ state }) => state !== 'deleted').length >= MOST_TABLES) {
      throw errors.limitExceeded(
        'TransitGatewayRouteTableLimitExceeded',
        `The maximum number of route tables of ${transitGatewayId} has been reached: ${MOST_TABLES}.`,
      );
    }
    const table = makeRouteTable(context, transitGatewayId, tags);
    return { TransitGatewayRouteTable: showRouteTable(tx, table) };
  },

  /** Nothing may be associated with it, and it may not be its gateway's default. */
  DeleteTransitGatewayRouteTable(
    { tx, now }: ActionContext,
    input: DeleteTransitGatewayRouteTableRequest,
  ): DeleteTransitGatewayRouteTableResult {
    const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
    const { transitGatewayRouteTableId: id } = table;
    const { forAssociation, forPropagation } = isDefault(tx, table);
    if (forAssociation || forPropagation) {
      const role = forAssociation ? 'association' : 'propagation';
      throw errors.incorrectState(
        `Cannot delete Transit Gateway Route Table ${id} since it is set as default ${role} route table.`,
      );
    }
    const users = attachmentsOf(tx, table.transitGatewayId).filter(
      ({ association }) => association?.transitGatewayRouteTableId === id,
    );
    if (users.length > 0) {
      throw errors.incorrectState(`Transit Gateway Route Table ${id} has non-deleted associations.`);
    }
    for (const attachment of attachmentsOf(tx, table.transitGatewayId)) {
      const propagations = attachment.propagations.filter((each) => each.transitGatewayRouteTableId !== id);
      if (propagations.length === attachment.propagations.length) continue;
      tx.transitGatewayVpcAttachments.put({ ...attachment, propagations });
    }
    const deleting = { ...table, state: 'deleting' as const, deleteTime: now.toISOString() };
    tx.transitGatewayRouteTables.put(deleting);
    return { TransitGatewayRouteTable: showRouteTable(tx, deleting) };
  },

  DescribeTransitGatewayRouteTables(
    { tx }: ActionContext,
    input: DescribeTransitGatewayRouteTablesRequest,
  ): DescribeTransitGatewayRouteTablesResult {
    const page = listRecords(tx.transitGatewayRouteTables, tx, listing, {
      ...input,
      ids: input.TransitGatewayRouteTableIds,
    });
    return {
      TransitGatewayRouteTables: page.records.map((table) => showRouteTable(tx, table)),
      NextToken: page.nextToken,
    };
  },
};

/** What the table is for new attachments of its gateway. */
function isDefault(
  world: World,
  { transitGatewayId, transitGatewayRouteTableId: id }: TransitGatewayRouteTable,
): { readonly forAssociation: boolean; readonly forPropagation: boolean } {
  const options = world.transitGateways.get(transitGatewayId)?.options;
  return {
    forAssociation:
      options?.defaultRouteTableAssociation === 'enable' && options.associationDefaultRouteTableId === id,
    forPropagation:
      options?.defaultRouteTablePropagation === 'enable' && options.propagationDefaultRouteTableId === id,
  };
}

function showRouteTable(world: World, table: TransitGatewayRouteTable): WireRouteTable {
  const { forAssociation, forPropagation } = isDefault(world, table);
  return {
    TransitGatewayRouteTableId: table.transitGatewayRouteTableId,
    TransitGatewayId: table.transitGatewayId,
    State: table.state,
    DefaultAssociationRouteTable: forAssociation,
    DefaultPropagationRouteTable: forPropagation,
    CreationTime: new Date(table.creationTime),
    Tags: showTags(table),
  };
}
