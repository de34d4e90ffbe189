import { renderBits, UNTRACKED, UNTRACKED_BY_RECEIVER, UNTRACKED_BY_SENDER } from './connection-marks.ts';
import { INTERNET_GATEWAY_LINK, RESOLVER_PLUS_TWO_ADDRESS, SERVICES_LINK } from './places.ts';
import type { NftChain } from './ruleset.ts';

const SENDER = renderBits(UNTRACKED_BY_SENDER);
const RECEIVER = renderBits(UNTRACKED_BY_RECEIVER);

/** NAT gateways, load balancers, endpoints, transit gateways and appliances track every connection (semantics S84). */
const UNLESS_ALWAYS_TRACKED = ['iifname @always_tracked return', 'oifname @always_tracked return'] as const;

/**
 * The stages of a packet's path, the same in every router; what differs from VPC to VPC stands in sets and maps. The
 * gates are chains that `return` when they let a packet on, so that none can skip another; `deliver` alone accepts.
 */
export const STAGE_CHAINS: readonly NftChain[] = [
  {
    name: 'source_check',
    // Before defragmentation (-400 is earlier still) and connection tracking (-200): all that follows sees private addresses.
    hook: { type: 'filter', hook: 'prerouting', priority: -310, policy: 'accept' },
    rules: [
      // The commonest first: what every packet is asked costs every packet.
      'iifname . ip saddr @interface_addresses goto route',
      `iifname vmap { "${INTERNET_GATEWAY_LINK}" : goto internet_gateway_in, "${SERVICES_LINK}" : goto services_in }`,
      'iifgroup @peerings goto peering_in',
      'iifname @unchecked_interfaces goto route',
      'iifname "lo" return',
      'counter drop comment "source/destination check"',
    ],
  },
  {
    name: 'internet_gateway_in',
    rules: [
      'ip daddr set ip daddr map @public_to_private goto gateway_route',
      'counter drop comment "no such public address"',
    ],
  },
  {
    name: 'gateway_route',
    rules: ['meta mark set iifname map @route_table_of_gateway'],
  },
  {
    name: 'services_in',
    rules: [
      'ip daddr set ip daddr map @service_to_private return',
      'counter drop comment "no such service address"',
    ],
  },
  {
    name: 'peering_in',
    // No route table is asked: what comes from a peer goes to an interface of this VPC or nowhere.
    rules: ['iifgroup . ip saddr @peer_addresses return', 'counter drop comment "not from the peered VPC"'],
  },
  {
    name: 'route',
    rules: [
      `ip daddr @resolver_plus_two ip daddr set ${RESOLVER_PLUS_TWO_ADDRESS}`,
      // Within a subnet no route table is asked (semantics S31).
      'iifgroup . ip daddr @own_subnets return',
      'meta mark set iifgroup map @route_table_of',
    ],
  },
  {
    name: 'forward',
    hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
    rules: [
      'ct state established ct direction . ct mark vmap @judged',
      'iifgroup @peerings oifgroup != @subnets counter drop comment "no way through a VPC"',
      `oifname "${SERVICES_LINK}" ip daddr @amazon_services goto deliver`,
      `iifname "${SERVICES_LINK}" ip saddr @amazon_services goto deliver`,
      'jump network_acl_out',
      'jump network_acl_in',
      'ct state vmap { established : goto established, related : goto destination_check, invalid : drop }',
      'jump egress_security_group',
      'jump ingress_security_group',
      'goto destination_check',
    ],
  },
  {
    name: 'established',
    // Tracked connections go on whatever the groups say now (semantics S82); the others live by their rules (S81).
    rules: [
      // Where an appliance sends on, it is no end of the connection: its own groups were asked when it began, if it saw that.
      'iifname @always_tracked goto destination_check',
      'oifname @always_tracked goto destination_check',
      `ct direction original ct mark & ${SENDER} == ${SENDER} jump egress_security_group`,
      `ct direction original ct mark & ${RECEIVER} == ${RECEIVER} jump ingress_security_group`,
      `ct direction reply ct mark & ${RECEIVER} == ${RECEIVER} jump egress_security_group`,
      `ct direction reply ct mark & ${SENDER} == ${SENDER} jump ingress_security_group`,
      'goto destination_check',
    ],
  },
  {
    name: 'untracked_out',
    rules: [...UNLESS_ALWAYS_TRACKED, `ct state new ct mark set ct mark | ${SENDER}`],
  },
  {
    name: 'untracked_in',
    rules: [...UNLESS_ALWAYS_TRACKED, `ct state new ct mark set ct mark | ${RECEIVER}`],
  },
  {
    name: 'network_acl_out',
    rules: [
      'iifgroup . oifgroup vmap @within_subnet',
      'iifgroup vmap @network_acl_of_source',
      'iifgroup != @subnets return',
      'counter drop comment "subnet without a network ACL"',
    ],
  },
  {
    name: 'network_acl_in',
    rules: [
      'iifgroup . oifgroup vmap @within_subnet',
      'oifgroup vmap @network_acl_of_destination',
      'oifgroup != @subnets return',
      'counter drop comment "subnet without a network ACL"',
    ],
  },
  {
    name: 'egress_security_group',
    rules: [
      'iifname vmap @security_groups_of_source',
      'iifgroup != @subnets return',
      'counter drop comment "interface without security groups"',
    ],
  },
  {
    name: 'ingress_security_group',
    rules: [
      'oifname vmap @security_groups_of_destination',
      'oifgroup != @subnets return',
      'counter drop comment "interface without security groups"',
    ],
  },
  {
    name: 'destination_check',
    rules: [
      'oifname . ip daddr @interface_addresses goto remember',
      'oifgroup != @subnets goto remember',
      'oifname @unchecked_interfaces goto remember',
      'counter drop comment "source/destination check"',
    ],
  },
  {
    name: 'remember',
    // What passed every gate, for `judged`; an error about a connection is no packet of it.
    rules: [
      'ct state related goto deliver',
      'ct mark set ct direction . ct mark map @judged_other_way goto deliver',
      `ct mark set ct mark & ${renderBits(UNTRACKED)}`,
      'ct mark set ct direction . ct mark map @judged_this_way goto deliver',
      'goto deliver',
    ],
  },
  { name: 'deliver', rules: ['counter accept'] },
  {
    name: 'input',
    // The router's own addresses answer ARP and nothing else, as at AWS.
    hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' },
    rules: [],
  },
  {
    name: 'internet_gateway',
    // After everything else: the filters and connection tracking have seen the private address.
    hook: { type: 'filter', hook: 'postrouting', priority: 300, policy: 'accept' },
    rules: [
      // The resolver answers in the name by which it was asked: the VPC's base plus two.
      `iifname "${SERVICES_LINK}" ip saddr set ip saddr map @resolver_as_asked`,
      `oifname vmap { "${INTERNET_GATEWAY_LINK}" : goto internet_gateway_out, "${SERVICES_LINK}" : goto services_out }`,
    ],
  },
  {
    name: 'internet_gateway_out',
    rules: [
      'ip saddr set ip saddr map @private_to_public return',
      'counter drop comment "no public address"',
    ],
  },
  {
    name: 'services_out',
    rules: [
      'ip saddr set ip saddr map @private_to_service return',
      'counter drop comment "no service address"',
    ],
  },
];
