import type { Tag } from './records.ts';

/** A volume attached to an instance: a record only, for instances have their image's files and no disks. */
export interface BlockDevice {
  /** `/dev/xvda` */
  readonly deviceName: string;
  readonly volumeId: string;
  /** GiB. */
  readonly size: number;
  readonly volumeType: VolumeType;
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
  readonly isEncrypted: boolean;
  readonly kmsKeyId?: string;
  readonly isDeletedOnTermination: boolean;
  readonly tags: readonly Tag[];
}

export type VolumeType = 'standard' | 'io1' | 'io2' | 'gp2' | 'sc1' | 'st1' | 'gp3';
