import type { CpuOptionsRequest, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { CpuOptions, PrivateDnsNameOptions } from '../model/instance-option-records.ts';
import type { Instance, Subnet } from '../model/records.ts';
import { findInstanceType, type InstanceTypeFacts } from './catalogue/instance-types.ts';
import * as errors from './errors.ts';

/** What a launch says beside its interfaces and volumes; absent members are as every instance has them. */
export type InstanceOptions = Pick<Instance, 'privateDnsNameOptions' | 'cpuOptions' | 'autoRecovery'>;

/** How instances are called that were launched before their names were kept. */
const IP_NAME: PrivateDnsNameOptions = {
  hostnameType: 'ip-name',
  enableResourceNameDnsARecord: false,
  enableResourceNameDnsAaaaRecord: false,
};

/** Reads the options of a launch. What it does not say of names, its subnet says. */
export function readInstanceOptions(
  input: RunInstancesRequest,
  subnet: Subnet,
  type: InstanceTypeFacts,
): InstanceOptions {
  const { PrivateDnsNameOptions: names, CpuOptions: cpu, MaintenanceOptions: maintenance } = input;
  const privateDnsNameOptions = {
    hostnameType: names?.HostnameType ?? subnet.privateDnsHostnameType,
    enableResourceNameDnsARecord: names?.EnableResourceNameDnsARecord ?? subnet.enableResourceNameDnsARecord,
    enableResourceNameDnsAaaaRecord:
      names?.EnableResourceNameDnsAAAARecord ?? subnet.enableResourceNameDnsAaaaRecord,
  };
  return {
    privateDnsNameOptions,
    ...(cpu === undefined ? {} : { cpuOptions: readCpuOptions(cpu, type) }),
    ...(maintenance?.AutoRecovery === undefined ? {} : { autoRecovery: maintenance.AutoRecovery }),
  };
}

/** How an instance is called. */
export function namesOfInstance({ privateDnsNameOptions }: Instance): PrivateDnsNameOptions {
  return privateDnsNameOptions ?? IP_NAME;
}

/** The processors of an instance: those it asked for, else its type's. */
export function cpuOptionsOf({ cpuOptions, instanceType }: Instance): CpuOptions {
  const type = findInstanceType(instanceType);
  return cpuOptions ?? coresOf(type?.vcpus ?? 1, type?.threadsPerCore ?? 1);
}

/** The cores that a number of virtual CPUs is. */
function coresOf(vcpus: number, threadsPerCore: number): CpuOptions {
  return { coreCount: vcpus / threadsPerCore, threadsPerCore };
}

function readCpuOptions(wish: CpuOptionsRequest, type: InstanceTypeFacts): CpuOptions {
  const { CoreCount, ThreadsPerCore } = wish;
  const all = coresOf(type.vcpus, type.threadsPerCore);
  const coreCount = CoreCount ?? all.coreCount;
  const threadsPerCore = ThreadsPerCore ?? all.threadsPerCore;
  const isPossible =
    coreCount >= 1 &&
    coreCount <= all.coreCount &&
    threadsPerCore >= 1 &&
    threadsPerCore <= all.threadsPerCore;
  if (isPossible) return { coreCount, threadsPerCore };
  throw errors.invalidParameterValue(
    `CpuOptions of ${coreCount} cores with ${threadsPerCore} threads are not supported for the instance type ${type.instanceType}, which has ${all.coreCount} cores with ${all.threadsPerCore} threads each.`,
  );
}
