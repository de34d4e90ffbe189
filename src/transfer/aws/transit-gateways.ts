import type {
  Ability,
  TransitGateway,
  TransitGatewayAssociation,
  TransitGatewayPropagation,
  TransitGatewayStaticRoute,
} from '../../model/transit-gateway-records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';
import { NO_TIME, type Target } from './target.ts';

const GATEWAY_STATES = ['pending', 'available', 'modifying', 'deleting', 'deleted'] as const;
const TABLE_STATES = ['pending', 'available', 'deleting', 'deleted'] as const;
const ASSOCIATION_STATES = ['associating', 'associated', 'disassociating'] as const;
const PROPAGATION_STATES = ['enabling', 'enabled', 'disabling'] as const;

/** Transit gateways, their route tables, and their attachments to VPCs. */
export function importTransitGateways(dump: Dump, target: Target): void {
  dump.each('TransitGateways', (item) =>
    target.transitGateways.put({
      transitGatewayId: item.id('TransitGatewayId'),
      ordinal: target.takeOrdinal(),
      state: item.must('State', (gateway) => gateway.word('State', GATEWAY_STATES)),
      description: item.text('Description') ?? '',
      creationTime: item.time('CreationTime') ?? NO_TIME,
      options: readOptions(item.item('Options')),
      tags: item.tags(),
    }),
  );
  const routes = readStaticRoutes(dump);
  dump.each('TransitGatewayRouteTables', (item) => {
    const id = item.id('TransitGatewayRouteTableId');
    if (item.text('State') !== 'deleted' && !dump.hasOwned('Routes', id)) {
      dump.report.tell(
        'missing',
        `${id}: its static routes are in no file. Ask: aws ec2 search-transit-gateway-routes ` +
          `--transit-gateway-route-table-id ${id} --filters Name=type,Values=static > ${id}.json`,
      );
    }
    target.transitGatewayRouteTables.put({
      transitGatewayRouteTableId: id,
      ordinal: target.takeOrdinal(),
      transitGatewayId: item.id('TransitGatewayId'),
      state: item.must('State', (table) => table.word('State', TABLE_STATES)),
      creationTime: item.time('CreationTime') ?? NO_TIME,
      staticRoutes: routes.get(id) ?? [],
      tags: item.tags(),
    });
  });
  importAttachments(dump, target);
}

function readOptions(item: Item | undefined): TransitGateway['options'] {
  const ability = (name: string, usual: Ability): Ability => item?.word(name, ['enable', 'disable']) ?? usual;
  return {
    amazonSideAsn: item?.number('AmazonSideAsn') ?? 64_512,
    transitGatewayCidrBlocks: item?.texts('TransitGatewayCidrBlocks') ?? [],
    autoAcceptSharedAttachments: ability('AutoAcceptSharedAttachments', 'disable'),
    defaultRouteTableAssociation: ability('DefaultRouteTableAssociation', 'enable'),
    ...optional('associationDefaultRouteTableId', item?.reference('AssociationDefaultRouteTableId')),
    defaultRouteTablePropagation: ability('DefaultRouteTablePropagation', 'enable'),
    ...optional('propagationDefaultRouteTableId', item?.reference('PropagationDefaultRouteTableId')),
    vpnEcmpSupport: ability('VpnEcmpSupport', 'enable'),
    dnsSupport: ability('DnsSupport', 'enable'),
    securityGroupReferencingSupport: ability('SecurityGroupReferencingSupport', 'disable'),
    multicastSupport: ability('MulticastSupport', 'disable'),
  };
}

/** By route table. Propagated routes follow from the attachments, so only those that were written by hand are read. */
function readStaticRoutes(dump: Dump): ReadonlyMap<string, readonly TransitGatewayStaticRoute[]> {
  const routes = new Map<string, TransitGatewayStaticRoute[]>();
  dump.eachOwned('Routes', ({ owner, item }) => {
    if (item.text('Type') !== 'static') return;
    const destinationCidrBlock = item.text('DestinationCidrBlock')?.includes(':')
      ? item.ipv6Cidr('DestinationCidrBlock')
      : item.cidr('DestinationCidrBlock');
    if (destinationCidrBlock === undefined) return;
    const attachmentId = item.items('TransitGatewayAttachments')[0]?.id('TransitGatewayAttachmentId');
    const route = { destinationCidrBlock, ...optional('transitGatewayAttachmentId', attachmentId) };
    routes.set(owner, [...(routes.get(owner) ?? []), route]);
  });
  return routes;
}

