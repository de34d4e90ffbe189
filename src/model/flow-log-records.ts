import type { Taggable } from './records.ts';

/** A flow log: what passes a network interface, or all those of a subnet or VPC, told to a destination (S121–S124). */
export interface FlowLog extends Taggable {
  readonly flowLogId: string;
  readonly resourceId: string;
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  readonly logDestinationType: 'cloud-watch-logs' | 's3';
  /** The destination's ARN, as it was given. */
  readonly logDestination?: string;
  readonly logGroupName?: string;
  readonly deliverLogsPermissionArn?: string;
  readonly deliverCrossAccountRole?: string;
  /** The fields of a record: `${version} ${account-id} …` */
  readonly logFormat: string;
  /** Seconds: 60 or 600. */
  readonly maxAggregationInterval: number;
  readonly destinationOptions?: {
    readonly fileFormat: 'plain-text' | 'parquet';
    readonly hiveCompatiblePartitions: boolean;
    readonly perHourPartition: boolean;
  };
  readonly creationTime: string;
  /** Why records do not get to the destination; absent exactly while they do. */
  readonly deliverLogsErrorMessage?: string;
}

/** The fields of a record of version 2, in the order of the default format (semantics S121). */
export const DEFAULT_LOG_FIELDS = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
] as const;

/** The format of a flow log that was made without one. */
export const DEFAULT_LOG_FORMAT = DEFAULT_LOG_FIELDS.map((field) => `\${${field}}`).join(' ');
