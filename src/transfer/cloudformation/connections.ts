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
import { laterBlocksOf } from './networks.ts';
import type { Json, Template } from './template.ts';

/** Names endpoints, peering connections, transit gateways and flow logs. */
export function nameConnections(template: Template): void {
  const { selection, world } = template;
  for (const endpoint of endpointsIn(selection)) {
    template.name('Endpoint', endpoint.vpcEndpointId, endpoint, endpoint.serviceName.split('.').at(-1));
  }
  for (const peering of peeringsIn(selection))
    template.name('Peering', peering.vpcPeeringConnectionId, peering);
  for (const gateway of transitGatewaysIn(selection)) {
    template.name('TransitGateway', gateway.transitGatewayId, gateway, gateway.description);
    for (const table of world.transitGatewayRouteTables.where('transitGatewayId', gateway.transitGatewayId)) {
      const id = table.transitGatewayRouteTableId;
      if (table.state === 'available') template.name('TransitGatewayRouteTable', id, table);
    }
  }
  for (const attachment of attachmentsIn(selection)) {
    template.name(
      'TransitGatewayAttachment',
      attachment.transitGatewayAttachmentId,
      attachment,
      template.logicalId(attachment.vpcId),
    );
  }
  for (const log of flowLogsIn(selection, (id) => template.has(id)))
    template.name('FlowLog', log.flowLogId, log);
}

/** Writes them, and tells of what CloudFormation is not given. */
export function writeConnections(template: Template): void {
  const { selection } = template;
  for (const endpoint of endpointsIn(selection)) writeEndpoint(template, endpoint);
  for (const peering of peeringsIn(selection)) writePeering(template, peering);
  for (const gateway of transitGatewaysIn(selection)) writeTransitGateway(template, gateway);
  for (const attachment of attachmentsIn(selection)) writeAttachment(template, attachment);
  for (const log of flowLogsIn(selection, (id) => template.has(id))) writeFlowLog(template, log);
  for (const sentence of describeLeftOut(selection)) template.tell(sentence);
}

function writeEndpoint(template: Template, endpoint: VpcEndpoint): void {
  const isGateway = endpoint.vpcEndpointType === 'Gateway';
  template.add(
    endpoint.vpcEndpointId,
    'AWS::EC2::VPCEndpoint',
    {
      VpcId: template.ref(endpoint.vpcId),
      ServiceName: endpoint.serviceName,
      VpcEndpointType: endpoint.vpcEndpointType,
      RouteTableIds: isGateway ? template.refs(endpoint.routeTableIds) : undefined,
      SubnetIds: isGateway ? undefined : template.refs(endpoint.subnetIds),
      SecurityGroupIds: isGateway ? undefined : template.refs(endpoint.groupIds),
      PrivateDnsEnabled: isGateway ? undefined : endpoint.privateDnsEnabled,
      PolicyDocument: isOpenPolicy(endpoint.policyDocument) ? undefined : readPolicy(endpoint.policyDocument),
      Tags: template.tags(endpoint),
    },
    isGateway ? [] : waitFor(template, endpoint.subnetIds),
  );
}

function waitFor(template: Template, subnetIds: readonly string[]): string[] {
  return placedIn(template.selection, subnetIds).map((id) => template.logicalId(id));
}

