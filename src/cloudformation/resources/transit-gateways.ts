import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isMap, isSameValue, PropertyReader } from '../properties.ts';
import type { Progress, RecordType, ResourceContext } from '../resource-type.ts';
import { given, listChange, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

/** Properties of a gateway that are options of the API's. */
const OPTIONS = [
  'AmazonSideAsn',
  'AutoAcceptSharedAttachments',
  'DefaultRouteTableAssociation',
  'DefaultRouteTablePropagation',
  'DnsSupport',
  'MulticastSupport',
  'SecurityGroupReferencingSupport',
  'TransitGatewayCidrBlocks',
  'VpnEcmpSupport',
];
/** Those that can change, and what each is when nothing is said. */
const CHANGEABLE = {
  AutoAcceptSharedAttachments: 'disable',
  DefaultRouteTableAssociation: 'enable',
  DefaultRouteTablePropagation: 'enable',
  DnsSupport: 'enable',
  SecurityGroupReferencingSupport: 'disable',
  VpnEcmpSupport: 'enable',
};
const DEFAULT_TABLES = ['AssociationDefaultRouteTableId', 'PropagationDefaultRouteTableId'];

/** The options of an attachment when nothing is said. */
const ATTACHMENT_OPTIONS = {
  ApplianceModeSupport: 'disable',
  DnsSupport: 'enable',
  Ipv6Support: 'disable',
  SecurityGroupReferencingSupport: 'enable',
};

/** How a thing stands whose states are those of transit gateways. */
export function progressOf(what: string, state: string | undefined): Progress {
  if (state === 'available') return 'done';
  if (state === 'pending' || state === 'modifying') return 'busy';
  return { failed: `${what} is in state ${state ?? 'deleted'}.` };
}

/** Whether such a thing has gone. */
export function isGoneIn(state: string | undefined): Progress {
  return state === undefined || state === 'deleted' ? 'done' : 'busy';
}

const transitGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::TransitGateway',
  properties: declareProperties({
    AmazonSideAsn: 'Integer replace',
    AssociationDefaultRouteTableId: 'String',
    AutoAcceptSharedAttachments: 'String',
    DefaultRouteTableAssociation: 'String',
    DefaultRouteTablePropagation: 'String',
    Description: 'String',
    DnsSupport: 'String',
    MulticastSupport: 'String replace',
    PropagationDefaultRouteTableId: 'String',
    SecurityGroupReferencingSupport: 'String',
    Tags: 'List',
    TransitGatewayCidrBlocks: 'List',
    VpnEcmpSupport: 'String',
  }),
  attributes: ['Id', 'TransitGatewayArn'],
  create(context, properties) {
    const input = inputOf('CreateTransitGateway', {
      ...pick(properties, 'Description'),
      Options: pick(properties, ...OPTIONS),
    });
    const id = given(context.call('CreateTransitGateway', input).TransitGateway?.TransitGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  progress: ({ action: { tx } }, id) => progressOf(`TransitGateway ${id}`, tx.transitGateways.get(id)?.state),
  update(context, id, before, after) {
    const blocks = listChange('TransitGatewayCidrBlocks', before, after);
    const input = inputOf('ModifyTransitGateway', {
      TransitGatewayId: id,
      Description: after['Description'] ?? '',
      Options: {
        ...changedOptions(before, after),
        ...pick(after, ...DEFAULT_TABLES),
        AddTransitGatewayCidrBlocks: blocks.added,
        RemoveTransitGatewayCidrBlocks: blocks.removed,
      },
    });
    context.call('ModifyTransitGateway', input);
    retagResource(context, id, before, after);
  },
  delete(context, TransitGatewayId) {
    if (isOver(context.action.tx.transitGateways.get(TransitGatewayId)?.state)) return;
    unlessGone(() => context.call('DeleteTransitGateway', { TransitGatewayId }));
  },
  isGone: ({ action: { tx } }, id) => isGoneIn(tx.transitGateways.get(id)?.state),
  attributesOf: ({ action: { region, account } }, id) => ({
    Id: id,
    TransitGatewayArn: `arn:aws:ec2:${region}:${account}:transit-gateway/${id}`,
  }),
};

/** Whether a thing of these states is gone or going: a second deletion says nothing more. */
export function isOver(state: string | undefined): boolean {
  return state === undefined || state === 'deleting' || state === 'deleted';
}

function changedOptions(before: ValueMap, after: ValueMap): ValueMap {
  const changed = Object.entries(CHANGEABLE).flatMap(([name, standard]) => {
    const value = after[name] ?? standard;
    return isSameValue(before[name] ?? standard, value) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(changed);
}

/** The attachment of a VPC, which CloudFormation has under two names. */
function attachmentType(name: string, properties: RecordType['properties']): RecordType {
  return {
    kind: 'record',
    name,
    properties,
    attributes: ['Id'],
    create(context, given) {
      return createAttachment(context, given);
    },
    progress: ({ action: { tx } }, id) =>
      progressOf(`Attachment ${id}`, tx.transitGatewayVpcAttachments.get(id)?.state),
    update(context, id, before, after) {
      const [was, is] = [{ SubnetIds: subnetsOf(before) }, { SubnetIds: subnetsOf(after) }];
      const { added, removed } = listChange('SubnetIds', was, is);
      if (added.length + removed.length > 0 || !isSameValue(before['Options'], after['Options'])) {
        const input = inputOf('ModifyTransitGatewayVpcAttachment', {
          TransitGatewayAttachmentId: id,
          ...(added.length === 0 ? {} : { AddSubnetIds: added }),
          ...(removed.length === 0 ? {} : { RemoveSubnetIds: removed }),
          Options: { ...ATTACHMENT_OPTIONS, ...(isMap(after['Options']) ? after['Options'] : {}) },
        });
        context.call('ModifyTransitGatewayVpcAttachment', input);
      }
      retagResource(context, id, before, after);
    },
    delete(context, id) {
      if (isOver(context.action.tx.transitGatewayVpcAttachments.get(id)?.state)) return;
      const input = { TransitGatewayAttachmentId: id };
      unlessGone(() => context.call('DeleteTransitGatewayVpcAttachment', input));
    },
    isGone: ({ action: { tx } }, id) => isGoneIn(tx.transitGatewayVpcAttachments.get(id)?.state),
    attributesOf: (_, id) => ({ Id: id }),
  };
}

function createAttachment(context: ResourceContext, properties: ValueMap): string {
  const input = inputOf('CreateTransitGatewayVpcAttachment', {
    ...pick(properties, 'TransitGatewayId', 'VpcId', 'Options'),
    SubnetIds: subnetsOf(properties),
  });
  const made = context.call('CreateTransitGatewayVpcAttachment', input).TransitGatewayVpcAttachment;
  const id = given(made?.TransitGatewayAttachmentId);
  tagResource(context, id, properties);
  return id;
}

/** Its subnets, with those that a change of a TransitGatewayVpcAttachment adds and takes. */
function subnetsOf(properties: ValueMap): readonly string[] {
  const read = new PropertyReader(properties);
  const removed = read.texts('RemoveSubnetIds');
  const all = [...read.texts('SubnetIds'), ...read.texts('AddSubnetIds')];
  return [...new Set(all)].filter((id) => !removed.includes(id));
}

const attachmentProperties = {
  TransitGatewayId: 'String! replace',
  VpcId: 'String! replace',
  Options: 'Map',
  Tags: 'List',
} as const;

const attachment = attachmentType(
  'AWS::EC2::TransitGatewayAttachment',
  declareProperties({ ...attachmentProperties, SubnetIds: 'List!' }),
);

const vpcAttachment = attachmentType(
  'AWS::EC2::TransitGatewayVpcAttachment',
  declareProperties({
    ...attachmentProperties,
    SubnetIds: 'List! replace',
    AddSubnetIds: 'List',
    RemoveSubnetIds: 'List',
  }),
);

/** Transit gateways and the VPCs attached to them. */
export const transitGatewayTypes: readonly RecordType[] = [transitGateway, attachment, vpcAttachment];
