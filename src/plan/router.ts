import { ipv4BlocksOf } from '../model/addressing.ts';
import { gatewaysOf, gatewayTableOf } from '../model/gateway-route-tables.ts';
import { publicAddressOf } from '../model/public-addresses.ts';
import type { NetworkInterface, Subnet, Vpc } from '../model/records.ts';
import type { TransitGatewayVpcAttachment } from '../model/transit-gateway-records.ts';
import { hasIpv6Support } from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import { type AclPlan, planNetworkAcls } from './acl.ts';
import { countFlows, loggedInterfaces } from './flow-logs.ts';
import { type GroupPlan, planSecurityGroups } from './groups.ts';
import { planIdleTimeouts } from './idle-timeouts.ts';
import { egressOnlyLinks, planIpv6Router } from './ipv6/router.ts';
import { planJudged } from './judged.ts';
import type { Link, Machine } from './machine.ts';
import { type FindWorld, type PeeringEnd, peeringEndsOf, peeringLink, peeringSets } from './peering.ts';
import {
  FAR_END,
  FAR_MAC,
  INTERNET,
  INTERNET_GATEWAY_LINK,
  INTERNET_MTU,
  IPV6_ROUTER_SYSCTLS,
  linkName,
  METADATA_ADDRESS,
  RESOLVER_ADDRESS,
  RESOLVER_PLUS_TWO_ADDRESS,
  ROUTER_MAC,
  ROUTER_SYSCTLS,
  SERVICES,
  SERVICES_LINK,
  VPC_MTU,
} from './places.ts';
import { presentInterfaces, standingOf } from './presence.ts';
import {
  hasRoutesInside,
  kernelTableOf,
  kernelTableOfGateway,
  planRouting,
  type RoutingPlan,
} from './routing.ts';
import type { NftMap, NftMapElement, NftSet, Ruleset } from './ruleset.ts';
import { serviceAddressesOf } from './service-addresses.ts';
import { STAGE_CHAINS } from './stage-chains.ts';
import { transitEndsOf, transitLink, transitLinkName } from './transit-links.ts';

/** The VPC's router: it exists while an interface of the VPC does. */
export function planRouter(world: World, vpc: Vpc, findWorld: FindWorld): Machine | undefined {
  const interfaces = presentInterfaces(world, vpc.vpcId);
  if (interfaces.length === 0) return undefined;
  const hasInternetGateway = world.internetGateways.where('vpcId', vpc.vpcId).length > 0;
  const ends = peeringEndsOf(world, vpc.vpcId, findWorld);
  const transit = transitEndsOf(world, vpc.vpcId);
  const routing = planRouting(world, vpc.vpcId, ends);
  const ipv6 = planIpv6Router(world, vpc, {
    interfaces,
    peeringEnds: ends,
    transitEnds: transit.filter(hasIpv6Support),
    subnetSets: [subnetGroups(world, vpc)],
    subnetMaps: subnetMaps(world, vpc),
  });
  const timeouts = planIdleTimeouts(interfaces);
  return {
    name: vpc.vpcId,
    sysctls: ipv6 === undefined ? ROUTER_SYSCTLS : { ...ROUTER_SYSCTLS, ...IPV6_ROUTER_SYSCTLS },
    links: [
      loopbackOf(world, vpc),
      ...(hasInternetGateway ? [internetGatewayLink(vpc)] : []),
      ...egressOnlyLinks(world, vpc),
      servicesLink(vpc),
      ...ends.map(peeringLink),
      ...transit.map(transitLink),
      ...interfaces.map((eni) => interfaceLink(world, eni)),
    ],
    ...routing,
    ruleset: planRuleset(world, vpc, interfaces, ends, transit, routing),
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

/** Each subnet's first address is the router's (semantics S4). */
function loopbackOf(world: World, vpc: Vpc): Link {
  const gateways = world.subnets
    .where('vpcId', vpc.vpcId)
    .flatMap(ipv4BlocksOf)
    .map(({ first }) => `${formatIpv4(first + 1)}/32`)
    .toSorted();
  return { name: 'lo', addresses: gateways, neighbours: [] };
}

function internetGatewayLink(vpc: Vpc): Link {
  return {
    name: INTERNET_GATEWAY_LINK,
    peer: { machine: INTERNET, name: linkName('i', vpc.vpcId) },
    mac: ROUTER_MAC,
    mtu: INTERNET_MTU,
    group: 0,
    alias: vpc.vpcId,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: FAR_MAC }],
  };
}

