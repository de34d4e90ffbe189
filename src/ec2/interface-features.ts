import { type AwsError, unsupportedOperation } from './errors.ts';

/** Members of requests about interfaces for what no interface here has. */
interface FeatureInput {
  readonly Ipv4Prefixes?: readonly unknown[] | undefined;
  readonly Ipv4PrefixCount?: number | undefined;
  readonly Ipv6Prefixes?: readonly unknown[] | undefined;
  readonly Ipv6PrefixCount?: number | undefined;
  readonly EnablePrimaryIpv6?: boolean | undefined;
  readonly PrimaryIpv6?: boolean | undefined;
  readonly EnaSrdSpecification?: object | undefined;
  readonly EnaQueueCount?: number | undefined;
  readonly AssociateCarrierIpAddress?: boolean | undefined;
  readonly AssociatedSubnetIds?: readonly string[] | undefined;
  readonly InterfaceType?: string | undefined;
}

/** Throws UnsupportedOperation for a request that asks of an interface what none here has, rather than to pass over it. */
export function refuseUnsupportedFeatures(input: FeatureInput): void {
  const { Ipv4Prefixes = [], Ipv6Prefixes = [] } = input;
  const prefixes = [...Ipv4Prefixes, ...Ipv6Prefixes, input.Ipv4PrefixCount, input.Ipv6PrefixCount];
  if (prefixes.some((prefix) => prefix !== undefined)) throw lacks('delegated prefixes');
  if ((input.InterfaceType ?? 'interface') !== 'interface') throw lacks(`the type '${input.InterfaceType}'`);
  if (input.EnablePrimaryIpv6 === true || input.PrimaryIpv6 === true) throw lacks('a primary IPv6 address');
  if (input.EnaSrdSpecification !== undefined) throw lacks('ENA Express');
  if (input.EnaQueueCount !== undefined) throw lacks('ENA queues');
  if (input.AssociateCarrierIpAddress === true) throw lacks('carrier addresses');
  if ((input.AssociatedSubnetIds ?? []).length > 0) throw lacks('associated subnets');
}

function lacks(feature: string): AwsError {
  return unsupportedOperation(`The network interfaces of Cloudcroft do not have ${feature}.`);
}