function readPolicy(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function writePeering(template: Template, peering: VpcPeeringConnection): void {
  const { requester, accepter, vpcPeeringConnectionId: id } = peering;
  const { account, region } = template.world.scope;
  const isOwnSide = requester.account === account && requester.region === region;
  if (!isOwnSide || !template.selection.vpcIds.has(requester.vpcId)) {
    template.tell(
      `${template.logicalId(id)} was asked for from ${requester.vpcId}, which is not exported: it is left out.`,
    );
    return;
  }
  // A VPC that asks to be peered takes no more blocks until it is answered (semantics S13).
  const later = peering.vpcIds
    .filter((vpcId) => template.selection.vpcIds.has(vpcId))
    .flatMap((vpcId) => laterBlocksOf(template, vpcId));
  template.add(
    id,
    'AWS::EC2::VPCPeeringConnection',
    {
      VpcId: template.ref(requester.vpcId),
      PeerVpcId: template.ref(accepter.vpcId),
      PeerOwnerId: accepter.account === account ? undefined : accepter.account,
      PeerRegion: accepter.region === region ? undefined : accepter.region,
      Tags: template.tags(peering),
    },
    later,
  );
  if (requester.allowDnsResolutionFromRemoteVpc || accepter.allowDnsResolutionFromRemoteVpc) {
    template.tell(
      `${template.logicalId(id)} resolves names of the other side, which CloudFormation cannot say.`,
    );
  }
}

function writeTransitGateway(template: Template, gateway: TransitGateway): void {
  const { transitGatewayId: id, options, description } = gateway;
  // CloudFormation has no hold of the default tables: they are written as tables like the others, and nothing is by default.
  template.add(id, 'AWS::EC2::TransitGateway', {
    Description: description === '' ? undefined : description,
    AmazonSideAsn: options.amazonSideAsn === 64_512 ? undefined : options.amazonSideAsn,
    DefaultRouteTableAssociation: 'disable',
    DefaultRouteTablePropagation: 'disable',
    DnsSupport: options.dnsSupport === 'enable' ? undefined : options.dnsSupport,
    Tags: template.tags(gateway),
  });
  for (const table of template.world.transitGatewayRouteTables.where('transitGatewayId', id)) {
    const tableId = table.transitGatewayRouteTableId;
    if (table.state !== 'available') continue;
    template.add(tableId, 'AWS::EC2::TransitGatewayRouteTable', {
      TransitGatewayId: template.ref(id),
      Tags: template.tags(table),
    });
    const name = template.logicalId(tableId);
    for (const { destinationCidrBlock, transitGatewayAttachmentId: attachmentId } of table.staticRoutes) {
      if (attachmentId !== undefined && !template.has(attachmentId)) {
        template.tell(
          `${name} has a route from ${destinationCidrBlock} to ${attachmentId}, which is not exported: it is left out.`,
        );
        continue;
      }
      template.addUnnamed(
        'TransitGatewayRoute',
        `${name} ${destinationCidrBlock}`,
        'AWS::EC2::TransitGatewayRoute',
        {
          TransitGatewayRouteTableId: template.ref(tableId),
          DestinationCidrBlock: destinationCidrBlock,
          TransitGatewayAttachmentId: attachmentId === undefined ? undefined : template.ref(attachmentId),
          Blackhole: attachmentId === undefined ? true : undefined,
        },
      );
    }
  }
}

function writeAttachment(template: Template, attachment: TransitGatewayVpcAttachment): void {
  const { transitGatewayAttachmentId: id, association, propagations, options } = attachment;
  const name = template.logicalId(id);
  template.add(
    id,
    'AWS::EC2::TransitGatewayVpcAttachment',
    {
      TransitGatewayId: template.ref(attachment.transitGatewayId),
      VpcId: template.ref(attachment.vpcId),
      SubnetIds: template.refs(attachment.subnetIds),
      Options: options.applianceModeSupport === 'enable' ? { ApplianceModeSupport: 'enable' } : undefined,
      Tags: template.tags(attachment),
    },
    waitFor(template, attachment.subnetIds),
  );
  if (association !== undefined) {
    template.addUnnamed('Association', name, 'AWS::EC2::TransitGatewayRouteTableAssociation', {
      TransitGatewayAttachmentId: template.ref(id),
      TransitGatewayRouteTableId: template.ref(association.transitGatewayRouteTableId),
    });
  }
  for (const { transitGatewayRouteTableId } of propagations) {
    template.addUnnamed('Propagation', name, 'AWS::EC2::TransitGatewayRouteTablePropagation', {
      TransitGatewayAttachmentId: template.ref(id),
      TransitGatewayRouteTableId: template.ref(transitGatewayRouteTableId),
    });
  }
}

const RESOURCE_TYPES = [
  ['vpc-', 'VPC'],
  ['subnet-', 'Subnet'],
] as const;

function writeFlowLog(template: Template, log: FlowLog): void {
  template.add(log.flowLogId, 'AWS::EC2::FlowLog', {
    ResourceId: template.ref(log.resourceId),
    ResourceType:
      RESOURCE_TYPES.find(([prefix]) => log.resourceId.startsWith(prefix))?.[1] ?? 'NetworkInterface',
    TrafficType: log.trafficType,
    LogDestinationType: log.logDestinationType,
    LogDestination: log.logDestination,
    LogGroupName: log.logDestination === undefined ? log.logGroupName : undefined,
    DeliverLogsPermissionArn: log.deliverLogsPermissionArn,
    MaxAggregationInterval: log.maxAggregationInterval === 600 ? undefined : log.maxAggregationInterval,
    LogFormat: log.logFormat === DEFAULT_LOG_FORMAT ? undefined : log.logFormat,
    DestinationOptions:
      log.destinationOptions === undefined
        ? undefined
        : {
            FileFormat: log.destinationOptions.fileFormat,
            HiveCompatiblePartitions: log.destinationOptions.hiveCompatiblePartitions,
            PerHourPartition: log.destinationOptions.perHourPartition,
          },
    DeliverCrossAccountRole: log.deliverCrossAccountRole,
    Tags: template.tags(log),
  });
}
