import { privateNameOf, resourceNameOf } from '../net/dns-hosts.ts';
import type { Instance } from './records.ts';

/** The private name of an address: `ip-10-0-0-5.ap-northeast-2.compute.internal` (semantics S94). */
export function privateDnsNameOf(region: string, privateIpAddress: string): string {
  return privateNameOf(privateIpAddress, region);
}

/** The private name of an instance, and of its host: made of its first address, or of its id. */
export function instanceNameOf(region: string, instance: Instance, privateIpAddress: string): string {
  return instance.privateDnsNameOptions?.hostnameType === 'resource-name'
    ? resourceNameOf(instance.instanceId, region)
    : privateDnsNameOf(region, privateIpAddress);
}

/** The public name of an address: `ec2-198-18-0-5.ap-northeast-2.compute.amazonaws.com` (semantics S94). */
export function publicDnsNameOf(region: string, publicIpAddress: string): string {
  const domain = region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`;
  return `ec2-${publicIpAddress.replaceAll('.', '-')}.${domain}`;
}
