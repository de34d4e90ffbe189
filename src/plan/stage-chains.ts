import { gateChains } from './gate-chains.ts';
import { INTERNET_GATEWAY_LINK, RESOLVER_PLUS_TWO_ADDRESS, SERVICES_LINK } from './places.ts';
import type { NftChain } from './ruleset.ts';

/**
 * The stages of a packet's path, the same in every router; what differs from VPC to VPC stands in sets and maps.
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
  ...gateChains('ip'),
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
