import { DEFAULT_LOG_FORMAT, type FlowLog } from '../../model/flow-log-records.ts';
import type { VpcPeeringConnection } from '../../model/peering-records.ts';
import type { VpcEndpoint } from '../../model/records.ts';
import type { TransitGateway, TransitGatewayVpcAttachment } from '../../model/transit-gateway-records.ts';
import {
  attachmentsIn,
  describeLeftOut,
  endpointsIn,
  flowLogsIn,
  isOpenPolicy,
  peeringsIn,
  transitGatewaysIn,
} from '../connections.ts';
import { placedIn } from '../machines.ts';
import { type Document, unless } from './document.ts';
import { type Block, raw, type Value } from './hcl.ts';
import { laterBlocksOf } from './networks.ts';

/** Names endpoints, peering connections, transit gateways and flow logs. */
export function nameConnections(document: Document): void {
  for (const endpoint of endpointsIn(document.selection)) {
    const service = endpoint.serviceName.split('.').at(-1);
    document.name('aws_vpc_endpoint', endpoint.vpcEndpointId, endpoint, service);
  }
  for (const peering of peeringsIn(document.selection)) {
    const sides = peering.vpcIds.map((vpcId) => document.nameOf(vpcId)).join('_to_');
    document.name('aws_vpc_peering_connection', peering.vpcPeeringConnectionId, peering, sides);
  }
  for (const gateway of transitGatewaysIn(document.selection)) {
    const { transitGatewayId: id, options } = gateway;
    document.name('aws_ec2_transit_gateway', id, gateway, gateway.description, 'hub');
    const { associationDefaultRouteTableId, propagationDefaultRouteTableId } = options;
    if (associationDefaultRouteTableId !== undefined) {
      document.bring(associationDefaultRouteTableId, id, 'association_default_route_table_id');
    }
    if (
      propagationDefaultRouteTableId !== undefined &&
      propagationDefaultRouteTableId !== associationDefaultRouteTableId
    ) {
      document.bring(propagationDefaultRouteTableId, id, 'propagation_default_route_table_id');
    }
    for (const table of document.world.transitGatewayRouteTables.where('transitGatewayId', id)) {
      const tableId = table.transitGatewayRouteTableId;
      if (table.state === 'available' && !document.has(tableId)) {
        document.name('aws_ec2_transit_gateway_route_table', tableId, table, document.nameOf(id));
      }
    }
  }
  for (const attachment of attachmentsIn(document.selection)) {
    document.name(
      'aws_ec2_transit_gateway_vpc_attachment',
      attachment.transitGatewayAttachmentId,
      attachment,
      document.nameOf(attachment.vpcId),
    );
  }
  for (const log of flowLogsIn(document.selection, (id) => document.has(id))) {
    document.name('aws_flow_log', log.flowLogId, log, document.nameOf(log.resourceId));
  }
}

/** Writes them, and tells of what Terraform is not given. */
export function writeConnections(document: Document): void {
  for (const endpoint of endpointsIn(document.selection)) writeEndpoint(document, endpoint);
  for (const peering of peeringsIn(document.selection)) writePeering(document, peering);
  for (const gateway of transitGatewaysIn(document.selection)) writeTransitGateway(document, gateway);
  for (const attachment of attachmentsIn(document.selection)) writeAttachment(document, attachment);
  for (const log of flowLogsIn(document.selection, (id) => document.has(id))) writeFlowLog(document, log);
  for (const sentence of describeLeftOut(document.selection)) document.tell(sentence);
}

function writeEndpoint(document: Document, endpoint: VpcEndpoint): void {
  const isGateway = endpoint.vpcEndpointType === 'Gateway';
  document.add(endpoint.vpcEndpointId, [
    ['vpc_id', document.ref(endpoint.vpcId)],
    ['service_name', endpoint.serviceName],
    ['vpc_endpoint_type', endpoint.vpcEndpointType],
    ['route_table_ids', isGateway ? document.refs(endpoint.routeTableIds) : undefined],
    ['subnet_ids', isGateway ? undefined : document.refs(endpoint.subnetIds)],
    ['security_group_ids', isGateway ? undefined : document.refs(endpoint.groupIds)],
    ['private_dns_enabled', isGateway || !endpoint.privateDnsEnabled ? undefined : true],
    ['depends_on', isGateway ? undefined : waitFor(document, endpoint.subnetIds)],
    ['policy', isOpenPolicy(endpoint.policyDocument) ? undefined : endpoint.policyDocument],
    document.tags(endpoint),
  ]);
}

