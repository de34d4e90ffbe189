import type {
  CreateTransitGatewayRequest,
  CreateTransitGatewayResult,
  DeleteTransitGatewayRequest,
  DeleteTransitGatewayResult,
  DescribeTransitGatewaysRequest,
  DescribeTransitGatewaysResult,
  ModifyTransitGatewayOptions,
  ModifyTransitGatewayRequest,
  ModifyTransitGatewayResult,
  TransitGateway as WireTransitGateway,
} from '@aws-sdk/client-ec2';
import type {
  TransitGateway,
  TransitGatewayOptions,
  TransitGatewayRouteTable,
} from '../../model/transit-gateway-records.ts';
import { cidrOf, formatCidr, overlaps, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr, parseIpv6Cidr } from '../../net/ipv6.ts';
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

/** What AWS takes when none is given. */
const USUAL_ASN = 64_512;

/** Transit gateways of an account in a region (AWS's quota). */
const MOST_GATEWAYS = 5;

/** CIDR blocks that a gateway may have for itself. */
const MOST_BLOCKS = 5;

/** Addresses that no gateway may have for itself: AWS uses them for tunnels. */
const LINK_LOCAL = cidrOf('169.254.0.0/16');

const listing: Listing<TransitGateway> = {
  ...kinds.transitGateway,
  filters: {
    'options.propagation-default-route-table-id': ({ options }) =>
      showOptions(options).PropagationDefaultRouteTableId,
    'options.amazon-side-asn': ({ options }) => options.amazonSideAsn,
    'options.association-default-route-table-id': ({ options }) =>
      showOptions(options).AssociationDefaultRouteTableId,
    'options.auto-accept-shared-attachments': ({ options }) => options.autoAcceptSharedAttachments,
    'options.default-route-table-association': ({ options }) => options.defaultRouteTableAssociation,
    'options.default-route-table-propagation': ({ options }) => options.defaultRouteTablePropagation,
    'options.dns-support': ({ options }) => options.dnsSupport,
    'options.vpn-ecmp-support': ({ options }) => options.vpnEcmpSupport,
    'owner-id': (_, { scope }) => scope.account,
    state: 'state',
    'transit-gateway-id': 'transitGatewayId',
  },
  pages: TRANSIT_GATEWAY_PAGES,
};