function servicesLink(vpc: Vpc): Link {
  return {
    name: SERVICES_LINK,
    peer: { machine: SERVICES, name: linkName('s', vpc.vpcId) },
    mac: ROUTER_MAC,
    mtu: VPC_MTU,
    group: 0,
    alias: vpc.vpcId,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: FAR_MAC }],
  };
}

function interfaceLink(world: World, eni: NetworkInterface): Link {
  const { machine, device } = standingOf(world, eni);
  return {
    name: linkName('v', eni.networkInterfaceId),
    peer: { machine, name: device },
    answersAtOnce: true,
    mac: ROUTER_MAC,
    mtu: VPC_MTU,
    group: world.subnets.get(eni.subnetId)?.ordinal ?? 0,
    alias: eni.networkInterfaceId,
    addresses: [],
    neighbours: eni.privateIpAddresses.map((address) => ({ address, mac: eni.macAddress })),
  };
}

function planRuleset(
  world: World,
  vpc: Vpc,
  interfaces: readonly NetworkInterface[],
  ends: readonly PeeringEnd[],
  transit: readonly TransitGatewayVpcAttachment[],
  routing: RoutingPlan,
): Ruleset {
  const acls = planNetworkAcls(world, vpc.vpcId);
  const groups = planSecurityGroups(world, vpc.vpcId);
  const judged = planJudged({
    interfaces,
    acls,
    groups,
    routing,
    isAttachedToTransitGateway: transit.length > 0,
  });
  const ruleset: Ruleset = {
    table: 'cloudcroft',
    sets: [
      ...planSets(world, vpc, interfaces),
      alwaysTracked(interfaces, transit),
      ...peeringSets(ends, transit),
      ...groups.sets,
    ],
    maps: [...planMaps(world, vpc, interfaces, acls, groups), ...judged, ...acls.maps, ...groups.maps],
    chains: [...acls.chains, ...groups.chains, ...STAGE_CHAINS],
  };
  return countFlows(ruleset, loggedInterfaces(world, interfaces), [...acls.chains, ...groups.chains]);
}

/** A VPC's subnets by ordinal: in the same order whichever was made, or loaded, first. */
function subnetsOf(world: World, vpc: Vpc): Subnet[] {
  return world.subnets.where('vpcId', vpc.vpcId).toSorted((a, b) => a.ordinal - b.ordinal);
}

function planSets(world: World, vpc: Vpc, interfaces: readonly NetworkInterface[]): NftSet[] {
  const subnets = subnetsOf(world, vpc);
  return [
    {
      name: 'interface_addresses',
      type: 'ifname . ipv4_addr',
      isInterval: false,
      elements: interfaces.flatMap((eni) =>
        eni.privateIpAddresses.map((address) => `"${linkName('v', eni.networkInterfaceId)}" . ${address}`),
      ),
    },
    {
      name: 'unchecked_interfaces',
      type: 'ifname',
      isInterval: false,
      elements: interfaces
        .filter((eni) => !eni.sourceDestCheck)
        .map((eni) => `"${linkName('v', eni.networkInterfaceId)}"`),
    },
    {
      name: 'amazon_services',
      type: 'ipv4_addr',
      isInterval: false,
      elements: [METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS],
    },
    {
      name: 'resolver_plus_two',
      type: 'ipv4_addr',
      isInterval: false,
      elements: vpc.enableDnsSupport ? [formatIpv4(cidrOf(vpc.cidrBlock).first + 2)] : [],
    },
    {
      name: 'own_subnets',
      type: 'devgroup . ipv4_addr',
      isInterval: true,
      // Empty it costs next to nothing, and where all tables lead to `local` within the VPC it makes no difference.
      elements: hasRoutesInside(world, vpc)
        ? subnets.flatMap(({ ordinal, cidrBlock }) =>
            cidrBlock === undefined ? [] : [`${ordinal} . ${cidrBlock}`],
          )
        : [],
    },
    subnetGroups(world, vpc),
  ];
}

function subnetGroups(world: World, vpc: Vpc): NftSet {
  return {
    name: 'subnets',
    type: 'devgroup',
    isInterval: false,
    elements: subnetsOf(world, vpc).map(({ ordinal }) => String(ordinal)),
  };
}

const TRACKING_INTERFACES: ReadonlySet<string> = new Set([
  'nat_gateway',
  'network_load_balancer',
  'vpc_endpoint',
]);

