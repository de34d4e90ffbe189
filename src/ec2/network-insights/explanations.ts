import type { Explanation } from '@aws-sdk/client-ec2';
import type { Disposition, Obstacle } from '../../model/path-result.ts';
import type { Atlas } from './atlas.ts';
import { showAclRule, showPorts, showRoute, showTransitRoute } from './shapes.ts';

/** AWS's code for what has none of its own. */
const NO_PATH = 'NO_PATH';

type Explain = (atlas: Atlas, obstacle: Obstacle) => Explanation;

/**
 * What stands in the way, by AWS's code and with the members that it fills for that code. The page "Reachability Analyzer
 * explanation codes" has no code for a loop of routes, for a resolver that is off, for a port that an endpoint does not
 * serve, nor for an endpoint's policy: those are NO_PATH.
 */
export function explainObstacle(atlas: Atlas, obstacle: Obstacle): Explanation {
  return EXPLANATIONS[obstacle.disposition](atlas, obstacle);
}

const EXPLANATIONS: Readonly<Record<Disposition, Explain>> = {
  'no-route': (atlas, obstacle) =>
    obstacle.particulars?.transit === undefined
      ? explainNoRoute(atlas, obstacle)
      : explainTransit(atlas, obstacle),
  blackhole: (atlas, obstacle) =>
    obstacle.particulars?.transit === undefined
      ? explainDeadRoute(atlas, obstacle)
      : explainTransit(atlas, obstacle),
  'routing-loop': explainNothing,
  'other-vpc': explainOtherVpc,
  'no-such-address': (atlas, obstacle) => ({
    ExplanationCode: 'NO_POSSIBLE_DESTINATION',
    ...addressesOf(obstacle),
    ...vpcOf(atlas, firstOf(obstacle, 'vpc-')),
  }),
  'no-internet-gateway': (atlas, obstacle) => ({
    ExplanationCode: 'BAD_STATE_ATTACHMENT',
    MissingComponent: 'internet-gateway',
    ...vpcOf(atlas, firstOf(obstacle, 'vpc-')),
  }),
  'no-public-address': explainNoPublicAddress,
  'private-address': explainPrivateAddress,
  'nat-gateway-not-available': (atlas, obstacle) => {
    const id = firstOf(obstacle, 'nat-');
    return {
      ExplanationCode: 'BAD_STATE',
      Component: atlas.componentOf(id),
      NatGateway: atlas.componentOf(id),
      State: atlas.record((world) => world.natGateways, id)?.state,
    };
  },
  'nat-gateway-in-private-subnet': (atlas, obstacle) => {
    const subnetId = firstOf(obstacle, 'subnet-');
    return {
      ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
      RouteTable: atlas.componentOf(firstOf(obstacle, 'rtb-')),
      Subnet: atlas.componentOf(subnetId),
      MissingComponent: 'internet-gateway',
      ...vpcOf(atlas, atlas.vpcIdOfSubnet(subnetId)),
    };
  },
  // A private NAT gateway has no Elastic IP: what it sends comes from a private address.
  'nat-gateway-is-private': (atlas, obstacle) => {
    const id = firstOf(obstacle, 'nat-');
    return {
      ExplanationCode: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
      Direction: 'egress',
      NatGateway: atlas.componentOf(id),
      ...vpcOf(atlas, atlas.record((world) => world.natGateways, id)?.vpcId),
    };
  },
  'nat-gateway-protocol': (atlas, obstacle) => ({
    ExplanationCode: 'PROTOCOL_RESTRICTION',
    Component: atlas.componentOf(firstOf(obstacle, 'nat-')),
    NatGateway: atlas.componentOf(firstOf(obstacle, 'nat-')),
    Protocols: ['tcp', 'udp', 'icmp'],
    PacketField: 'protocol',
  }),
  unsolicited: (atlas, obstacle) => ({
    ExplanationCode: 'NO_POSSIBLE_DESTINATION',
    Direction: 'ingress',
    ...interfaceOf(atlas, obstacle.objectIds[0]),
  }),
  'egress-security-group': explainGroups,
  'ingress-security-group': explainGroups,
  'network-acl': explainAcl,
  'network-acl-reply': explainAcl,
  'source-destination-check': (atlas, obstacle) => {
    const id = firstOf(obstacle, 'eni-');
    const own = atlas.eni(id)?.privateIpAddresses ?? [];
    return {
      ExplanationCode: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
      Direction: 'ingress',
      ...interfaceOf(atlas, id),
      Addresses: own.map((address) => `${address}/32`),
      PacketField: 'destination-address',
    };
  },
  'dns-support-off': explainNothing,
  'not-running': (atlas, obstacle) => {
    const [id] = obstacle.objectIds;
    const instance = atlas.record((world) => world.instances, id);
    return {
      ExplanationCode: 'BAD_STATE',
      Component: atlas.componentOf(id),
      State: instance?.state ?? 'available',
    };
  },
  'endpoint-port': (atlas, obstacle) => ({
    ...explainNothing(atlas, obstacle),
    VpcEndpoint: atlas.componentOf(firstOf(obstacle, 'vpce-')),
    PacketField: 'destination-port',
  }),
  'endpoint-not-available': explainEndpoint,
  'no-listener': (atlas, obstacle) => ({
    ExplanationCode: 'ELBV2_LISTENERS_MISMATCH',
    Component: atlas.componentOf(obstacle.objectIds[0]),
    LoadBalancerArn: obstacle.objectIds[0],
    ...(obstacle.particulars?.packets === undefined
      ? {}
      : { PortRanges: [showPorts(obstacle.particulars.packets.ports)], PacketField: 'destination-port' }),
  }),
  'no-target': (atlas, obstacle) => {
    const [balancer, group] = obstacle.objectIds;
    const zone = atlas.eni(obstacle.particulars?.networkInterfaceId)?.availabilityZone;
    return {
      ExplanationCode: 'ELBV2_NO_TARGETS_IN_AZ',
      Component: atlas.componentOf(balancer),
      LoadBalancerArn: balancer,
      LoadBalancerTargetGroup: atlas.componentOf(group),
      ...(zone === undefined ? {} : { AvailabilityZones: [zone] }),
    };
  },
  'endpoint-policy': explainNothing,
};

