import type { InstanceMetadataOptionsRequest, Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Instance, InstanceMetadataOptions, NetworkInterface, Subnet } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { findImage } from '../catalogue/images.ts';
import { findInstanceType } from '../catalogue/instance-types.ts';
import * as errors from '../errors.ts';
import { chooseGroups, makeInterface, takePublicAddress } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications } from '../tags.ts';
import { noSuchImage } from './images.ts';
import { showReservation } from './instance-describe.ts';
import { noSuchInstanceType } from './instance-types.ts';

/** Longest user data, decoded. */
const MOST_USER_DATA_BYTES = 16_384;

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
  RunInstances(context: ActionContext, input: RunInstancesRequest): Reservation {
    const launch = readLaunch(context, input);
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
  readonly instanceType: string;
  readonly subnet: Subnet;
  readonly groupIds: readonly string[];
  readonly publicKey: string | undefined;
  readonly hasPublicAddress: boolean;
  readonly privateIpAddress: string | undefined;
  readonly existing: NetworkInterface | undefined;
}

function readLaunch(context: ActionContext, input: RunInstancesRequest): Launch {
  const { tx, region } = context;
  if (input.LaunchTemplate !== undefined) {
    throw errors.unsupportedOperation(
      'Cloudcroft has no launch templates yet: give the parameters themselves.',
    );
  }
  const count = readCount(input);
  const { ImageId: imageId } = input;
  if (imageId === undefined || imageId === '') throw errors.missingParameter('ImageId');
  if (!/^ami-[0-9a-f]{8,17}$/.test(imageId))
    throw errors.malformedId('InvalidAMIID.Malformed', imageId, 'ami');
  const image = findImage(region, imageId);
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
  const [spec, ...more] = input.NetworkInterfaces ?? [];
  if (more.length > 0) {
    throw errors.unsupportedOperation('Cloudcroft launches instances with one network interface, so far.');
  }
  if (spec !== undefined && (input.SubnetId !== undefined || input.SecurityGroupIds !== undefined)) {
    throw errors.invalidParameterCombination(
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    );
  }
  const existing =
    spec?.NetworkInterfaceId === undefined
      ? undefined
      : findResource(tx, kinds.networkInterface, spec.NetworkInterfaceId, 'networkInterfaceId');
  if (existing?.attachment !== undefined) {
    throw errors.networkInterfaceInUse(`Interface: [${existing.networkInterfaceId}] in use.`);
  }
  const subnet = chooseSubnet(
    context,
    existing?.subnetId ?? spec?.SubnetId ?? input.SubnetId,
    input.Placement?.AvailabilityZone,
  );
  const named = groupsByName(context, subnet, input.SecurityGroups);
  const privateIpAddress = spec?.PrivateIpAddress ?? input.PrivateIpAddress;
  if (privateIpAddress !== undefined && count > 1) {
    throw errors.invalidParameterCombination('A private address can be given to one instance only.');
  }
  return {
    count,
    imageId,
    instanceType: type.instanceType,
    subnet,
    groupIds: chooseGroups(context, subnet.vpcId, spec?.Groups ?? input.SecurityGroupIds ?? named),
    publicKey: readPublicKeyOf(context, input.KeyName),
    hasPublicAddress:
      spec?.AssociatePublicIpAddress ?? (existing === undefined && subnet.mapPublicIpOnLaunch),
    privateIpAddress,
    existing,
  };
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

function readUserData(userData: string | undefined): void {
  if (userData === undefined) return;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData)) {
    throw new errors.AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  if (Buffer.from(userData, 'base64').length > MOST_USER_DATA_BYTES) {
    throw errors.invalidParameterValue(`User data is limited to ${MOST_USER_DATA_BYTES} bytes`);
  }
}

/** The named subnet; else the default subnet of the wished zone, or of the first. */
function chooseSubnet({ tx }: ActionContext, subnetId: string | undefined, zone: string | undefined): Subnet {
  if (subnetId !== undefined) {
    const subnet = findResource(tx, kinds.subnet, subnetId, 'subnetId');
    if (zone === undefined || zone === subnet.availabilityZone) return subnet;
    throw errors.invalidParameterValue(`The subnet ${subnetId} is not in the availability zone ${zone}.`);
  }
  const subnets = [...tx.subnets.values()].filter(({ isDefaultForAz }) => isDefaultForAz);
  const found = subnets.find(({ availabilityZone }) => zone === undefined || availabilityZone === zone);
  if (found !== undefined) return found;
  if (subnets.length === 0) throw errors.noDefaultVpc();
  throw new errors.AwsError('MissingInput', `No default subnet in availability zone ${zone}.`);
}

function groupsByName(
  { tx }: ActionContext,
  { vpcId }: Subnet,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  return names?.map((name) => {
    const group = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === name);
    if (group === undefined) throw errors.noSuchSecurityGroup(name);
    return group.groupId;
  });
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
  const { tx, now, account } = context;
  const instanceId = context.newId('i');
  const [spec] = input.NetworkInterfaces ?? [];
  const attachment = {
    attachmentId: context.newId('eni-attach'),
    instanceId,
    instanceOwnerId: account,
    deviceIndex: 0,
    attachTime: now.toISOString(),
    deleteOnTermination: spec?.DeleteOnTermination ?? launch.existing === undefined,
  };
  const eni =
    launch.existing ??
    makeInterface(context, {
      subnet: launch.subnet,
      description: spec?.Description ?? '',
      interfaceType: 'interface',
      groupIds: launch.groupIds,
      privateIpAddress: launch.privateIpAddress,
      tags: readTagSpecifications(input.TagSpecifications, 'network-interface', TAGGABLE),
    });
  tx.networkInterfaces.put({
    ...eni,
    attachment,
    ...(launch.hasPublicAddress ? { autoAssignedPublicIp: takePublicAddress(context) } : {}),
  });
  const instance: Instance = {
    instanceId,
    reservationId,
    amiLaunchIndex,
    imageId: launch.imageId,
    instanceType: launch.instanceType,
    vpcId: launch.subnet.vpcId,
    subnetId: launch.subnet.subnetId,
    availabilityZone: launch.subnet.availabilityZone,
    ...(input.KeyName === undefined ? {} : { keyName: input.KeyName }),
    ...(launch.publicKey === undefined ? {} : { publicKey: launch.publicKey }),
    state: 'pending',
    stateTransitionReason: '',
    launchTime: now.toISOString(),
    ...(input.UserData === undefined ? {} : { userData: input.UserData }),
    metadataOptions: readMetadataOptions(DEFAULT_METADATA, input.MetadataOptions),
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    instanceInitiatedShutdownBehavior:
      input.InstanceInitiatedShutdownBehavior === 'terminate' ? 'terminate' : 'stop',
    ebsOptimized: input.EbsOptimized ?? false,
    isMonitored: input.Monitoring?.Enabled ?? false,
    rootVolumeId: context.newId('vol'),
    clientToken: input.ClientToken ?? '',
    bootsWanted: 1,
    bootsDone: 0,
    tags: readTagSpecifications(input.TagSpecifications, 'instance', TAGGABLE),
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
