import { ENDPOINT_PORTS } from '../model/interface-endpoints.ts';
import type { NetworkInterface } from '../model/records.ts';
import { type KernelRoute, type Link, MAIN_TABLE, type RoutingRule } from './machine.ts';
import { FAR_END, FAR_MAC, linkName, NEAR_END, ROUTER_MAC, SERVICES, VPC_MTU } from './places.ts';
import type { Ruleset } from './ruleset.ts';
import { serviceAddressOf } from './service-addresses.ts';

/** The far side of an endpoint's interface: its link to whatever serves. */
const SERVICE_LINK = 'service';

/** The services answer at each endpoint's address by a table of its own, this plus the interface's ordinal. */
const FIRST_ENDPOINT_TABLE = 1_000_000;

const ENDPOINT_PRIORITY = 100;

/** What an endpoint's interface has besides its place in the subnet: a link to the services, and the way there. */
export function planServiceSide(eni: NetworkInterface): { readonly link: Link; readonly route: KernelRoute } {
  return {
    link: {
      name: SERVICE_LINK,
      peer: { machine: SERVICES, name: linkName('e', eni.networkInterfaceId) },
      mac: ROUTER_MAC,
      mtu: VPC_MTU,
      group: 0,
      alias: eni.networkInterfaceId,
      addresses: [],
      neighbours: [{ address: FAR_END, mac: FAR_MAC }],
    },
    route: {
      table: MAIN_TABLE,
      destination: `${serviceAddressOf(eni)}/32`,
      type: 'unicast',
      via: FAR_END,
      device: SERVICE_LINK,
      isOnlink: true,
    },
  };
}

/**
 * An endpoint's interface turns its own address into its service address and back, nothing else: the services see the
 * client's private address, and know by the address they were called at which endpoint it came by (semantics S104).
 */
export function planEndpointRuleset(eni: NetworkInterface): Ruleset {
  const [own] = eni.privateIpAddresses;
  if (own === undefined) throw new Error(`${eni.networkInterfaceId} has no private address`);
  const service = serviceAddressOf(eni);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
      {
        name: 'endpoint_in',
        hook: { type: 'filter', hook: 'prerouting', priority: -310, policy: 'accept' },
        rules: [`iifname "eth0" ip daddr ${own} ip daddr set ${service}`],
      },
      { name: 'input', hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' }, rules: [] },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: [
          `iifname "eth0" oifname "${SERVICE_LINK}" ip daddr ${service} tcp dport { ${ENDPOINT_PORTS.join(', ')} } accept`,
          `iifname "${SERVICE_LINK}" oifname "eth0" ip saddr ${service} accept`,
        ],
      },
      {
        name: 'endpoint_out',
        hook: { type: 'filter', hook: 'postrouting', priority: 300, policy: 'accept' },
        rules: [`oifname "eth0" ip saddr ${service} ip saddr set ${own}`],
      },
    ],
  };
}

/** What the services' machine has for an endpoint's interface: its end of the link, and answers that go back by it. */
export function planServicesEnd(eni: NetworkInterface): {
  readonly link: Link;
  readonly route: KernelRoute;
  readonly rule: RoutingRule;
} {
  const name = linkName('e', eni.networkInterfaceId);
  const table = FIRST_ENDPOINT_TABLE + eni.ordinal;
  return {
    link: {
      name,
      peer: { machine: eni.networkInterfaceId, name: SERVICE_LINK },
      mac: FAR_MAC,
      mtu: VPC_MTU,
      alias: eni.networkInterfaceId,
      addresses: [],
      neighbours: [{ address: NEAR_END, mac: ROUTER_MAC }],
    },
    route: { table, destination: '0.0.0.0/0', type: 'unicast', via: NEAR_END, device: name, isOnlink: true },
    rule: { priority: ENDPOINT_PRIORITY, source: `${serviceAddressOf(eni)}/32`, table },
  };
}