function explainNothing(atlas: Atlas, { objectIds: [id] }: Obstacle): Explanation {
  return { ExplanationCode: NO_PATH, Component: atlas.componentOf(id) };
}

function explainNoRoute(atlas: Atlas, obstacle: Obstacle): Explanation {
  const { particulars } = obstacle;
  const subnetId = particulars?.subnetId ?? firstOf(obstacle, 'subnet-');
  const tableId = firstOf(obstacle, 'rtb-');
  const table = atlas.record((world) => world.routeTables, tableId);
  return {
    ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
    ...addressesOf(obstacle),
    RouteTable: atlas.componentOf(tableId),
    Subnet: atlas.componentOf(subnetId),
    VpcPeeringConnection: atlas.componentOf(firstOf(obstacle, 'pcx-')),
    ...vpcOf(atlas, table?.vpcId ?? atlas.vpcIdOfSubnet(subnetId)),
  };
}

function explainDeadRoute(atlas: Atlas, obstacle: Obstacle): Explanation {
  const route = obstacle.particulars?.route;
  const tableId = firstOf(obstacle, 'rtb-');
  if (tableId === undefined) {
    const [id] = obstacle.objectIds;
    return { ExplanationCode: 'BAD_STATE', Component: atlas.componentOf(id) };
  }
  return {
    ExplanationCode: 'BAD_STATE_ROUTE',
    RouteTable: atlas.component(tableId),
    ...(route === undefined ? {} : { RouteTableRoute: showRoute(route, 'blackhole') }),
    ...vpcOf(atlas, atlas.record((world) => world.routeTables, tableId)?.vpcId),
  };
}

function explainTransit(atlas: Atlas, obstacle: Obstacle): Explanation {
  const { particulars } = obstacle;
  const tableId = firstOf(obstacle, 'tgw-rtb-');
  const gateway = obstacle.objectIds[0];
  const attachment = particulars?.transit?.fromAttachmentId;
  const route = particulars?.transit === undefined ? undefined : showTransitRoute(particulars.transit);
  const common = {
    TransitGateway: atlas.componentOf(gateway),
    TransitGatewayAttachment: atlas.componentOf(attachment),
  };
  if (tableId === undefined) return { ExplanationCode: 'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION', ...common };
  return {
    ExplanationCode: route === undefined ? 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT' : 'TGW_RTB_BAD_STATE_ROUTE',
    ...common,
    TransitGatewayRouteTable: atlas.component(tableId),
    ...(route === undefined ? {} : { TransitGatewayRouteTableRoute: route }),
  };
}

function explainOtherVpc(atlas: Atlas, obstacle: Obstacle): Explanation {
  const peeringId = firstOf(obstacle, 'pcx-');
  if (peeringId !== undefined) {
    const peering = atlas.record((world) => world.vpcPeeringConnections, peeringId);
    return {
      ExplanationCode: 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR',
      VpcPeeringConnection: atlas.component(peeringId),
      ...addressesOf(obstacle),
      SourceVpc: atlas.componentOf(peering?.requester.vpcId),
      DestinationVpc: atlas.componentOf(peering?.accepter.vpcId),
    };
  }
  const gateway = obstacle.objectIds.find((id) => /^tgw-(?!rtb|attach)/.test(id));
  if (gateway !== undefined) {
    return {
      ExplanationCode: 'NO_POSSIBLE_DESTINATION',
      TransitGateway: atlas.component(gateway),
      ...addressesOf(obstacle),
      DestinationVpc: atlas.componentOf(firstOf(obstacle, 'vpc-')),
    };
  }
  return { ...explainNoRoute(atlas, obstacle), DestinationVpc: atlas.componentOf(firstOf(obstacle, 'vpc-')) };
}

