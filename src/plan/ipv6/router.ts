import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { NetworkInterface, Subnet, Vpc } from '../../model/records.ts';
import type { TransitGatewayVpcAttachment } from '../../model/transit-gateway-records.ts';
import type { World } from '../../model/world.ts';
import { formatIpv6, ipv6CidrOf } from '../../net/ipv6.ts';
import { planNetworkAcls } from '../acl.ts';
import { IPV6 } from '../family.ts';
import { countFlows, loggedInterfaces } from '../flow-logs.ts';
import { planSecurityGroups } from '../groups.ts';
import { planJudged } from '../judged.ts';
import type { Ipv6Stack, Link } from '../machine.ts';
import { farLinkLocalOf, farMacOf, type PeeringEnd, peeringLinkName } from '../peering.ts';
import {
  EGRESS_ONLY_LINK,
  FAR_LINK_LOCAL,
  FAR_MAC,
  INTERNET,
  INTERNET_GATEWAY_LINK,
  INTERNET_MTU,
  linkName,
  ROUTER_MAC,
} from '../places.ts';
import type { RoutingPlan } from '../routing.ts';
import type { NftMap, NftSet, Ruleset } from '../ruleset.ts';
import { transitLinkName } from '../transit-links.ts';
import { planIpv6Routing } from './routing.ts';
import { IPV6_STAGE_CHAINS } from './stage-chains.ts';

/** What the IPv6 side of a router shares with the other. */
export interface RouterParts {
  /** The present ones, by ordinal. */
  readonly interfaces: readonly NetworkInterface[];
  readonly peeringEnds: readonly PeeringEnd[];
  /** The attachments to transit gateways that carry IPv6. */
  readonly transitEnds: readonly TransitGatewayVpcAttachment[];
  /** Subnet by link group: which route table and which network ACL it uses, and that within it none is asked. */
  readonly subnetSets: readonly NftSet[];
  readonly subnetMaps: readonly NftMap[];
}

/** The IPv6 side of a VPC's router (decision 0008); undefined while the VPC has no IPv6 block. */
export function planIpv6Router(world: World, vpc: Vpc, parts: RouterParts): Ipv6Stack | undefined {
  if (ipv6BlocksOf(vpc).length === 0) return undefined;
  const { interfaces, peeringEnds, transitEnds } = parts;
  const routing = planIpv6Routing(world, vpc, peeringEnds, transitEnds);
  return {
    addresses: world.subnets.where('vpcId', vpc.vpcId).flatMap(routerAddresses).toSorted(byAddress),
    neighbours: [
      ...gatewayLinksOf(world, vpc).map((link) => ({ link, address: FAR_LINK_LOCAL, mac: FAR_MAC })),
      ...peeringEnds.map((end) => ({
        link: peeringLinkName(end.peering.vpcPeeringConnectionId),
        address: farLinkLocalOf(end),
        mac: farMacOf(end),
      })),
      ...transitEnds.map((end) => ({ link: transitLinkName(end), address: FAR_LINK_LOCAL, mac: FAR_MAC })),
      ...interfaces.flatMap(({ networkInterfaceId, ipv6Addresses, macAddress: mac }) =>
        ipv6Addresses.map((address) => ({ link: linkName('v', networkInterfaceId), address, mac })),
      ),
    ],
    ...routing,
    ruleset: planRuleset(world, vpc, parts, routing),
  };
}

/** Each IPv6 subnet's second address is the router's (semantics S5). */
function routerAddresses(subnet: Subnet): { link: string; address: string }[] {
  return ipv6BlocksOf(subnet).map((block) => ({
    link: 'lo',
    address: `${formatIpv6(ipv6CidrOf(block).first + 1n)}/128`,
  }));
}

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : 1;
}

/** The router's links to the Internet that IPv6 leaves by. */
function gatewayLinksOf(world: World, { vpcId }: Vpc): string[] {
  const hasInternetGateway = world.internetGateways.where('vpcId', vpcId).length > 0;
  const hasEgressOnly = world.egressOnlyInternetGateways.where('vpcId', vpcId).length > 0;
  return [
    ...(hasInternetGateway ? [INTERNET_GATEWAY_LINK] : []),
    ...(hasEgressOnly ? [EGRESS_ONLY_LINK] : []),
  ];
}

