import type { Explanation } from '@aws-sdk/client-ec2';
import { findGroupRule } from '../../model/gates.ts';
import type { Disposition, Obstacle } from '../../model/path-result.ts';
import type { SecurityGroupRule } from '../../model/records.ts';
import type { Atlas } from './atlas.ts';
import {
  addressesOf,
  explainDeadRoute,
  explainNoRoute,
  explainOtherVpc,
  explainTransit,
  firstOf,
  type Question,
  vpcOf,
} from './route-explanations.ts';
import { showAclRule, showGroupRule, showPorts } from './shapes.ts';

/** AWS's code for what has none of its own. */
const NO_PATH = 'NO_PATH';

type Explain = (atlas: Atlas, obstacle: Obstacle, question: Question | undefined) => Explanation;

/**
 * What stands in the way, by AWS's code and with the members that it fills for that code. The page "Reachability Analyzer
 * explanation codes" has no code for a loop of routes, for a resolver that is off, for a port that an endpoint does not
 * serve, nor for an endpoint's policy: those are NO_PATH. What was asked tells routes to the wanted gateway from others.
 */
export function explainObstacle(atlas: Atlas, obstacle: Obstacle, question?: Question): Explanation {
  return EXPLANATIONS[obstacle.disposition](atlas, obstacle, question);
}

const EXPLANATIONS: Readonly<Record<Disposition, Explain>> = {
  'no-route': (atlas, obstacle, question) =>
    obstacle.particulars?.transit === undefined
      ? explainNoRoute(atlas, obstacle, question)
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
  unsolicited: explainUnsolicited,
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
  'no-target': explainNoTarget,
  'endpoint-policy': explainNothing,
};

/** A NAT gateway takes what begins in its VPC, and that not to itself. */
function explainUnsolicited(atlas: Atlas, obstacle: Obstacle, question: Question | undefined): Explanation {
  const [id] = obstacle.objectIds;
  const source = question?.flow.source;
  const isFromElsewhere =
    source?.kind === 'outside' || (source !== undefined && source.eni.vpcId !== atlas.eni(id)?.vpcId);
  return {
    ExplanationCode: isFromElsewhere ? 'NGW_REQUIRES_SOURCE_IN_VPC' : 'NO_POSSIBLE_DESTINATION',
    Direction: 'ingress',
    ...(isFromElsewhere ? { NatGateway: natGatewayOf(atlas, id) } : {}),
    ...interfaceOf(atlas, id),
  };
}

function explainNothing(atlas: Atlas, { objectIds: [id] }: Obstacle): Explanation {
  return { ExplanationCode: NO_PATH, Component: atlas.componentOf(id) };
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

function explainGroups(atlas: Atlas, obstacle: Obstacle, question: Question | undefined): Explanation {
  const { disposition, objectIds, particulars } = obstacle;
  const Direction = disposition === 'egress-security-group' ? 'egress' : 'ingress';
  const lost = lostReferenceOf(atlas, obstacle, question);
  return {
    ExplanationCode: lost === undefined ? 'ENI_SG_RULES_MISMATCH' : 'SG_REFERENCES_NOT_PRESERVED',
    Direction,
    ...interfaceOf(atlas, particulars?.networkInterfaceId),
    ...(lost === undefined
      ? { SecurityGroups: objectIds.map((id) => atlas.component(id)) }
      : { SecurityGroup: atlas.component(lost.groupId), SecurityGroupRule: showGroupRule(lost) }),
  };
}

/**
 * A rule that names a group of the other end and would let the packets pass, if they had not come by a public address: what
 * leads there forgets whose they are (semantics S78).
 */
function lostReferenceOf(
  atlas: Atlas,
  { disposition, particulars }: Obstacle,
  question: Question | undefined,
): SecurityGroupRule | undefined {
  const isEgress = disposition === 'egress-security-group';
  const other = isEgress ? question?.flow.destination : question?.flow.source;
  const eni = atlas.eni(particulars?.networkInterfaceId);
  const packets = particulars?.packets;
  if (other?.kind !== 'interface' || eni === undefined || packets === undefined) return undefined;
  const world = atlas.worldOf('networkInterfaces', eni.networkInterfaceId);
  const address = isEgress ? { destination: other.privateAddress } : { source: other.privateAddress };
  const rule =
    world === undefined ? undefined : findGroupRule(world, eni, isEgress, { ...packets, ...address });
  return rule?.peer.kind === 'group' ? rule : undefined;
}

/** The group behind a listener has no targets at all, or none that the node in this zone may send to. */
function explainNoTarget(atlas: Atlas, { objectIds, particulars }: Obstacle): Explanation {
  const [balancer, group] = objectIds;
  const record = atlas.record((world) => world.targetGroups, group);
  const port = particulars?.packets?.ports;
  const shared = {
    Component: atlas.componentOf(balancer),
    LoadBalancerArn: balancer,
    ...(port !== undefined && port.first === port.last ? { LoadBalancerListenerPort: port.first } : {}),
  };
  if (record !== undefined && record.targets.length === 0) {
    return {
      ExplanationCode: 'ELBV2_LISTENER_HAS_NO_TG',
      ...shared,
      LoadBalancerTargetGroups: [atlas.component(record.targetGroupArn)],
    };
  }
  const zone = atlas.eni(particulars?.networkInterfaceId)?.availabilityZone;
  return {
    ExplanationCode: 'ELBV2_NO_TARGETS_IN_AZ',
    ...shared,
    LoadBalancerTargetGroup: atlas.componentOf(group),
    ...(zone === undefined ? {} : { AvailabilityZones: [zone] }),
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

function natGatewayOf(atlas: Atlas, networkInterfaceId: string | undefined) {
  const found = atlas.worlds
    .flatMap((world) => [...world.natGateways.values()])
    .find((gateway) => gateway.networkInterfaceId === networkInterfaceId);
  return atlas.componentOf(found?.natGatewayId);
}
