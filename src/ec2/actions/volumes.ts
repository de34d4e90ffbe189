import type { DescribeVolumesRequest, DescribeVolumesResult, Volume } from '@aws-sdk/client-ec2';
import type { BlockDevice } from '../../model/block-device-records.ts';
import type { Instance } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { blockDevicesOf } from '../block-devices.ts';
import { zoneIdOf } from '../catalogue/regions.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { shownFilters } from '../shown-filters.ts';

/** A volume of an instance: a record, as there are no others. */
interface InstanceVolume extends BlockDevice {
  readonly instance: Instance;
}

const filters: FilterTable<InstanceVolume> = {
  'volume-id': 'volumeId',
  'attachment.instance-id': ({ instance }) => instance.instanceId,
  'attachment.device': 'deviceName',
  'attachment.status': () => 'attached',
  'attachment.delete-on-termination': ({ isDeletedOnTermination }) => isDeletedOnTermination,
  'availability-zone': ({ instance }) => instance.availabilityZone,
  status: () => 'in-use',
  'volume-type': 'volumeType',
  size: ({ size }) => size,
  encrypted: ({ isEncrypted }) => isEncrypted,
  'availability-zone-id': ({ instance }) => zoneIdOf(instance.availabilityZone),
  'fast-restored': () => false,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  ...shownFilters<InstanceVolume>((volume) => showVolume(volume), {
    'attachment.attach-time': 'Attachments.AttachTime',
    'create-time': 'CreateTime',
    'multi-attach-enabled': 'MultiAttachEnabled',
    'snapshot-id': 'SnapshotId',
  }),
};

/** The volumes of instances: there is no other storage here. */
export const volumeActions = {
  DescribeVolumes({ tx }: ActionContext, input: DescribeVolumesRequest): DescribeVolumesResult {
    const volumes = volumesIn(tx);
    for (const id of input.VolumeIds ?? []) {
      if (volumes.some(({ volumeId }) => volumeId === id)) continue;
      throw errors.noSuchVolume(id);
    }
    const named = volumes.filter(({ volumeId }) => input.VolumeIds?.includes(volumeId) ?? true);
    const page = pageOf(
      filterRecords(named, input.Filters, filters, tx),
      { name: 'volumes', idOf: ({ volumeId }) => volumeId, pages: { fewest: 5, most: 1000 } },
      input,
    );
    return { Volumes: page.records.map(showVolume), NextToken: page.nextToken };
  },
};

function volumesIn(world: World): readonly InstanceVolume[] {
  return [...world.instances.values()]
    .filter(({ state }) => state !== 'terminated')
    .flatMap((instance) => blockDevicesOf(world, instance).map((device) => ({ ...device, instance })));
}

function showVolume({ instance, ...device }: InstanceVolume): Volume {
  const { volumeId, iops, throughput, kmsKeyId } = device;
  return {
    VolumeId: volumeId,
    AvailabilityZone: instance.availabilityZone,
    CreateTime: new Date(instance.launchTime),
    Encrypted: device.isEncrypted,
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
    Size: device.size,
    State: 'in-use',
    VolumeType: device.volumeType,
    ...(iops === undefined ? {} : { Iops: iops }),
    ...(throughput === undefined ? {} : { Throughput: throughput }),
    MultiAttachEnabled: false,
    SnapshotId: '',
    Attachments: [
      {
        VolumeId: volumeId,
        InstanceId: instance.instanceId,
        Device: device.deviceName,
        State: 'attached',
        DeleteOnTermination: device.isDeletedOnTermination,
        AttachTime: new Date(instance.launchTime),
      },
    ],
    Tags: device.tags.map(({ key, value }) => ({ Key: key, Value: value })),
  };
}
