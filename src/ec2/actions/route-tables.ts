import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
  RouteTableAssociation as WireAssociation,
  RouteTable as WireRouteTable,
} from '@aws-sdk/client-ec2';
import { gatewaysOf } from '../../model/gateway-route-tables.ts';
import type { RouteTable, RouteTableAssociation } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { demandGatewayTable, findGatewayFor } from '../gateway-route-tables.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { routeFilters, showRoute } from './route-display.ts';
import { newRouteTable } from './vpc-lifecycle.ts';

const listing: Listing<RouteTable> = {
  ...kinds.routeTable,
  pages: { fewest: 5, most: 100 },
  filters: {
    'association.gateway-id': ({ associations }) => associations.map((association) => association.gatewayId),
    'association.route-table-association-id': ({ associations }) =>
      associations.map((association) => association.routeTableAssociationId),
    'association.route-table-id': ({ associations, routeTableId }) => associations.map(() => routeTableId),
    'association.subnet-id': ({ associations }) => associations.map((association) => association.subnetId),
    'association.main': ({ associations }) => associations.map((association) => association.isMain),
    'owner-id': (_, { scope }) => scope.account,
    'route-table-id': 'routeTableId',
    'vpc-id': 'vpcId',
    ...routeFilters,
  },
};

/** Route tables, and which subnet or gateway uses which (semantics S19–S22, S30). */
export const routeTableActions = {
  CreateRouteTable(context: ActionContext, input: CreateRouteTableRequest): CreateRouteTableResult {
    const vpc = findResource(context.tx, kinds.vpc, input.VpcId, 'vpcId');
    const tags = readTagSpecifications(input.TagSpecifications, 'route-table');
    demandQuota(context, 'route-tables-per-vpc', context.tx.routeTables.where('vpcId', vpc.vpcId).length + 1);
    const table = { ...newRouteTable(context, vpc), tags };
    context.tx.routeTables.put(table);
    return { RouteTable: showRouteTable(context, table) };
  },

  DeleteRouteTable({ tx }: ActionContext, input: DeleteRouteTableRequest): undefined {
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const isUsed = table.associations.length > 0;
    const endpoints = tx.vpcEndpoints.where('routeTableIds', table.routeTableId);
    if (isUsed || endpoints.some(({ state }) => state !== 'deleted' && state !== 'deleting')) {
      throw errors.hasDependencies('routeTable', table.routeTableId);
    }
    tx.routeTables.delete(table.routeTableId);
  },

  DescribeRouteTables(context: ActionContext, input: DescribeRouteTablesRequest): DescribeRouteTablesResult {
    const { tx } = context;
    const page = listRecords(tx.routeTables, tx, listing, { ...input, ids: input.RouteTableIds });
    return {
      RouteTables: page.records.map((table) => showRouteTable(context, table)),
      NextToken: page.nextToken,
    };
  },

  AssociateRouteTable(context: ActionContext, input: AssociateRouteTableRequest): AssociateRouteTableResult {
    const { tx } = context;
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    if (input.SubnetId !== undefined && input.GatewayId !== undefined) {
      throw errors.invalidParameterCombination('Only one of subnetId and gatewayId may be specified.');
    }
    const place: Place =
      input.GatewayId === undefined
        ? { subnetId: findSubnetFor(tx, table, input.SubnetId) }
        : { gatewayId: findGatewayFor(tx, table, input.GatewayId) };
    const present = findAssociationOf(tx, table.vpcId, place);
    if (present !== undefined && present.table.routeTableId !== table.routeTableId) {
      throw errors.alreadyAssociated(
        `the specified association for route table ${table.routeTableId} conflicts with an existing association`,
      );
    }
    const association = present?.association ?? associate(context, table, place);
    return { AssociationId: association.routeTableAssociationId, AssociationState: { State: 'associated' } };
  },

  DisassociateRouteTable({ tx }: ActionContext, input: DisassociateRouteTableRequest): undefined {
    const { table, association } = findAssociation(tx, input.AssociationId);
    if (association.isMain) {
      throw errors.invalidParameterValue(
        `cannot disassociate the main route table association ${association.routeTableAssociationId}`,
      );
    }
    tx.routeTables.put(without(table, association));
  },

  ReplaceRouteTableAssociation(
    context: ActionContext,
    input: ReplaceRouteTableAssociationRequest,
  ): ReplaceRouteTableAssociationResult {
    const { tx } = context;
    const { table: old, association } = findAssociation(tx, input.AssociationId);
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    if (table.vpcId !== old.vpcId) {
      throw errors.invalidParameterValue(
        `Route table ${table.routeTableId} and route table ${old.routeTableId} belong to different networks`,
      );
    }
    if (table.routeTableId === old.routeTableId) {
      return {
        NewAssociationId: association.routeTableAssociationId,
        AssociationState: { State: 'associated' },
      };
    }
    if (association.isMain && gatewaysOf(table).length > 0) {
      throw errors.invalidParameterValue(
        `Route table ${table.routeTableId} is associated with a gateway, so it cannot be the main route table.`,
      );
    }
    if (association.gatewayId !== undefined) demandGatewayTable(tx, table);
    tx.routeTables.put(without(old, association));
    const made = { ...association, routeTableAssociationId: context.newId('rtbassoc') };
    tx.routeTables.put({ ...table, associations: [...table.associations, made] });
    return { NewAssociationId: made.routeTableAssociationId, AssociationState: { State: 'associated' } };
  },
};

