import { IDLE_TIMEOUTS } from '../../model/idle-timeouts.ts';
import type { NetworkInterface } from '../../model/records.ts';
import type { Value, ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, isMap, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { changedFlag, given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const CREATED_WITH = [
  'SubnetId',
  'Description',
  'PrivateIpAddress',
  'PrivateIpAddresses',
  'SecondaryPrivateIpAddressCount',
  'InterfaceType',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'ConnectionTrackingSpecification',
];

const networkInterface: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkInterface',
  properties: declareProperties({
    SubnetId: 'String! replace',
    ConnectionTrackingSpecification: 'Map',
    Description: 'String',
    GroupSet: 'List',
    InterfaceType: 'String replace',
    Ipv6AddressCount: 'Integer replace',
    Ipv6Addresses: 'List replace',
    PrivateIpAddress: 'String replace',
    PrivateIpAddresses: 'List replace',
    SecondaryPrivateIpAddressCount: 'Integer replace',
    SourceDestCheck: 'Boolean',
    Tags: 'List',
  }),
  attributes: ['Id', 'PrimaryIpv6Address', 'PrimaryPrivateIpAddress', 'SecondaryPrivateIpAddresses', 'VpcId'],
  create(context, properties) {
    const { GroupSet } = properties;
    const input = inputOf('CreateNetworkInterface', {
      ...pick(properties, ...CREATED_WITH),
      ...(GroupSet === undefined ? {} : { Groups: GroupSet }),
    });
    const made = context.call('CreateNetworkInterface', input);
    const id = given(made.NetworkInterface?.NetworkInterfaceId);
    changeAttributes(context, id, {}, { ...pick(properties, 'SourceDestCheck') });
    tagResource(context, id, properties);
    return id;
  },
  update(context, id, before, after) {
    changeAttributes(context, id, before, after);
    retagResource(context, id, before, after);
  },
  delete(context, NetworkInterfaceId) {
    unlessGone(() => context.call('DeleteNetworkInterface', { NetworkInterfaceId }));
  },
  attributesOf({ action: { tx } }, id): Readonly<Record<string, Value>> {
    const eni = tx.networkInterfaces.get(id);
    const [primary, ...secondary] = eni?.privateIpAddresses ?? [];
    const ipv6 = eni?.ipv6Addresses[0];
    return {
      Id: id,
      VpcId: eni?.vpcId ?? '',
      PrimaryPrivateIpAddress: primary ?? '',
      SecondaryPrivateIpAddresses: secondary,
      ...(ipv6 === undefined ? {} : { PrimaryIpv6Address: ipv6 }),
    };
  },
};

function changeAttributes(
  context: ResourceContext,
  NetworkInterfaceId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  const modify = (change: ValueMap) => {
    const input = inputOf('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...change });
    context.call('ModifyNetworkInterfaceAttribute', input);
  };
  const check = changedFlag('SourceDestCheck', true, before, after);
  if (check !== undefined) modify({ SourceDestCheck: { Value: check } });
  if (!isSameValue(before['Description'], after['Description'])) {
    modify({ Description: { Value: after['Description'] ?? '' } });
  }
  const timeouts = changedTimeouts(timeoutsOf(before), timeoutsOf(after));
  if (timeouts !== undefined) modify({ ConnectionTrackingSpecification: timeouts });
  if (!isSameValue(before['GroupSet'], after['GroupSet'])) {
    modify({ Groups: new PropertyReader(after).texts('GroupSet') });
  }
}

const USUAL_TIMEOUTS: ValueMap = {
  TcpEstablishedTimeout: IDLE_TIMEOUTS.tcpEstablishedTimeout.usual,
  UdpStreamTimeout: IDLE_TIMEOUTS.udpStreamTimeout.usual,
  UdpTimeout: IDLE_TIMEOUTS.udpTimeout.usual,
};

function timeoutsOf({ ConnectionTrackingSpecification: said }: ValueMap): ValueMap {
  return isMap(said) ? said : {};
}

/** What is to be said of idle timeouts: what a template says no more becomes the default, for the action leaves what it is not told. */
function changedTimeouts(before: ValueMap, after: ValueMap): ValueMap | undefined {
  if (isSameValue(before, after)) return undefined;
  const dropped = Object.entries(USUAL_TIMEOUTS).filter(([name]) => before[name] !== undefined);
  return { ...Object.fromEntries(dropped), ...after };
}

const networkInterfaceAttachment: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkInterfaceAttachment',
  properties: declareProperties({
    NetworkInterfaceId: 'String! replace',
    InstanceId: 'String! replace',
    DeviceIndex: 'Integer! replace',
    DeleteOnTermination: 'Boolean',
  }),
  attributes: ['AttachmentId'],
  create(context, properties) {
    const { DeleteOnTermination: _later, ...place } = properties;
    const made = context.call('AttachNetworkInterface', inputOf('AttachNetworkInterface', place));
    // CloudFormation's own default; the API's is false.
    changeTermination(context, given(made.AttachmentId), properties);
    return given(made.AttachmentId);
  },
  update(context, id, _before, after) {
    changeTermination(context, id, after);
  },
  delete(context, AttachmentId) {
    unlessGone(() => context.call('DetachNetworkInterface', { AttachmentId }));
  },
  attributesOf: (_, id) => ({ AttachmentId: id }),
};

function changeTermination(context: ResourceContext, AttachmentId: string, properties: ValueMap): void {
  const eni = attached(context, AttachmentId);
  if (eni === undefined) return;
  const DeleteOnTermination = new PropertyReader(properties).flag('DeleteOnTermination') ?? true;
  const Attachment = { AttachmentId, DeleteOnTermination };
  const NetworkInterfaceId = eni.networkInterfaceId;
  context.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Attachment });
}

function attached({ action: { tx } }: ResourceContext, attachmentId: string): NetworkInterface | undefined {
  const all = [...tx.networkInterfaces.values()];
  return all.find(({ attachment }) => attachment?.attachmentId === attachmentId);
}

/** Network interfaces and their attachments. */
export const networkInterfaceTypes: readonly RecordType[] = [networkInterface, networkInterfaceAttachment];
