import type {
  CreateTransitGatewayVpcAttachmentRequest,
  CreateTransitGatewayVpcAttachmentResult,
  DeleteTransitGatewayVpcAttachmentRequest,
  DeleteTransitGatewayVpcAttachmentResult,
  DescribeTransitGatewayAttachmentsRequest,
  DescribeTransitGatewayAttachmentsResult,
  DescribeTransitGatewayVpcAttachmentsRequest,
  DescribeTransitGatewayVpcAttachmentsResult,
  ModifyTransitGatewayVpcAttachmentRequest,
  ModifyTransitGatewayVpcAttachmentResult,
  TransitGatewayVpcAttachment as WireAttachment,
} from '@aws-sdk/client-ec2';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Vpc } from '../../model/records.ts';
import type { TransitGatewayVpcAttachment } from '../../model/transit-gateway-records.ts';
import { findAttachment } from '../../model/transit-gateway-routes.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterTable } from '../filters.ts';
import { makeInterface } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { findOpenAttachment, findTransitGateway, TRANSIT_GATEWAY_PAGES } from '../transit-gateways.ts';

const filtersOfAll: FilterTable<TransitGatewayVpcAttachment> = {
  'association.state': ({ association }) => association?.state,
  'association.transit-gateway-route-table-id': ({ association }) => association?.transitGatewayRouteTableId,
  'resource-id': 'vpcId',
  'resource-owner-id': (_, { scope }) => scope.account,
  'resource-type': () => 'vpc',
  state: 'state',
  'transit-gateway-attachment-id': 'transitGatewayAttachmentId',
  'transit-gateway-id': 'transitGatewayId',
  'transit-gateway-owner-id': (_, { scope }) => scope.account,
};

const filtersOfVpcs: FilterTable<TransitGatewayVpcAttachment> = {
  state: 'state',
  'transit-gateway-attachment-id': 'transitGatewayAttachmentId',
  'transit-gateway-id': 'transitGatewayId',
  'vpc-id': 'vpcId',
};

function listingOf(filters: FilterTable<TransitGatewayVpcAttachment>): Listing<TransitGatewayVpcAttachment> {
  return { ...kinds.transitGatewayVpcAttachment, filters, pages: TRANSIT_GATEWAY_PAGES };
}

