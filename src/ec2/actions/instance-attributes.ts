import type {
  DescribeInstanceAttributeRequest,
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
  ModifyInstanceMetadataOptionsRequest,
  ModifyInstanceMetadataOptionsResult,
  Volume,
} from '@aws-sdk/client-ec2';
import type { Instance } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { findInstanceType } from '../catalogue/instance-types.ts';
import { zoneIdOf } from '../catalogue/regions.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { findImageIn } from '../images.ts';
import { interfacesOf } from '../instance-states.ts';
import { chooseGroups } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { shownFilters } from '../shown-filters.ts';
import { noSuchInstanceType } from './instance-types.ts';
import { readMetadataOptions } from './instances.ts';
import { showGroups } from './network-interfaces.ts';

/** The root volume of an instance: a record, as there are no others. */
interface RootVolume {
  readonly volumeId: string;
  readonly instance: Instance;
}

const volumeFilters: FilterTable<RootVolume> = {
  'volume-id': 'volumeId',
  'attachment.instance-id': ({ instance }) => instance.instanceId,
  'attachment.device': ({ instance }, world) => findImageIn(world, instance.imageId)?.rootDeviceName,
  'attachment.status': () => 'attached',
  'attachment.delete-on-termination': () => true,
  'availability-zone': ({ instance }) => instance.availabilityZone,
  status: () => 'in-use',
  'volume-type': () => 'gp3',
  size: () => 8,
  encrypted: () => false,
  'availability-zone-id': ({ instance }) => zoneIdOf(instance.availabilityZone),
  'fast-restored': () => false,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  ...shownFilters<RootVolume>((volume, world) => showVolume(world, volume), {
    'attachment.attach-time': 'Attachments.AttachTime',
    'create-time': 'CreateTime',
    'multi-attach-enabled': 'MultiAttachEnabled',
    'snapshot-id': 'SnapshotId',
  }),
};

/** What can be read of an instance and changed in it, one attribute at a time. */
export const instanceAttributeActions = {
  DescribeInstanceAttribute(
    { tx }: ActionContext,
    input: DescribeInstanceAttributeRequest,
  ): InstanceAttribute {
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    const [primary] = interfacesOf(tx, instance);
    const base = { InstanceId: instance.instanceId };
    switch (input.Attribute) {
      case 'instanceType':
        return { ...base, InstanceType: { Value: instance.instanceType } };
      case 'userData':
        return { ...base, UserData: instance.userData === undefined ? {} : { Value: instance.userData } };
      case 'disableApiTermination':
        return { ...base, DisableApiTermination: { Value: instance.disableApiTermination } };
      case 'disableApiStop':
        return { ...base, DisableApiStop: { Value: instance.disableApiStop } };
      case 'instanceInitiatedShutdownBehavior':
        return {
          ...base,
          InstanceInitiatedShutdownBehavior: { Value: instance.instanceInitiatedShutdownBehavior },
        };
      case 'sourceDestCheck':
        return { ...base, SourceDestCheck: { Value: primary?.sourceDestCheck ?? true } };
      case 'groupSet':
        return { ...base, Groups: showGroups(tx, primary?.groupIds ?? []) };
      case 'ebsOptimized':
        return { ...base, EbsOptimized: { Value: instance.ebsOptimized } };
      case 'enaSupport':
        return { ...base, EnaSupport: { Value: true } };
      case 'sriovNetSupport':
        return { ...base, SriovNetSupport: { Value: 'simple' } };
      case 'rootDeviceName':
        return { ...base, RootDeviceName: { Value: '/dev/xvda' } };
      case 'kernel':
      case 'ramdisk':
      case 'productCodes':
      case 'blockDeviceMapping':
      case 'enclaveOptions':
        return base;
      case undefined:
        throw errors.missingParameter('attribute');
      default:
        throw errors.invalidValue(input.Attribute, 'attribute', 'Unknown instance attribute.');
    }
  },

  ModifyInstanceAttribute(context: ActionContext, input: ModifyInstanceAttributeRequest): undefined {
    const { tx } = context;
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    const changed = changeInstance(instance, input);
    if (changed !== instance) tx.instances.put(changed);
    const [primary] = interfacesOf(tx, instance);
    if (primary === undefined) return;
    const isChecked = input.SourceDestCheck?.Value;
    if (isChecked === undefined && input.Groups === undefined) return;
    tx.networkInterfaces.put({
      ...primary,
      ...(isChecked === undefined ? {} : { sourceDestCheck: isChecked }),
      ...(input.Groups === undefined
        ? {}
        : { groupIds: chooseGroups(context, instance.vpcId, input.Groups) }),
    });
  },

  ModifyInstanceMetadataOptions(
    { tx }: ActionContext,
    input: ModifyInstanceMetadataOptionsRequest,
  ): ModifyInstanceMetadataOptionsResult {
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    const metadataOptions = readMetadataOptions(instance.metadataOptions, input);
    tx.instances.put({ ...instance, metadataOptions });
    return {
      InstanceId: instance.instanceId,
      InstanceMetadataOptions: {
        State: 'applied',
        HttpTokens: metadataOptions.httpTokens,
        HttpPutResponseHopLimit: metadataOptions.httpPutResponseHopLimit,
        HttpEndpoint: metadataOptions.httpEndpoint,
        HttpProtocolIpv6: metadataOptions.httpProtocolIpv6,
        InstanceMetadataTags: metadataOptions.instanceMetadataTags,
      },
    };
  },

  DescribeInstanceCreditSpecifications(
    { tx }: ActionContext,
    input: DescribeInstanceCreditSpecificationsRequest,
  ): DescribeInstanceCreditSpecificationsResult {
    const named = input.InstanceIds ?? [...tx.instances.values()].map(({ instanceId }) => instanceId);
    const instances = named.map((id) => findResource(tx, kinds.instance, id, 'instanceId'));
    const burstable = instances.filter(
      ({ instanceType }) => findInstanceType(instanceType)?.isBurstable === true,
    );
    const page = pageOf(
      filterRecords(burstable, input.Filters, { 'instance-id': 'instanceId' }, tx),
      { name: 'credits', idOf: ({ instanceId }) => instanceId, pages: { fewest: 5, most: 1000 } },
      input,
    );
    return {
      InstanceCreditSpecifications: page.records.map(({ instanceId, instanceType }) => ({
        InstanceId: instanceId,
        CpuCredits: instanceType.startsWith('t2.') ? 'standard' : 'unlimited',
      })),
      NextToken: page.nextToken,
    };
  },

  /** The root volumes of instances: there is no other storage here. */
  DescribeVolumes({ tx }: ActionContext, input: DescribeVolumesRequest): DescribeVolumesResult {
    const volumes = [...tx.instances.values()]
      .filter(({ state }) => state !== 'terminated')
      .map((instance) => ({ volumeId: instance.rootVolumeId, instance }));
    for (const id of input.VolumeIds ?? []) {
      if (volumes.some(({ volumeId }) => volumeId === id)) continue;
      throw new errors.AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
    }
    const named = volumes.filter(({ volumeId }) => input.VolumeIds?.includes(volumeId) ?? true);
    const page = pageOf(
      filterRecords(named, input.Filters, volumeFilters, tx),
      { name: 'volumes', idOf: ({ volumeId }) => volumeId, pages: { fewest: 5, most: 1000 } },
      input,
    );
    return { Volumes: page.records.map((volume) => showVolume(tx, volume)), NextToken: page.nextToken };
  },
};