function waitFor(document: Document, subnetIds: readonly string[]): Value | undefined {
  const ids = placedIn(document.selection, subnetIds);
  return ids.length === 0 ? undefined : ids.map((id) => raw(document.address(id)));
}

function writePeering(document: Document, peering: VpcPeeringConnection): void {
  const { requester, accepter, vpcPeeringConnectionId: id, status } = peering;
  const { account, region } = document.world.scope;
  const isOwnSide = requester.account === account && requester.region === region;
  if (!isOwnSide || !document.selection.vpcIds.has(requester.vpcId)) {
    document.tell(
      `${document.nameOf(id)} was asked for from ${requester.vpcId}, which is not exported: it is left out.`,
    );
    return;
  }
  const isInside = accepter.account === account && accepter.region === region;
  const isAccepted = isInside && status.code !== 'pending-acceptance';
  if (!isAccepted) document.tell(`${document.nameOf(id)} must be accepted on its other side.`);
  document.add(id, [
    ['vpc_id', document.ref(requester.vpcId)],
    ['peer_vpc_id', document.ref(accepter.vpcId)],
    ['peer_owner_id', unless(account, accepter.account)],
    ['peer_region', unless(region, accepter.region)],
    ['auto_accept', isAccepted ? true : undefined],
    // A VPC that asks to be peered takes no more blocks until it is answered (semantics S13).
    ['depends_on', laterBlocksOf(document, ownVpcsOf(document, peering))],
    document.tags(peering),
  ]);
  for (const [side, name] of [
    [requester, 'requester'],
    [accepter, 'accepter'],
  ] as const) {
    if (!isAccepted || !side.allowDnsResolutionFromRemoteVpc) continue;
    document.addUnnamed('aws_vpc_peering_connection_options', `${document.nameOf(id)}_${name}`, [
      ['vpc_peering_connection_id', document.ref(id)],
      { block: name, body: [['allow_remote_vpc_dns_resolution', true]] },
    ]);
  }
}

function ownVpcsOf({ selection }: Document, { vpcIds }: VpcPeeringConnection): string[] {
  return vpcIds.filter((vpcId) => selection.vpcIds.has(vpcId));
}

function writeTransitGateway(document: Document, gateway: TransitGateway): void {
  const { transitGatewayId: id, options, description } = gateway;
  document.add(id, [
    ['description', description === '' ? undefined : description],
    ['amazon_side_asn', unless(64_512, options.amazonSideAsn)],
    ['default_route_table_association', unless('enable', options.defaultRouteTableAssociation)],
    ['default_route_table_propagation', unless('enable', options.defaultRouteTablePropagation)],
    ['dns_support', unless('enable', options.dnsSupport)],
    ['security_group_referencing_support', unless('disable', options.securityGroupReferencingSupport)],
    document.tags(gateway),
  ]);
  for (const table of document.world.transitGatewayRouteTables.where('transitGatewayId', id)) {
    const tableId = table.transitGatewayRouteTableId;
    if (table.state !== 'available') continue;
    const isOwn = document.address(tableId) !== tableId;
    if (isOwn) document.add(tableId, [['transit_gateway_id', document.ref(id)], document.tags(table)]);
    const name = isOwn ? document.nameOf(tableId) : `${document.nameOf(id)}_default`;
    for (const { destinationCidrBlock, transitGatewayAttachmentId } of table.staticRoutes) {
      const isBlackhole = transitGatewayAttachmentId === undefined;
      if (!isBlackhole && !document.has(transitGatewayAttachmentId)) {
        document.tell(
          `${name} has a route from ${destinationCidrBlock} to ${transitGatewayAttachmentId}, which is not exported: it is left out.`,
        );
        continue;
      }
      document.addUnnamed('aws_ec2_transit_gateway_route', `${name}_${destinationCidrBlock}`, [
        ['transit_gateway_route_table_id', document.ref(tableId)],
        ['destination_cidr_block', destinationCidrBlock],
        ['transit_gateway_attachment_id', isBlackhole ? undefined : document.ref(transitGatewayAttachmentId)],
        ['blackhole', isBlackhole ? true : undefined],
      ]);
    }
  }
}