/** Attachments of VPCs to transit gateways. One is `available` when control has linked the two routers. */
export const transitGatewayVpcAttachmentActions = {
  CreateTransitGatewayVpcAttachment(
    context: ActionContext,
    input: CreateTransitGatewayVpcAttachmentRequest,
  ): CreateTransitGatewayVpcAttachmentResult {
    const { tx, now } = context;
    const { transitGatewayId, options } = findTransitGateway(tx, input.TransitGatewayId);
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'VpcId');
    if (findAttachment(tx, transitGatewayId, vpc.vpcId) !== undefined) {
      throw new errors.AwsError(
        'DuplicateTransitGatewayAttachment',
        `${transitGatewayId} has non-deleted Transit Gateway Attachments with same VPC ID.`,
      );
    }
    const tags = readTagSpecifications(input.TagSpecifications, 'transit-gateway-attachment');
    const { Options: wished = {} } = input;
    const ipv6Support = wished.Ipv6Support ?? 'disable';
    const subnetIds = checkSubnets(tx, vpc, input.SubnetIds ?? [], ipv6Support === 'enable');
    const { associationDefaultRouteTableId: associated, propagationDefaultRouteTableId: propagated } =
      options;
    const transitGatewayAttachmentId = context.newId('tgw-attach');
    const attachment: TransitGatewayVpcAttachment = {
      transitGatewayAttachmentId,
      ordinal: tx.takeOrdinal(),
      transitGatewayId,
      vpcId: vpc.vpcId,
      subnetIds,
      networkInterfaceIds: makeInterfaces(context, transitGatewayAttachmentId, subnetIds),
      state: 'pending',
      creationTime: now.toISOString(),
      options: {
        dnsSupport: wished.DnsSupport ?? 'enable',
        securityGroupReferencingSupport: wished.SecurityGroupReferencingSupport ?? 'enable',
        ipv6Support,
        applianceModeSupport: wished.ApplianceModeSupport ?? 'disable',
      },
      ...(options.defaultRouteTableAssociation === 'enable' && associated !== undefined
        ? { association: { transitGatewayRouteTableId: associated, state: 'associating' } }
        : {}),
      propagations:
        options.defaultRouteTablePropagation === 'enable' && propagated !== undefined
          ? [{ transitGatewayRouteTableId: propagated, state: 'enabling' }]
          : [],
      tags,
    };
    tx.transitGatewayVpcAttachments.put(attachment);
    return { TransitGatewayVpcAttachment: showAttachment(context, attachment) };
  },

  ModifyTransitGatewayVpcAttachment(
    context: ActionContext,
    input: ModifyTransitGatewayVpcAttachmentRequest,
  ): ModifyTransitGatewayVpcAttachmentResult {
    const { tx } = context;
    const attachment = findOpenAttachment(tx, input.TransitGatewayAttachmentId);
    const { AddSubnetIds: added = [], RemoveSubnetIds: removed = [], Options: wished = {} } = input;
    const { options, subnetIds } = attachment;
    for (const id of removed) {
      if (!subnetIds.includes(id)) throw errors.noSuchSubnet(id);
    }
    const vpc = findResource(tx, kinds.vpc, attachment.vpcId, 'VpcId');
    const ipv6Support = wished.Ipv6Support ?? options.ipv6Support;
    const kept = subnetIds.filter((id) => !removed.includes(id));
    const chosen = checkSubnets(tx, vpc, [...kept, ...added], ipv6Support === 'enable');
    const changed: TransitGatewayVpcAttachment = {
      ...attachment,
      // It is `available` again when control has followed.
      state: attachment.state === 'pending' ? 'pending' : 'modifying',
      subnetIds: chosen,
      networkInterfaceIds: followSubnets(context, attachment, chosen),
      options: {
        dnsSupport: wished.DnsSupport ?? options.dnsSupport,
        securityGroupReferencingSupport:
          wished.SecurityGroupReferencingSupport ?? options.securityGroupReferencingSupport,
        ipv6Support,
        applianceModeSupport: wished.ApplianceModeSupport ?? options.applianceModeSupport,
      },
    };
    tx.transitGatewayVpcAttachments.put(changed);
    return { TransitGatewayVpcAttachment: showAttachment(context, changed) };
  },

  DeleteTransitGatewayVpcAttachment(
    context: ActionContext,
    input: DeleteTransitGatewayVpcAttachmentRequest,
  ): DeleteTransitGatewayVpcAttachmentResult {
    const { tx, now } = context;
    const attachment = findOpenAttachment(tx, input.TransitGatewayAttachmentId);
    const { association: _association, ...kept } = attachment;
    const deleting: TransitGatewayVpcAttachment = {
      ...kept,
      propagations: [],
      state: 'deleting',
      deleteTime: now.toISOString(),
    };
    tx.transitGatewayVpcAttachments.put(deleting);
    return { TransitGatewayVpcAttachment: showAttachment(context, deleting) };
  },

  DescribeTransitGatewayVpcAttachments(
    context: ActionContext,
    input: DescribeTransitGatewayVpcAttachmentsRequest,
  ): DescribeTransitGatewayVpcAttachmentsResult {
    const { tx } = context;
    const page = listRecords(tx.transitGatewayVpcAttachments, tx, listingOf(filtersOfVpcs), {
      ...input,
      ids: input.TransitGatewayAttachmentIds,
    });
    return {
      TransitGatewayVpcAttachments: page.records.map((record) => showAttachment(context, record)),
      NextToken: page.nextToken,
    };
  },

  DescribeTransitGatewayAttachments(
    { tx, account }: ActionContext,
    input: DescribeTransitGatewayAttachmentsRequest,
  ): DescribeTransitGatewayAttachmentsResult {
    const page = listRecords(tx.transitGatewayVpcAttachments, tx, listingOf(filtersOfAll), {
      ...input,
      ids: input.TransitGatewayAttachmentIds,
    });
    return {
      TransitGatewayAttachments: page.records.map((record) => ({
        TransitGatewayAttachmentId: record.transitGatewayAttachmentId,
        TransitGatewayId: record.transitGatewayId,
        TransitGatewayOwnerId: account,
        ResourceOwnerId: account,
        ResourceType: 'vpc',
        ResourceId: record.vpcId,
        State: record.state,
        ...(record.association === undefined
          ? {}
          : {
              Association: {
                TransitGatewayRouteTableId: record.association.transitGatewayRouteTableId,
                State: record.association.state,
              },
            }),
        CreationTime: new Date(record.creationTime),
        Tags: showTags(record),
      })),
      NextToken: page.nextToken,
    };
  },
};