/** Transit gateways. One is `available` when control has made its router. */
export const transitGatewayActions = {
  CreateTransitGateway(
    context: ActionContext,
    input: CreateTransitGatewayRequest,
  ): CreateTransitGatewayResult {
    const { tx, now } = context;
    const tags = readTagSpecifications(input.TagSpecifications, 'transit-gateway');
    const { Options: wished = {} } = input;
    if (wished.MulticastSupport === 'enable') {
      throw errors.unsupportedOperation('Cloudcroft has no multicast on transit gateways.');
    }
    const living = [...tx.transitGateways.values()].filter(({ state }) => state !== 'deleted');
    if (living.length >= MOST_GATEWAYS) {
      throw errors.limitExceeded(
        'TransitGatewayLimitExceeded',
        `The maximum number of transit gateways has been reached: ${MOST_GATEWAYS}.`,
      );
    }
    const transitGatewayId = context.newId('tgw');
    const takesAssociations = wished.DefaultRouteTableAssociation !== 'disable';
    const takesPropagations = wished.DefaultRouteTablePropagation !== 'disable';
    const table =
      takesAssociations || takesPropagations ? makeRouteTable(context, transitGatewayId) : undefined;
    const tableId = table?.transitGatewayRouteTableId;
    const gateway: TransitGateway = {
      transitGatewayId,
      ordinal: tx.takeOrdinal(),
      state: 'pending',
      description: input.Description ?? '',
      creationTime: now.toISOString(),
      options: {
        amazonSideAsn: readAsn(wished.AmazonSideAsn ?? USUAL_ASN),
        transitGatewayCidrBlocks: readBlocks(wished.TransitGatewayCidrBlocks ?? []),
        autoAcceptSharedAttachments: wished.AutoAcceptSharedAttachments ?? 'disable',
        defaultRouteTableAssociation: takesAssociations ? 'enable' : 'disable',
        ...(takesAssociations && tableId !== undefined ? { associationDefaultRouteTableId: tableId } : {}),
        defaultRouteTablePropagation: takesPropagations ? 'enable' : 'disable',
        ...(takesPropagations && tableId !== undefined ? { propagationDefaultRouteTableId: tableId } : {}),
        vpnEcmpSupport: wished.VpnEcmpSupport ?? 'enable',
        dnsSupport: wished.DnsSupport ?? 'enable',
        securityGroupReferencingSupport: wished.SecurityGroupReferencingSupport ?? 'disable',
        multicastSupport: 'disable',
      },
      tags,
    };
    tx.transitGateways.put(gateway);
    return { TransitGateway: showTransitGateway(context, gateway) };
  },

  ModifyTransitGateway(
    context: ActionContext,
    input: ModifyTransitGatewayRequest,
  ): ModifyTransitGatewayResult {
    const { tx } = context;
    const gateway = findTransitGateway(tx, input.TransitGatewayId);
    const changed: TransitGateway = {
      ...gateway,
      description: input.Description ?? gateway.description,
      options: changeOptions(context, gateway, input.Options ?? {}),
    };
    tx.transitGateways.put(changed);
    return { TransitGateway: showTransitGateway(context, changed) };
  },

  /** Its route tables go with it, its attachments must be gone. */
  DeleteTransitGateway(
    context: ActionContext,
    input: DeleteTransitGatewayRequest,
  ): DeleteTransitGatewayResult {
    const { tx, now } = context;
    const gateway = findTransitGateway(tx, input.TransitGatewayId);
    const { transitGatewayId } = gateway;
    const present = attachmentsOf(tx, transitGatewayId);
    if (present.length > 0) {
      const ids = present.map(({ transitGatewayAttachmentId }) => transitGatewayAttachmentId).join(', ');
      throw errors.incorrectState(`${transitGatewayId} has non-deleted VPC Attachments: ${ids}.`);
    }
    const deleteTime = now.toISOString();
    for (const table of tx.transitGatewayRouteTables.where('transitGatewayId', transitGatewayId)) {
      if (table.state === 'deleted') continue;
      tx.transitGatewayRouteTables.put({ ...table, state: 'deleting', deleteTime });
    }
    const deleting: TransitGateway = { ...gateway, state: 'deleting', deleteTime };
    tx.transitGateways.put(deleting);
    return { TransitGateway: showTransitGateway(context, deleting) };
  },

  DescribeTransitGateways(
    context: ActionContext,
    input: DescribeTransitGatewaysRequest,
  ): DescribeTransitGatewaysResult {
    const { tx } = context;
    const page = listRecords(tx.transitGateways, tx, listing, { ...input, ids: input.TransitGatewayIds });
    return {
      TransitGateways: page.records.map((gateway) => showTransitGateway(context, gateway)),
      NextToken: page.nextToken,
    };
  },
};

/** Makes an empty route table of a transit gateway. */
export function makeRouteTable(
  { tx, now, newId }: ActionContext,
  transitGatewayId: string,
  tags: TransitGatewayRouteTable['tags'] = [],
): TransitGatewayRouteTable {
  const table: TransitGatewayRouteTable = {
    transitGatewayRouteTableId: newId('tgw-rtb'),
    ordinal: tx.takeOrdinal(),
    transitGatewayId,
    state: 'pending',
    creationTime: now.toISOString(),
    staticRoutes: [],
    tags,
  };
  tx.transitGatewayRouteTables.put(table);
  return table;
}

