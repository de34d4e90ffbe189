import { privateNameOf } from '../net/dns-hosts.ts';

/** The private name of an address: `ip-10-0-0-5.ap-northeast-2.compute.internal` (semantics S94). */
export function privateDnsNameOf(region: string, privateIpAddress: string): string {
  return privateNameOf(privateIpAddress, region);
}

/** The public name of an address: `ec2-198-18-0-5.ap-northeast-2.compute.amazonaws.com` (semantics S94). */
export function publicDnsNameOf(region: string, publicIpAddress: string): string {
  const domain = region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`;
  return `ec2-${publicIpAddress.replaceAll('.', '-')}.${domain}`;
}
