import type {
  AttachVpnGatewayRequest,
  AttachVpnGatewayResult,
  CreateVpnGatewayRequest,
  CreateVpnGatewayResult,
  DeleteVpnGatewayRequest,
  DescribeVpnGatewaysRequest,
  DescribeVpnGatewaysResult,
  DetachVpnGatewayRequest,
  DisableVgwRoutePropagationRequest,
  EnableVgwRoutePropagationRequest,
  VpcAttachment,
  VpnGateway as WireGateway,
} from '@aws-sdk/client-ec2';
import type { VpnGateway } from '../../model/gateway-records.ts';
import { gatewaysOf } from '../../model/gateway-route-tables.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { zonesOf } from '../catalogue/regions.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { forgetGateway, propagates } from '../gateway-route-tables.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** Amazon's number when none is said, and the ranges of private numbers that it may be. */
const DEFAULT_ASN = 64_512;
const ASN_RANGES = [
  { first: 64_512, last: 65_534 },
  { first: 4_200_000_000, last: 4_294_967_294 },
];

const listing: Listing<VpnGateway> = {
  ...kinds.vpnGateway,
  filters: {
    'amazon-side-asn': ({ amazonSideAsn }) => amazonSideAsn,
    'attachment.state': (gateway) => attachmentsOf(gateway).map(({ State }) => State),
    'attachment.vpc-id': (gateway) => attachmentsOf(gateway).map(({ VpcId }) => VpcId),
    'availability-zone': 'availabilityZone',
    state: 'state',
    type: 'type',
    'vpn-gateway-id': 'vpnGatewayId',
  },
};

/** Virtual private gateways, one a VPC, and which route tables take routes from them. */
export const vpnGatewayActions = {
  CreateVpnGateway(context: ActionContext, input: CreateVpnGatewayRequest): CreateVpnGatewayResult {
    const { tx, newId, region } = context;
    const tags = readTagSpecifications(input.TagSpecifications, 'vpn-gateway');
    if (input.Type === undefined) throw errors.missingParameter('type');
    if (input.Type !== 'ipsec.1') {
      throw errors.invalidValue(input.Type, 'type', "The only valid value is 'ipsec.1'.");
    }
    // Terraform sends an empty text for none.
    const zone = input.AvailabilityZone === '' ? undefined : input.AvailabilityZone;
    if (zone !== undefined && !zonesOf(region).some(({ zoneName }) => zoneName === zone)) {
      throw errors.invalidValue(zone, 'availabilityZone', 'There is no such Availability Zone.');
    }
    const gateway: VpnGateway = {
      vpnGatewayId: newId('vgw'),
      state: 'available',
      type: input.Type,
      amazonSideAsn: readAsn(input.AmazonSideAsn),
      ...(zone === undefined ? {} : { availabilityZone: zone }),
      tags,
    };
    tx.vpnGateways.put(gateway);
    return { VpnGateway: showGateway(gateway) };
  },

  DeleteVpnGateway({ tx, now }: ActionContext, input: DeleteVpnGatewayRequest): undefined {
    const gateway = findAvailable(tx, input.VpnGatewayId);
    if (gateway.vpcId !== undefined) {
      throw new errors.AwsError(
        'IncorrectState',
        `The vpnGateway '${gateway.vpnGatewayId}' is attached to the vpc '${gateway.vpcId}'. Detach it first.`,
      );
    }
    const { detachedVpcId: _, ...kept } = gateway;
    forgetGateway(tx, gateway.vpnGatewayId);
    tx.vpnGateways.put({ ...kept, state: 'deleted', deleteTime: now.toISOString() });
  },

  DescribeVpnGateways({ tx }: ActionContext, input: DescribeVpnGatewaysRequest): DescribeVpnGatewaysResult {
    const { Filters, VpnGatewayIds: ids } = input;
    const { records } = listRecords(tx.vpnGateways, tx, listing, { Filters, ids });
    return { VpnGateways: records.map(showGateway) };
  },

  AttachVpnGateway({ tx }: ActionContext, input: AttachVpnGatewayRequest): AttachVpnGatewayResult {
    const gateway = findAvailable(tx, input.VpnGatewayId);
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (gateway.vpcId !== undefined && gateway.vpcId !== vpcId) {
      throw errors.limitExceeded(
        'VpnGatewayAttachmentLimitExceeded',
        'The maximum number of virtual private gateway attachments has been reached.',
      );
    }
    const [present] = tx.vpnGateways.where('vpcId', vpcId);
    if (present !== undefined && present.vpnGatewayId !== gateway.vpnGatewayId) {
      throw new errors.AwsError(
        'InvalidVpcState',
        `VPC ${vpcId} already has an attached VPN gateway: ${present.vpnGatewayId}`,
      );
    }
    const { detachedVpcId: _, ...kept } = gateway;
    tx.vpnGateways.put({ ...kept, vpcId });
    return { VpcAttachment: { VpcId: vpcId, State: gateway.vpcId === undefined ? 'attaching' : 'attached' } };
  },

  DetachVpnGateway({ tx }: ActionContext, input: DetachVpnGatewayRequest): undefined {
    const gateway = findAvailable(tx, input.VpnGatewayId);
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (gateway.vpcId !== vpcId) {
      throw new errors.AwsError(
        'InvalidVpnGatewayAttachment.NotFound',
        `The attachment with vpn gateway ID '${gateway.vpnGatewayId}' and vpc ID '${vpcId}' does not exist`,
      );
    }
    const { vpcId: _, ...detached } = gateway;
    tx.vpnGateways.put({ ...detached, detachedVpcId: vpcId });
    for (const table of tx.routeTables.where('propagatingVpnGatewayIds', gateway.vpnGatewayId)) {
      tx.routeTables.put({ ...table, propagatingVpnGatewayIds: [] });
    }
  },

  EnableVgwRoutePropagation({ tx }: ActionContext, input: EnableVgwRoutePropagationRequest): undefined {
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const gateway = findPropagator(tx, input.GatewayId);
    if (gateway.vpcId !== table.vpcId) throw errors.gatewayNotAttached(gateway.vpnGatewayId, table.vpcId);
    if (gatewaysOf(table).length > 0) throw propagates(table.routeTableId);
    // A VPC has one VPN gateway at most, and so has a table.
    tx.routeTables.put({ ...table, propagatingVpnGatewayIds: [gateway.vpnGatewayId] });
  },

  DisableVgwRoutePropagation({ tx }: ActionContext, input: DisableVgwRoutePropagationRequest): undefined {
    const table = findResource(tx, kinds.routeTable, input.RouteTableId, 'routeTableId');
    const { vpnGatewayId } = findPropagator(tx, input.GatewayId);
    const propagatingVpnGatewayIds = table.propagatingVpnGatewayIds.filter((id) => id !== vpnGatewayId);
    tx.routeTables.put({ ...table, propagatingVpnGatewayIds });
  },
};

