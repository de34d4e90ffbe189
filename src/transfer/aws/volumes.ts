import type { BlockDevice, VolumeType } from '../../model/block-device-records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';

const TYPES = ['standard', 'io1', 'io2', 'gp2', 'sc1', 'st1', 'gp3'] as const satisfies readonly VolumeType[];

/** What a dump says of volumes apart from their instances, by id. */
export type Volumes = ReadonlyMap<
  string,
  Omit<BlockDevice, 'deviceName' | 'volumeId' | 'isDeletedOnTermination'>
>;

/** Of a volume that is in no file: a new instance's, of AWS's own images. */
const UNKNOWN = {
  size: 8,
  volumeType: 'gp3',
  iops: 3000,
  throughput: 125,
  isEncrypted: false,
  tags: [],
} as const;

/** The volumes of `describe-volumes`. */
export function readVolumes(dump: Dump): Volumes {
  const volumes: Map<string, ReturnType<typeof readVolume>> = new Map();
  dump.each('Volumes', (item) => volumes.set(item.id('VolumeId'), readVolume(item)));
  return volumes;
}

function readVolume(item: Item) {
  return {
    size: item.number('Size') ?? UNKNOWN.size,
    volumeType: item.word('VolumeType', TYPES) ?? UNKNOWN.volumeType,
    ...optional('iops', item.number('Iops')),
    ...optional('throughput', item.number('Throughput')),
    isEncrypted: item.flag('Encrypted') ?? false,
    ...optional('kmsKeyId', item.text('KmsKeyId')),
    tags: item.tags(),
  };
}

/** What is attached to an instance, its root volume first; undefined where its reply does not say. */
export function readBlockDevices(instance: Item, volumes: Volumes): readonly BlockDevice[] | undefined {
  const devices = instance.items('BlockDeviceMappings').flatMap((mapping) => {
    const ebs = mapping.item('Ebs');
    const volumeId = ebs?.reference('VolumeId');
    if (ebs === undefined || volumeId === undefined) return [];
    const isDeletedOnTermination = ebs.flag('DeleteOnTermination') ?? true;
    const deviceName = mapping.need('DeviceName');
    return [{ ...(volumes.get(volumeId) ?? UNKNOWN), deviceName, volumeId, isDeletedOnTermination }];
  });
  const root = instance.text('RootDeviceName');
  return devices.length === 0
    ? undefined
    : devices.toSorted((a, b) => Number(b.deviceName === root) - Number(a.deviceName === root));
}
