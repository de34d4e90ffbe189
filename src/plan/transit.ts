import type {
  TransitGateway,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from '../model/transit-gateway-records.ts';
import {
  associatedTableOf,
  hasIpv6Support,
  isAttachmentOpen,
  isTransitGatewayOpen,
  transitGatewayRoutesOf,
} from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { type AddressFamily, IPV4, IPV6 } from './family.ts';
import { type Ipv6Stack, type KernelRoute, type Link, MAIN_TABLE, type Machine } from './machine.ts';
import {
  FAR_END,
  FAR_MAC,
  IPV6_ROUTER_SYSCTLS,
  ROUTER_LINK_LOCAL,
  ROUTER_MAC,
  ROUTER_SYSCTLS,
  TRANSIT_MTU,
} from './places.ts';
import { presentInterfaces } from './presence.ts';
import type { NftChain, NftMap, Ruleset } from './ruleset.ts';
import { transitLinkName } from './transit-links.ts';

/** Kernel tables up to 255 are the kernel's own; a route table's number is its ordinal above these. */
const FIRST_TABLE = 1000;

/**
 * A transit gateway: a router with one link to each attached VPC, and one routing table of the kernel for each of its
 * route tables. What comes by a link is routed by the table that its attachment is associated with, or by none.
 */
export function planTransitGateway(world: World, transitGatewayId: string): Machine[] {
  const gateway = world.transitGateways.get(transitGatewayId);
  if (gateway === undefined || !isTransitGatewayOpen(gateway)) return [];
  const linked = linkedAttachments(world, gateway);
  const tables = world.transitGatewayRouteTables
    .where('transitGatewayId', transitGatewayId)
    .filter(({ state }) => state === 'pending' || state === 'available')
    .toSorted((a, b) => a.ordinal - b.ordinal);
  const routeTables: NftMap = {
    name: 'route_table_of',
    type: 'devgroup : mark',
    isInterval: false,
    elements: linked.flatMap((attachment) => {
      const table = associatedTableOf(world, attachment);
      const comment = attachment.transitGatewayAttachmentId;
      return table === undefined
        ? []
        : [{ key: String(attachment.ordinal), value: String(numberOf(table)), comment }];
    }),
  };
  const rules = tables.map((table) => ({ priority: 1000, mark: numberOf(table), table: numberOf(table) }));
  const ruleset: Ruleset = { table: 'cloudcroft', sets: [], maps: [routeTables], chains: CHAINS };
  const withIpv6 = linked.filter(hasIpv6Support);
  return [
    {
      name: transitGatewayId,
      sysctls: withIpv6.length === 0 ? ROUTER_SYSCTLS : { ...ROUTER_SYSCTLS, ...IPV6_ROUTER_SYSCTLS },
      links: [{ name: 'lo', addresses: [], neighbours: [] }, ...linked.map(gatewayEnd)],
      routes: [
        { table: MAIN_TABLE, destination: IPV4.everywhere, type: 'blackhole' },
        ...tables.flatMap((table) => planTable(world, table, linked, IPV4)),
      ],
      rules,
      ruleset,
      ...(withIpv6.length === 0 ? {} : { ipv6: planIpv6(world, tables, withIpv6, { rules, ruleset }) }),
    },
  ];
}

/** The same in a table of either family. */
const CHAINS: readonly NftChain[] = [
  {
    name: 'route',
    hook: { type: 'filter', hook: 'prerouting', priority: -310, policy: 'accept' },
    rules: ['meta mark set iifgroup map @route_table_of'],
  },
  {
    name: 'input',
    hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' },
    rules: [],
  },
];

/** IPv6 is carried between the attachments for which it was asked. */
function planIpv6(
  world: World,
  tables: readonly TransitGatewayRouteTable[],
  linked: readonly TransitGatewayVpcAttachment[],
  shared: Pick<Ipv6Stack, 'rules' | 'ruleset'>,
): Ipv6Stack {
  return {
    addresses: [],
    neighbours: linked.map((attachment) => ({
      link: transitLinkName(attachment),
      address: ROUTER_LINK_LOCAL,
      mac: ROUTER_MAC,
    })),
    routes: [
      { table: MAIN_TABLE, destination: IPV6.everywhere, type: 'blackhole' },
      ...tables.flatMap((table) => planTable(world, table, linked, IPV6)),
    ],
    ...shared,
  };
}

/** The open attachments whose VPC has a router now. */
function linkedAttachments(
  world: World,
  { transitGatewayId }: TransitGateway,
): TransitGatewayVpcAttachment[] {
  return world.transitGatewayVpcAttachments
    .where('transitGatewayId', transitGatewayId)
    .filter(
      (attachment) => isAttachmentOpen(attachment) && presentInterfaces(world, attachment.vpcId).length > 0,
    )
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

function gatewayEnd(attachment: TransitGatewayVpcAttachment): Link {
  return {
    name: transitLinkName(attachment),
    peer: { machine: attachment.vpcId, name: transitLinkName(attachment) },
    mac: FAR_MAC,
    mtu: TRANSIT_MTU,
    group: attachment.ordinal,
    alias: attachment.transitGatewayAttachmentId,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: ROUTER_MAC }],
  };
}

function numberOf({ ordinal }: TransitGatewayRouteTable): number {
  return FIRST_TABLE + ordinal;
}

/** The routes of one family. One to a VPC without a router, or to one that is not linked for the family, leads nowhere. */
function planTable(
  world: World,
  table: TransitGatewayRouteTable,
  linked: readonly TransitGatewayVpcAttachment[],
  family: AddressFamily,
): KernelRoute[] {
  const number = numberOf(table);
  const hop = family === IPV4 ? { via: FAR_END, isOnlink: true } : { via: ROUTER_LINK_LOCAL };
  const routes = transitGatewayRoutesOf(world, table)
    .filter(({ destinationCidrBlock }) => isIpv6(destinationCidrBlock) === (family === IPV6))
    .map(({ destinationCidrBlock: destination, attachment, state }): KernelRoute => {
      const isOpen = state === 'active' && attachment !== undefined && linked.includes(attachment);
      if (!isOpen) return { table: number, destination, type: 'blackhole' };
      return { table: number, destination, type: 'unicast', device: transitLinkName(attachment), ...hop };
    });
  const { everywhere } = family;
  const isDefaultThere = routes.some(({ destination }) => destination === everywhere);
  const rest: KernelRoute[] = isDefaultThere
    ? []
    : [{ table: number, destination: everywhere, type: 'blackhole' }];
  return [...routes, ...rest].toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
}