function showVolume(world: World, { volumeId, instance }: RootVolume): Volume {
  return {
    VolumeId: volumeId,
    AvailabilityZone: instance.availabilityZone,
    CreateTime: new Date(instance.launchTime),
    Encrypted: false,
    Size: 8,
    State: 'in-use',
    VolumeType: 'gp3',
    Iops: 3000,
    Throughput: 125,
    MultiAttachEnabled: false,
    SnapshotId: '',
    Attachments: [
      {
        VolumeId: volumeId,
        InstanceId: instance.instanceId,
        Device: findImageIn(world, instance.imageId)?.rootDeviceName ?? '/dev/xvda',
        State: 'attached',
        DeleteOnTermination: true,
        AttachTime: new Date(instance.launchTime),
      },
    ],
    Tags: [],
  };
}

function changeInstance(instance: Instance, input: ModifyInstanceAttributeRequest): Instance {
  const generic = input.Attribute === undefined ? {} : { [input.Attribute]: input.Value };
  const type = input.InstanceType?.Value ?? generic['instanceType'];
  const userData = input.UserData?.Value;
  const behaviour =
    input.InstanceInitiatedShutdownBehavior?.Value ?? generic['instanceInitiatedShutdownBehavior'];
  const isKept = input.DisableApiTermination?.Value ?? booleanOf(generic['disableApiTermination']);
  const isKeptRunning = input.DisableApiStop?.Value ?? booleanOf(generic['disableApiStop']);
  if ((type !== undefined || userData !== undefined) && instance.state !== 'stopped') {
    throw errors.incorrectInstanceState(
      `The instance '${instance.instanceId}' is not in the 'stopped' state.`,
    );
  }
  if (type !== undefined && findInstanceType(type) === undefined) throw noSuchInstanceType(type);
  if (behaviour !== undefined && behaviour !== 'stop' && behaviour !== 'terminate') {
    throw errors.invalidValue(behaviour, 'instanceInitiatedShutdownBehavior', 'Use stop or terminate.');
  }
  const isChanged = [type, userData, behaviour, isKept, isKeptRunning, input.EbsOptimized?.Value].some(
    (value) => value !== undefined,
  );
  if (!isChanged) return instance;
  return {
    ...instance,
    ...(type === undefined ? {} : { instanceType: type }),
    ...(userData === undefined ? {} : { userData: Buffer.from(userData).toString('base64') }),
    ...(behaviour === undefined ? {} : { instanceInitiatedShutdownBehavior: behaviour }),
    ...(isKept === undefined ? {} : { disableApiTermination: isKept }),
    ...(isKeptRunning === undefined ? {} : { disableApiStop: isKeptRunning }),
    ...(input.EbsOptimized?.Value === undefined ? {} : { ebsOptimized: input.EbsOptimized.Value }),
  };
}

function booleanOf(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}
