import type { FlowLog } from '../model/flow-log-records.ts';
import type { VpcPeeringConnection } from '../model/peering-records.ts';
import type { SecurityGroupRule, VpcEndpoint } from '../model/records.ts';
import type { TransitGateway, TransitGatewayVpcAttachment } from '../model/transit-gateway-records.ts';
import { inSelection, type Selection } from './selection.ts';

/** The endpoints that there are. */
export function endpointsIn(selection: Selection): VpcEndpoint[] {
  return inSelection(selection, selection.world.vpcEndpoints).filter(({ state }) =>
    ['available', 'pending', 'pendingAcceptance'].includes(state),
  );
}

/** The attachments of the VPCs to transit gateways. */
export function attachmentsIn(selection: Selection): TransitGatewayVpcAttachment[] {
  return inSelection(selection, selection.world.transitGatewayVpcAttachments).filter(({ state }) =>
    ['available', 'pending', 'modifying'].includes(state),
  );
}

/** The transit gateways that the VPCs are attached to. */
export function transitGatewaysIn(selection: Selection): TransitGateway[] {
  const used = new Set(attachmentsIn(selection).map(({ transitGatewayId }) => transitGatewayId));
  return [...selection.world.transitGateways.values()].filter(({ transitGatewayId }) =>
    used.has(transitGatewayId),
  );
}

/** The peering connections that carry packets, or wait for it, and have a side in the VPCs. */
export function peeringsIn({ world, vpcIds }: Selection): VpcPeeringConnection[] {
  return [...world.vpcPeeringConnections.values()].filter(
    ({ status, vpcIds: sides }) =>
      ['active', 'provisioning', 'pending-acceptance'].includes(status.code) &&
      sides.some((vpcId) => vpcIds.has(vpcId)),
  );
}

/** The peering connections over which a rule may name a group of another VPC: it is refused before one of them is there. */
export function peeringsOfRule(selection: Selection, { groupId, peer }: SecurityGroupRule): string[] {
  const { world } = selection;
  const [own, other] = [groupId, peer.kind === 'group' ? peer.groupId : groupId].map(
    (id) => world.securityGroups.get(id)?.vpcId,
  );
  if (own === undefined || other === undefined || own === other) return [];
  return peeringsIn(selection)
    .filter(({ vpcIds }) => vpcIds.includes(own) && vpcIds.includes(other))
    .map(({ vpcPeeringConnectionId }) => vpcPeeringConnectionId);
}

/** The flow logs of what is exported. */
export function flowLogsIn({ world }: Selection, isExported: (id: string) => boolean): FlowLog[] {
  return [...world.flowLogs.values()].filter(({ resourceId }) => isExported(resourceId));
}

/** What neither language is given, as sentences. */
export function describeLeftOut(selection: Selection): string[] {
  const { world } = selection;
  const balancers = inSelection(selection, world.loadBalancers).map(
    ({ loadBalancerName }) => `The load balancer ${loadBalancerName} is left out.`,
  );
  const counts = [
    ['launch template', world.launchTemplates.size],
    ['endpoint service', world.vpcEndpointServices.size],
    ['customer gateway', world.customerGateways.size],
    ['parameter', world.parameters.size],
  ] as const;
  const others = counts.flatMap(([kind, count]) =>
    count === 0 ? [] : [`${count} ${kind}${count === 1 ? ' is' : 's are'} left out.`],
  );
  return [...balancers, ...others];
}

/** Whether it is what an endpoint has that nobody gave a policy: everything is allowed, without conditions. */
export function isOpenPolicy(text: string): boolean {
  try {
    const statements: unknown = JSON.parse(text === '' ? '{}' : text).Statement;
    if (statements === undefined) return true;
    const words = JSON.stringify(statements).replaceAll(/\s/g, '');
    const isOpen = ['"Effect":"Allow"', '"Principal":"*"', '"Action":"*"', '"Resource":"*"'].every((part) =>
      words.includes(part),
    );
    return isOpen && !/Condition|Not|Deny/.test(words);
  } catch {
    return false;
  }
}