function writeAttachment(document: Document, attachment: TransitGatewayVpcAttachment): void {
  const { transitGatewayAttachmentId: id, association, propagations, options } = attachment;
  const gateway = document.world.transitGateways.get(attachment.transitGatewayId)?.options;
  const defaults = {
    association:
      gateway?.defaultRouteTableAssociation === 'enable' ? gateway.associationDefaultRouteTableId : undefined,
    propagation:
      gateway?.defaultRouteTablePropagation === 'enable' ? gateway.propagationDefaultRouteTableId : undefined,
  };
  const isUsual = association?.transitGatewayRouteTableId === defaults.association;
  const tables = propagations.map(({ transitGatewayRouteTableId }) => transitGatewayRouteTableId);
  const propagatesAsUsual = defaults.propagation === undefined || tables.includes(defaults.propagation);
  document.add(id, [
    ['transit_gateway_id', document.ref(attachment.transitGatewayId)],
    ['vpc_id', document.ref(attachment.vpcId)],
    ['subnet_ids', document.refs(attachment.subnetIds)],
    ['appliance_mode_support', unless('disable', options.applianceModeSupport)],
    ['dns_support', unless('enable', options.dnsSupport)],
    ['transit_gateway_default_route_table_association', isUsual ? undefined : false],
    ['transit_gateway_default_route_table_propagation', propagatesAsUsual ? undefined : false],
    ['depends_on', waitFor(document, attachment.subnetIds)],
    document.tags(attachment),
  ]);
  const name = document.nameOf(id);
  if (association !== undefined && !isUsual) {
    document.addUnnamed('aws_ec2_transit_gateway_route_table_association', name, [
      ['transit_gateway_attachment_id', document.ref(id)],
      ['transit_gateway_route_table_id', document.ref(association.transitGatewayRouteTableId)],
    ]);
  }
  for (const table of tables) {
    if (table === defaults.propagation) continue;
    document.addUnnamed('aws_ec2_transit_gateway_route_table_propagation', name, [
      ['transit_gateway_attachment_id', document.ref(id)],
      ['transit_gateway_route_table_id', document.ref(table)],
    ]);
  }
}

function writeFlowLog(document: Document, log: FlowLog): void {
  const kind = log.resourceId.startsWith('vpc-')
    ? 'vpc_id'
    : log.resourceId.startsWith('subnet-')
      ? 'subnet_id'
      : 'eni_id';
  const arn =
    log.logDestination ??
    (log.logGroupName === undefined ? undefined : logGroupArn(document, log.logGroupName));
  document.add(log.flowLogId, [
    [kind, document.ref(log.resourceId)],
    ['traffic_type', log.trafficType],
    ['log_destination_type', log.logDestinationType],
    ['log_destination', arn],
    ['iam_role_arn', log.deliverLogsPermissionArn],
    ['max_aggregation_interval', unless(600, log.maxAggregationInterval)],
    ['log_format', unless(DEFAULT_LOG_FORMAT, log.logFormat)],
    ['deliver_cross_account_role', log.deliverCrossAccountRole],
    ...(log.destinationOptions === undefined
      ? []
      : [
          {
            block: 'destination_options',
            body: [
              ['file_format', log.destinationOptions.fileFormat],
              ['hive_compatible_partitions', log.destinationOptions.hiveCompatiblePartitions],
              ['per_hour_partition', log.destinationOptions.perHourPartition],
            ],
          } satisfies Block,
        ]),
    document.tags(log),
  ]);
}

function logGroupArn(document: Document, name: string): string {
  const { account, region } = document.world.scope;
  return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}
