import { NAT_HASH_SEED, natAddressesOf } from '../model/nat-gateways.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { NAT_REFUSALS } from './nat-refusals.ts';
import type { Ruleset } from './ruleset.ts';

/** Any port from 1024 to 65535 (S50), not the client's own if free: ACLs must expect them all. */
const PORTS = ':1024-65535 fully-random';

/**
 * A NAT gateway forwards TCP, UDP and ICMP of others under addresses of its own (S49, S50, S52), lets nothing in that did
 * not begin inside (S54), and answers nothing addressed to itself.
 */
export function planNatRuleset(world: World, eni: NetworkInterface): Ruleset {
  const addresses = natAddressesOf(world, eni);
  if (addresses.length === 0) throw new Error(`${eni.networkInterfaceId} has no private address`);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
      ...NAT_REFUSALS,
      {
        name: 'input',
        hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' },
        rules: ['ct state related accept'],
      },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: ['ct state established,related accept', 'ct state new meta l4proto { icmp, tcp, udp } accept'],
      },
      {
        name: 'nat_gateway',
        hook: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
        rules: planTranslations(addresses),
      },
    ],
  };
}

/** With several addresses a connection's is that of `chooseNatAddress`. ICMP has no ports. */
function planTranslations(addresses: readonly string[]): string[] {
  const [only] = addresses;
  if (addresses.length === 1) {
    return [
      `oifname "eth0" meta l4proto { tcp, udp } snat to ${only}${PORTS}`,
      `oifname "eth0" meta l4proto icmp snat to ${only}`,
    ];
  }
  const map = `map { ${addresses.map((address, index) => `${index} : ${address}`).join(', ')} }`;
  const oneBy = (words: string): string =>
    `jhash ${words} mod ${addresses.length} seed 0x${NAT_HASH_SEED.toString(16)} ${map}`;
  return [
    ...['tcp', 'udp'].map(
      (name) => `oifname "eth0" meta l4proto ${name} snat to ${oneBy(`ip saddr . ${name} sport`)}${PORTS}`,
    ),
    `oifname "eth0" meta l4proto icmp snat to ${oneBy('ip saddr')}`,
  ];
}
