import type { InstanceMetadataOptionsRequest, Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Instance, InstanceMetadataOptions, InstanceProfile, Tag } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { readBlockDevices } from '../block-devices.ts';
import { imageParametersOf } from '../catalogue/image-parameters.ts';
import { findInstanceType, type InstanceTypeFacts } from '../catalogue/instance-types.ts';
import * as errors from '../errors.ts';
import { findImageIn } from '../images.ts';
import { readInstanceOptions } from '../instance-options.ts';
import { readInstanceProfile } from '../instance-profiles.ts';
import { attachLaunchInterfaces, type LaunchInterfaces, readLaunchInterfaces } from '../launch-interfaces.ts';
import { mergeLaunchTemplate } from '../launch-template-merge.ts';
import { readTagSpecifications } from '../tags.ts';
import { refuseUnreadMembers } from '../unread-members.ts';
import { readUserData } from '../user-data.ts';
import { noSuchImage } from './images.ts';
import { showReservation } from './instance-describe.ts';
import { noSuchInstanceType } from './instance-types.ts';

/** What tags may be given to at launch. */
const TAGGABLE = ['instance', 'volume', 'network-interface', 'spot-instances-request'];

/** The metadata options of an instance that asked for none (semantics S96). */
const DEFAULT_METADATA: InstanceMetadataOptions = {
  httpTokens: 'optional',
  httpPutResponseHopLimit: 1,
  httpEndpoint: 'enabled',
  httpProtocolIpv6: 'disabled',
  instanceMetadataTags: 'disabled',
};

/** Launching: all is decided at once, and the instance is `pending` until its packets flow and it has booted. */
export const runActions = {
  RunInstances(context: ActionContext, request: RunInstancesRequest): Reservation {
    const { input, ownTags } = mergeLaunchTemplate(context.tx, request);
    // What a template asks for was in no request.
    refuseUnreadMembers('RunInstances', input);
    const launch = readLaunch(context, input, ownTags);
    const reservationId = context.newId('r');
    const instances: Instance[] = [];
    for (let index = 0; index < launch.count; index++) {
      instances.push(launchOne(context, input, launch, reservationId, index));
    }
    return showReservation(context.tx, reservationId, instances);
  },
};

/** What is the same for all instances of a launch. */
interface Launch {
  readonly count: number;
  readonly imageId: string;
  readonly type: InstanceTypeFacts;
  readonly publicKey: string | undefined;
  readonly instanceProfile: InstanceProfile | undefined;
  readonly interfaces: LaunchInterfaces;
  readonly interfaceTags: readonly Tag[];
  readonly instanceTags: readonly Tag[];
  readonly volumeTags: readonly Tag[];
  readonly rootDeviceName: string;
  readonly rootVolumeType: 'gp2' | 'gp3';
  readonly cpuCredits: 'standard' | 'unlimited' | undefined;
}

function readLaunch(context: ActionContext, input: RunInstancesRequest, ownTags: readonly Tag[]): Launch {
  const count = readCount(input);
  const imageId = resolveImageId(context, input.ImageId);
  if (imageId === undefined || imageId === '') throw errors.missingParameter('ImageId');
  if (!/^ami-[0-9a-f]{8,17}$/.test(imageId))
    throw errors.malformedId('InvalidAMIID.Malformed', imageId, 'ami');
  const image = findImageIn(context.tx, imageId);
  if (image === undefined) throw noSuchImage(imageId);
  const instanceType = input.InstanceType ?? 'm1.small';
  const type =
    findInstanceType(instanceType) ??
    (input.InstanceType === undefined ? findInstanceType('t3.micro') : undefined);
  if (type === undefined) throw noSuchInstanceType(instanceType);
  if (type.architecture !== image.architecture) {
    throw errors.invalidParameterValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
  }
  readUserData(input.UserData);
  return {
    count,
    imageId,
    type,
    publicKey: readPublicKeyOf(context, input.KeyName),
    instanceProfile: readInstanceProfile(context, input.IamInstanceProfile),
    interfaces: readLaunchInterfaces(context, input, type.instanceType, count),
    interfaceTags: readTagSpecifications(input.TagSpecifications, 'network-interface', TAGGABLE),
    volumeTags: readTagSpecifications(input.TagSpecifications, 'volume', TAGGABLE),
    rootDeviceName: image.rootDeviceName,
    rootVolumeType: image.rootVolumeType,
    cpuCredits: readCredits(input, type),
    instanceTags: [...readTagSpecifications(input.TagSpecifications, 'instance', TAGGABLE), ...ownTags],
  };
}

/** How a burstable type is credited. Throws for another type, and for other words. */
function readCredits(
  { CreditSpecification: wish }: RunInstancesRequest,
  { instanceType, isBurstable }: InstanceTypeFacts,
): Launch['cpuCredits'] {
  if (wish === undefined) return undefined;
  const { CpuCredits: credits } = wish;
  if (!isBurstable) {
    throw errors.invalidParameterCombination(
      `The parameter CreditSpecification is not valid for the instance type ${instanceType}.`,
    );
  }
  if (credits === 'standard' || credits === 'unlimited') return credits;
  throw errors.invalidValue(String(credits), 'cpuCredits', 'Use standard or unlimited.');
}

