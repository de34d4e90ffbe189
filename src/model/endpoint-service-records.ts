import type { Taggable } from './records.ts';

/** A service that an account offers to the VPCs of others (PrivateLink). */
export interface VpcEndpointService extends Taggable {
  readonly serviceId: string;
  /** `com.amazonaws.vpce.<region>.<serviceId>` */
  readonly serviceName: string;
  readonly serviceType: 'Interface' | 'GatewayLoadBalancer';
  readonly isAcceptanceRequired: boolean;
  readonly privateDnsName?: string;
  /** Whether its owner has shown that the name is theirs: endpoints use it only then. */
  readonly isPrivateDnsNameVerified?: boolean;
  readonly networkLoadBalancerArns: readonly string[];
  readonly gatewayLoadBalancerArns: readonly string[];
  readonly supportedIpAddressTypes: readonly ('ipv4' | 'ipv6')[];
  readonly allowedPrincipals: readonly AllowedPrincipal[];
}

export interface AllowedPrincipal {
  readonly servicePermissionId: string;
  /** An ARN, or `*` for everyone. */
  readonly principal: string;
}
