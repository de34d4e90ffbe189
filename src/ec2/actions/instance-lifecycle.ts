import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import type { Instance, InstanceStateName } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { awsTime, interfacesOf, showState } from '../instance-states.ts';
import { takePublicAddress } from '../interfaces.ts';
import { findResource, kinds } from '../kinds.ts';

/** Starting, stopping, rebooting, terminating: the wish is written, and what comes of it follows from the fabric. */
export const instanceLifecycleActions = {
  /** The private address is as before, an automatically assigned public one is new (semantics S39, S44). */
  StartInstances(context: ActionContext, input: StartInstancesRequest): StartInstancesResult {
    const changes = change(context, input.InstanceIds, (instance) => {
      if (instance.state === 'running' || instance.state === 'pending') return instance;
      if (instance.state !== 'stopped') throw refused(instance, 'started');
      assignPublicAddress(context, instance);
      const { stateReason: _reason, ...kept } = instance;
      return {
        ...kept,
        state: 'pending',
        stateTransitionReason: '',
        launchTime: context.now.toISOString(),
        bootsWanted: instance.bootsWanted + 1,
      };
    });
    return { StartingInstances: changes };
  },

  StopInstances(context: ActionContext, input: StopInstancesRequest): StopInstancesResult {
    if (input.Hibernate === true) {
      throw errors.unsupportedOperation('Cloudcroft instances cannot hibernate.');
    }
    const changes = change(context, input.InstanceIds, (instance) => {
      if (instance.state === 'stopped' || instance.state === 'stopping') return instance;
      if (instance.state !== 'running' && instance.state !== 'pending') throw refused(instance, 'stopped');
      if (instance.disableApiStop) throw protectedFrom(instance, 'stopped', 'disableApiStop');
      return {
        ...instance,
        state: 'stopping',
        stateTransitionReason: `User initiated (${awsTime(context.now)})`,
        stateReason: {
          code: 'Client.UserInitiatedShutdown',
          message: 'Client.UserInitiatedShutdown: User initiated shutdown',
        },
      };
    });
    return { StoppingInstances: changes };
  },

  RebootInstances(context: ActionContext, input: RebootInstancesRequest): undefined {
    change(context, input.InstanceIds, (instance) => {
      if (instance.state !== 'running' && instance.state !== 'pending') throw refused(instance, 'rebooted');
      return { ...instance, bootsWanted: instance.bootsWanted + 1 };
    });
  },

  /** A terminated instance stays visible for about an hour. */
  TerminateInstances(context: ActionContext, input: TerminateInstancesRequest): TerminateInstancesResult {
    const changes = change(context, input.InstanceIds, (instance) => {
      if (instance.state === 'terminated' || instance.state === 'shutting-down') return instance;
      if (instance.disableApiTermination)
        throw protectedFrom(instance, 'terminated', 'disableApiTermination');
      return {
        ...instance,
        state: 'shutting-down',
        stateTransitionReason: `User initiated (${awsTime(context.now)})`,
        stateReason: {
          code: 'Client.UserInitiatedShutdown',
          message: 'Client.UserInitiatedShutdown: User initiated shutdown',
        },
      };
    });
    return { TerminatingInstances: changes };
  },
};

/** Applies `next` to every named instance, or to none when one refuses. */
function change(
  { tx }: ActionContext,
  instanceIds: readonly string[] | undefined,
  next: (instance: Instance) => Instance,
): InstanceStateChange[] {
  if (instanceIds === undefined || instanceIds.length === 0) throw errors.missingParameter('InstanceId');
  const instances = [...new Set(instanceIds)].map((id) => findResource(tx, kinds.instance, id, 'instanceId'));
  return instances.map((instance) => {
    const after = next(instance);
    if (after !== instance) tx.instances.put(after);
    return showChange(instance.instanceId, instance.state, after.state);
  });
}

function showChange(
  instanceId: string,
  before: InstanceStateName,
  after: InstanceStateName,
): InstanceStateChange {
  return { InstanceId: instanceId, PreviousState: showState(before), CurrentState: showState(after) };
}

function refused({ instanceId }: Instance, wish: 'started' | 'stopped' | 'rebooted'): errors.AwsError {
  // AWS's own words differ.
  const article = wish === 'stopped' ? 'This' : 'The';
  return errors.incorrectInstanceState(
    `${article} instance '${instanceId}' is not in a state from which it can be ${wish}.`,
  );
}

function protectedFrom(instance: Instance, wish: string, attribute: string): errors.AwsError {
  return errors.operationNotPermitted(
    `The instance '${instance.instanceId}' may not be ${wish}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

/** An instance whose subnet gives public addresses gets one at each start, unless it has an Elastic IP. */
function assignPublicAddress(context: ActionContext, instance: Instance): void {
  const { tx } = context;
  const interfaces = interfacesOf(tx, instance);
  const [primary] = interfaces;
  // With more than one interface nothing is assigned again (semantics S40).
  if (primary === undefined || interfaces.length > 1) return;
  const world: World = tx;
  const hasElasticIp = world.addresses.where('networkInterfaceId', primary.networkInterfaceId).length > 0;
  const { associatePublicIpAddress = tx.subnets.get(instance.subnetId)?.mapPublicIpOnLaunch } = primary;
  if (hasElasticIp || associatePublicIpAddress !== true) return;
  tx.networkInterfaces.put({ ...primary, autoAssignedPublicIp: takePublicAddress(context) });
}