function importAttachments(dump: Dump, target: Target): void {
  const associations = new Map<string, TransitGatewayAssociation>();
  const propagations = new Map<string, TransitGatewayPropagation[]>();
  dump.each('TransitGatewayAttachments', (item) => {
    const association = item.item('Association');
    const kind = item.text('ResourceType');
    if (kind !== undefined && kind !== 'vpc') {
      const id = item.id('TransitGatewayAttachmentId');
      dump.report.tell(
        'left out',
        `${id} attaches a ${kind}, which Cloudcroft cannot reach: routes to it are blackholes.`,
      );
      dump.setAside('TransitGatewayAttachments', item, `It attaches a ${kind}.`);
      return;
    }
    const table = association?.reference('TransitGatewayRouteTableId');
    const state = association?.word('State', [...ASSOCIATION_STATES, 'disassociated']);
    if (table === undefined || state === undefined || state === 'disassociated') return;
    associations.set(item.id('TransitGatewayAttachmentId'), { transitGatewayRouteTableId: table, state });
  });
  dump.eachOwned('Associations', ({ owner, item }) => {
    const state = item.word('State', [...ASSOCIATION_STATES, 'disassociated']);
    if (state === undefined || state === 'disassociated') return;
    associations.set(item.id('TransitGatewayAttachmentId'), { transitGatewayRouteTableId: owner, state });
  });
  dump.eachOwned('TransitGatewayRouteTablePropagations', ({ owner, item }) => {
    const id = item.id('TransitGatewayAttachmentId');
    const state = item.word('State', [...PROPAGATION_STATES, 'disabled']) ?? 'enabled';
    if (state === 'disabled') return;
    propagations.set(id, [...(propagations.get(id) ?? []), { transitGatewayRouteTableId: owner, state }]);
  });
  dump.each('TransitGatewayVpcAttachments', (item) => {
    const id = item.id('TransitGatewayAttachmentId');
    const transitGatewayId = item.id('TransitGatewayId');
    const own = item.item('Options');
    const ability = (name: string, usual: Ability): Ability =>
      own?.word(name, ['enable', 'disable']) ?? usual;
    const options = target.transitGateways.get(transitGatewayId)?.options;
    const association = associations.get(id) ?? usualAssociation(dump, options, id);
    target.transitGatewayVpcAttachments.put({
      transitGatewayAttachmentId: id,
      ordinal: target.takeOrdinal(),
      transitGatewayId,
      vpcId: item.id('VpcId'),
      subnetIds: item.ids('SubnetIds'),
      networkInterfaceIds: interfacesOf(target, id),
      state: item.must('State', (attachment) => attachment.word('State', GATEWAY_STATES)),
      creationTime: item.time('CreationTime') ?? NO_TIME,
      options: {
        dnsSupport: ability('DnsSupport', 'enable'),
        securityGroupReferencingSupport: ability('SecurityGroupReferencingSupport', 'disable'),
        ipv6Support: ability('Ipv6Support', 'disable'),
        applianceModeSupport: ability('ApplianceModeSupport', 'disable'),
      },
      ...optional('association', association),
      propagations: propagations.get(id) ?? usualPropagations(dump, options, id),
      tags: item.tags(),
    });
  });
}

/** AWS names the attachment in the description of its interfaces. */
function interfacesOf(target: Target, attachmentId: string): readonly string[] {
  return [...target.networkInterfaces.values()]
    .filter(
      ({ interfaceType, description }) =>
        interfaceType === 'transit_gateway' && description.endsWith(attachmentId),
    )
    .map(({ networkInterfaceId }) => networkInterfaceId);
}

/** Where no file says it, an attachment has what its transit gateway gives a new one. */
function usualAssociation(
  dump: Dump,
  options: TransitGateway['options'] | undefined,
  id: string,
): TransitGatewayAssociation | undefined {
  const table = options?.associationDefaultRouteTableId;
  if (dump.has('TransitGatewayAttachments') || options?.defaultRouteTableAssociation !== 'enable')
    return undefined;
  if (table === undefined) return undefined;
  dump.report.tell(
    'assumed',
    `${id}: its association is in no file; taken as that with the default route table, ${table}.`,
  );
  return { transitGatewayRouteTableId: table, state: 'associated' };
}

function usualPropagations(
  dump: Dump,
  options: TransitGateway['options'] | undefined,
  id: string,
): readonly TransitGatewayPropagation[] {
  const table = options?.propagationDefaultRouteTableId;
  if (options?.defaultRouteTablePropagation !== 'enable' || table === undefined) return [];
  if (dump.hasOwned('TransitGatewayRouteTablePropagations', table)) return [];
  dump.report.tell(
    'assumed',
    `${id}: its propagations are in no file; taken as that to the default route table, ${table}.`,
  );
  return [{ transitGatewayRouteTableId: table, state: 'enabled' }];
}
