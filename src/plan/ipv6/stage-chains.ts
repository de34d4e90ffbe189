import { gateChains } from '../gate-chains.ts';
import { EGRESS_ONLY_LINK, INTERNET_GATEWAY_LINK } from '../places.ts';
import type { NftChain } from '../ruleset.ts';

/**
 * The stages of an IPv6 packet's path, the same in every router, under the names of IPv4's (`../stage-chains.ts`). There
 * is less of them: nothing is translated, and no service stands in the VPC.
 */
export const IPV6_STAGE_CHAINS: readonly NftChain[] = [
  {
    name: 'source_check',
    hook: { type: 'filter', hook: 'prerouting', priority: -310, policy: 'accept' },
    rules: [
      'iifname . ip6 saddr @interface_addresses goto route',
      `iifname "${INTERNET_GATEWAY_LINK}" return`,
      `iifname "${EGRESS_ONLY_LINK}" return`,
      'iifgroup @peerings goto peering_in',
      // What a kernel says to its neighbours: a VPC carries no multicast, and is told who its neighbours are.
      'ip6 daddr ff00::/8 drop',
      'iifname @unchecked_interfaces goto route',
      'iifname "lo" return',
      'counter drop comment "source/destination check"',
    ],
  },
  {
    name: 'peering_in',
    rules: ['iifgroup . ip6 saddr @peer_addresses return', 'counter drop comment "not from the peered VPC"'],
  },
  {
    name: 'route',
    rules: ['meta mark set iifgroup map @route_table_of'],
  },
  {
    name: 'forward',
    hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
    rules: [
      'ct state established ct direction . ct mark vmap @judged',
      'iifgroup @peerings oifgroup != @subnets counter drop comment "no way through a VPC"',
      `iifname "${EGRESS_ONLY_LINK}" jump egress_only_gateway_in`,
      'jump network_acl_out',
      'jump network_acl_in',
      'ct state vmap { established : goto established, related : goto destination_check, invalid : drop }',
      'jump egress_security_group',
      'jump ingress_security_group',
      'goto destination_check',
    ],
  },
  {
    name: 'egress_only_gateway_in',
    rules: [
      'ct state { established, related } return',
      'counter drop comment "egress-only: nothing begins outside"',
    ],
  },
  ...gateChains('ip6'),
  {
    name: 'egress_only_gateway_out',
    hook: { type: 'filter', hook: 'postrouting', priority: 300, policy: 'accept' },
    rules: [
      `oifname "${EGRESS_ONLY_LINK}" ct direction reply counter drop comment "egress-only: it did not see this begin"`,
    ],
  },
];
