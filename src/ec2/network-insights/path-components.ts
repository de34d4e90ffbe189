import type { PathComponent } from '@aws-sdk/client-ec2';
import { endpointOfInterface } from '../../model/interface-endpoints.ts';
import type { Hop, Path } from '../../model/path-result.ts';
import type { Packets, PortRange } from '../../net/flow.ts';
import type { Atlas } from './atlas.ts';
import {
  showAclRule,
  showChanges,
  showGroupRule,
  showHeader,
  showRoute,
  showTransitRoute,
} from './shapes.ts';

/**
 * The components that packets pass, in AWS's order: out of an instance by its interface, group, network ACL and table, through
 * gateways, and in by network ACL, group and interface to an instance.
 */
export function componentsOf(atlas: Atlas, { hops }: Path, isReply: boolean): PathComponent[] {
  const own = hops.filter((hop) => hop.isReply === isReply);
  const last = own.length - 1;
  const found = own.flatMap((hop, index) => {
    const isExit = own.slice(index + 1).every(({ stage }) => stage === 'deliver');
    if (isExit && hop.stage === 'internet_gateway') return [showExit(atlas, hop)];
    const here = showHop(atlas, hop);
    const id = hop.particulars?.networkInterfaceId;
    if (!isReply || id === undefined) return here;
    // Replies are not told of at their ends: they leave what was reached, and come home.
    if (hop.stage === 'egress_security_group' && index > 0) return [...passEndpoint(atlas, id), ...here];
    if (hop.stage === 'egress_security_group') {
      return [...startAt(atlas, id, hop.particulars?.packets, hop.particulars?.sourcePorts), ...here];
    }
    return index === last && hop.stage === 'ingress_security_group'
      ? [...here, ...endAt(atlas, id, hop.particulars?.packets, hop.particulars?.sourcePorts)]
      : here;
  });
  return number(found);
}

/** The same components, numbered from 1, with the lists that AWS always sends. */
export function number(components: readonly PathComponent[]): PathComponent[] {
  return components.map((component, index) => ({
    ...component,
    SequenceNumber: index + 1,
    AdditionalDetails: component.AdditionalDetails ?? [],
    Explanations: component.Explanations ?? [],
  }));
}

function showHop(atlas: Atlas, hop: Hop): PathComponent[] {
  const { stage, objectIds, particulars = {} } = hop;
  const [id] = objectIds;
  switch (stage) {
    case 'source_check':
      return startAt(atlas, id, particulars.packets, particulars.sourcePorts);
    case 'egress_security_group':
    case 'ingress_security_group':
      return showGroup(atlas, hop);
    case 'network_acl_out':
    case 'network_acl_in':
      return showAcl(atlas, hop);
    case 'route':
      return particulars.transit === undefined ? showTurn(atlas, hop) : showTransit(atlas, hop);
    case 'nat_gateway':
    case 'internet_gateway':
    case 'load_balancer':
      return showTranslation(atlas, hop);
    case 'gateway_endpoint':
      return [showEndpoint(atlas, id)];
    case 'destination_check':
      return endAt(atlas, id, particulars.packets, particulars.sourcePorts);
    case 'deliver':
      if (id?.startsWith('vpce-') === true) return [showEndpoint(atlas, id)];
      return id?.startsWith('eni-') === true && particulars.packets !== undefined
        ? endAt(atlas, id, particulars.packets, undefined)
        : [];
  }
}

/** An instance and its interface: of other interfaces the interface alone. */
function startAt(
  atlas: Atlas,
  id: string | undefined,
  packets: Packets | undefined,
  sourcePorts: PortRange | undefined,
): PathComponent[] {
  const instanceId = atlas.eni(id)?.attachment?.instanceId;
  const header = packets === undefined ? {} : { OutboundHeader: showHeader(packets, sourcePorts) };
  if (instanceId === undefined) return [{ ...showInterface(atlas, id), ...header }];
  return [{ Component: atlas.component(instanceId), ...header }, showInterface(atlas, id)];
}

function endAt(
  atlas: Atlas,
  id: string | undefined,
  packets: Packets | undefined,
  sourcePorts: PortRange | undefined,
): PathComponent[] {
  const instanceId = atlas.eni(id)?.attachment?.instanceId;
  const header = packets === undefined ? {} : { InboundHeader: showHeader(packets, sourcePorts) };
  if (instanceId === undefined) return [{ ...showInterface(atlas, id), ...header }];
  return [showInterface(atlas, id), { Component: atlas.component(instanceId), ...header }];
}

function showInterface(atlas: Atlas, id: string | undefined): PathComponent {
  const eni = atlas.eni(id);
  if (eni === undefined) return { Component: atlas.componentOf(id) };
  const attachedTo = eni.attachment?.instanceId;
  return {
    ...(attachedTo === undefined ? {} : { AttachedTo: atlas.component(attachedTo) }),
    Component: atlas.component(eni.networkInterfaceId),
    Subnet: atlas.component(eni.subnetId),
    Vpc: atlas.component(eni.vpcId),
  };
}

