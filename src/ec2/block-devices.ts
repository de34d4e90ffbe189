import type { BlockDeviceMapping, EbsBlockDevice } from '@aws-sdk/client-ec2';
import type { BlockDevice, VolumeType } from '../model/block-device-records.ts';
import type { Instance, Tag } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { AwsError, invalidValue, missingParameter } from './errors.ts';
import { findImageIn } from './images.ts';

/** Gibibytes of every image's root volume. */
export const IMAGE_VOLUME_SIZE = 8;

/** Largest volume of each type, in GiB (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html). */
const LARGEST: Readonly<Record<VolumeType, number>> = {
  standard: 1024,
  gp2: 16_384,
  gp3: 65_536,
  io1: 16_384,
  io2: 65_536,
  sc1: 16_384,
  st1: 16_384,
};

/** Of a volume of type gp3, when nobody says otherwise. */
const GP3_SPEED = { iops: 3000, throughput: 125 } as const;

/** What a launch says of its volumes. */
interface VolumeWishes {
  readonly rootDeviceName: string;
  readonly rootVolumeType: VolumeType;
  readonly rootVolumeId: string;
  readonly newVolumeId: () => string;
  readonly mappings: readonly BlockDeviceMapping[] | undefined;
  readonly tags: readonly Tag[];
}

/**
 * The volumes that a launch asks for, the root volume first. Throws InvalidBlockDeviceMapping for a device named
 * twice, for one without size and for a root volume smaller than the image.
 */
export function readBlockDevices(wishes: VolumeWishes): readonly BlockDevice[] {
  const { rootDeviceName, rootVolumeId, newVolumeId, tags } = wishes;
  const root = {
    ...imageVolume(wishes.rootVolumeType),
    deviceName: rootDeviceName,
    volumeId: rootVolumeId,
    tags,
  };
  const devices = new Map<string, BlockDevice>([[rootDeviceName, root]]);
  const seen = new Set<string>();
  for (const { DeviceName, Ebs, NoDevice, VirtualName } of wishes.mappings ?? []) {
    if (DeviceName === undefined || DeviceName === '') throw missingParameter('deviceName');
    if (seen.has(DeviceName)) throw invalidMapping(`${DeviceName} is named twice.`);
    seen.add(DeviceName);
    // Neither a device taken out nor an instance store is a volume.
    if (NoDevice !== undefined || VirtualName !== undefined || Ebs === undefined) continue;
    const isRoot = DeviceName === rootDeviceName;
    const volumeId = isRoot ? rootVolumeId : newVolumeId();
    devices.set(DeviceName, {
      deviceName: DeviceName,
      volumeId,
      tags,
      ...readVolume(Ebs, isRoot ? wishes.rootVolumeType : undefined),
    });
  }
  return [...devices.values()];
}

/** An image's root volume when nobody says otherwise. */
function imageVolume(volumeType: VolumeType): Omit<BlockDevice, 'deviceName' | 'volumeId' | 'tags'> {
  return readVolume({}, volumeType);
}

/** `imageType` is the type of the image's root volume, when the volume is that one. */
function readVolume(
  wish: EbsBlockDevice,
  imageType: VolumeType | undefined,
): Omit<BlockDevice, 'deviceName' | 'volumeId' | 'tags'> {
  const isRoot = imageType !== undefined;
  const volumeType = wish.VolumeType ?? imageType ?? 'gp2';
  const size = wish.VolumeSize ?? (isRoot ? IMAGE_VOLUME_SIZE : undefined);
  if (size === undefined) throw invalidMapping('Either a snapshot or a volume size must be given.');
  if (isRoot && size < IMAGE_VOLUME_SIZE) {
    throw invalidMapping(
      `A volume of ${size}GB is smaller than the image's: expect >= ${IMAGE_VOLUME_SIZE}GB.`,
    );
  }
  if (size < 1 || size > LARGEST[volumeType]) {
    throw invalidValue(size, 'size', `A volume of type ${volumeType} has 1 to ${LARGEST[volumeType]} GiB.`);
  }
  return {
    size,
    volumeType,
    ...readSpeed(volumeType, size, wish),
    isEncrypted: wish.Encrypted ?? wish.KmsKeyId !== undefined,
    ...(wish.KmsKeyId === undefined ? {} : { kmsKeyId: wish.KmsKeyId }),
    isDeletedOnTermination: wish.DeleteOnTermination ?? true,
  };
}

/** Operations a second and MiB a second, where the type has them. */
function readSpeed(
  type: VolumeType,
  size: number,
  { Iops, Throughput }: EbsBlockDevice,
): Pick<BlockDevice, 'iops' | 'throughput'> {
  if (Throughput !== undefined && type !== 'gp3') {
    throw invalidMapping(`The parameter throughput is not supported for ${type} volumes.`);
  }
  switch (type) {
    case 'gp3':
      return { iops: Iops ?? GP3_SPEED.iops, throughput: Throughput ?? GP3_SPEED.throughput };
    case 'io1':
    case 'io2':
      if (Iops === undefined) throw missingParameter('iops');
      return { iops: Iops };
    default:
      if (Iops !== undefined)
        throw invalidMapping(`The parameter iops is not supported for ${type} volumes.`);
      // 3 a GiB, between 100 and 16,000.
      return type === 'gp2' ? { iops: Math.min(16_000, Math.max(100, 3 * size)) } : {};
  }
}

/** The volumes of an instance, the root volume first; those launched before volumes were kept have the image's. */
export function blockDevicesOf(world: World, instance: Instance): readonly BlockDevice[] {
  if (instance.blockDevices !== undefined) return instance.blockDevices;
  const deviceName = findImageIn(world, instance.imageId)?.rootDeviceName ?? '/dev/xvda';
  return [{ ...imageVolume('gp3'), deviceName, volumeId: instance.rootVolumeId, tags: [] }];
}

/** The volumes with those changed that a request names; only whether they end with the instance can be changed. */
export function changeBlockDevices(
  present: readonly BlockDevice[],
  wishes: readonly {
    readonly DeviceName?: string | undefined;
    readonly Ebs?: { readonly DeleteOnTermination?: boolean | undefined } | undefined;
  }[],
): readonly BlockDevice[] {
  for (const { DeviceName } of wishes) {
    if (present.some(({ deviceName }) => deviceName === DeviceName)) continue;
    const message = `No device is currently mapped at ${DeviceName ?? 'no name'}`;
    throw new AwsError('InvalidInstanceAttributeValue', message);
  }
  return present.map((device) => {
    const wish = wishes.find(({ DeviceName }) => DeviceName === device.deviceName);
    return {
      ...device,
      isDeletedOnTermination: wish?.Ebs?.DeleteOnTermination ?? device.isDeletedOnTermination,
    };
  });
}

function invalidMapping(because: string): AwsError {
  return new AwsError('InvalidBlockDeviceMapping', because);
}
