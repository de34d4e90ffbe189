import type { NetworkInterface } from './records.ts';

/**
 * Whether a service of AWS that is not modelled holds the interface and runs something behind it: a database, a function, a
 * load balancer, as imports of real accounts bring them. It counts as running; in the world it answers pings only.
 */
export function isServiceInterface({ interfaceType, requesterId, attachment }: NetworkInterface): boolean {
  const isAttached = attachment !== undefined && attachment.instanceId === undefined;
  return interfaceType === 'interface' && requesterId !== undefined && isAttached;
}
