import type { FlowLog } from './flow-log-records.ts';
import type { NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/** The flow logs that an interface is in: its own, its subnet's and its VPC's. */
export function flowLogsOf(
  world: World,
  {
    networkInterfaceId,
    subnetId,
    vpcId,
  }: Pick<NetworkInterface, 'networkInterfaceId' | 'subnetId' | 'vpcId'>,
): FlowLog[] {
  return [networkInterfaceId, subnetId, vpcId].flatMap((id) => world.flowLogs.where('resourceId', id));
}

/** Why nothing is ever written for a flow log like this, as a sentence; undefined for one that records are written for. */
export function flowLogObstacle({
  logDestinationType,
  destinationOptions,
}: Pick<FlowLog, 'logDestinationType' | 'destinationOptions'>): string | undefined {
  if (logDestinationType !== 's3') {
    return 'Cloudcroft has no CloudWatch Logs: make the flow log with LogDestinationType s3 and the ARN of a bucket.';
  }
  if (destinationOptions?.fileFormat === 'parquet') {
    return 'Cloudcroft writes flow logs as plain text only: make the flow log with the FileFormat plain-text.';
  }
  return undefined;
}

/** The VPC that a flow log's resource is, or is in; undefined when it is gone. */
export function vpcIdOfFlowLog(
  world: World,
  { resourceId }: Pick<FlowLog, 'resourceId'>,
): string | undefined {
  if (world.vpcs.get(resourceId) !== undefined) return resourceId;
  return world.subnets.get(resourceId)?.vpcId ?? world.networkInterfaces.get(resourceId)?.vpcId;
}
