import type { InstanceState } from '@aws-sdk/client-ec2';
import type { Instance, InstanceStateName, NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** The numbers that go with AWS's names of instance states. */
const CODES: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** A state as replies show it. */
export function showState(name: InstanceStateName): InstanceState {
  return { Code: codeOf(name), Name: name };
}

/** The number of a state. */
export function codeOf(name: InstanceStateName): number {
  return CODES[name];
}

/** The interfaces attached to an instance, the primary first; none once it is terminated. */
export function interfacesOf(world: World, instance: Instance): NetworkInterface[] {
  return world.networkInterfaces
    .where('vpcId', instance.vpcId)
    .filter(({ attachment }) => attachment?.instanceId === instance.instanceId)
    .sort((a, b) => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0));
}

/** `2026-11-23 21:00:00 GMT`, as AWS writes times inside sentences. */
export function awsTime(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} GMT`;
}
