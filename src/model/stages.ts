/** The stages' names, which reports, traces and the kernel's chains share. */
export type StageName =
  | 'source_check'
  | 'egress_security_group'
  | 'network_acl_out'
  | 'route'
  | 'nat_gateway'
  | 'internet_gateway'
  | 'gateway_endpoint'
  | 'load_balancer'
  | 'network_acl_in'
  | 'ingress_security_group'
  | 'destination_check'
  | 'deliver';

/** A stage of a packet's path through a VPC. */
export interface Stage {
  readonly name: StageName;
  /** The nftables chain that carries it, of the VPC's router, of the NAT gateway or of the load balancer's node. */
  readonly chain: string;
  /** As it is written in front of a line of a path. */
  readonly title: string;
  readonly description: string;
}

/** Every stage, once, in the order in which people speak of them: out of one subnet, through a gateway, into another. */
export const STAGES: readonly Stage[] = [
  {
    name: 'source_check',
    chain: 'source_check',
    title: 'source check',
    description: 'An interface sends from its own addresses only, unless its check is off (semantics S115).',
  },
  {
    name: 'egress_security_group',
    chain: 'egress_security_group',
    title: 'security group, out',
    description: 'The groups of the sender: a rule must allow the first packet, replies pass (S74–S80).',
  },
  {
    name: 'network_acl_out',
    chain: 'network_acl_out',
    title: 'network ACL, out',
    description: 'The edge of the subnet left: stateless, the lowest matching rule number decides (S61–S69).',
  },
  {
    name: 'route',
    chain: 'route',
    title: 'route',
    description: 'The route table of the subnet: the longest prefix wins; no target, no way (S19–S28).',
  },
  {
    name: 'nat_gateway',
    chain: 'nat_gateway',
    title: 'NAT gateway',
    description: 'Sends on under its own address, in its own subnet; nothing comes in by it (S46–S60).',
  },
  {
    name: 'internet_gateway',
    chain: 'internet_gateway',
    title: 'internet gateway',
    description: 'Changes private into public address, one to one; drops what has no public one (S36–S38).',
  },
  {
    name: 'gateway_endpoint',
    chain: 'services_out',
    title: 'gateway endpoint',
    description: 'Carries packets to a service by its prefix list, without the Internet (S98–S102).',
  },
  {
    name: 'load_balancer',
    chain: 'load_balancer',
    title: 'load balancer',
    description: 'Sends what a listener takes on to a target, under its own address.',
  },
  {
    name: 'network_acl_in',
    chain: 'network_acl_in',
    title: 'network ACL, in',
    description:
      'The edge of the subnet entered: stateless, the lowest matching rule number decides (S61–S69).',
  },
  {
    name: 'ingress_security_group',
    chain: 'ingress_security_group',
    title: 'security group, in',
    description: 'The groups of the receiver: a reference to a group means its private addresses (S78).',
  },
  {
    name: 'destination_check',
    chain: 'destination_check',
    title: 'destination check',
    description: 'An interface gets only what is addressed to it, unless its check is off (S115).',
  },
  {
    name: 'deliver',
    chain: 'deliver',
    title: 'deliver',
    description: 'The one place that accepts: no gate before it can be skipped.',
  },
];

/** The title of a stage. */
export function titleOf(name: StageName): string {
  return STAGES.find((stage) => stage.name === name)?.title ?? name;
}
