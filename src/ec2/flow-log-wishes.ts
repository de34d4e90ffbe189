import type { CreateFlowLogsRequest } from '@aws-sdk/client-ec2';
import { DEFAULT_LOG_FIELDS, DEFAULT_LOG_FORMAT, type FlowLog } from '../model/flow-log-records.ts';
import { AwsError, missingParameter, unsupportedOperation } from './errors.ts';

/** What a new flow log is to be, whatever it is of. */
export type FlowLogWish = Omit<
  FlowLog,
  'flowLogId' | 'resourceId' | 'creationTime' | 'deliverLogsErrorMessage' | 'tags'
>;

/** The fields that later versions brought, of VPCs. */
const LATER_FIELDS = [
  ...['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr'],
  ...['region', 'az-id', 'sublocation-type', 'sublocation-id'],
  ...['pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path'],
  ...['ecs-cluster-arn', 'ecs-cluster-name', 'ecs-container-instance-arn', 'ecs-container-instance-id'],
  ...['ecs-container-id', 'ecs-second-container-id', 'ecs-service-name', 'ecs-task-definition-arn'],
  ...['ecs-task-arn', 'ecs-task-id', 'reject-reason', 'resource-id', 'encryption-status'],
];

const FIELDS: ReadonlySet<string> = new Set([...DEFAULT_LOG_FIELDS, ...LATER_FIELDS]);

/** Aggregation intervals in seconds, the default last. */
const INTERVALS = [60, 600];

const BUCKET_ARN = /^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/;
const LOG_GROUP_ARN = /^arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:([\w./#-]{1,512})(:\*)?$/;

/** What a request wants of its flow logs. Throws InvalidParameter where its parameters do not go together. */
export function readFlowLogWish(input: CreateFlowLogsRequest): FlowLogWish {
  if (input.ResourceType === undefined) throw missingParameter('ResourceType');
  if (input.TrafficType === undefined) throw invalid("TrafficType can't be empty.");
  if ((input.TagFieldSpecifications ?? []).length > 0) {
    throw unsupportedOperation(
      'Cloudcroft has no tag fields in flow logs: leave TagFieldSpecifications out.',
    );
  }
  const maxAggregationInterval = input.MaxAggregationInterval ?? 600;
  if (!INTERVALS.includes(maxAggregationInterval)) throw invalid('Invalid Flow Log Max Aggregation Interval');
  return {
    trafficType: input.TrafficType,
    ...readDestination(input),
    logFormat: readFormat(input.LogFormat),
    maxAggregationInterval,
    ...(input.DeliverLogsPermissionArn === undefined
      ? {}
      : { deliverLogsPermissionArn: input.DeliverLogsPermissionArn }),
    ...(input.DeliverCrossAccountRole === undefined
      ? {}
      : { deliverCrossAccountRole: input.DeliverCrossAccountRole }),
  };
}

type Destination = Pick<
  FlowLog,
  'logDestinationType' | 'logDestination' | 'logGroupName' | 'destinationOptions'
>;

function readDestination(input: CreateFlowLogsRequest): Destination {
  const { LogDestination, LogGroupName, LogDestinationType: type = 'cloud-watch-logs' } = input;
  if (LogGroupName !== undefined && LogDestination !== undefined) {
    throw invalid('Please only provide LogGroupName or only provide LogDestination.');
  }
  if (LogGroupName === undefined && LogDestination === undefined) {
    throw invalid("LogDestination can't be empty if LogGroupName is not provided.");
  }
  if (type === 'cloud-watch-logs') return readLogGroup(input);
  if (LogDestination === undefined) {
    throw invalid('LogDestination type must be cloud-watch-logs if LogGroupName is provided.');
  }
  if (type !== 's3') {
    throw unsupportedOperation(`Cloudcroft has no flow logs to ${type}: use s3 or cloud-watch-logs.`);
  }
  if (input.DeliverLogsPermissionArn !== undefined) {
    throw invalid('DeliverLogsPermissionArn is not applicable for s3 delivery');
  }
  return readBucket(LogDestination, input);
}

function readLogGroup(input: CreateFlowLogsRequest): Destination {
  const { LogDestination, LogGroupName } = input;
  if (input.DeliverLogsPermissionArn === undefined) {
    throw invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.");
  }
  if (input.DestinationOptions !== undefined) {
    throw invalid('DestinationOptions is not applicable for cloud-watch-logs delivery');
  }
  const logDestinationType = 'cloud-watch-logs';
  if (LogGroupName !== undefined) return { logDestinationType, logGroupName: LogGroupName };
  const [, logGroupName] = LOG_GROUP_ARN.exec(LogDestination ?? '') ?? [];
  if (logGroupName === undefined || LogDestination === undefined) throw invalidDestination(LogDestination);
  return { logDestinationType, logDestination: LogDestination, logGroupName };
}

function readBucket(logDestination: string, { DestinationOptions }: CreateFlowLogsRequest): Destination {
  if (!BUCKET_ARN.test(logDestination)) throw invalidDestination(logDestination);
  const [, ...folders] = logDestination.split('/');
  if (folders.includes('AWSLogs')) {
    throw invalid('LogDestination can not contain the reserved folder name AWSLogs.');
  }
  return {
    logDestinationType: 's3',
    logDestination,
    ...(DestinationOptions === undefined
      ? {}
      : {
          destinationOptions: {
            fileFormat: DestinationOptions.FileFormat ?? 'plain-text',
            hiveCompatiblePartitions: DestinationOptions.HiveCompatiblePartitions ?? false,
            perHourPartition: DestinationOptions.PerHourPartition ?? false,
          },
        }),
  };
}

function readFormat(format = DEFAULT_LOG_FORMAT): string {
  const fields = format.trim().split(/\s+/);
  const unknown = fields.filter((field) => !isKnownField(field));
  if (unknown.length > 0) throw invalid(`Unknown fields provided: [${unknown.join(', ')}]`);
  return format;
}

function isKnownField(text: string): boolean {
  const [, name] = /^\$\{(.*)\}$/.exec(text) ?? [];
  return name !== undefined && FIELDS.has(name);
}

function invalidDestination(destination: string | undefined): AwsError {
  return invalid(`LogDestination: ${destination} is not a valid ARN of its destination type.`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameter', message);
}