function findAvailable(tx: Transaction, id: string | undefined): VpnGateway {
  const gateway = findResource(tx, kinds.vpnGateway, id, 'vpnGatewayId');
  if (gateway.state === 'deleted') throw errors.noSuchVpnGateway(gateway.vpnGatewayId);
  return gateway;
}

/** Route tables know their gateways under another parameter, and AWS has another error for it there. */
function findPropagator(tx: Transaction, id: string | undefined): VpnGateway {
  if (id === undefined || id === '') throw errors.missingParameter('gatewayId');
  const gateway = tx.vpnGateways.get(id);
  if (gateway === undefined || gateway.state === 'deleted') throw errors.noSuchGateway(id);
  return gateway;
}

function readAsn(given: number | undefined): number {
  const asn = given ?? DEFAULT_ASN;
  if (ASN_RANGES.some(({ first, last }) => asn >= first && asn <= last)) return asn;
  const ranges = ASN_RANGES.map(({ first, last }) => `${first} to ${last}`).join(' or ');
  throw errors.invalidValue(asn, 'amazonSideAsn', `The number must be private: ${ranges}.`);
}

function attachmentsOf({ vpcId, detachedVpcId }: VpnGateway): VpcAttachment[] {
  if (vpcId !== undefined) return [{ VpcId: vpcId, State: 'attached' }];
  return detachedVpcId === undefined ? [] : [{ VpcId: detachedVpcId, State: 'detached' }];
}

function showGateway(gateway: VpnGateway): WireGateway {
  return {
    VpnGatewayId: gateway.vpnGatewayId,
    State: gateway.state,
    Type: gateway.type,
    AmazonSideAsn: gateway.amazonSideAsn,
    AvailabilityZone: gateway.availabilityZone,
    VpcAttachments: attachmentsOf(gateway),
    Tags: showTags(gateway),
  };
}
