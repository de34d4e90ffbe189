import type {
  TransitGateway,
  TransitGatewayRouteTable,
  TransitGatewayVpcAttachment,
} from '../model/transit-gateway-records.ts';
import {
  associatedTableOf,
  isAttachmentOpen,
  isTransitGatewayOpen,
  transitGatewayRoutesOf,
} from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import { type KernelRoute, type Link, MAIN_TABLE, type Machine } from './machine.ts';
import { FAR_END, FAR_MAC, linkName, ROUTER_MAC, ROUTER_SYSCTLS, TRANSIT_MTU } from './places.ts';
import { presentInterfaces } from './presence.ts';

/** Kernel tables up to 255 are the kernel's own; a route table's number is its ordinal above these. */
const FIRST_TABLE = 1000;

const EVERYWHERE = '0.0.0.0/0';

/** The open attachments of a VPC to transit gateways that have a machine, by ordinal. */
export function transitEndsOf(world: World, vpcId: string): TransitGatewayVpcAttachment[] {
  return world.transitGatewayVpcAttachments
    .where('vpcId', vpcId)
    .filter((attachment) => {
      const gateway = world.transitGateways.get(attachment.transitGatewayId);
      return isAttachmentOpen(attachment) && gateway !== undefined && isTransitGatewayOpen(gateway);
    })
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

/** The name of an attachment's link, the same in the VPC's router and in the transit gateway. */
export function transitLinkName(attachment: TransitGatewayVpcAttachment): string {
  return linkName('t', attachment.transitGatewayAttachmentId);
}

/** The VPC's end of an attachment. Its group is the attachment's own, which no subnet has. */
export function transitLink(attachment: TransitGatewayVpcAttachment): Link {
  return {
    name: transitLinkName(attachment),
    peer: { machine: attachment.transitGatewayId, name: transitLinkName(attachment) },
    mac: ROUTER_MAC,
    mtu: TRANSIT_MTU,
    group: attachment.ordinal,
    alias: attachment.transitGatewayAttachmentId,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: FAR_MAC }],
  };
}

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
  return [
    {
      name: transitGatewayId,
      sysctls: ROUTER_SYSCTLS,
      links: [{ name: 'lo', addresses: [], neighbours: [] }, ...linked.map(gatewayEnd)],
      routes: [
        { table: MAIN_TABLE, destination: EVERYWHERE, type: 'blackhole' },
        ...tables.flatMap((table) => planTable(world, table, linked)),
      ],
      rules: tables.map((table) => ({ priority: 1000, mark: numberOf(table), table: numberOf(table) })),
      ruleset: {
        table: 'cloudcroft',
        sets: [],
        maps: [
          {
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
          },
        ],
        chains: [
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
        ],
      },
    },
  ];
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

/** IPv6 is not routed here. A route to a VPC without a router leads nowhere. */
function planTable(
  world: World,
  table: TransitGatewayRouteTable,
  linked: readonly TransitGatewayVpcAttachment[],
): KernelRoute[] {
  const number = numberOf(table);
  const routes = transitGatewayRoutesOf(world, table)
    .filter(({ destinationCidrBlock }) => !destinationCidrBlock.includes(':'))
    .map(({ destinationCidrBlock: destination, attachment, state }): KernelRoute => {
      const isOpen = state === 'active' && attachment !== undefined && linked.includes(attachment);
      if (!isOpen) return { table: number, destination, type: 'blackhole' };
      const device = transitLinkName(attachment);
      return { table: number, destination, type: 'unicast', via: FAR_END, device, isOnlink: true };
    });
  const isDefaultThere = routes.some(({ destination }) => destination === EVERYWHERE);
  const rest: KernelRoute[] = isDefaultThere
    ? []
    : [{ table: number, destination: EVERYWHERE, type: 'blackhole' }];
  return [...routes, ...rest].toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
}
