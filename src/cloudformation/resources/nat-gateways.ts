import type { NatGateway } from '../../model/records.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { given, listChange, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const SECONDARY = [
  'SecondaryAllocationIds',
  'SecondaryPrivateIpAddressCount',
  'SecondaryPrivateIpAddresses',
] as const;

const natGateway: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NatGateway',
  properties: declareProperties({
    SubnetId: 'String replace',
    AllocationId: 'String replace',
    ConnectivityType: 'String replace',
    MaxDrainDurationSeconds: 'Integer',
    PrivateIpAddress: 'String replace',
    SecondaryAllocationIds: 'List',
    SecondaryPrivateIpAddressCount: 'Integer replace',
    SecondaryPrivateIpAddresses: 'List',
    VpcId: 'String replace',
    Tags: 'List',
  }),
  attributes: ['NatGatewayId'],
  create(context, properties) {
    const names = ['SubnetId', 'AllocationId', 'ConnectivityType', 'PrivateIpAddress', ...SECONDARY];
    const made = context.call('CreateNatGateway', inputOf('CreateNatGateway', pick(properties, ...names)));
    const id = given(made.NatGateway?.NatGatewayId);
    tagResource(context, id, properties);
    return id;
  },
  progress(context, id) {
    const gateway = find(context, id);
    if (gateway?.state === 'pending') return 'busy';
    if (gateway?.state === 'available') {
      const { secondaryAddresses = [] } = gateway;
      return secondaryAddresses.every(({ status }) => status === 'succeeded') ? 'done' : 'busy';
    }
    return {
      failed: gateway?.failureMessage ?? `NatGateway ${id} is in state ${gateway?.state ?? 'deleted'}`,
    };
  },
  update(context, id, before, after) {
    changeAddresses(context, id, before, after);
    retagResource(context, id, before, after);
  },
  delete(context, NatGatewayId) {
    unlessGone(() => context.call('DeleteNatGateway', { NatGatewayId }));
  },
  isGone(context, id) {
    const state = find(context, id)?.state ?? 'deleted';
    return state === 'deleted' ? 'done' : 'busy';
  },
  attributesOf: (_, id) => ({ NatGatewayId: id }),
};

function find({ action: { tx } }: ResourceContext, id: string): NatGateway | undefined {
  return tx.natGateways.get(id);
}

type Properties = Parameters<RecordType['create']>[1];

/**
 * The secondary addresses: Elastic IPs of a public gateway, addresses of the subnet for a private one. New ones first: while
 * one is taken away, none is given.
 */
function changeAddresses(
  context: ResourceContext,
  NatGatewayId: string,
  before: Properties,
  after: Properties,
): void {
  const drain = pick(after, 'MaxDrainDurationSeconds');
  const allocations = listChange('SecondaryAllocationIds', before, after);
  const secondary = find(context, NatGatewayId)?.secondaryAddresses ?? [];
  const AssociationIds = secondary
    .filter(({ allocationId = '' }) => allocations.removed.includes(allocationId))
    .flatMap(({ associationId }) => associationId ?? []);
  if (allocations.added.length > 0) {
    context.call('AssociateNatGatewayAddress', { NatGatewayId, AllocationIds: allocations.added });
  }
  if (AssociationIds.length > 0) {
    const input = { NatGatewayId, AssociationIds, ...drain };
    context.call('DisassociateNatGatewayAddress', inputOf('DisassociateNatGatewayAddress', input));
  }
  if (after['SecondaryAllocationIds'] !== undefined) return;
  const addresses = listChange('SecondaryPrivateIpAddresses', before, after);
  if (addresses.added.length > 0) {
    context.call('AssignPrivateNatGatewayAddress', { NatGatewayId, PrivateIpAddresses: addresses.added });
  }
  if (addresses.removed.length > 0) {
    const input = { NatGatewayId, PrivateIpAddresses: addresses.removed, ...drain };
    context.call('UnassignPrivateNatGatewayAddress', inputOf('UnassignPrivateNatGatewayAddress', input));
  }
}

/** NAT gateways. */
export const natGatewayTypes: readonly RecordType[] = [natGateway];
