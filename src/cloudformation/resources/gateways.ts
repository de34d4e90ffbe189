import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { deleteOnceFree, given, listChange, partsOf, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const internetGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::InternetGateway',
  properties: declareProperties({ Tags: 'List' }),
  attributes: ['InternetGatewayId'],
  create(context, properties) {
    const id = given(context.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, InternetGatewayId) {
    unlessGone(() => context.call('DeleteInternetGateway', { InternetGatewayId }));
  },
  attributesOf: (_, id) => ({ InternetGatewayId: id }),
};

const gatewayAttachment: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCGatewayAttachment',
  properties: declareProperties({
    VpcId: 'String! replace',
    InternetGatewayId: 'String',
    VpnGatewayId: 'String',
  }),
  attributes: ['AttachmentType'],
  /** The attachment's id says which kind of gateway it is: one cannot become the other. */
  needsReplacement: (before, after) => kindOf(before) !== kindOf(after),
  create(context, properties) {
    attach(context, properties);
    return `${kindOf(properties)}|${new PropertyReader(properties).demand('VpcId')}`;
  },
  update(context, physicalId, before, after) {
    if (isSameValue(before, after)) return;
    detach(context, physicalId);
    attach(context, after);
  },
  ...deleteOnceFree((_, physicalId) => partsOf(physicalId)[1], detach),
  attributesOf: (_, physicalId) => ({ AttachmentType: partsOf(physicalId)[0] }),
};

function kindOf(properties: ValueMap): 'IGW' | 'VGW' {
  return properties['InternetGatewayId'] === undefined && properties['VpnGatewayId'] !== undefined
    ? 'VGW'
    : 'IGW';
}

function attach(context: ResourceContext, properties: ValueMap): void {
  if (kindOf(properties) === 'VGW') {
    context.call('AttachVpnGateway', inputOf('AttachVpnGateway', properties));
    return;
  }
  context.call('AttachInternetGateway', inputOf('AttachInternetGateway', properties));
}

/** A VPC has one gateway of each kind at most, so that its id and the kind name the attachment. */
function detach(context: ResourceContext, physicalId: string): void {
  const { tx } = context.action;
  const [kind, VpcId] = partsOf(physicalId);
  if (kind === 'VGW') {
    const [gateway] = tx.vpnGateways.where('vpcId', VpcId);
    if (gateway === undefined) return;
    context.call('DetachVpnGateway', { VpcId, VpnGatewayId: gateway.vpnGatewayId });
    return;
  }
  const [gateway] = tx.internetGateways.where('vpcId', VpcId);
  if (gateway === undefined) return;
  context.call('DetachInternetGateway', { VpcId, InternetGatewayId: gateway.internetGatewayId });
}

const egressOnlyInternetGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::EgressOnlyInternetGateway',
  properties: declareProperties({ VpcId: 'String! replace', Tags: 'List' }),
  attributes: ['Id'],
  create(context, properties) {
    const input = inputOf('CreateEgressOnlyInternetGateway', pick(properties, 'VpcId'));
    const made = context.call('CreateEgressOnlyInternetGateway', input);
    const id = given(made.EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, id) {
    const input = { EgressOnlyInternetGatewayId: id };
    unlessGone(() => context.call('DeleteEgressOnlyInternetGateway', input));
  },
  attributesOf: (_, id) => ({ Id: id }),
};

const vpnGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPNGateway',
  properties: declareProperties({
    Type: 'String! replace',
    AmazonSideAsn: 'Integer replace',
    Tags: 'List',
  }),
  attributes: ['VPNGatewayId'],
  create(context, properties) {
    const input = inputOf('CreateVpnGateway', pick(properties, 'Type', 'AmazonSideAsn'));
    const id = given(context.call('CreateVpnGateway', input).VpnGateway?.VpnGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, VpnGatewayId) {
    unlessGone(() => context.call('DeleteVpnGateway', { VpnGatewayId }));
  },
  attributesOf: (_, id) => ({ VPNGatewayId: id }),
};

const customerGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::CustomerGateway',
  properties: declareProperties({
    Type: 'String! replace',
    IpAddress: 'String! replace',
    BgpAsn: 'Integer replace',
    DeviceName: 'String replace',
    CertificateArn: 'String replace',
    Tags: 'List',
  }),
  attributes: ['CustomerGatewayId'],
  create(context, properties) {
    const names = ['Type', 'IpAddress', 'BgpAsn', 'DeviceName', 'CertificateArn'];
    const input = inputOf('CreateCustomerGateway', pick(properties, ...names));
    const id = given(context.call('CreateCustomerGateway', input).CustomerGateway?.CustomerGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, CustomerGatewayId) {
    unlessGone(() => context.call('DeleteCustomerGateway', { CustomerGatewayId }));
  },
  attributesOf: (_, id) => ({ CustomerGatewayId: id }),
};

/** The tables that a VPN gateway may put routes into; it knows none as long as there is no VPN. */
const routePropagation: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPNGatewayRoutePropagation',
  properties: declareProperties({ RouteTableIds: 'List!', VpnGatewayId: 'String! replace' }),
  attributes: ['Id'],
  create(context, properties) {
    propagate(context, {}, properties);
    return `${new PropertyReader(properties).demand('VpnGatewayId')}|propagation`;
  },
  update: (context, _id, before, after) => propagate(context, before, after),
  delete: (context, _id, properties) => propagate(context, properties, pick(properties, 'VpnGatewayId')),
  attributesOf: (_, id) => ({ Id: id }),
};

function propagate(context: ResourceContext, before: ValueMap, after: ValueMap): void {
  const GatewayId = new PropertyReader(after).demand('VpnGatewayId');
  const { added, removed } = listChange('RouteTableIds', before, after);
  for (const RouteTableId of removed) {
    unlessGone(() => context.call('DisableVgwRoutePropagation', { GatewayId, RouteTableId }));
  }
  for (const RouteTableId of added) {
    context.call('EnableVgwRoutePropagation', { GatewayId, RouteTableId });
  }
}

/** Gateways of VPCs, and how they are attached. */
export const gatewayTypes: readonly RecordType[] = [
  internetGateway,
  gatewayAttachment,
  egressOnlyInternetGateway,
  vpnGateway,
  customerGateway,
  routePropagation,
];
