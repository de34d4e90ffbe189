import type { VpcPeeringConnection } from '../model/peering-records.ts';
import type { RulePeer, SecurityGroupRule } from '../model/records.ts';
import { isPeeringOpen } from '../model/routes.ts';
import type { World } from '../model/world.ts';

/** The peering connection of two VPCs of one world: the open one, else the latest of those that are over. */
export function findPeering(
  world: World,
  vpcId: string,
  peerVpcId: string,
): VpcPeeringConnection | undefined {
  const all = world.vpcPeeringConnections
    .where('vpcIds', vpcId)
    .filter(({ vpcIds }) => vpcIds.includes(peerVpcId))
    .toSorted((a, b) => b.ordinal - a.ordinal);
  return all.find(isPeeringOpen) ?? all[0];
}

/** Whether an open peering connection links two VPCs. One to another region leads to another world (semantics S113). */
export function isPeered(world: World, vpcId: string, peerVpcId: string): boolean {
  const peering = findPeering(world, vpcId, peerVpcId);
  return peering !== undefined && isPeeringOpen(peering);
}

/** A group that a rule refers to, as replies show it: one of another VPC with the connection that leads there. */
export interface ReferencedGroup {
  readonly GroupId: string;
  readonly UserId: string;
  readonly VpcId?: string;
  readonly VpcPeeringConnectionId?: string;
  readonly PeeringStatus?: string;
}

/** The group that is the peer of a rule; undefined when the peer is no group. */
export function showReferencedGroup(
  world: World,
  rule: Pick<SecurityGroupRule, 'groupId'> & { readonly peer: RulePeer },
): ReferencedGroup | undefined {
  const { peer } = rule;
  if (peer.kind !== 'group') return undefined;
  const base = { GroupId: peer.groupId, UserId: peer.userId };
  const vpcId = world.securityGroups.get(rule.groupId)?.vpcId;
  const peerVpcId = world.securityGroups.get(peer.groupId)?.vpcId;
  if (vpcId === undefined || peerVpcId === undefined || peerVpcId === vpcId) return base;
  const peering = findPeering(world, vpcId, peerVpcId);
  if (peering === undefined) return { ...base, VpcId: peerVpcId };
  const { vpcPeeringConnectionId: VpcPeeringConnectionId, status } = peering;
  return { ...base, VpcId: peerVpcId, VpcPeeringConnectionId, PeeringStatus: status.code };
}
