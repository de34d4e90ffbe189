import type { Route, RouteTableAssociation, RouteTarget } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { Item, ShapeError } from './item.ts';
import type { Target } from './target.ts';

/** Route tables, and the prefix lists that routes and rules name. */
export function importRoutes(dump: Dump, target: Target): void {
  importPrefixLists(dump, target);
  dump.each('RouteTables', (item) => {
    const routeTableId = item.id('RouteTableId');
    target.routeTables.put({
      routeTableId,
      ordinal: target.takeOrdinal(),
      vpcId: item.id('VpcId'),
      routes: item.items('Routes').flatMap((route) => readRoute(dump, routeTableId, route)),
      associations: item.items('Associations').flatMap((each) => readAssociation(each)),
      propagatingVpnGatewayIds: item.items('PropagatingVgws').map((gateway) => gateway.id('GatewayId')),
      tags: item.tags(),
    });
  });
}

function readAssociation(item: Item): RouteTableAssociation[] {
  const state = item.item('AssociationState')?.text('State');
  if (state === 'disassociated' || state === 'disassociating') return [];
  const isMain = item.flag('Main');
  const routeTableAssociationId = item.id('RouteTableAssociationId');
  if (isMain) return [{ routeTableAssociationId, isMain }];
  const gatewayId = item.reference('GatewayId');
  return [
    gatewayId === undefined
      ? { routeTableAssociationId, subnetId: item.id('SubnetId'), isMain }
      : { routeTableAssociationId, gatewayId, isMain },
  ];
}

function readRoute(dump: Dump, tableId: string, item: Item): Route[] {
  const destination = readDestination(item);
  const name = item.text('DestinationCidrBlock') ?? item.text('DestinationIpv6CidrBlock') ?? '';
  const origin = item.text('Origin');
  if (origin === 'EnableVgwRoutePropagation') {
    dump.report.tell(
      'assumed',
      `${tableId}: the route to ${name} was propagated by a VPN; it is kept as if it had been written by hand.`,
    );
  }
  return [
    {
      destination,
      target: readTarget(dump, tableId, item),
      origin: origin === 'CreateRouteTable' ? 'CreateRouteTable' : 'CreateRoute',
    },
  ];
}

function readDestination(item: Item): Route['destination'] {
  const cidrBlock = item.cidr('DestinationCidrBlock');
  if (cidrBlock !== undefined) return { kind: 'cidr', cidrBlock };
  const ipv6CidrBlock = item.ipv6Cidr('DestinationIpv6CidrBlock');
  if (ipv6CidrBlock !== undefined) return { kind: 'cidr-ipv6', ipv6CidrBlock };
  const prefixListId = item.reference('DestinationPrefixListId');
  if (prefixListId !== undefined) return { kind: 'prefix-list', prefixListId };
  throw new ShapeError(`${item.place} has no destination.`);
}

/** The member that each kind of target is in; a gateway's own kind follows from its id. */
const TARGETS = [
  ['NatGatewayId', 'nat-gateway'],
  ['NetworkInterfaceId', 'network-interface'],
  ['VpcPeeringConnectionId', 'vpc-peering-connection'],
  ['EgressOnlyInternetGatewayId', 'egress-only-internet-gateway'],
  ['TransitGatewayId', 'transit-gateway'],
] as const;

const GATEWAYS = [
  ['igw-', 'internet-gateway'],
  ['vpce-', 'vpc-endpoint'],
  ['vgw-', 'vpn-gateway'],
  ['eigw-', 'egress-only-internet-gateway'],
] as const;

/** A target of a kind that Cloudcroft has not stays in the table as one that is not there, so that nothing else is taken. */
function readTarget(dump: Dump, tableId: string, item: Item): RouteTarget {
  for (const [member, kind] of TARGETS) {
    const id = item.reference(member);
    if (id !== undefined) return { kind, id };
  }
  const gatewayId = item.reference('GatewayId');
  if (gatewayId === 'local') return { kind: 'local' };
  const known = GATEWAYS.find(([prefix]) => gatewayId?.startsWith(prefix) === true);
  if (gatewayId !== undefined && known !== undefined) return { kind: known[1], id: gatewayId };
  const other =
    gatewayId ??
    item.reference('InstanceId') ??
    item.reference('LocalGatewayId') ??
    item.reference('CarrierGatewayId') ??
    (item.text('CoreNetworkArn') === undefined ? undefined : 'core-network');
  const unknown = other ?? 'nothing';
  dump.report.tell(
    'missing',
    `${tableId} has a route to ${unknown}, which Cloudcroft cannot follow: it is a blackhole.`,
  );
  return { kind: 'vpn-gateway', id: unknown };
}

/** `describe-managed-prefix-lists` names all lists, `describe-prefix-lists` AWS's own with what they hold. */
function importPrefixLists(dump: Dump, target: Target): void {
  const entries = new Map<string, { readonly cidr: string; readonly description?: string }[]>();
  dump.eachOwned('Entries', ({ owner, item }) => {
    const description = item.text('Description');
    const cidr = readListedBlock(item.need('Cidr'), item.place);
    const list = entries.get(owner) ?? [];
    entries.set(owner, [...list, description === undefined ? { cidr } : { cidr, description }]);
  });
  dump.each('PrefixLists', (item) => {
    const blocks = item.texts('Cidrs').map((text) => ({ cidr: readListedBlock(text, item.place) }));
    if (blocks.length > 0) entries.set(item.id('PrefixListId'), blocks);
  });
  dump.each('PrefixLists', (item) => {
    const prefixListId = item.id('PrefixListId');
    const known = target.prefixLists.get(prefixListId);
    if (known !== undefined && item.text('OwnerId') === undefined) return;
    const name = item.text('PrefixListName') ?? prefixListId;
    const held = entries.get(prefixListId);
    if (held === undefined) {
      dump.report.tell(
        'missing',
        `${prefixListId} (${name}): what the list holds is in no file, so it holds nothing. ` +
          `Ask: aws ec2 get-managed-prefix-list-entries --prefix-list-id ${prefixListId} > ${prefixListId}.json`,
      );
    }
    const state = item.text('State');
    const isIpv6 = item.text('AddressFamily') === 'IPv6' || held?.[0]?.cidr.includes(':') === true;
    target.prefixLists.put({
      prefixListId,
      prefixListName: name,
      ownerId: item.text('OwnerId') ?? 'AWS',
      addressFamily: isIpv6 ? 'IPv6' : 'IPv4',
      maxEntries: item.number('MaxEntries') ?? Math.max(1, held?.length ?? 1),
      version: item.number('Version') ?? 1,
      entries: held ?? [],
      ...(state === 'create-complete' ||
      state === 'modify-complete' ||
      state === 'modify-failed' ||
      state === 'restore-complete'
        ? { state }
        : {}),
      ...(item.text('StateMessage') === undefined ? {} : { stateMessage: item.need('StateMessage') }),
      tags: item.tags(),
    });
  });
}

function readListedBlock(text: string, place: string): string {
  const item = new Item({ Cidr: text }, place);
  const block = text.includes(':') ? item.ipv6Cidr('Cidr') : item.cidr('Cidr');
  if (block === undefined) throw new ShapeError(`${place} has no Cidr.`);
  return block;
}