/** The subnets of an attachment: at least one, all of the VPC, each in a zone of its own. */
function checkSubnets(
  tx: Transaction,
  vpc: Vpc,
  subnetIds: readonly string[],
  needsIpv6: boolean,
): readonly string[] {
  const chosen = [...new Set(subnetIds)];
  if (chosen.length === 0) throw errors.missingParameter('SubnetIds');
  const zones = new Set<string>();
  for (const id of chosen) {
    const subnet = findResource(tx, kinds.subnet, id, 'SubnetIds');
    if (subnet.vpcId !== vpc.vpcId) throw errors.noSuchSubnet(id);
    if (zones.has(subnet.availabilityZone)) {
      throw new errors.AwsError('DuplicateSubnetsInSameZone', 'Duplicate Subnets for same AZ');
    }
    zones.add(subnet.availabilityZone);
    if (needsIpv6 && ipv6BlocksOf(subnet).length === 0) {
      throw errors.invalidParameterValue(
        `Subnet ${id} has no IPv6 CIDR block: IPv6 support needs one in each subnet.`,
      );
    }
  }
  return chosen;
}

/** An interface in each subnet, which the user cannot change. */
function makeInterfaces(
  context: ActionContext,
  attachmentId: string,
  subnetIds: readonly string[],
): readonly string[] {
  const { tx, account, now } = context;
  return subnetIds.map((id) => {
    const made = makeInterface(context, {
      subnet: findResource(tx, kinds.subnet, id, 'SubnetIds'),
      description: `Network Interface for Transit Gateway Attachment ${attachmentId}`,
      interfaceType: 'transit_gateway',
      groupIds: [],
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
    return made.networkInterfaceId;
  });
}

/** Interfaces come and go with the subnets. */
function followSubnets(
  context: ActionContext,
  { transitGatewayAttachmentId, networkInterfaceIds, subnetIds }: TransitGatewayVpcAttachment,
  chosen: readonly string[],
): readonly string[] {
  const { tx } = context;
  const kept = networkInterfaceIds.filter((id) => {
    const subnetId = tx.networkInterfaces.get(id)?.subnetId;
    return subnetId !== undefined && chosen.includes(subnetId);
  });
  for (const id of networkInterfaceIds) if (!kept.includes(id)) tx.networkInterfaces.delete(id);
  const added = chosen.filter((id) => !subnetIds.includes(id));
  return [...kept, ...makeInterfaces(context, transitGatewayAttachmentId, added)];
}

function showAttachment({ account }: ActionContext, attachment: TransitGatewayVpcAttachment): WireAttachment {
  const { options } = attachment;
  return {
    TransitGatewayAttachmentId: attachment.transitGatewayAttachmentId,
    TransitGatewayId: attachment.transitGatewayId,
    VpcId: attachment.vpcId,
    VpcOwnerId: account,
    State: attachment.state,
    SubnetIds: [...attachment.subnetIds],
    CreationTime: new Date(attachment.creationTime),
    Options: {
      DnsSupport: options.dnsSupport,
      SecurityGroupReferencingSupport: options.securityGroupReferencingSupport,
      Ipv6Support: options.ipv6Support,
      ApplianceModeSupport: options.applianceModeSupport,
    },
    Tags: showTags(attachment),
  };
}