/** The group whose rule lets packets pass; replies pass all of them without a rule. */
function showGroup(atlas: Atlas, { isReply, objectIds }: Hop): PathComponent[] {
  if (isReply) return objectIds.map((id) => ({ Component: atlas.component(id) }));
  const [groupId, ruleId] = objectIds;
  const rule = atlas.record((world) => world.securityGroupRules, ruleId);
  return [
    {
      Component: atlas.componentOf(groupId),
      ...(rule === undefined ? {} : { SecurityGroupRule: showGroupRule(rule) }),
    },
  ];
}

function showAcl(atlas: Atlas, { stage, objectIds: [id], particulars }: Hop): PathComponent[] {
  const acl = atlas.record((world) => world.networkAcls, id);
  const [ruleNumber] = particulars?.ruleNumbers ?? [];
  if (acl === undefined || ruleNumber === undefined) return [{ Component: atlas.componentOf(id) }];
  const AclRule = showAclRule(acl, ruleNumber, stage === 'network_acl_out');
  return [{ AclRule, Component: atlas.component(acl.networkAclId) }];
}

/** A table's route, and the peering connection behind it. */
function showTurn(atlas: Atlas, { objectIds, particulars }: Hop): PathComponent[] {
  const tableId = objectIds.find((id) => id.startsWith('rtb-'));
  const route = particulars?.route;
  if (tableId === undefined) return [];
  const table: PathComponent = {
    Component: atlas.component(tableId),
    ...(route === undefined ? {} : { RouteTableRoute: showRoute(route, 'active') }),
  };
  if (route?.target.kind !== 'vpc-peering-connection') return [table];
  const peering = atlas.record((world) => world.vpcPeeringConnections, route.target.id);
  const vpcId = atlas.record((world) => world.routeTables, tableId)?.vpcId;
  const isFromRequester = peering?.requester.vpcId === vpcId;
  const farVpcId = isFromRequester ? peering?.accepter.vpcId : peering?.requester.vpcId;
  return [
    table,
    {
      Component: atlas.component(route.target.id),
      SourceVpc: atlas.componentOf(vpcId),
      DestinationVpc: atlas.componentOf(farVpcId),
    },
  ];
}

/** In by one attachment of a transit gateway, by its table, and out by another. */
function showTransit(atlas: Atlas, { objectIds, particulars }: Hop): PathComponent[] {
  const turn = particulars?.transit;
  const [gatewayId, tableId] = objectIds;
  if (turn === undefined) return [];
  const gateway = { TransitGateway: atlas.componentOf(gatewayId) };
  const route = showTransitRoute(turn);
  return [
    { Component: atlas.component(turn.fromAttachmentId), ...gateway },
    {
      Component: atlas.componentOf(tableId),
      ...gateway,
      ...(route === undefined ? {} : { TransitGatewayRouteTableRoute: route }),
    },
    ...(turn.route?.attachmentId === undefined
      ? []
      : [{ Component: atlas.component(turn.route.attachmentId), ...gateway }]),
  ];
}

/** What comes in, and what of it is another when it goes out. */
function showTranslation(atlas: Atlas, { objectIds: [id], particulars }: Hop): PathComponent[] {
  const { packets, sourcePorts, translated } = particulars ?? {};
  const headers =
    packets === undefined
      ? {}
      : {
          ...(translated === undefined ? {} : { OutboundHeader: showChanges(packets, translated) }),
          InboundHeader: showHeader(packets, sourcePorts),
        };
  const vpcId =
    atlas.record((world) => world.internetGateways, id)?.vpcId ??
    atlas.record((world) => world.natGateways, id)?.vpcId ??
    atlas.record((world) => world.loadBalancers, id)?.vpcId;
  const subnetId = atlas.record((world) => world.natGateways, id)?.subnetId;
  return [
    {
      Component: atlas.componentOf(id),
      ...headers,
      ...(subnetId === undefined ? {} : { Subnet: atlas.component(subnetId) }),
      ...(vpcId === undefined ? {} : { Vpc: atlas.component(vpcId) }),
    },
  ];
}

/** What an endpoint's service answers comes out of the endpoint, by its interface. */
function passEndpoint(atlas: Atlas, id: string): PathComponent[] {
  const world = atlas.worldOf('networkInterfaces', id);
  const eni = world?.networkInterfaces.get(id);
  const endpoint = world === undefined || eni === undefined ? undefined : endpointOfInterface(world, eni);
  return endpoint === undefined
    ? []
    : [showEndpoint(atlas, endpoint.vpcEndpointId), showInterface(atlas, id)];
}

/** The gateway by which packets leave for the Internet: they are told of as it lets them out. */
function showExit(atlas: Atlas, { objectIds: [id], particulars }: Hop): PathComponent {
  const vpcId = atlas.record((world) => world.internetGateways, id)?.vpcId;
  const { translated, sourcePorts } = particulars ?? {};
  return {
    Component: atlas.componentOf(id),
    ...(translated === undefined ? {} : { OutboundHeader: showHeader(translated, sourcePorts) }),
    ...(vpcId === undefined ? {} : { Vpc: atlas.component(vpcId) }),
  };
}

function showEndpoint(atlas: Atlas, id: string | undefined): PathComponent {
  const endpoint = atlas.record((world) => world.vpcEndpoints, id);
  return {
    Component: atlas.componentOf(id),
    ...(endpoint === undefined
      ? {}
      : { Vpc: atlas.component(endpoint.vpcId), ServiceName: endpoint.serviceName }),
  };
}
