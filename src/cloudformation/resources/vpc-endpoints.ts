import type { VpcEndpoint } from '../../model/records.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, documentText, isSameValue } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { changedFlag, given, listChange } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const CREATED_WITH = [
  'VpcId',
  'ServiceName',
  'VpcEndpointType',
  'RouteTableIds',
  'SubnetIds',
  'SecurityGroupIds',
  'PrivateDnsEnabled',
  'IpAddressType',
  'DnsOptions',
];

const vpcEndpoint: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCEndpoint',
  properties: declareProperties({
    VpcId: 'String! replace',
    ServiceName: 'String! replace',
    VpcEndpointType: 'String replace',
    PolicyDocument: 'Json',
    PrivateDnsEnabled: 'Boolean',
    RouteTableIds: 'List',
    SecurityGroupIds: 'List',
    SubnetIds: 'List',
    IpAddressType: 'String replace',
    DnsOptions: 'Map replace',
    Tags: 'List',
  }),
  attributes: ['CreationTimestamp', 'DnsEntries', 'Id', 'NetworkInterfaceIds'],
  create(context, properties) {
    const policy = documentText(properties['PolicyDocument']);
    const input = inputOf('CreateVpcEndpoint', {
      ...pick(properties, ...CREATED_WITH),
      ...(policy === undefined ? {} : { PolicyDocument: policy }),
    });
    const id = given(context.call('CreateVpcEndpoint', input).VpcEndpoint?.VpcEndpointId);
    tagResource(context, id, properties);
    return id;
  },
  /** One that waits for the service's owner is made: that may take days. */
  progress(context, id) {
    const state = find(context, id)?.state ?? 'deleted';
    if (state === 'pending') return 'busy';
    if (state === 'available' || state === 'pendingAcceptance') return 'done';
    return { failed: `VPC endpoint ${id} is in state ${state}.` };
  },
  update(context, id, before, after) {
    modify(context, id, before, after);
    retagResource(context, id, before, after);
  },
  delete(context, id) {
    context.call('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  },
  isGone(context, id) {
    const state = find(context, id)?.state ?? 'deleted';
    return state === 'deleted' ? 'done' : 'busy';
  },
  attributesOf(context, id) {
    const shown = context.call('DescribeVpcEndpoints', { VpcEndpointIds: [id] }).VpcEndpoints?.[0];
    const entries = shown?.DnsEntries ?? [];
    return {
      Id: id,
      CreationTimestamp: shown?.CreationTimestamp?.toISOString() ?? '',
      NetworkInterfaceIds: shown?.NetworkInterfaceIds ?? [],
      DnsEntries: entries.map(({ HostedZoneId, DnsName }) => `${HostedZoneId}:${DnsName}`),
    };
  },
};

function find({ action: { tx } }: ResourceContext, id: string): VpcEndpoint | undefined {
  return tx.vpcEndpoints.get(id);
}

function modify(context: ResourceContext, VpcEndpointId: string, before: ValueMap, after: ValueMap): void {
  const tables = listChange('RouteTableIds', before, after);
  const subnets = listChange('SubnetIds', before, after);
  const groups = listChange('SecurityGroupIds', before, after);
  const policy = documentText(after['PolicyDocument']);
  const isPolicySame = isSameValue(before['PolicyDocument'], after['PolicyDocument']);
  const isNamed = changedFlag('PrivateDnsEnabled', false, before, after);
  context.call('ModifyVpcEndpoint', {
    VpcEndpointId,
    AddRouteTableIds: tables.added,
    RemoveRouteTableIds: tables.removed,
    AddSubnetIds: subnets.added,
    RemoveSubnetIds: subnets.removed,
    AddSecurityGroupIds: groups.added,
    RemoveSecurityGroupIds: groups.removed,
    ...(isPolicySame ? {} : policy === undefined ? { ResetPolicy: true } : { PolicyDocument: policy }),
    ...(isNamed === undefined ? {} : { PrivateDnsEnabled: isNamed }),
  });
}

/** VPC endpoints. */
export const vpcEndpointTypes: readonly RecordType[] = [vpcEndpoint];