function changeOptions(
  { tx }: ActionContext,
  { transitGatewayId, options }: TransitGateway,
  wished: ModifyTransitGatewayOptions,
): TransitGatewayOptions {
  const association = wished.DefaultRouteTableAssociation ?? options.defaultRouteTableAssociation;
  const propagation = wished.DefaultRouteTablePropagation ?? options.defaultRouteTablePropagation;
  const readDefault = (id: string | undefined, present: string | undefined, name: string, isOn: boolean) => {
    if (id !== undefined && !isOn) {
      throw errors.invalidParameterCombination(`${name} cannot be given while the default is disabled.`);
    }
    const chosen = id ?? present;
    if (isOn && chosen === undefined) throw errors.missingParameter(name);
    if (id !== undefined && findTransitRouteTable(tx, id).transitGatewayId !== transitGatewayId) {
      throw errors.invalidParameterValue(
        `Transit Gateway Route Table ${id} does not belong to Transit Gateway ${transitGatewayId}.`,
      );
    }
    return chosen;
  };
  const associationTable = readDefault(
    wished.AssociationDefaultRouteTableId,
    options.associationDefaultRouteTableId,
    'AssociationDefaultRouteTableId',
    association === 'enable',
  );
  const propagationTable = readDefault(
    wished.PropagationDefaultRouteTableId,
    options.propagationDefaultRouteTableId,
    'PropagationDefaultRouteTableId',
    propagation === 'enable',
  );
  const removed = new Set(readBlocks(wished.RemoveTransitGatewayCidrBlocks ?? []));
  const kept = options.transitGatewayCidrBlocks.filter((block) => !removed.has(block));
  return {
    ...options,
    amazonSideAsn: readAsn(wished.AmazonSideAsn ?? options.amazonSideAsn),
    transitGatewayCidrBlocks: readBlocks([...kept, ...(wished.AddTransitGatewayCidrBlocks ?? [])]),
    autoAcceptSharedAttachments: wished.AutoAcceptSharedAttachments ?? options.autoAcceptSharedAttachments,
    defaultRouteTableAssociation: association,
    ...(associationTable === undefined ? {} : { associationDefaultRouteTableId: associationTable }),
    defaultRouteTablePropagation: propagation,
    ...(propagationTable === undefined ? {} : { propagationDefaultRouteTableId: propagationTable }),
    vpnEcmpSupport: wished.VpnEcmpSupport ?? options.vpnEcmpSupport,
    dnsSupport: wished.DnsSupport ?? options.dnsSupport,
    securityGroupReferencingSupport:
      wished.SecurityGroupReferencingSupport ?? options.securityGroupReferencingSupport,
  };
}

/** A private ASN of 16 or 32 bits. */
function readAsn(asn: number): number {
  if ((asn >= 64_512 && asn <= 65_534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294)) return asn;
  throw errors.invalidValue(
    asn,
    'AmazonSideAsn',
    'The range is 64512 to 65534 for 16-bit ASNs and 4200000000 to 4294967294 for 32-bit ASNs.',
  );
}

/** Blocks of the gateway's own: /24 or larger for IPv4, /64 or larger for IPv6. */
function readBlocks(texts: readonly string[]): readonly string[] {
  const blocks = texts.map((text) => {
    const ipv4 = parseCidr(text);
    if (ipv4 !== undefined && ipv4.prefixLength <= 24 && !overlaps(ipv4, LINK_LOCAL)) return formatCidr(ipv4);
    const ipv6 = parseIpv6Cidr(text);
    const canonical = ipv6 !== undefined && ipv6.prefixLength <= 64 ? canonicalIpv6Cidr(text) : undefined;
    if (canonical === undefined) throw errors.invalidCidr(text, 'TransitGatewayCidrBlocks');
    return canonical;
  });
  const distinct = [...new Set(blocks)];
  if (distinct.length <= MOST_BLOCKS) return distinct;
  throw errors.limitExceeded(
    'TransitGatewayCidrBlockLimitExceeded',
    `A transit gateway has at most ${MOST_BLOCKS} CIDR blocks.`,
  );
}

function showTransitGateway({ region, account }: ActionContext, gateway: TransitGateway): WireTransitGateway {
  const { transitGatewayId } = gateway;
  return {
    TransitGatewayId: transitGatewayId,
    TransitGatewayArn: `arn:aws:ec2:${region}:${account}:transit-gateway/${transitGatewayId}`,
    State: gateway.state,
    OwnerId: account,
    Description: gateway.description,
    CreationTime: new Date(gateway.creationTime),
    Options: showOptions(gateway.options),
    Tags: showTags(gateway),
  };
}

function showOptions(options: TransitGatewayOptions): NonNullable<WireTransitGateway['Options']> {
  const { transitGatewayCidrBlocks: blocks } = options;
  return {
    AmazonSideAsn: options.amazonSideAsn,
    ...(blocks.length === 0 ? {} : { TransitGatewayCidrBlocks: [...blocks] }),
    AutoAcceptSharedAttachments: options.autoAcceptSharedAttachments,
    DefaultRouteTableAssociation: options.defaultRouteTableAssociation,
    ...(options.defaultRouteTableAssociation === 'disable'
      ? {}
      : { AssociationDefaultRouteTableId: options.associationDefaultRouteTableId }),
    DefaultRouteTablePropagation: options.defaultRouteTablePropagation,
    ...(options.defaultRouteTablePropagation === 'disable'
      ? {}
      : { PropagationDefaultRouteTableId: options.propagationDefaultRouteTableId }),
    VpnEcmpSupport: options.vpnEcmpSupport,
    DnsSupport: options.dnsSupport,
    SecurityGroupReferencingSupport: options.securityGroupReferencingSupport,
    MulticastSupport: options.multicastSupport,
  };
}
