import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType } from '../resource-type.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const routeTable: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::RouteTable',
  properties: declareProperties({ VpcId: 'String! replace', Tags: 'List' }),
  attributes: ['RouteTableId'],
  create(context, properties) {
    const made = context.call('CreateRouteTable', inputOf('CreateRouteTable', pick(properties, 'VpcId')));
    const id = given(made.RouteTable?.RouteTableId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, RouteTableId) {
    unlessGone(() => context.call('DeleteRouteTable', { RouteTableId }));
  },
  attributesOf: (_, id) => ({ RouteTableId: id }),
};

const DESTINATIONS = ['DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'DestinationPrefixListId'];

const route: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::Route',
  properties: declareProperties({
    RouteTableId: 'String! replace',
    DestinationCidrBlock: 'String replace',
    DestinationIpv6CidrBlock: 'String replace',
    DestinationPrefixListId: 'String replace',
    CarrierGatewayId: 'String',
    CoreNetworkArn: 'String',
    EgressOnlyInternetGatewayId: 'String',
    GatewayId: 'String',
    InstanceId: 'String',
    LocalGatewayId: 'String',
    NatGatewayId: 'String',
    NetworkInterfaceId: 'String',
    TransitGatewayId: 'String',
    VpcEndpointId: 'String',
    VpcPeeringConnectionId: 'String',
  }),
  attributes: ['CidrBlock'],
  create(context, properties) {
    context.call('CreateRoute', inputOf('CreateRoute', properties));
    return `${new PropertyReader(properties).demand('RouteTableId')}|${destinationOf(properties)}`;
  },
  update(context, _id, _before, after) {
    context.call('ReplaceRoute', inputOf('ReplaceRoute', after));
  },
  delete(context, _id, properties) {
    const place = inputOf('DeleteRoute', pick(properties, 'RouteTableId', ...DESTINATIONS));
    unlessGone(() => context.call('DeleteRoute', place));
  },
  attributesOf: (_context, _id, properties) => ({ CidrBlock: destinationOf(properties) }),
};

function destinationOf(properties: ValueMap): string {
  const read = new PropertyReader(properties);
  return DESTINATIONS.flatMap((name) => read.text(name) ?? [])[0] ?? '';
}

/** Route tables and their routes. */
export const routingTypes: readonly RecordType[] = [routeTable, route];
