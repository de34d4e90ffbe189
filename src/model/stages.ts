/** A stage of a packet's path through a VPC. */
export interface Stage {
  readonly name: StageName;
  /** The chain of the router's ruleset that carries it; undefined for what the kernel's routing itself does. */
  readonly chain: string | undefined;
  readonly title: string;
  readonly description: string;
}

export type StageName =
  | 'source check'
  | 'egress security group'
  | 'network ACL out'
  | 'route'
  | 'NAT gateway'
  | 'gateway endpoint'
  | 'internet gateway'
  | 'network ACL in'
  | 'ingress security group'
  | 'deliver';

/** Every stage, once, in the order in which a packet that leaves one subnet and enters another meets them. */
export const STAGES: readonly Stage[] = [
  {
    name: 'source check',
    chain: 'source_check',
    title: 'Source/destination check',
    description: 'An interface sends from its own addresses only, unless its check is off (semantics S115).',
  },
  {
    name: 'network ACL out',
    chain: 'network_acl_out',
    title: 'Network ACL of the source subnet, outbound',
    description: 'Stateless, each packet, lowest rule number first; never inside a subnet (S62–S64).',
  },
  {
    name: 'network ACL in',
    chain: 'network_acl_in',
    title: 'Network ACL of the destination subnet, inbound',
    description: 'As outbound; a reply needs its own rule (S63).',
  },
  {
    name: 'egress security group',
    chain: 'egress_security_group',
    title: 'Security groups of the source, outbound',
    description: 'Stateful: the first packet decides, replies pass (S74–S80).',
  },
  {
    name: 'ingress security group',
    chain: 'ingress_security_group',
    title: 'Security groups of the destination, inbound',
    description: 'Stateful; references mean the private addresses of the group’s members (S78).',
  },
  {
    name: 'route',
    chain: 'route',
    title: 'Route table of the source subnet',
    description: 'Longest prefix wins; no route, or one whose target is gone, drops in silence (S20–S28).',
  },
  {
    name: 'NAT gateway',
    chain: 'nat_gateway',
    title: 'NAT gateway',
    description: 'An interface in its own subnet: packets enter and leave that subnet as its own (S46–S60).',
  },
  {
    name: 'gateway endpoint',
    chain: 'services_out',
    title: 'Gateway endpoint',
    description: 'To the service by its prefix list, with the private source address kept (S98–S102).',
  },
  {
    name: 'internet gateway',
    chain: 'internet_gateway',
    title: 'Internet gateway',
    description:
      'Translates private to public address one to one; without a public address it drops (S36–S38).',
  },
  {
    name: 'deliver',
    chain: 'deliver',
    title: 'Delivery',
    description: 'The only place that accepts.',
  },
];
