import type { Tag } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { Transaction } from '../state/store.ts';
import { blockDevicesOf } from './block-devices.ts';
import { malformedId, noSuchVolume } from './errors.ts';
import type { TaggedKind } from './kinds.ts';

/** Volumes, whose tags are kept with the instances that they belong to. */
export const volumeKind: TaggedKind = { prefix: 'vol', resourceType: 'volume', retag, listTags };

function retag(tx: Transaction, id: string, change: (tags: readonly Tag[]) => readonly Tag[]): void {
  if (!/^vol-[0-9a-f]+$/.test(id)) throw malformedId('InvalidVolumeID.Malformed', id, 'vol');
  const candidates = tx.instances.where('rootVolumeId', id);
  const instances = candidates.length > 0 ? candidates : [...tx.instances.values()];
  for (const instance of instances) {
    const devices = blockDevicesOf(tx, instance);
    if (instance.state === 'terminated' || !devices.some(({ volumeId }) => volumeId === id)) continue;
    const blockDevices = devices.map((device) =>
      device.volumeId === id ? { ...device, tags: change(device.tags) } : device,
    );
    tx.instances.put({ ...instance, blockDevices });
    return;
  }
  throw noSuchVolume(id);
}

function* listTags(world: World): Iterable<{ readonly id: string; readonly tag: Tag }> {
  for (const { state, blockDevices = [] } of world.instances.values()) {
    if (state === 'terminated') continue;
    for (const { volumeId, tags } of blockDevices) for (const tag of tags) yield { id: volumeId, tag };
  }
}
