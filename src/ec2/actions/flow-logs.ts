import type {
  CreateFlowLogsRequest,
  CreateFlowLogsResult,
  DeleteFlowLogsRequest,
  DeleteFlowLogsResult,
  DescribeFlowLogsRequest,
  DescribeFlowLogsResult,
  FlowLogsResourceType,
  UnsuccessfulItem,
  FlowLog as WireFlowLog,
} from '@aws-sdk/client-ec2';
import type { FlowLog } from '../../model/flow-log-records.ts';
import { flowLogObstacle } from '../../model/flow-logs.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FlowLogWish, readFlowLogWish } from '../flow-log-wishes.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** Flow logs that one interface, subnet or VPC may have; AWS does not raise it. */
const MOST_FLOW_LOGS = 2;

const listing: Listing<FlowLog> = {
  ...kinds.flowLog,
  filters: {
    'deliver-log-status': statusOf,
    'log-destination-type': 'logDestinationType',
    'flow-log-id': 'flowLogId',
    'log-group-name': 'logGroupName',
    'resource-id': 'resourceId',
    'traffic-type': 'trafficType',
  },
  pages: { fewest: 1, most: 1000 },
};

/** Flow logs cannot be changed once they are made (semantics S124). */
export const flowLogActions = {
  CreateFlowLogs(context: ActionContext, input: CreateFlowLogsRequest): CreateFlowLogsResult {
    const resourceIds = [...new Set(input.ResourceIds)];
    if (resourceIds.length === 0) throw errors.missingParameter('ResourceId');
    const wish = readFlowLogWish(input);
    const tags = readTagSpecifications(input.TagSpecifications, 'vpc-flow-log');
    const flowLogIds: string[] = [];
    const unsuccessful: UnsuccessfulItem[] = [];
    for (const resourceId of resourceIds) {
      try {
        findTarget(context, input.ResourceType, resourceId);
      } catch (error) {
        if (!(error instanceof errors.AwsError)) throw error;
        unsuccessful.push({ ResourceId: resourceId, Error: { Code: error.code, Message: error.message } });
        continue;
      }
      flowLogIds.push(addFlowLog(context, resourceId, wish, tags).flowLogId);
    }
    return {
      FlowLogIds: flowLogIds,
      Unsuccessful: unsuccessful,
      // AWS makes one for a request that has none.
      ClientToken: input.ClientToken ?? context.newId('fl-token'),
    };
  },

  DeleteFlowLogs({ tx }: ActionContext, input: DeleteFlowLogsRequest): DeleteFlowLogsResult {
    const ids = [...new Set(input.FlowLogIds)];
    if (ids.length === 0) throw errors.missingParameter('FlowLogId');
    const missing = ids.filter((id) => tx.flowLogs.get(id) === undefined);
    for (const id of missing) {
      if (/^fl-[0-9a-f]+$/.test(id)) continue;
      throw errors.malformedId(kinds.flowLog.malformed, id, kinds.flowLog.prefix);
    }
    if (missing.length > 0) throw errors.noSuchFlowLogs(missing);
    for (const id of ids) tx.flowLogs.delete(id);
    return { Unsuccessful: [] };
  },

  DescribeFlowLogs({ tx }: ActionContext, input: DescribeFlowLogsRequest): DescribeFlowLogsResult {
    const page = listRecords(tx.flowLogs, tx, listing, {
      ids: input.FlowLogIds,
      Filters: input.Filter,
      MaxResults: input.MaxResults,
      NextToken: input.NextToken,
    });
    return { FlowLogs: page.records.map(showFlowLog), NextToken: page.nextToken };
  },
};

/** Throws unless there is a resource of this type and id. */
function findTarget({ tx }: ActionContext, type: FlowLogsResourceType | undefined, id: string): void {
  switch (type) {
    case 'VPC':
      findResource(tx, kinds.vpc, id, 'vpcId');
      return;
    case 'Subnet':
      findResource(tx, kinds.subnet, id, 'subnetId');
      return;
    case 'NetworkInterface':
      findResource(tx, kinds.networkInterface, id, 'networkInterfaceId');
      return;
    default:
      throw errors.unsupportedOperation(`Cloudcroft has no flow logs of ${String(type)} resources.`);
  }
}

function addFlowLog(
  { tx, newId, now }: ActionContext,
  resourceId: string,
  wish: FlowLogWish,
  tags: FlowLog['tags'],
): FlowLog {
  const present = tx.flowLogs.where('resourceId', resourceId);
  const obstacle = flowLogObstacle(wish);
  const made: FlowLog = {
    flowLogId: newId('fl'),
    resourceId,
    ...wish,
    creationTime: now.toISOString(),
    ...(obstacle === undefined ? {} : { deliverLogsErrorMessage: obstacle }),
    tags,
  };
  if (present.some((other) => configurationOf(other) === configurationOf(made))) {
    throw new errors.AwsError(
      'FlowLogAlreadyExists',
      'Error. There is an existing Flow Log with the same configuration and log destination.',
    );
  }
  if (present.length >= MOST_FLOW_LOGS) {
    throw errors.limitExceeded(
      'FlowLogsLimitExceeded',
      `The maximum number of flow logs of ${resourceId} has been reached: ${MOST_FLOW_LOGS}.`,
    );
  }
  tx.flowLogs.put(made);
  return made;
}

/** A text that two flow logs of a resource share exactly when AWS takes them for the same. */
function configurationOf(flowLog: FlowLog): string {
  const { trafficType, logDestinationType, logDestination, logGroupName } = flowLog;
  return JSON.stringify([trafficType, logDestinationType, logDestination, logGroupName]);
}

function statusOf({ deliverLogsErrorMessage }: FlowLog): 'SUCCESS' | 'FAILED' {
  return deliverLogsErrorMessage === undefined ? 'SUCCESS' : 'FAILED';
}

function showFlowLog(flowLog: FlowLog): WireFlowLog {
  const { destinationOptions } = flowLog;
  return {
    FlowLogId: flowLog.flowLogId,
    FlowLogStatus: 'ACTIVE',
    ResourceId: flowLog.resourceId,
    TrafficType: flowLog.trafficType,
    LogDestinationType: flowLog.logDestinationType,
    LogDestination: flowLog.logDestination,
    LogGroupName: flowLog.logGroupName,
    LogFormat: flowLog.logFormat,
    MaxAggregationInterval: flowLog.maxAggregationInterval,
    DeliverLogsPermissionArn: flowLog.deliverLogsPermissionArn,
    DeliverCrossAccountRole: flowLog.deliverCrossAccountRole,
    DeliverLogsStatus: statusOf(flowLog),
    DeliverLogsErrorMessage: flowLog.deliverLogsErrorMessage,
    CreationTime: new Date(flowLog.creationTime),
    ...(destinationOptions === undefined
      ? {}
      : {
          DestinationOptions: {
            FileFormat: destinationOptions.fileFormat,
            HiveCompatiblePartitions: destinationOptions.hiveCompatiblePartitions,
            PerHourPartition: destinationOptions.perHourPartition,
          },
        }),
    Tags: showTags(flowLog),
  };
}
