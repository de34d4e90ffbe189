import type { Instance } from '../../model/records.ts';
import type { Value, ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, invalidProperty, isMap, isSameValue, PropertyReader } from '../properties.ts';
import type { Progress, RecordType, ResourceContext } from '../resource-type.ts';
import { changedFlag, given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

/** Properties that RunInstances has under the same name and in the same form. */
const PLAIN = [
  'CpuOptions',
  'DisableApiTermination',
  'EbsOptimized',
  'EnclaveOptions',
  'HibernationOptions',
  'ImageId',
  'InstanceInitiatedShutdownBehavior',
  'InstanceType',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'KeyName',
  'LaunchTemplate',
  'MetadataOptions',
  'PrivateDnsNameOptions',
  'PrivateIpAddress',
  'SecurityGroupIds',
  'SecurityGroups',
  'SubnetId',
  'UserData',
];
/** Of RunInstances' Placement. */
const PLACEMENT = {
  AvailabilityZone: 'AvailabilityZone',
  Tenancy: 'Tenancy',
  PlacementGroupName: 'GroupName',
};

/** The metadata options of an instance when nothing is said. */
const METADATA_OPTIONS = {
  HttpEndpoint: 'enabled',
  HttpProtocolIpv6: 'disabled',
  HttpPutResponseHopLimit: 1,
  HttpTokens: 'optional',
  InstanceMetadataTags: 'disabled',
};

const instance: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::Instance',
  properties: declareProperties({
    AvailabilityZone: 'String replace',
    BlockDeviceMappings: 'List replace',
    CpuOptions: 'Map replace',
    CreditSpecification: 'Map',
    DisableApiTermination: 'Boolean',
    EbsOptimized: 'Boolean',
    EnclaveOptions: 'Map replace',
    HibernationOptions: 'Map replace',
    IamInstanceProfile: 'String',
    ImageId: 'String replace',
    InstanceInitiatedShutdownBehavior: 'String',
    InstanceType: 'String',
    Ipv6AddressCount: 'Integer replace',
    Ipv6Addresses: 'List replace',
    KeyName: 'String replace',
    LaunchTemplate: 'Map replace',
    MetadataOptions: 'Map',
    Monitoring: 'Boolean',
    NetworkInterfaces: 'List replace',
    PlacementGroupName: 'String replace',
    PrivateDnsNameOptions: 'Map replace',
    PrivateIpAddress: 'String replace',
    PropagateTagsToVolumeOnCreation: 'Boolean',
    SecurityGroupIds: 'List',
    SecurityGroups: 'List replace',
    SourceDestCheck: 'Boolean',
    SubnetId: 'String replace',
    Tags: 'List',
    Tenancy: 'String replace',
    UserData: 'String',
  }),
  attributes: [
    'AvailabilityZone',
    'InstanceId',
    'PrivateDnsName',
    'PrivateIp',
    'PublicDnsName',
    'PublicIp',
    'VpcId',
  ],
  create(context, properties) {
    const launched = context.call('RunInstances', inputOf('RunInstances', launchOf(properties)));
    const id = given(launched.Instances?.[0]?.InstanceId);
    if (changedFlag('SourceDestCheck', true, {}, properties) === false) {
      context.call('ModifyInstanceAttribute', { InstanceId: id, SourceDestCheck: { Value: false } });
    }
    tagResource(context, id, properties);
    return id;
  },
  progress: followInstance,
  update(context, id, before, after) {
    changeAttributes(context, id, before, after);
    changeProfile(context, id, before, after);
    retagResource(context, id, before, after);
    const { state } = demandInstance(context, id);
    const isUp = state === 'running' || state === 'pending';
    if (isUp && needsStop(context, id, after)) context.call('StopInstances', { InstanceIds: [id] });
  },
  delete(context, id) {
    unlessGone(() => context.call('TerminateInstances', { InstanceIds: [id] }));
  },
  isGone({ action: { tx } }, id) {
    const state = tx.instances.get(id)?.state ?? 'terminated';
    return state === 'terminated' ? 'done' : 'busy';
  },
  attributesOf(context, id) {
    const found = context.call('DescribeInstances', { InstanceIds: [id] }).Reservations?.[0]?.Instances?.[0];
    return {
      InstanceId: id,
      AvailabilityZone: found?.Placement?.AvailabilityZone ?? '',
      VpcId: found?.VpcId ?? '',
      PrivateDnsName: found?.PrivateDnsName ?? '',
      PrivateIp: found?.PrivateIpAddress ?? '',
      PublicDnsName: found?.PublicDnsName ?? '',
      PublicIp: found?.PublicIpAddress ?? '',
    };
  },
};

