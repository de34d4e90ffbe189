import type { Taggable } from './records.ts';

export type VpcPeeringStatusCode =
  | 'initiating-request'
  | 'pending-acceptance'
  | 'provisioning'
  | 'active'
  | 'deleting'
  | 'deleted'
  | 'rejected'
  | 'failed'
  | 'expired';

/**
 * A peering connection of two VPCs (semantics S108–S114). The worlds of both hold a copy of it: alike, but for the tags
 * and for how long it stays visible once it is over.
 */
export interface VpcPeeringConnection extends Taggable {
  readonly vpcPeeringConnectionId: string;
  /** Also the link group of its ends in the routers of both VPCs. */
  readonly ordinal: number;
  readonly requester: VpcPeeringSide;
  readonly accepter: VpcPeeringSide;
  /** The VPCs of both sides, by which it is looked up. */
  readonly vpcIds: readonly string[];
  readonly status: { readonly code: VpcPeeringStatusCode; readonly message: string };
  /** Until when it can be accepted. */
  readonly expirationTime: string;
  /** Until when it is shown, once it is over. */
  readonly visibleUntil?: string;
}

export interface VpcPeeringSide {
  readonly account: string;
  readonly region: string;
  readonly vpcId: string;
  /** Whether the other side resolves public names of this VPC's instances to private addresses (semantics S114). */
  readonly allowDnsResolutionFromRemoteVpc: boolean;
}
