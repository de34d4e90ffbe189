import type { VpcPeeringConnection } from '../model/peering-records.ts';
import type { Vpc } from '../model/records.ts';
import { isPeeringOpen } from '../model/routes.ts';
import type { TransitGatewayVpcAttachment } from '../model/transit-gateway-records.ts';
import { blocksOfVpc } from '../model/vpc-blocks.ts';
import type { Scope, World } from '../model/world.ts';
import type { Link } from './machine.ts';
import {
  FAR_END,
  FAR_LINK_LOCAL,
  FAR_MAC,
  INTERNET_MTU,
  linkName,
  ROUTER_LINK_LOCAL,
  ROUTER_MAC,
  VPC_MTU,
} from './places.ts';
import { presentInterfaces } from './presence.ts';
import type { NftSet } from './ruleset.ts';

/** Finds the world of a scope: the VPCs of a peering connection may stand in two. */
export type FindWorld = (scope: Scope) => World | undefined;

/** A VPC's end of a peering connection whose both ends have a router now. */
export interface PeeringEnd {
  readonly peering: VpcPeeringConnection;
  readonly peer: Vpc;
  readonly isRequester: boolean;
  readonly isSameRegion: boolean;
}

/** The ends of a VPC that are linked to another router, by ordinal. A peer without a router is no way to anywhere. */
export function peeringEndsOf(world: World, vpcId: string, findWorld: FindWorld): PeeringEnd[] {
  return world.vpcPeeringConnections
    .where('vpcIds', vpcId)
    .filter(isPeeringOpen)
    .toSorted((a, b) => a.ordinal - b.ordinal)
    .flatMap((peering): PeeringEnd[] => {
      const isRequester = peering.requester.vpcId === vpcId;
      const [own, other] = isRequester
        ? [peering.requester, peering.accepter]
        : [peering.accepter, peering.requester];
      const there = findWorld(other);
      const peer = there?.vpcs.get(other.vpcId);
      if (there === undefined || peer === undefined) return [];
      if (presentInterfaces(there, peer.vpcId).length === 0) return [];
      return [{ peering, peer, isRequester, isSameRegion: own.region === other.region }];
    });
}

/** The name of a peering connection's link, the same in both routers. */
export function peeringLinkName(vpcPeeringConnectionId: string): string {
  return linkName('p', vpcPeeringConnectionId);
}

/** The MAC address of the other router's end of a link, and the link-local address that its kernel makes of it. */
export function farMacOf({ isRequester }: PeeringEnd): string {
  return isRequester ? FAR_MAC : ROUTER_MAC;
}
export function farLinkLocalOf({ isRequester }: PeeringEnd): string {
  return isRequester ? FAR_LINK_LOCAL : ROUTER_LINK_LOCAL;
}

/** One end of the link between two routers. Its group is the connection's own, which no subnet has. */
export function peeringLink(end: PeeringEnd): Link {
  const { peering, peer, isRequester, isSameRegion } = end;
  const { vpcPeeringConnectionId: id } = peering;
  return {
    name: peeringLinkName(id),
    peer: { machine: peer.vpcId, name: peeringLinkName(id) },
    mac: isRequester ? ROUTER_MAC : FAR_MAC,
    // Between regions there are no jumbo frames (semantics S113).
    mtu: isSameRegion ? VPC_MTU : INTERNET_MTU,
    group: peering.ordinal,
    alias: id,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: farMacOf(end) }],
  };
}

/**
 * Which links lead to other VPCs, and which addresses may come by each: by a peering those of the peered VPC alone, so
 * that nobody reaches a VPC through another (semantics S111, S112); by a transit gateway any.
 */
export function peeringSets(
  ends: readonly PeeringEnd[],
  transit: readonly TransitGatewayVpcAttachment[],
): NftSet[] {
  return [
    {
      name: 'peerings',
      type: 'devgroup',
      isInterval: false,
      elements: [...ends.map(({ peering }) => peering), ...transit].map(({ ordinal }) => String(ordinal)),
    },
    {
      name: 'peer_addresses',
      type: 'devgroup . ipv4_addr',
      isInterval: true,
      elements: [
        ...ends.flatMap(({ peering, peer }) =>
          blocksOfVpc(peer).map((block) => `${peering.ordinal} . ${block}`),
        ),
        // Whose packets a transit gateway sends here is up to its own tables.
        ...transit.map(({ ordinal }) => `${ordinal} . 0.0.0.0/0`),
      ],
    },
  ];
}