interface FoundAssociation {
  readonly table: RouteTable;
  readonly association: RouteTableAssociation;
}

function findAssociation(tx: Transaction, id: string | undefined): FoundAssociation {
  if (id === undefined) throw errors.missingParameter('associationId');
  for (const table of tx.routeTables.values()) {
    const association = table.associations.find((each) => each.routeTableAssociationId === id);
    if (association !== undefined) return { table, association };
  }
  throw errors.noSuchAssociation(id);
}

/** Whose packets a table routes: a subnet's, or those that come in by a gateway. */
type Place = Pick<RouteTableAssociation, 'subnetId' | 'gatewayId'>;

function findSubnetFor(tx: Transaction, table: RouteTable, id: string | undefined): string {
  const { subnetId, vpcId } = findResource(tx, kinds.subnet, id, 'subnetId');
  if (table.vpcId === vpcId) return subnetId;
  throw errors.invalidParameterValue(
    `Route table ${table.routeTableId} and subnet ${subnetId} belong to different networks`,
  );
}

function findAssociationOf(
  tx: Transaction,
  vpcId: string,
  { subnetId, gatewayId }: Place,
): FoundAssociation | undefined {
  for (const table of tx.routeTables.where('vpcId', vpcId)) {
    const association = table.associations.find(
      (each) => !each.isMain && each.subnetId === subnetId && each.gatewayId === gatewayId,
    );
    if (association !== undefined) return { table, association };
  }
  return undefined;
}

function associate(context: ActionContext, table: RouteTable, place: Place): RouteTableAssociation {
  const association = {
    routeTableAssociationId: context.newId('rtbassoc'),
    ...place,
    isMain: false,
  };
  context.tx.routeTables.put({ ...table, associations: [...table.associations, association] });
  return association;
}

function without(table: RouteTable, association: RouteTableAssociation): RouteTable {
  return { ...table, associations: table.associations.filter((each) => each !== association) };
}

function showRouteTable({ tx, account }: ActionContext, table: RouteTable): WireRouteTable {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    Associations: table.associations.map((association) => showAssociation(table, association)),
    PropagatingVgws: table.propagatingVpnGatewayIds.map((GatewayId) => ({ GatewayId })),
    Routes: table.routes.map((route) => showRoute(tx, table, route)),
    OwnerId: account,
    Tags: showTags(table),
  };
}

function showAssociation({ routeTableId }: RouteTable, association: RouteTableAssociation): WireAssociation {
  return {
    RouteTableAssociationId: association.routeTableAssociationId,
    RouteTableId: routeTableId,
    Main: association.isMain,
    AssociationState: { State: 'associated' },
    SubnetId: association.subnetId,
    GatewayId: association.gatewayId,
  };
}
