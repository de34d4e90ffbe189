import type { Mutate } from './rules-proof.ts';

/** A machine's chains with one rule changed; the same object where no rule was. */
function spoil(text: string, change: (rule: string) => readonly string[]): Mutate {
  return (machines) =>
    machines.map((machine) => {
      if (machine.ruleset === undefined) return machine;
      const chains = machine.ruleset.chains.map((chain) => ({
        ...chain,
        rules: chain.rules.flatMap((rule) => (rule.includes(text) ? change(rule) : [rule])),
      }));
      return { ...machine, ruleset: { ...machine.ruleset, chains } };
    });
}

const gone = (): string[] => [];

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
  [
    'no source/destination check',
    spoil('counter drop comment "source/destination check"', (rule) => [rule.replace('drop', 'accept')]),
  ],
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