/** The properties as RunInstances has them. */
function launchOf(properties: ValueMap): ValueMap {
  const read = new PropertyReader(properties);
  const placement = Object.entries(PLACEMENT).flatMap(([name, member]) => {
    const value = read.text(name);
    return value === undefined ? [] : [[member, value] as const];
  });
  const [monitoring, profile] = [read.flag('Monitoring'), read.text('IamInstanceProfile')];
  const credits = read.structure('CreditSpecification', ['CPUCredits'])?.text('CPUCredits');
  const { NetworkInterfaces: interfaces, BlockDeviceMappings: devices } = properties;
  return {
    ...pick(properties, ...PLAIN),
    MinCount: 1,
    MaxCount: 1,
    ...(placement.length === 0 ? {} : { Placement: Object.fromEntries(placement) }),
    ...(monitoring === undefined ? {} : { Monitoring: { Enabled: monitoring } }),
    ...(profile === undefined ? {} : { IamInstanceProfile: { Name: profile } }),
    ...(credits === undefined ? {} : { CreditSpecification: { CpuCredits: credits } }),
    ...(interfaces === undefined
      ? {}
      : {
          NetworkInterfaces: eachMap(interfaces, ({ GroupSet, ...rest }) => ({ ...rest, Groups: GroupSet })),
        }),
    ...(devices === undefined ? {} : { BlockDeviceMappings: eachMap(devices, withPlainNoDevice) }),
  };
}

/** A template writes `NoDevice: {}` where the API has an empty text. */
function withPlainNoDevice(device: ValueMap): Readonly<Record<string, Value | undefined>> {
  return isMap(device['NoDevice']) ? { ...device, NoDevice: '' } : device;
}

/** A list with each of its structures changed, absent members left out; what is no structure is refused later. */
function eachMap(
  list: Value,
  change: (each: ValueMap) => Readonly<Record<string, Value | undefined>>,
): Value {
  if (!Array.isArray(list)) return list;
  return list.map((each: Value) => {
    if (!isMap(each)) return each;
    const members: Record<string, Value> = {};
    for (const [name, value] of Object.entries(change(each))) if (value !== undefined) members[name] = value;
    return members;
  });
}

function demandInstance({ action: { tx } }: ResourceContext, id: string): Instance {
  return given(tx.instances.get(id));
}

/** Whether type or user data differ from what the instance has: they change while it is stopped only. */
function needsStop(context: ResourceContext, id: string, properties: ValueMap): boolean {
  const present = demandInstance(context, id);
  const type = new PropertyReader(properties).text('InstanceType') ?? present.instanceType;
  return (
    type !== present.instanceType ||
    decoded(present.userData) !== decoded(wantedUserData(properties, present))
  );
}

/** Its launch template's user data are not looked at: that template cannot change without a replacement. */
function wantedUserData(properties: ValueMap, present: Instance): string {
  const standard = properties['LaunchTemplate'] === undefined ? '' : (present.userData ?? '');
  return new PropertyReader(properties).text('UserData') ?? standard;
}

