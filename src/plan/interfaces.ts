import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import { type Link, MAIN_TABLE, type Machine } from './machine.ts';
import { linkName, VPC_MTU } from './places.ts';
import type { Ruleset } from './ruleset.ts';

/** A NAT gateway drops idle TCP connections after 350 seconds (semantics S51). */
const NAT_IDLE_SECONDS = '350';

/** What an instance's kernel is told before its link comes up. The rest is the business of its own root. */
const GUEST_SYSCTLS: Readonly<Record<string, string>> = {
  // Lets any user of the instance ping without a capability, as distributions do.
  'net/ipv4/ping_group_range': '0 65535',
};

const NAT_SYSCTLS: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/netfilter/nf_conntrack_tcp_timeout_established': NAT_IDLE_SECONDS,
};

/** The namespace behind an interface: an instance's own network, or a NAT gateway. */
export function planInterface(world: World, eni: NetworkInterface): Machine {
  const subnet = world.subnets.get(eni.subnetId);
  if (subnet === undefined) throw new Error(`${eni.networkInterfaceId} stands in no subnet`);
  const cidr = cidrOf(subnet.cidrBlock);
  const gateway = formatIpv4(cidr.first + 1);
  const isNat = eni.interfaceType === 'nat_gateway';
  return {
    name: eni.networkInterfaceId,
    sysctls: isNat ? NAT_SYSCTLS : GUEST_SYSCTLS,
    links: [{ name: 'lo', addresses: [], neighbours: [] }, guestLink(eni, cidr.prefixLength)],
    routes: [{ table: MAIN_TABLE, destination: '0.0.0.0/0', type: 'unicast', via: gateway, device: 'eth0' }],
    rules: [],
    ruleset: isNat ? planNat(eni) : undefined,
  };
}

function guestLink(eni: NetworkInterface, prefixLength: number): Link {
  return {
    name: 'eth0',
    peer: { machine: eni.vpcId, name: linkName('v', eni.networkInterfaceId) },
    mac: eni.macAddress,
    mtu: VPC_MTU,
    group: 0,
    alias: eni.networkInterfaceId,
    addresses: eni.privateIpAddresses.map((address) => `${address}/${prefixLength}`),
    neighbours: [],
  };
}

/**
 * A NAT gateway forwards TCP, UDP and ICMP of others under its own address (S49, S52), lets nothing in that did not begin
 * inside (S54), and answers nothing addressed to itself.
 */
function planNat(eni: NetworkInterface): Ruleset {
  const [address] = eni.privateIpAddresses;
  if (address === undefined) throw new Error(`${eni.networkInterfaceId} has no private address`);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
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
        rules: [
          // Any port from 1024 to 65535 (S50), not the client's own if free: ACLs must expect them all. ICMP has none.
          `oifname "eth0" meta l4proto { tcp, udp } snat to ${address}:1024-65535 fully-random`,
          `oifname "eth0" meta l4proto icmp snat to ${address}`,
        ],
      },
    ],
  };
}
