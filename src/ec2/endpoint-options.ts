import type { DnsOptionsSpecification, SubnetConfiguration } from '@aws-sdk/client-ec2';
import { invalidParameterValue, unsupportedOperation } from './errors.ts';

/** What requests about endpoints say besides the choice of tables, subnets and groups. */
interface EndpointOptions {
  readonly IpAddressType?: string | undefined;
  readonly DnsOptions?: DnsOptionsSpecification | undefined;
  readonly ServiceRegion?: string | undefined;
}

/**
 * Throws UnsupportedOperation for what no endpoint here has: IPv6, services of other regions, names for resolver
 * endpoints only. What passes is what every endpoint is: IPv4, in address and name.
 */
export function refuseUnsupportedOptions(input: EndpointOptions, region: string): void {
  const { IpAddressType = 'ipv4', DnsOptions = {}, ServiceRegion = region } = input;
  if (IpAddressType !== 'ipv4') throw lack(`the address type ${IpAddressType}`);
  if (ServiceRegion !== region) throw lack(`services of other regions: ${ServiceRegion}`);
  const { DnsRecordIpType = 'ipv4' } = DnsOptions;
  if (DnsRecordIpType !== 'ipv4') throw lack(`DNS records of type ${DnsRecordIpType}`);
  if (DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint === true) {
    throw lack('private DNS for inbound resolver endpoints only');
  }
  if (DnsOptions.PrivateDnsPreference !== undefined || DnsOptions.PrivateDnsSpecifiedDomains !== undefined) {
    throw lack('a preference among private DNS names');
  }
}

/**
 * The private address that a request wishes for the endpoint's interface in each subnet, by the subnet's id. Throws
 * for a subnet that is not among `chosen`, and for IPv6.
 */
export function readWishedAddresses(
  configurations: readonly SubnetConfiguration[] | undefined,
  chosen: readonly string[],
): ReadonlyMap<string, string> {
  const wished = new Map<string, string>();
  for (const { SubnetId, Ipv4, Ipv6 } of configurations ?? []) {
    if (Ipv6 !== undefined) throw lack('IPv6 addresses');
    if (SubnetId === undefined || !chosen.includes(SubnetId)) {
      throw invalidParameterValue(
        `The subnet ${SubnetId ?? 'null'} of a subnet configuration is not among the subnets of the endpoint.`,
      );
    }
    if (Ipv4 !== undefined) wished.set(SubnetId, Ipv4);
  }
  return wished;
}

function lack(feature: string): Error {
  return unsupportedOperation(`The VPC endpoints of Cloudcroft do not have ${feature}.`);
}
