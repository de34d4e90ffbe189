import type { Address } from '../../model/records.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

/** An Elastic IP is known by its address, which is what `Ref` gives. */
const elasticIp: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::EIP',
  properties: declareProperties({
    Domain: 'String replace',
    InstanceId: 'String',
    Address: 'String replace',
    IpamPoolId: 'String replace',
    NetworkBorderGroup: 'String replace',
    PublicIpv4Pool: 'String',
    TransferAddress: 'String replace',
    Tags: 'List',
  }),
  attributes: ['AllocationId', 'PublicIp'],
  create(context, properties) {
    const names = ['Domain', 'Address', 'IpamPoolId', 'NetworkBorderGroup', 'PublicIpv4Pool'];
    const made = context.call('AllocateAddress', inputOf('AllocateAddress', pick(properties, ...names)));
    tagResource(context, given(made.AllocationId), properties);
    associate(context, given(made.AllocationId), properties);
    return given(made.PublicIp);
  },
  update(context, publicIp, before, after) {
    const address = find(context, publicIp);
    if (address === undefined) return;
    if (!isSameValue(before['InstanceId'], after['InstanceId'])) {
      if (after['InstanceId'] === undefined) disassociate(context, publicIp);
      else associate(context, address.allocationId, after);
    }
    retagResource(context, address.allocationId, before, after);
  },
  delete(context, publicIp, properties) {
    const address = find(context, publicIp);
    if (address === undefined) return;
    if (properties['InstanceId'] !== undefined) disassociate(context, publicIp);
    unlessGone(() => context.call('ReleaseAddress', { AllocationId: address.allocationId }));
  },
  attributesOf(context, publicIp) {
    const address = find(context, publicIp);
    return address === undefined ? {} : { PublicIp: publicIp, AllocationId: address.allocationId };
  },
};

function find({ action: { tx } }: ResourceContext, publicIp: string): Address | undefined {
  return tx.addresses.where('publicIp', publicIp)[0];
}

function associate(context: ResourceContext, AllocationId: string, properties: ValueMap): void {
  const InstanceId = new PropertyReader(properties).text('InstanceId');
  if (InstanceId === undefined || InstanceId === '') return;
  context.call('AssociateAddress', { AllocationId, InstanceId, AllowReassociation: true });
}

function disassociate(context: ResourceContext, publicIp: string): void {
  if (find(context, publicIp)?.associationId === undefined) return;
  context.call('DisassociateAddress', { PublicIp: publicIp });
}

/** A change moves the address at once, where CloudFormation says that it replaces: a rollback moves it back. */
const addressAssociation: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::EIPAssociation',
  properties: declareProperties({
    AllocationId: 'String',
    EIP: 'String',
    InstanceId: 'String',
    NetworkInterfaceId: 'String',
    PrivateIpAddress: 'String',
  }),
  attributes: ['Id'],
  create: move,
  update(context, _id, before, after) {
    const was = associated(context, before);
    if (was !== undefined && was.allocationId !== associated(context, after)?.allocationId) {
      disassociate(context, was.publicIp);
    }
    move(context, after);
  },
  delete(context, _id, properties) {
    const address = associated(context, properties);
    if (address !== undefined) disassociate(context, address.publicIp);
  },
  attributesOf: (context, id, properties) => ({ Id: associated(context, properties)?.associationId ?? id }),
};

function move(context: ResourceContext, properties: ValueMap): string {
  const PublicIp = new PropertyReader(properties).text('EIP');
  const input = inputOf('AssociateAddress', {
    ...pick(properties, 'AllocationId', 'InstanceId', 'NetworkInterfaceId', 'PrivateIpAddress'),
    ...(PublicIp === undefined ? {} : { PublicIp }),
    AllowReassociation: true,
  });
  return given(context.call('AssociateAddress', input).AssociationId);
}

/** The address that an association speaks of. */
function associated(context: ResourceContext, properties: ValueMap): Address | undefined {
  const read = new PropertyReader(properties);
  const [id, publicIp] = [read.text('AllocationId'), read.text('EIP')];
  return id === undefined ? find(context, publicIp ?? '') : context.action.tx.addresses.get(id);
}

/** Elastic IPs and what they are associated with. */
export const addressTypes: readonly RecordType[] = [elasticIp, addressAssociation];
