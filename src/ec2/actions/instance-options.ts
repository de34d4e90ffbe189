import type {
  InstanceCreditSpecificationRequest,
  ModifyInstanceCreditSpecificationRequest,
  ModifyInstanceCreditSpecificationResult,
  ModifyInstanceMaintenanceOptionsRequest,
  ModifyInstanceMaintenanceOptionsResult,
  ModifyPrivateDnsNameOptionsRequest,
  ModifyPrivateDnsNameOptionsResult,
} from '@aws-sdk/client-ec2';
import type { Instance } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { findInstanceType } from '../catalogue/instance-types.ts';
import * as errors from '../errors.ts';
import { namesOfInstance } from '../instance-options.ts';
import { findResource, kinds } from '../kinds.ts';

/** What a launch said of names, recovery and credits, changed afterwards. */
export const instanceOptionActions = {
  /** The type of name is the host's own name too, which is given at boot: only a stopped instance changes it. */
  ModifyPrivateDnsNameOptions(
    { tx }: ActionContext,
    input: ModifyPrivateDnsNameOptionsRequest,
  ): ModifyPrivateDnsNameOptionsResult {
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    const present = namesOfInstance(instance);
    const hostnameType = input.PrivateDnsHostnameType ?? present.hostnameType;
    if (hostnameType !== present.hostnameType && instance.state !== 'stopped') {
      throw errors.incorrectInstanceState(
        `The instance '${instance.instanceId}' is not in the 'stopped' state.`,
      );
    }
    const privateDnsNameOptions = {
      hostnameType,
      enableResourceNameDnsARecord:
        input.EnableResourceNameDnsARecord ?? present.enableResourceNameDnsARecord,
      enableResourceNameDnsAaaaRecord:
        input.EnableResourceNameDnsAAAARecord ?? present.enableResourceNameDnsAaaaRecord,
    };
    tx.instances.put({ ...instance, privateDnsNameOptions });
    return { Return: true };
  },

  ModifyInstanceMaintenanceOptions(
    { tx }: ActionContext,
    input: ModifyInstanceMaintenanceOptionsRequest,
  ): ModifyInstanceMaintenanceOptionsResult {
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    const autoRecovery = input.AutoRecovery ?? instance.autoRecovery ?? 'default';
    tx.instances.put({ ...instance, autoRecovery });
    return { InstanceId: instance.instanceId, AutoRecovery: autoRecovery };
  },

  /** Each instance succeeds or fails by itself. */
  ModifyInstanceCreditSpecification(
    { tx }: ActionContext,
    input: ModifyInstanceCreditSpecificationRequest,
  ): ModifyInstanceCreditSpecificationResult {
    const done: { InstanceId: string }[] = [];
    const failed: ModifyInstanceCreditSpecificationResult['UnsuccessfulInstanceCreditSpecifications'] = [];
    for (const wish of input.InstanceCreditSpecifications ?? []) {
      const instance = findResource(tx, kinds.instance, wish.InstanceId, 'instanceId');
      const { instanceId } = instance;
      if (findInstanceType(instance.instanceType)?.isBurstable === true) {
        tx.instances.put({ ...instance, cpuCredits: readCredits(wish) });
        done.push({ InstanceId: instanceId });
      } else {
        failed.push({ InstanceId: instanceId, Error: notBurstable(instance) });
      }
    }
    return {
      SuccessfulInstanceCreditSpecifications: done,
      UnsuccessfulInstanceCreditSpecifications: failed,
    };
  },
};

function readCredits({ CpuCredits: credits }: InstanceCreditSpecificationRequest): 'standard' | 'unlimited' {
  if (credits === 'standard' || credits === 'unlimited') return credits;
  throw errors.invalidValue(String(credits), 'cpuCredits', 'Use standard or unlimited.');
}

function notBurstable({ instanceId, instanceType }: Instance) {
  return {
    Code: 'InstanceCreditSpecification.NotSupported',
    Message: `The instance ${instanceId} is of the type ${instanceType}, which has no CPU credits.`,
  } as const;
}
