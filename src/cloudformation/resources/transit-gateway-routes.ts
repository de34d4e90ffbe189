import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties } from '../properties.ts';
import type { RecordType } from '../resource-type.ts';
import { given, partsOf, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';
import { isGoneIn, isOver, progressOf } from './transit-gateways.ts';

const routeTable: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::TransitGatewayRouteTable',
  properties: declareProperties({ TransitGatewayId: 'String! replace', Tags: 'List' }),
  attributes: ['TransitGatewayRouteTableId'],
  create(context, properties) {
    const input = inputOf('CreateTransitGatewayRouteTable', pick(properties, 'TransitGatewayId'));
    const made = context.call('CreateTransitGatewayRouteTable', input).TransitGatewayRouteTable;
    const id = given(made?.TransitGatewayRouteTableId);
    tagResource(context, id, properties);
    return id;
  },
  progress: ({ action: { tx } }, id) =>
    progressOf(`Route table ${id}`, tx.transitGatewayRouteTables.get(id)?.state),
  update: retagResource,
  delete(context, id) {
    if (isOver(context.action.tx.transitGatewayRouteTables.get(id)?.state)) return;
    const input = { TransitGatewayRouteTableId: id };
    unlessGone(() => context.call('DeleteTransitGatewayRouteTable', input));
  },
  isGone: ({ action: { tx } }, id) => isGoneIn(tx.transitGatewayRouteTables.get(id)?.state),
  attributesOf: (_, id) => ({ TransitGatewayRouteTableId: id }),
};

const route: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::TransitGatewayRoute',
  properties: declareProperties({
    TransitGatewayRouteTableId: 'String! replace',
    DestinationCidrBlock: 'String! replace',
    TransitGatewayAttachmentId: 'String replace',
    Blackhole: 'Boolean replace',
  }),
  attributes: [],
  create(context, properties) {
    const input = inputOf('CreateTransitGatewayRoute', properties);
    context.call('CreateTransitGatewayRoute', input);
    return `${input.TransitGatewayRouteTableId}|${input.DestinationCidrBlock}`;
  },
  delete(context, physicalId) {
    const [TransitGatewayRouteTableId, DestinationCidrBlock] = partsOf(physicalId);
    const input = { TransitGatewayRouteTableId, DestinationCidrBlock };
    unlessGone(() => context.call('DeleteTransitGatewayRoute', input));
  },
};

const ends = declareProperties({
  TransitGatewayRouteTableId: 'String! replace',
  TransitGatewayAttachmentId: 'String! replace',
});

function idOf(properties: ValueMap): string {
  const { TransitGatewayRouteTableId: table, TransitGatewayAttachmentId: attachment } = properties;
  return `${String(table)}|${String(attachment)}`;
}

function endsOf(physicalId: string) {
  const [TransitGatewayRouteTableId, TransitGatewayAttachmentId] = partsOf(physicalId);
  return { TransitGatewayRouteTableId, TransitGatewayAttachmentId };
}

const association: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::TransitGatewayRouteTableAssociation',
  properties: ends,
  attributes: [],
  create(context, properties) {
    const input = inputOf('AssociateTransitGatewayRouteTable', properties);
    context.call('AssociateTransitGatewayRouteTable', input);
    return idOf(properties);
  },
  progress({ action: { tx } }, physicalId) {
    const { TransitGatewayAttachmentId: id } = endsOf(physicalId);
    const state = tx.transitGatewayVpcAttachments.get(id)?.association?.state;
    if (state === 'associated') return 'done';
    return state === 'associating' ? 'busy' : { failed: `The association of ${id} is gone.` };
  },
  delete(context, physicalId) {
    const input = endsOf(physicalId);
    const attachment = context.action.tx.transitGatewayVpcAttachments.get(input.TransitGatewayAttachmentId);
    if (isOver(attachment?.state) || attachment?.association?.state === 'disassociating') return;
    unlessGone(() => context.call('DisassociateTransitGatewayRouteTable', input));
  },
  isGone({ action: { tx } }, physicalId) {
    const { TransitGatewayAttachmentId: id } = endsOf(physicalId);
    const state = tx.transitGatewayVpcAttachments.get(id)?.association?.state;
    return state === 'disassociating' ? 'busy' : 'done';
  },
};

const propagation: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::TransitGatewayRouteTablePropagation',
  properties: ends,
  attributes: [],
  create(context, properties) {
    const input = inputOf('EnableTransitGatewayRouteTablePropagation', properties);
    context.call('EnableTransitGatewayRouteTablePropagation', input);
    return idOf(properties);
  },
  progress({ action: { tx } }, physicalId) {
    const { TransitGatewayAttachmentId: id, TransitGatewayRouteTableId: tableId } = endsOf(physicalId);
    const all = tx.transitGatewayVpcAttachments.get(id)?.propagations ?? [];
    const state = all.find((each) => each.transitGatewayRouteTableId === tableId)?.state;
    if (state === 'enabled') return 'done';
    return state === 'enabling' ? 'busy' : { failed: `The propagation of ${id} is gone.` };
  },
  delete(context, physicalId) {
    const input = endsOf(physicalId);
    if (isOver(context.action.tx.transitGatewayVpcAttachments.get(input.TransitGatewayAttachmentId)?.state))
      return;
    unlessGone(() => context.call('DisableTransitGatewayRouteTablePropagation', input));
  },
  isGone({ action: { tx } }, physicalId) {
    const { TransitGatewayAttachmentId: id, TransitGatewayRouteTableId: tableId } = endsOf(physicalId);
    const all = tx.transitGatewayVpcAttachments.get(id)?.propagations ?? [];
    return all.some((each) => each.transitGatewayRouteTableId === tableId) ? 'busy' : 'done';
  },
};

/** Route tables of transit gateways. */
export const transitGatewayRouteTypes: readonly RecordType[] = [routeTable, route, association, propagation];
