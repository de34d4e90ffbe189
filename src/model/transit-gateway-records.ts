import type { Taggable } from './records.ts';

export type TransitGatewayState = 'pending' | 'available' | 'modifying' | 'deleting' | 'deleted';

/** A regional router between VPCs. */
export interface TransitGateway extends Taggable {
  readonly transitGatewayId: string;
  readonly ordinal: number;
  readonly state: TransitGatewayState;
  readonly description: string;
  readonly creationTime: string;
  readonly deleteTime?: string;
  readonly options: TransitGatewayOptions;
}

/** AWS's own words for what a transit gateway does by itself. */
export interface TransitGatewayOptions {
  readonly amazonSideAsn: number;
  readonly transitGatewayCidrBlocks: readonly string[];
  readonly autoAcceptSharedAttachments: Ability;
  readonly defaultRouteTableAssociation: Ability;
  /** Stays known while the default association is disabled, but is shown only while enabled. */
  readonly associationDefaultRouteTableId?: string;
  readonly defaultRouteTablePropagation: Ability;
  readonly propagationDefaultRouteTableId?: string;
  readonly vpnEcmpSupport: Ability;
  readonly dnsSupport: Ability;
  readonly securityGroupReferencingSupport: Ability;
  readonly multicastSupport: Ability;
}

export type Ability = 'enable' | 'disable';

/** A route table of a transit gateway. */
export interface TransitGatewayRouteTable extends Taggable {
  readonly transitGatewayRouteTableId: string;
  /** Also the number of the kernel's routing table in the transit gateway's machine. */
  readonly ordinal: number;
  readonly transitGatewayId: string;
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted';
  readonly creationTime: string;
  readonly deleteTime?: string;
  /** The routes that the user made; the propagated ones are computed from the attachments. */
  readonly staticRoutes: readonly TransitGatewayStaticRoute[];
}

export interface TransitGatewayStaticRoute {
  /** Canonical. */
  readonly destinationCidrBlock: string;
  /** Absent for a route that drops its packets. */
  readonly transitGatewayAttachmentId?: string;
}

/** The attachment of a VPC to a transit gateway, by one subnet a zone. */
export interface TransitGatewayVpcAttachment extends Taggable {
  readonly transitGatewayAttachmentId: string;
  /** Also the link group of its ends in both routers. */
  readonly ordinal: number;
  readonly transitGatewayId: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Its requester-managed interfaces, one in each subnet. */
  readonly networkInterfaceIds: readonly string[];
  readonly state: 'pending' | 'available' | 'modifying' | 'deleting' | 'deleted';
  readonly creationTime: string;
  readonly deleteTime?: string;
  readonly options: TransitGatewayVpcAttachmentOptions;
  /** The one table that routes what comes from this attachment. */
  readonly association?: TransitGatewayAssociation;
  /** The tables that know the way to the VPC. */
  readonly propagations: readonly TransitGatewayPropagation[];
}

export interface TransitGatewayVpcAttachmentOptions {
  readonly dnsSupport: Ability;
  readonly securityGroupReferencingSupport: Ability;
  readonly ipv6Support: Ability;
  readonly applianceModeSupport: Ability;
}

export interface TransitGatewayAssociation {
  readonly transitGatewayRouteTableId: string;
  readonly state: 'associating' | 'associated' | 'disassociating';
}

export interface TransitGatewayPropagation {
  readonly transitGatewayRouteTableId: string;
  readonly state: 'enabling' | 'enabled' | 'disabling';
}
