import { ipv4BlocksOf } from '../model/addressing.ts';
import { isOfferedService } from '../model/endpoint-dns.ts';
import { endpointOfInterface } from '../model/interface-endpoints.ts';
import { endpointsBeforeNode, nodeBehindEndpoint } from '../model/private-link.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { formatCidr } from '../net/cidr.ts';
import { planEndpointRuleset, planServiceSide } from './endpoints.ts';
import { planIpv6Interfaces } from './ipv6/interfaces.ts';
import { planNodeRuleset } from './load-balancers.ts';
import { type Link, MAIN_TABLE, type Machine } from './machine.ts';
import { planNatRuleset } from './nat-gateways.ts';
import { linkName, VPC_MTU } from './places.ts';
import { standingOf } from './presence.ts';
import { planConsumerRuleset, planConsumerSide, planProviderSide, type ServiceSide } from './private-link.ts';
import type { Ruleset } from './ruleset.ts';

/** A NAT gateway drops idle TCP connections after 350 seconds (semantics S51), and so do load balancers and PrivateLink. */
const NAT_IDLE_SECONDS = '350';

/** What an instance's kernel is told before its link comes up. The rest is the business of its own root. */
const GUEST_SYSCTLS: Readonly<Record<string, string>> = {
  // Lets any user of the instance ping without a capability, as distributions do.
  'net/ipv4/ping_group_range': '0 65535',
};

/** What stands between two networks forwards, and takes packets that come back by another way than they went. */
const FORWARDING_SYSCTLS: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/ip_early_demux': '0',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
};

const NAT_SYSCTLS: Readonly<Record<string, string>> = {
  ...FORWARDING_SYSCTLS,
  'net/netfilter/nf_conntrack_tcp_timeout_established': NAT_IDLE_SECONDS,
};

/**
 * What an instance routes by for what it sends from an interface besides its first one: table and priority are this plus
 * the device index, as Amazon Linux sets it up.
 */
const FIRST_INTERFACE_TABLE = 10_000;

/**
 * The namespace behind interfaces: an instance's own network; or a NAT gateway's, an endpoint's or a load balancer's
 * node's, which have one interface only. `worlds` are searched for the other side of endpoints to services of accounts.
 */
export function planInterfaces(
  world: World,
  name: string,
  interfaces: readonly NetworkInterface[],
  worlds: readonly World[],
): Machine {
  const [only] = interfaces;
  if (only?.interfaceType === 'vpc_endpoint') return planEndpoint(world, name, only, worlds);
  if (only?.interfaceType === 'network_load_balancer') return planNode(world, name, only, worlds);
  const nat = interfaces.find(({ interfaceType }) => interfaceType === 'nat_gateway');
  const sides = interfaces
    .map((eni) => planSide(world, eni))
    .toSorted((a, b) => (a.link.name < b.link.name ? -1 : 1));
  const ipv6 = planIpv6Interfaces(world, interfaces, (index) => FIRST_INTERFACE_TABLE + index);
  return {
    name,
    sysctls: nat === undefined ? GUEST_SYSCTLS : NAT_SYSCTLS,
    links: [{ name: 'lo', addresses: [], neighbours: [] }, ...sides.map(({ link }) => link)],
    routes: sides.flatMap(({ routes }) => routes),
    rules: sides.flatMap(({ rules }) => rules),
    ruleset: nat === undefined ? undefined : planNatRuleset(world, nat),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

function planEndpoint(world: World, name: string, eni: NetworkInterface, worlds: readonly World[]): Machine {
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint === undefined || !isOfferedService(endpoint.serviceName)) {
    return planBetween(world, name, eni, {
      sysctls: FORWARDING_SYSCTLS,
      others: [planServiceSide(eni)],
      ruleset: planEndpointRuleset(eni),
    });
  }
  const node = nodeBehindEndpoint(worlds, world, eni)?.eni;
  return planBetween(world, name, eni, {
    sysctls: NAT_SYSCTLS,
    others: node === undefined ? [] : [planConsumerSide(eni, node)],
    ruleset: planConsumerRuleset(eni, node),
  });
}

function planNode(world: World, name: string, eni: NetworkInterface, worlds: readonly World[]): Machine {
  return planBetween(world, name, eni, {
    sysctls: NAT_SYSCTLS,
    others: endpointsBeforeNode(worlds, world, eni).map((placed) => planProviderSide(placed, eni)),
    ruleset: planNodeRuleset(world, eni),
  });
}

/** What stands between its subnet and the other sides, and hands packets from one to the other. */
function planBetween(
  world: World,
  name: string,
  eni: NetworkInterface,
  {
    sysctls,
    others,
    ruleset,
  }: {
    readonly sysctls: Machine['sysctls'];
    readonly others: readonly ServiceSide[];
    readonly ruleset: Ruleset;
  },
): Machine {
  const subnetSide = planSide(world, eni);
  return {
    name,
    sysctls,
    links: [
      { name: 'lo', addresses: [], neighbours: [] },
      subnetSide.link,
      ...others.map(({ link }) => link),
    ],
    routes: [...subnetSide.routes, ...others.map(({ route }) => route)],
    rules: subnetSide.rules,
    ruleset,
  };
}

/** What one interface brings into its namespace. */
interface Side extends Pick<Machine, 'routes' | 'rules'> {
  readonly link: Link;
}

function planSide(world: World, eni: NetworkInterface): Side {
  const subnet = world.subnets.get(eni.subnetId);
  const [cidr] = subnet === undefined ? [] : ipv4BlocksOf(subnet);
  if (cidr === undefined) throw new Error(`${eni.networkInterfaceId} stands in no subnet with IPv4`);
  const { device } = standingOf(world, eni);
  // A NAT gateway's interface is its only one, whatever index AWS shows of it.
  const index = eni.attachment?.instanceId === undefined ? 0 : eni.attachment.deviceIndex;
  const table = index === 0 ? MAIN_TABLE : FIRST_INTERFACE_TABLE + index;
  const via = formatIpv4(cidr.first + 1);
  const everywhere = { table, destination: '0.0.0.0/0', type: 'unicast', via, device } as const;
  const link = guestLink(eni, device, cidr.prefixLength);
  if (index === 0) return { link, routes: [everywhere], rules: [] };
  // Answers leave by the interface they were asked at: the other would send them with an address that is not its own.
  return {
    link,
    routes: [{ table, destination: formatCidr(cidr), type: 'unicast', device }, everywhere],
    rules: eni.privateIpAddresses.map((address) => ({ priority: table, source: `${address}/32`, table })),
  };
}

function guestLink(eni: NetworkInterface, name: string, prefixLength: number): Link {
  return {
    name,
    peer: { machine: eni.vpcId, name: linkName('v', eni.networkInterfaceId) },
    mac: eni.macAddress,
    mtu: VPC_MTU,
    group: 0,
    alias: eni.networkInterfaceId,
    addresses: eni.privateIpAddresses.map((address) => `${address}/${prefixLength}`),
    neighbours: [],
  };
}