/** Links whose connections are tracked whatever the security groups say (semantics S84). */
function alwaysTracked(
  interfaces: readonly NetworkInterface[],
  transit: readonly TransitGatewayVpcAttachment[],
): NftSet {
  const links = [
    ...interfaces
      .filter(
        ({ interfaceType, sourceDestCheck }) => !sourceDestCheck || TRACKING_INTERFACES.has(interfaceType),
      )
      .map(({ networkInterfaceId }) => linkName('v', networkInterfaceId)),
    ...transit.map(transitLinkName),
  ];
  return {
    name: 'always_tracked',
    type: 'ifname',
    isInterval: false,
    elements: links.map((link) => `"${link}"`),
  };
}

function planMaps(
  world: World,
  vpc: Vpc,
  interfaces: readonly NetworkInterface[],
  acls: AclPlan,
  groups: GroupPlan,
): NftMap[] {
  const [routeTables, withinSubnets] = subnetMaps(world, vpc);
  const toPublic: NftMapElement[] = [];
  const toPrivate: NftMapElement[] = [];
  const toService: NftMapElement[] = [];
  const fromService: NftMapElement[] = [];
  for (const eni of interfaces) {
    const comment = eni.networkInterfaceId;
    for (const address of eni.privateIpAddresses) {
      const publicAddress = publicAddressOf(world, eni, address);
      if (publicAddress === undefined) continue;
      toPublic.push({ key: address, value: publicAddress, comment });
      toPrivate.push({ key: publicAddress, value: address, comment });
    }
    for (const { privateAddress, serviceAddress } of serviceAddressesOf(eni)) {
      toService.push({ key: privateAddress, value: serviceAddress, comment });
      fromService.push({ key: serviceAddress, value: privateAddress, comment });
    }
  }
  const plusTwo = formatIpv4(cidrOf(vpc.cidrBlock).first + 2);
  return [
    plain('resolver_as_asked', 'ipv4_addr : ipv4_addr', [{ key: RESOLVER_PLUS_TWO_ADDRESS, value: plusTwo }]),
    plain('public_to_private', 'ipv4_addr : ipv4_addr', toPrivate),
    plain('private_to_public', 'ipv4_addr : ipv4_addr', toPublic),
    plain('service_to_private', 'ipv4_addr : ipv4_addr', fromService),
    plain('private_to_service', 'ipv4_addr : ipv4_addr', toService),
    routeTables,
    plain('route_table_of_gateway', 'ifname : mark', gatewayTableElements(world, vpc)),
    withinSubnets,
    plain('network_acl_of_source', 'devgroup : verdict', acls.outgoing),
    plain('network_acl_of_destination', 'devgroup : verdict', acls.incoming),
    plain('security_groups_of_source', 'ifname : verdict', groups.egress),
    plain('security_groups_of_destination', 'ifname : verdict', groups.ingress),
  ];
}

function plain(name: string, type: string, elements: readonly NftMapElement[]): NftMap {
  return { name, type, isInterval: false, elements };
}

/** What depends on the subnet alone: the table that routes for it, and that no network ACL stands within it. */
function subnetMaps(world: World, vpc: Vpc): [routeTables: NftMap, withinSubnets: NftMap] {
  const subnets = subnetsOf(world, vpc);
  return [
    plain(
      'route_table_of',
      'devgroup : mark',
      subnets.flatMap((subnet) => routeTableElement(world, vpc, subnet.subnetId, subnet.ordinal)),
    ),
    plain(
      'within_subnet',
      'devgroup . devgroup : verdict',
      subnets.map(({ ordinal, subnetId }) => ({
        key: `${ordinal} . ${ordinal}`,
        value: 'return',
        comment: subnetId,
      })),
    ),
  ];
}

/** The table of the VPC's internet gateway, where it has one: without it, all that comes in is delivered (semantics S30). */
function gatewayTableElements(world: World, vpc: Vpc): NftMapElement[] {
  const table = gatewayTableOf(world, vpc.vpcId);
  if (table === undefined) return [];
  const comment = `${gatewaysOf(table).join(' ')} ${table.routeTableId}`;
  return [{ key: `"${INTERNET_GATEWAY_LINK}"`, value: String(kernelTableOfGateway(table)), comment }];
}

/** The table a subnet uses: the one it is associated with, else the VPC's main one (semantics S20). */
function routeTableElement(world: World, vpc: Vpc, subnetId: string, ordinal: number): NftMapElement[] {
  const tables = world.routeTables.where('vpcId', vpc.vpcId);
  const table =
    tables.find((candidate) =>
      candidate.associations.some((association) => association.subnetId === subnetId),
    ) ?? tables.find((candidate) => candidate.associations.some((association) => association.isMain));
  if (table === undefined) return [];
  return [
    {
      key: String(ordinal),
      value: String(kernelTableOf(table)),
      comment: `${subnetId} ${table.routeTableId}`,
    },
  ];
}
