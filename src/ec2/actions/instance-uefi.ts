import type { GetInstanceUefiDataRequest, GetInstanceUefiDataResult } from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';

/** The variables that an instance's firmware keeps. Instances boot without one here, so that there are none. */
export const instanceUefiActions = {
  GetInstanceUefiData({ tx }: ActionContext, input: GetInstanceUefiDataRequest): GetInstanceUefiDataResult {
    const { instanceId, state } = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    if (state === 'terminated') throw errors.noSuchInstance(instanceId);
    return { InstanceId: instanceId };
  },
};
