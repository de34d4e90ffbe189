import type { Taggable } from './records.ts';

/** What load balancers and listeners balance: TCP, UDP, or both at one port. */
export type BalancedProtocol = 'TCP' | 'UDP' | 'TCP_UDP';

/** A Network Load Balancer. */
export interface LoadBalancer extends Taggable {
  readonly loadBalancerArn: string;
  readonly loadBalancerName: string;
  readonly dnsName: string;
  readonly scheme: 'internal' | 'internet-facing';
  readonly vpcId: string;
  /** `active` once it carries packets. */
  readonly state: 'provisioning' | 'active';
  readonly createdTime: string;
  /** Its nodes: a requester-managed interface in each of its subnets, one a zone. */
  readonly networkInterfaceIds: readonly string[];
  /** By AWS's names: `deletion_protection.enabled`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where a listener sends what it gets. */
export interface TargetGroup extends Taggable {
  readonly targetGroupArn: string;
  readonly targetGroupName: string;
  readonly protocol: BalancedProtocol;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: 'instance' | 'ip';
  readonly healthCheck: HealthCheck;
  readonly attributes: Readonly<Record<string, string>>;
  readonly targets: readonly BalancedTarget[];
}

/** How the health of targets is asked for: kept as given, and not asked. */
export interface HealthCheck {
  readonly isEnabled: boolean;
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly path?: string;
  readonly successCodes?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** One target: an instance's id or a private address, and the port that it is sent packets at. */
export interface BalancedTarget {
  readonly id: string;
  readonly port: number;
}

/** A port of a load balancer, and the target group behind it. */
export interface Listener extends Taggable {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  /** The load balancer's. */
  readonly vpcId: string;
  readonly protocol: BalancedProtocol;
  readonly port: number;
  readonly targetGroupArn: string;
  readonly attributes: Readonly<Record<string, string>>;
}
