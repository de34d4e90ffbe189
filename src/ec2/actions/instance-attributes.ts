import type {
  DescribeInstanceAttributeRequest,
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
  ModifyInstanceMetadataOptionsRequest,
  ModifyInstanceMetadataOptionsResult,
} from '@aws-sdk/client-ec2';
import type { Instance } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { blockDevicesOf, changeBlockDevices } from '../block-devices.ts';
import { findInstanceType } from '../catalogue/instance-types.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { filterRecords } from '../filters.ts';
import { findImageIn } from '../images.ts';
import { interfacesOf } from '../instance-states.ts';
import { chooseGroups } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { showBlockDevices } from './instance-describe.ts';
import { noSuchInstanceType } from './instance-types.ts';
import { readMetadataOptions } from './instances.ts';
import { showGroups } from './network-interfaces.ts';

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
        return {
          ...base,
          RootDeviceName: { Value: findImageIn(tx, instance.imageId)?.rootDeviceName ?? '/dev/xvda' },
        };
      case 'blockDeviceMapping':
        return { ...base, BlockDeviceMappings: showBlockDevices(tx, instance) };
      case 'kernel':
      case 'ramdisk':
      case 'productCodes':
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
    const { BlockDeviceMappings: mappings = [] } = input;
    const blockDevices =
      mappings.length === 0
        ? {}
        : { blockDevices: changeBlockDevices(blockDevicesOf(tx, instance), mappings) };
    const changed = { ...changeInstance(instance, input), ...blockDevices };
    tx.instances.put(changed);
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
      InstanceCreditSpecifications: page.records.map(({ instanceId, instanceType, cpuCredits }) => ({
        InstanceId: instanceId,
        CpuCredits: cpuCredits ?? (instanceType.startsWith('t2.') ? 'standard' : 'unlimited'),
      })),
      NextToken: page.nextToken,
    };
  },
};

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