/** Out, the sender has none; in, nobody can address the receiver. */
function explainNoPublicAddress(atlas: Atlas, obstacle: Obstacle): Explanation {
  const id = firstOf(obstacle, 'eni-');
  const eni = atlas.eni(id);
  const source = obstacle.particulars?.packets?.source ?? '';
  const isEgress = eni?.privateIpAddresses.includes(source) === true;
  const gateway = atlas.worlds
    .flatMap((world) => (eni === undefined ? [] : world.internetGateways.where('vpcId', eni.vpcId)))
    .at(0);
  return {
    ExplanationCode: isEgress
      ? 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS'
      : 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
    Direction: isEgress ? 'egress' : 'ingress',
    InternetGateway: atlas.componentOf(gateway?.internetGatewayId),
    ...interfaceOf(atlas, id),
    PacketField: isEgress ? 'source-address' : 'destination-address',
  };
}

function explainPrivateAddress(atlas: Atlas, obstacle: Obstacle): Explanation {
  const id = firstOf(obstacle, 'eni-');
  if (id !== undefined) {
    return {
      ExplanationCode: 'IGW_EXPECTS_PUBLIC_ADDRESS',
      Direction: 'ingress',
      ...interfaceOf(atlas, id),
      PacketField: 'destination-address',
    };
  }
  const address = obstacle.particulars?.packets?.destination ?? '';
  const block = address.startsWith('100.') ? 'RFC6598' : 'RFC1918';
  return {
    ExplanationCode: `IGW_DESTINATION_ADDRESS_NOT_IN_${block}_EGRESS`,
    Direction: 'egress',
    ...addressesOf(obstacle),
    PacketField: 'destination-address',
  };
}

function explainGroups(atlas: Atlas, { disposition, objectIds, particulars }: Obstacle): Explanation {
  return {
    ExplanationCode: 'ENI_SG_RULES_MISMATCH',
    Direction: disposition === 'egress-security-group' ? 'egress' : 'ingress',
    ...interfaceOf(atlas, particulars?.networkInterfaceId),
    SecurityGroups: objectIds.map((id) => atlas.component(id)),
  };
}

function explainAcl(atlas: Atlas, obstacle: Obstacle): Explanation {
  const isEgress = obstacle.stage === 'network_acl_out';
  const { subnetId, ruleNumbers: [ruleNumber] = [] } = obstacle.particulars ?? {};
  const acl = atlas.record((world) => world.networkAcls, firstOf(obstacle, 'acl-'));
  return {
    ExplanationCode: 'SUBNET_ACL_RESTRICTION',
    Direction: isEgress ? 'egress' : 'ingress',
    Acl: atlas.componentOf(acl?.networkAclId),
    ...(acl === undefined || ruleNumber === undefined
      ? {}
      : { AclRule: showAclRule(acl, ruleNumber, isEgress) }),
    Subnet: atlas.componentOf(subnetId),
    ...vpcOf(atlas, atlas.vpcIdOfSubnet(subnetId)),
  };
}

function explainEndpoint(atlas: Atlas, obstacle: Obstacle): Explanation {
  const [id] = obstacle.objectIds;
  const endpoint = atlas.record((world) => world.vpcEndpoints, id);
  if (endpoint?.state !== 'available') {
    return {
      ExplanationCode: 'BAD_STATE',
      Component: atlas.componentOf(id),
      VpcEndpoint: atlas.componentOf(endpoint?.vpcEndpointId),
      State: endpoint?.state ?? 'deleted',
    };
  }
  const zone = atlas.eni(obstacle.particulars?.networkInterfaceId)?.availabilityZone;
  return {
    ExplanationCode: 'VPCE_SERVICE_NOT_INSTALLED_IN_AZ',
    VpcEndpoint: atlas.component(endpoint.vpcEndpointId),
    ...(zone === undefined ? {} : { AvailabilityZones: [zone] }),
    ...vpcOf(atlas, endpoint.vpcId),
  };
}

function firstOf({ objectIds }: Obstacle, prefix: string): string | undefined {
  return objectIds.find((id) => id.startsWith(prefix));
}

function addressesOf({ particulars }: Obstacle): Pick<Explanation, 'Addresses'> {
  const destination = particulars?.packets?.destination;
  return destination === undefined ? {} : { Addresses: [`${destination}/32`] };
}

function vpcOf(atlas: Atlas, vpcId: string | undefined): Pick<Explanation, 'Vpc'> {
  return vpcId === undefined ? {} : { Vpc: atlas.component(vpcId) };
}

function interfaceOf(
  atlas: Atlas,
  id: string | undefined,
): Pick<Explanation, 'NetworkInterface' | 'Subnet' | 'Vpc'> {
  if (id === undefined) return {};
  const eni = atlas.eni(id);
  return {
    NetworkInterface: atlas.component(id),
    ...(eni === undefined ? {} : { Subnet: atlas.component(eni.subnetId), Vpc: atlas.component(eni.vpcId) }),
  };
}