/** The router's link to the Internet by the VPC's egress-only internet gateway, where it has one. */
export function egressOnlyLinks(world: World, { vpcId }: Vpc): Link[] {
  const [gateway] = world.egressOnlyInternetGateways.where('vpcId', vpcId);
  if (gateway === undefined) return [];
  return [
    {
      name: EGRESS_ONLY_LINK,
      peer: { machine: INTERNET, name: linkName('o', vpcId) },
      mac: ROUTER_MAC,
      mtu: INTERNET_MTU,
      group: 0,
      alias: gateway.egressOnlyInternetGatewayId,
      addresses: [],
      neighbours: [],
    },
  ];
}

function planRuleset(
  world: World,
  vpc: Vpc,
  { interfaces, peeringEnds, transitEnds, subnetSets, subnetMaps }: RouterParts,
  routing: RoutingPlan,
): Ruleset {
  const acls = planNetworkAcls(world, vpc.vpcId, IPV6);
  const groups = planSecurityGroups(world, vpc.vpcId, IPV6);
  const judged = planJudged({
    // No interface forwards IPv6.
    interfaces: [],
    acls,
    groups,
    routing,
    isAttachedToTransitGateway: transitEnds.length > 0,
  });
  const gate = (name: string, key: 'devgroup' | 'ifname', elements: NftMap['elements']): NftMap => ({
    name,
    type: `${key} : verdict`,
    isInterval: false,
    elements,
  });
  const ruleset: Ruleset = {
    table: 'cloudcroft',
    sets: [
      ...interfaceSets(interfaces, transitEnds),
      ...subnetSets,
      ...peeringSets(peeringEnds, transitEnds),
      ...groups.sets,
    ],
    maps: [
      ...subnetMaps,
      gate('network_acl_of_source', 'devgroup', acls.outgoing),
      gate('network_acl_of_destination', 'devgroup', acls.incoming),
      gate('security_groups_of_source', 'ifname', groups.egress),
      gate('security_groups_of_destination', 'ifname', groups.ingress),
      ...judged,
      ...acls.maps,
      ...groups.maps,
    ],
    chains: [...acls.chains, ...groups.chains, ...IPV6_STAGE_CHAINS],
  };
  const gates = [...acls.chains, ...groups.chains];
  return countFlows(ruleset, loggedInterfaces(world, interfaces), gates, IPV6);
}

function interfaceSets(
  interfaces: readonly NetworkInterface[],
  transitEnds: RouterParts['transitEnds'],
): NftSet[] {
  const link = (eni: NetworkInterface): string => `"${linkName('v', eni.networkInterfaceId)}"`;
  return [
    {
      name: 'interface_addresses',
      type: 'ifname . ipv6_addr',
      isInterval: false,
      elements: interfaces.flatMap((eni) => eni.ipv6Addresses.map((address) => `${link(eni)} . ${address}`)),
    },
    {
      name: 'unchecked_interfaces',
      type: 'ifname',
      isInterval: false,
      elements: interfaces.filter((eni) => !eni.sourceDestCheck).map(link),
    },
    {
      // By an egress-only internet gateway, and by a transit gateway (semantics S84).
      name: 'always_tracked',
      type: 'ifname',
      isInterval: false,
      elements: [EGRESS_ONLY_LINK, ...transitEnds.map(transitLinkName)].map((link) => `"${link}"`),
    },
  ];
}

/** Which links lead to other VPCs, and which addresses may come by each, as for IPv4 (semantics S111, S112). */
function peeringSets(ends: readonly PeeringEnd[], transitEnds: RouterParts['transitEnds']): NftSet[] {
  return [
    {
      name: 'peerings',
      type: 'devgroup',
      isInterval: false,
      elements: [...ends.map(({ peering }) => peering), ...transitEnds].map(({ ordinal }) => String(ordinal)),
    },
    {
      name: 'peer_addresses',
      type: 'devgroup . ipv6_addr',
      isInterval: true,
      elements: [
        ...ends.flatMap(({ peering, peer }) =>
          ipv6BlocksOf(peer).map((block) => `${peering.ordinal} . ${block}`),
        ),
        ...transitEnds.map(({ ordinal }) => `${ordinal} . ::/0`),
      ],
    },
  ];
}
