import type { Ruleset } from '../../src/plan/ruleset.ts';
import type { Mutate } from './rules-proof.ts';

/** A ruleset with some of its rules changed. */
function spoilRules(
  ruleset: Ruleset | undefined,
  text: string,
  change: (rule: string) => readonly string[],
): Ruleset | undefined {
  if (ruleset === undefined) return undefined;
  const chains = ruleset.chains.map((chain) => ({
    ...chain,
    rules: chain.rules.flatMap((rule) => (rule.includes(text) ? change(rule) : [rule])),
  }));
  return { ...ruleset, chains };
}

function spoil(text: string, change: (rule: string) => readonly string[]): Mutate {
  return (machines) =>
    machines.map((machine) => ({ ...machine, ruleset: spoilRules(machine.ruleset, text, change) }));
}

function spoilIpv6(text: string, change: (rule: string) => readonly string[]): Mutate {
  return (machines) =>
    machines.map((machine) => {
      const { ipv6 } = machine;
      if (ipv6 === undefined) return machine;
      return { ...machine, ipv6: { ...ipv6, ruleset: spoilRules(ipv6.ruleset, text, change) } };
    });
}

const gone = (): string[] => [];
const accepted = (rule: string): string[] => [rule.replace('drop', 'accept')];

/** Mistakes that the rules could have, each of which the comparison must notice. */
export const MUTANTS: readonly (readonly [string, Mutate])[] = [
  ['no network ACL out of a subnet', spoil('jump network_acl_out', gone)],
  ['no network ACL into a subnet', spoil('jump network_acl_in', gone)],
  ['no security group out', spoil('jump egress_security_group', gone)],
  ['no security group in', spoil('jump ingress_security_group', gone)],
  ['network ACLs within a subnet', spoil('iifgroup . oifgroup vmap @within_subnet', gone)],
  [
    'security groups without memory',
    spoil('established : goto established, ', (rule) => [
      rule.replace('established : goto established, ', ''),
    ]),
  ],
  [
    'network ACLs with a memory',
    spoil('jump network_acl_out', (rule) => ['ct state established goto deliver', rule]),
  ],
  [
    'the wrong way round',
    spoil('vmap @network_acl_of_source', (rule) => [rule.replace('source', 'destination')]),
  ],
  ['route tables within a subnet', spoil('@own_subnets return', gone)],
  ['no source/destination check', spoil('counter drop comment "source/destination check"', accepted)],
  ['an internet gateway that lets nothing in', spoil('@public_to_private', gone)],
  ['an internet gateway without its route table', spoil('@route_table_of_gateway', gone)],
  ['a NAT gateway that answers', spoil('ct state related accept', () => ['accept'])],
  ['a NAT gateway that does not translate', spoil('snat to', gone)],
  [
    'a NAT gateway whose second address is nobody’s',
    spoil('jhash', (rule) => [rule.replace(/, 1 : [0-9.]+/, ', 1 : 10.9.9.9')]),
  ],
  [
    'an endpoint that serves every port',
    spoil('tcp dport { 80, 443 }', (rule) => [rule.replace('tcp dport { 80, 443 } ', '')]),
  ],
  ['an endpoint that answers under a foreign address', spoil('oifname "eth0" ip saddr 100.64', gone)],
];

/** The same of the rules about IPv6. */
export const IPV6_MUTANTS: readonly (readonly [string, Mutate])[] = [
  ['no network ACL out of a subnet', spoilIpv6('jump network_acl_out', gone)],
  ['no network ACL into a subnet', spoilIpv6('jump network_acl_in', gone)],
  ['no security group out', spoilIpv6('jump egress_security_group', gone)],
  ['no security group in', spoilIpv6('jump ingress_security_group', gone)],
  ['network ACLs within a subnet', spoilIpv6('iifgroup . oifgroup vmap @within_subnet', gone)],
  [
    'security groups without memory',
    spoilIpv6('established : goto established, ', (rule) => [
      rule.replace('established : goto established, ', ''),
    ]),
  ],
  [
    'network ACLs with a memory',
    spoilIpv6('jump network_acl_out', (rule) => ['ct state established goto destination_check', rule]),
  ],
  [
    'the wrong way round',
    spoilIpv6('vmap @network_acl_of_source', (rule) => [rule.replace('source', 'destination')]),
  ],
  ['one route table for all', spoilIpv6('@route_table_of', gone)],
  ['an egress-only gateway that lets in', spoilIpv6('jump egress_only_gateway_in', gone)],
  [
    'an egress-only gateway that answers what it did not see begin',
    spoilIpv6('ct direction reply counter drop', gone),
  ],
];

/** Those that only a packet from a foreign address shows. */
export const FORGERY_MUTANTS: readonly (readonly [string, Mutate])[] = [
  ['no source/destination check', spoilIpv6('counter drop comment "source/destination check"', accepted)],
  ['anybody from a peered VPC', spoilIpv6('"not from the peered VPC"', gone)],
];
