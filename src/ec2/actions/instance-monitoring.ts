import type {
  InstanceMonitoring,
  MonitorInstancesRequest,
  MonitorInstancesResult,
  UnmonitorInstancesRequest,
  UnmonitorInstancesResult,
} from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';

/** Detailed monitoring: a mark on instances, since nothing measures them here. */
export const instanceMonitoringActions = {
  MonitorInstances(context: ActionContext, input: MonitorInstancesRequest): MonitorInstancesResult {
    return { InstanceMonitorings: markInstances(context, input.InstanceIds, true) };
  },

  UnmonitorInstances(context: ActionContext, input: UnmonitorInstancesRequest): UnmonitorInstancesResult {
    return { InstanceMonitorings: markInstances(context, input.InstanceIds, false) };
  },
};

/** Throws, and marks none, where one of the instances is not there. */
function markInstances(
  { tx }: ActionContext,
  ids: readonly string[] | undefined,
  isMonitored: boolean,
): InstanceMonitoring[] {
  if (ids === undefined || ids.length === 0) throw errors.missingParameter('instanceId');
  const instances = [...new Set(ids)].map((id) => findResource(tx, kinds.instance, id, 'instanceId'));
  return instances.map((instance) => {
    tx.instances.put({ ...instance, isMonitored });
    return {
      InstanceId: instance.instanceId,
      Monitoring: { State: isMonitored ? 'enabled' : 'disabled' },
    };
  });
}