function decoded(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

/** Running is done. One that was stopped for a change is changed then, and started again. */
function followInstance(context: ResourceContext, id: string, properties: ValueMap): Progress {
  const present = context.action.tx.instances.get(id);
  switch (present?.state) {
    case 'running':
      return 'done';
    case 'pending':
    case 'stopping':
      return 'busy';
    case 'stopped':
      if (!needsStop(context, id, properties)) return 'done';
      changeStopped(context, present, properties);
      context.call('StartInstances', { InstanceIds: [id] });
      return 'busy';
    default:
      return { failed: present?.stateReason?.message ?? `The instance ${id} was terminated.` };
  }
}

function changeStopped(context: ResourceContext, present: Instance, properties: ValueMap): void {
  const InstanceId = present.instanceId;
  const Value = new PropertyReader(properties).text('InstanceType');
  if (Value !== undefined && Value !== present.instanceType) {
    context.call('ModifyInstanceAttribute', { InstanceId, InstanceType: { Value } });
  }
  const userData = wantedUserData(properties, present);
  if (decoded(userData) === decoded(present.userData)) return;
  const bytes = new Uint8Array(Buffer.from(userData, 'base64'));
  context.call('ModifyInstanceAttribute', { InstanceId, UserData: { Value: bytes } });
}

function changeAttributes(
  context: ResourceContext,
  InstanceId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  const flags = { SourceDestCheck: true, DisableApiTermination: false, EbsOptimized: false };
  for (const [name, standard] of Object.entries(flags)) {
    const Value = changedFlag(name, standard, before, after);
    if (Value === undefined) continue;
    const input = inputOf('ModifyInstanceAttribute', { InstanceId, [name]: { Value } });
    context.call('ModifyInstanceAttribute', input);
  }
  const [was, is] = [new PropertyReader(before), new PropertyReader(after)];
  const behavior = is.text('InstanceInitiatedShutdownBehavior') ?? 'stop';
  if (behavior !== (was.text('InstanceInitiatedShutdownBehavior') ?? 'stop')) {
    const change = { InstanceInitiatedShutdownBehavior: { Value: behavior } };
    context.call('ModifyInstanceAttribute', { InstanceId, ...change });
  }
  if (!isSameValue(before['SecurityGroupIds'], after['SecurityGroupIds'])) {
    context.call('ModifyInstanceAttribute', { InstanceId, Groups: [...is.texts('SecurityGroupIds')] });
  }
  if (!isSameValue(before['MetadataOptions'], after['MetadataOptions'])) {
    const options = after['MetadataOptions'];
    const wanted = { InstanceId, ...METADATA_OPTIONS, ...(isMap(options) ? options : {}) };
    const input = inputOf('ModifyInstanceMetadataOptions', wanted);
    context.call('ModifyInstanceMetadataOptions', input);
  }
  if (changedFlag('Monitoring', false, before, after) !== undefined) {
    throw invalidProperty('Cloudcroft cannot change Monitoring of an instance: launch another one.');
  }
}

function changeProfile(
  context: ResourceContext,
  InstanceId: string,
  before: ValueMap,
  after: ValueMap,
): void {
  if (isSameValue(before['IamInstanceProfile'], after['IamInstanceProfile'])) return;
  const present = demandInstance(context, InstanceId).instanceProfile;
  const Name = new PropertyReader(after).text('IamInstanceProfile');
  const AssociationId = present?.associationId;
  if (Name === undefined) {
    if (AssociationId !== undefined) context.call('DisassociateIamInstanceProfile', { AssociationId });
  } else if (AssociationId === undefined) {
    context.call('AssociateIamInstanceProfile', { InstanceId, IamInstanceProfile: { Name } });
  } else {
    const input = { AssociationId, IamInstanceProfile: { Name } };
    context.call('ReplaceIamInstanceProfileAssociation', input);
  }
}

/** Instances. */
export const instanceTypes: readonly RecordType[] = [instance];
