import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType } from '../resource-type.ts';
import { given, partsOf, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const networkAcl: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkAcl',
  properties: declareProperties({ VpcId: 'String! replace', Tags: 'List' }),
  attributes: ['Id'],
  create(context, properties) {
    const made = context.call('CreateNetworkAcl', inputOf('CreateNetworkAcl', pick(properties, 'VpcId')));
    const id = given(made.NetworkAcl?.NetworkAclId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, NetworkAclId) {
    unlessGone(() => context.call('DeleteNetworkAcl', { NetworkAclId }));
  },
  attributesOf: (_, id) => ({ Id: id }),
};

const networkAclEntry: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkAclEntry',
  properties: declareProperties({
    NetworkAclId: 'String! replace',
    RuleNumber: 'Integer! replace',
    Egress: 'Boolean replace',
    Protocol: 'Integer!',
    RuleAction: 'String!',
    CidrBlock: 'String',
    Ipv6CidrBlock: 'String',
    Icmp: 'Map',
    PortRange: 'Map',
  }),
  attributes: ['Id'],
  create(context, properties) {
    const entry = inputOf('CreateNetworkAclEntry', entryOf(properties));
    context.call('CreateNetworkAclEntry', entry);
    return `${entry.NetworkAclId}|${entry.RuleNumber}|${entry.Egress}`;
  },
  update(context, _id, _before, after) {
    context.call('ReplaceNetworkAclEntry', inputOf('ReplaceNetworkAclEntry', entryOf(after)));
  },
  delete(context, physicalId) {
    const [NetworkAclId, number, egress] = partsOf(physicalId);
    const place = { NetworkAclId, RuleNumber: Number(number), Egress: egress === 'true' };
    unlessGone(() => context.call('DeleteNetworkAclEntry', place));
  },
  attributesOf: (_, id) => ({ Id: id }),
};

/** A template says nothing of the direction where it means packets that come in, and calls ICMP's part otherwise. */
function entryOf(properties: ValueMap): ValueMap {
  const { Icmp, ...rest } = properties;
  const Egress = new PropertyReader(properties).flag('Egress') ?? false;
  return { ...rest, Egress, ...(Icmp === undefined ? {} : { IcmpTypeCode: Icmp }) };
}

/** Network ACLs and their entries. */
export const networkAclTypes: readonly RecordType[] = [networkAcl, networkAclEntry];
