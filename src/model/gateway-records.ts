import type { Taggable } from './records.ts';

/** The way out to the Internet for IPv6, and in for replies only (semantics S45). Always attached. */
export interface EgressOnlyInternetGateway extends Taggable {
  readonly egressOnlyInternetGatewayId: string;
  readonly vpcId: string;
}

/** What AWS is told of the user's own router at the other end of a VPN. It stands for nothing that packets meet. */
export interface CustomerGateway extends Taggable {
  readonly customerGatewayId: string;
  readonly state: 'available' | 'deleted';
  readonly type: 'ipsec.1';
  /** Number as text, as AWS shows it. At most one of this and `bgpAsnExtended` is there. */
  readonly bgpAsn?: string;
  /** A number above 2147483647. */
  readonly bgpAsnExtended?: string;
  readonly ipAddress?: string;
  readonly certificateArn?: string;
  readonly deviceName?: string;
  readonly deleteTime?: string;
}

/** A virtual private gateway: the AWS end of a VPN. */
export interface VpnGateway extends Taggable {
  readonly vpnGatewayId: string;
  readonly state: 'available' | 'deleted';
  readonly type: 'ipsec.1';
  readonly amazonSideAsn: number;
  readonly availabilityZone?: string;
  /** The VPC it is attached to; absent when detached. */
  readonly vpcId?: string;
  /** The VPC it was detached from last, which AWS shows as `detached`. */
  readonly detachedVpcId?: string;
  readonly deleteTime?: string;
}
