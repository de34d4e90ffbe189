import type {
  AssociateTransitGatewayRouteTableRequest,
  AssociateTransitGatewayRouteTableResult,
  DisableTransitGatewayRouteTablePropagationRequest,
  DisableTransitGatewayRouteTablePropagationResult,
  DisassociateTransitGatewayRouteTableRequest,
  DisassociateTransitGatewayRouteTableResult,
  EnableTransitGatewayRouteTablePropagationRequest,
  EnableTransitGatewayRouteTablePropagationResult,
  GetTransitGatewayRouteTableAssociationsRequest,
  GetTransitGatewayRouteTableAssociationsResult,
  GetTransitGatewayRouteTablePropagationsRequest,
  GetTransitGatewayRouteTablePropagationsResult,
} from '@aws-sdk/client-ec2';
import type {
  TransitGatewayAssociation,
  TransitGatewayPropagation,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from '../../model/transit-gateway-records.ts';
import type { ActionContext } from '../action.ts';
import { type ListRequest, type Page, pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import {
  attachmentsOf,
  checkSameGateway,
  findOpenAttachment,
  findTransitRouteTable,
  inWrongState,
  TRANSIT_GATEWAY_PAGES,
} from '../transit-gateways.ts';

const filters: FilterTable<TransitGatewayVpcAttachment> = {
  'resource-id': 'vpcId',
  'resource-type': () => 'vpc',
  'transit-gateway-attachment-id': 'transitGatewayAttachmentId',
};

interface Ends {
  readonly TransitGatewayRouteTableId: string | undefined;
  readonly TransitGatewayAttachmentId?: string | undefined;
}

/**
 * Which table routes what comes from an attachment (association: one table), and which tables know the way to it
 * (propagation: any number). A change is done when control has followed it.
 */
export const transitGatewayAssociationActions = {
  AssociateTransitGatewayRouteTable(
    context: ActionContext,
    input: AssociateTransitGatewayRouteTableRequest,
  ): AssociateTransitGatewayRouteTableResult {
    const { table, attachment } = findEnds(context, input);
    const { transitGatewayAttachmentId: id } = attachment;
    if (attachment.association !== undefined) {
      throw errors.alreadyAssociated(
        `Transit Gateway Attachment ${id} is already associated to a route table.`,
      );
    }
    const { transitGatewayRouteTableId } = table;
    const association: TransitGatewayAssociation = { transitGatewayRouteTableId, state: 'associating' };
    context.tx.transitGatewayVpcAttachments.put({ ...attachment, association });
    return { Association: showAssociation(attachment, association) };
  },

  DisassociateTransitGatewayRouteTable(
    context: ActionContext,
    input: DisassociateTransitGatewayRouteTableRequest,
  ): DisassociateTransitGatewayRouteTableResult {
    const { table, attachment } = findEnds(context, input);
    const { association: present, transitGatewayAttachmentId: id } = attachment;
    if (present?.transitGatewayRouteTableId !== table.transitGatewayRouteTableId) {
      throw new errors.AwsError(
        'InvalidAssociation.NotFound',
        `The association of Transit Gateway Attachment ${id} to Transit Gateway Route Table ${table.transitGatewayRouteTableId} does not exist.`,
      );
    }
    if (present.state === 'disassociating') throw inWrongState(id, present.state);
    const association: TransitGatewayAssociation = { ...present, state: 'disassociating' };
    context.tx.transitGatewayVpcAttachments.put({ ...attachment, association });
    return { Association: showAssociation(attachment, association) };
  },

  EnableTransitGatewayRouteTablePropagation(
    context: ActionContext,
    input: EnableTransitGatewayRouteTablePropagationRequest,
  ): EnableTransitGatewayRouteTablePropagationResult {
    const { table, attachment } = findEnds(context, input);
    const { transitGatewayRouteTableId } = table;
    if (findPropagation(attachment, table) !== undefined) {
      throw new errors.AwsError(
        'TransitGatewayRouteTablePropagation.Duplicate',
        `Propagation of Transit Gateway Attachment ${attachment.transitGatewayAttachmentId} to Transit Gateway Route Table ${transitGatewayRouteTableId} is already enabled.`,
      );
    }
    const made: TransitGatewayPropagation = { transitGatewayRouteTableId, state: 'enabling' };
    const propagations = [...attachment.propagations, made];
    context.tx.transitGatewayVpcAttachments.put({ ...attachment, propagations });
    return { Propagation: showPropagation(attachment, made) };
  },

  DisableTransitGatewayRouteTablePropagation(
    context: ActionContext,
    input: DisableTransitGatewayRouteTablePropagationRequest,
  ): DisableTransitGatewayRouteTablePropagationResult {
    const { table, attachment } = findEnds(context, input);
    const present = findPropagation(attachment, table);
    if (present === undefined) {
      throw new errors.AwsError(
        'TransitGatewayRouteTablePropagation.NotFound',
        `Propagation of Transit Gateway Attachment ${attachment.transitGatewayAttachmentId} to Transit Gateway Route Table ${table.transitGatewayRouteTableId} does not exist.`,
      );
    }
    const changed: TransitGatewayPropagation = { ...present, state: 'disabling' };
    const propagations = attachment.propagations.map((each) => (each === present ? changed : each));
    context.tx.transitGatewayVpcAttachments.put({ ...attachment, propagations });
    return { Propagation: showPropagation(attachment, changed) };
  },

  GetTransitGatewayRouteTableAssociations(
    context: ActionContext,
    input: GetTransitGatewayRouteTableAssociationsRequest,
  ): GetTransitGatewayRouteTableAssociationsResult {
    const page = pageOfAttachments(
      context,
      input,
      ({ association }, id) => association?.transitGatewayRouteTableId === id,
      'associations',
    );
    return {
      Associations: page.records.map((attachment) => ({
        ...resourceOf(attachment),
        State: attachment.association?.state,
      })),
      NextToken: page.nextToken,
    };
  },

  GetTransitGatewayRouteTablePropagations(
    context: ActionContext,
    input: GetTransitGatewayRouteTablePropagationsRequest,
  ): GetTransitGatewayRouteTablePropagationsResult {
    const page = pageOfAttachments(
      context,
      input,
      ({ propagations }, id) => propagations.some((each) => each.transitGatewayRouteTableId === id),
      'propagations',
    );
    return {
      TransitGatewayRouteTablePropagations: page.records.map((attachment) => ({
        ...resourceOf(attachment),
        State: attachment.propagations.find(
          (each) => each.transitGatewayRouteTableId === input.TransitGatewayRouteTableId,
        )?.state,
      })),
      NextToken: page.nextToken,
    };
  },
};

function findEnds({ tx }: ActionContext, input: Ends) {
  const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
  const attachment = findOpenAttachment(tx, input.TransitGatewayAttachmentId);
  checkSameGateway(table, attachment);
  return { table, attachment };
}

function findPropagation(
  { propagations }: TransitGatewayVpcAttachment,
  { transitGatewayRouteTableId }: TransitGatewayRouteTable,
): TransitGatewayPropagation | undefined {
  return propagations.find((each) => each.transitGatewayRouteTableId === transitGatewayRouteTableId);
}

/** The attachments of the table's gateway that are tied to it. */
function pageOfAttachments(
  { tx }: ActionContext,
  input: Ends & Omit<ListRequest, 'ids'>,
  isTied: (attachment: TransitGatewayVpcAttachment, tableId: string) => boolean,
  name: string,
): Page<TransitGatewayVpcAttachment> {
  const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
  const { transitGatewayRouteTableId: id, transitGatewayId } = table;
  const tied = attachmentsOf(tx, transitGatewayId).filter((attachment) => isTied(attachment, id));
  const paging = {
    name,
    idOf: (attachment: TransitGatewayVpcAttachment) => attachment.transitGatewayAttachmentId,
    pages: TRANSIT_GATEWAY_PAGES,
  };
  return pageOf(filterRecords(tied, input.Filters, filters, tx), paging, input);
}

function resourceOf({ transitGatewayAttachmentId, vpcId }: TransitGatewayVpcAttachment) {
  return {
    TransitGatewayAttachmentId: transitGatewayAttachmentId,
    ResourceId: vpcId,
    ResourceType: 'vpc' as const,
  };
}

function showAssociation(attachment: TransitGatewayVpcAttachment, association: TransitGatewayAssociation) {
  const { transitGatewayRouteTableId, state } = association;
  return {
    TransitGatewayRouteTableId: transitGatewayRouteTableId,
    ...resourceOf(attachment),
    State: state,
  };
}

function showPropagation(attachment: TransitGatewayVpcAttachment, propagation: TransitGatewayPropagation) {
  const { transitGatewayRouteTableId, state } = propagation;
  return {
    ...resourceOf(attachment),
    TransitGatewayRouteTableId: transitGatewayRouteTableId,
    State: state,
  };
}