/** `resolve:ssm:NAME` means the image that a parameter names, the user's or AWS's own. */
function resolveImageId({ tx, region }: ActionContext, imageId: string | undefined): string | undefined {
  const name = /^resolve:ssm:(.+)$/.exec(imageId ?? '')?.[1];
  if (name === undefined) return imageId;
  const found = tx.parameters.get(name)?.value ?? imageParametersOf(region).get(name);
  if (found !== undefined) return found;
  throw errors.invalidParameterValue(`Parameter ${name} not found: it cannot be resolved to an image.`);
}

function readCount({ MinCount, MaxCount }: RunInstancesRequest): number {
  if (MinCount === undefined) throw errors.missingParameter('MinCount');
  if (MaxCount === undefined) throw errors.missingParameter('MaxCount');
  if (MinCount < 1) throw errors.invalidValue(MinCount, 'minCount', 'The value must be at least 1.');
  if (MaxCount < MinCount) {
    throw errors.invalidParameterValue(
      'The maximum number of instances must not be smaller than the minimum.',
    );
  }
  if (MaxCount > 1000) throw errors.limitExceeded('InstanceLimitExceeded', 'At most 1000 instances at once.');
  return MaxCount;
}

function readPublicKeyOf({ tx }: ActionContext, keyName: string | undefined): string | undefined {
  if (keyName === undefined) return undefined;
  const [pair] = tx.keyPairs.where('keyName', keyName);
  if (pair === undefined) throw errors.noSuchKeyPair(keyName);
  return `${pair.publicKey} ${keyName}`;
}

function launchOne(
  context: ActionContext,
  input: RunInstancesRequest,
  launch: Launch,
  reservationId: string,
  amiLaunchIndex: number,
): Instance {
  const { tx, now } = context;
  const { subnet } = launch.interfaces.primary;
  const instanceId = context.newId('i');
  attachLaunchInterfaces(context, launch.interfaces, instanceId, launch.interfaceTags);
  const rootVolumeId = context.newId('vol');
  const instance: Instance = {
    instanceId,
    reservationId,
    amiLaunchIndex,
    imageId: launch.imageId,
    instanceType: launch.type.instanceType,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    ...(input.KeyName === undefined ? {} : { keyName: input.KeyName }),
    ...(launch.publicKey === undefined ? {} : { publicKey: launch.publicKey }),
    state: 'pending',
    stateTransitionReason: '',
    launchTime: now.toISOString(),
    ...(input.UserData === undefined ? {} : { userData: input.UserData }),
    metadataOptions: readMetadataOptions(DEFAULT_METADATA, input.MetadataOptions),
    ...(launch.instanceProfile === undefined
      ? {}
      : { instanceProfile: { ...launch.instanceProfile, associationId: context.newId('iip-assoc') } }),
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    instanceInitiatedShutdownBehavior:
      input.InstanceInitiatedShutdownBehavior === 'terminate' ? 'terminate' : 'stop',
    ebsOptimized: input.EbsOptimized ?? false,
    isMonitored: input.Monitoring?.Enabled ?? false,
    rootVolumeId,
    blockDevices: readBlockDevices({
      rootDeviceName: launch.rootDeviceName,
      rootVolumeType: launch.rootVolumeType,
      rootVolumeId,
      newVolumeId: () => context.newId('vol'),
      mappings: input.BlockDeviceMappings,
      tags: launch.volumeTags,
    }),
    ...(launch.cpuCredits === undefined ? {} : { cpuCredits: launch.cpuCredits }),
    ...readInstanceOptions(input, subnet, launch.type),
    clientToken: input.ClientToken ?? '',
    bootsWanted: 1,
    bootsDone: 0,
    tags: launch.instanceTags,
  };
  tx.instances.put(instance);
  return instance;
}

/** Metadata options with those that a request names changed. Throws for a hop limit outside 1 to 64. */
export function readMetadataOptions(
  present: InstanceMetadataOptions,
  wished: InstanceMetadataOptionsRequest | undefined,
): InstanceMetadataOptions {
  if (wished === undefined) return present;
  const hops = wished.HttpPutResponseHopLimit ?? present.httpPutResponseHopLimit;
  if (hops < 1 || hops > 64) {
    throw errors.invalidValue(hops, 'httpPutResponseHopLimit', 'The hop limit is a number from 1 to 64.');
  }
  return {
    httpTokens: wished.HttpTokens ?? present.httpTokens,
    httpPutResponseHopLimit: hops,
    httpEndpoint: wished.HttpEndpoint ?? present.httpEndpoint,
    httpProtocolIpv6: wished.HttpProtocolIpv6 ?? present.httpProtocolIpv6,
    instanceMetadataTags: wished.InstanceMetadataTags ?? present.instanceMetadataTags,
  };
}
