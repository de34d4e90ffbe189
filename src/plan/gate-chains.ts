import { renderBits, UNTRACKED, UNTRACKED_BY_RECEIVER, UNTRACKED_BY_SENDER } from './connection-marks.ts';
import type { NftChain, NftFamily } from './ruleset.ts';

const SENDER = renderBits(UNTRACKED_BY_SENDER);
const RECEIVER = renderBits(UNTRACKED_BY_RECEIVER);

/** NAT gateways, load balancers, endpoints, transit gateways and appliances track every connection (semantics S84). */
const UNLESS_ALWAYS_TRACKED = ['iifname @always_tracked return', 'oifname @always_tracked return'] as const;

/**
 * The gates that a packet forwarded by a router meets, and what remembers it; for IPv4 and IPv6 they are the same but for
 * the word. They `return` when they let a packet on, so that none can skip another; `deliver` alone accepts.
 */
export function gateChains(family: NftFamily): readonly NftChain[] {
  return [
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
        `oifname . ${family} daddr @interface_addresses goto remember`,
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
  ];
}
