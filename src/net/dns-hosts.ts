import { formatIpv4, parseIpv4 } from './address.ts';
import { type Cidr, parseCidr } from './cidr.ts';
import type { DnsRecord } from './dns.ts';
import { DNS_TTL, type DnsZone, namesAboveAll } from './dns-zone.ts';
import { formatIpv6, isIpv6 } from './ipv6.ts';

/** The one region whose names are older than regions (semantics S94). */
const FIRST_REGION = 'us-east-1';

/** The domain of private names in a region: `ap-northeast-2.compute.internal`, `ec2.internal` (semantics S94). */
export function privateDomainOf(region: string): string {
  return region === FIRST_REGION ? 'ec2.internal' : `${region}.compute.internal`;
}

/** The private name of an address: `ip-10-0-0-5.ap-northeast-2.compute.internal`. */
export function privateNameOf(address: string, region: string): string {
  return `ip-${address.replaceAll('.', '-')}.${privateDomainOf(region)}`;
}

/** The name of an instance by its id, where it has been given such: `i-0123456789abcdef0.ap-northeast-2.compute.internal`. */
export function resourceNameOf(instanceId: string, region: string): string {
  return `${instanceId}.${privateDomainOf(region)}`;
}

/** The address of a private name of that region, undefined when it is no such name. Small letters only. */
export function parsePrivateName(name: string, region: string): string | undefined {
  const label = /^ip-([^.]+)\.(.+)$/.exec(name);
  return label?.[2] === privateDomainOf(region) ? parseDashes(label[1]) : undefined;
}

/**
 * The address and region of a public name, `ec2-3-34-1-2.ap-northeast-2.compute.amazonaws.com` or AWS's older
 * `ec2-3-34-1-2.compute-1.amazonaws.com`; undefined when it is no such name. Small letters only.
 */
export function parsePublicName(name: string): { address: string; region: string } | undefined {
  const match = /^ec2-([0-9-]+)\.(?:([a-z0-9-]+)\.compute|compute-1)\.amazonaws\.com$/.exec(name);
  const address = parseDashes(match?.[1]);
  return address === undefined ? undefined : { address, region: match?.[2] ?? FIRST_REGION };
}

function parseDashes(text: string | undefined): string | undefined {
  const address = text === undefined ? undefined : parseIpv4(text.replaceAll('-', '.'));
  return address === undefined ? undefined : formatIpv4(address);
}

/** The address of a reverse name, undefined when it is not of a whole address. Small letters only. */
export function parseReverseName(name: string): string | undefined {
  const [, digits] = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name) ?? [];
  if (digits !== undefined) {
    return formatIpv6(BigInt(`0x${digits.replaceAll('.', '').split('').reverse().join('')}`));
  }
  const match = /^([0-9.]+)\.in-addr\.arpa$/.exec(name);
  const address = parseIpv4((match?.[1] ?? '').split('.').reverse().join('.'));
  return address === undefined ? undefined : formatIpv4(address);
}

/**
 * The IPv4 block whose addresses have their reverse names below a name: 10.0.0.0/8 of `10.in-addr.arpa`, everything of `arpa` and the
 * root. Undefined where no reverse name of a whole IPv4 address lies below.
 */
export function parseReverseBlock(name: string): Cidr | undefined {
  if (name === '' || name === 'arpa' || name === 'in-addr.arpa') return { first: 0, prefixLength: 0 };
  const match = /^([0-9]+(?:\.[0-9]+){0,2})\.in-addr\.arpa$/.exec(name);
  const octets = match?.[1]?.split('.').reverse() ?? [];
  if (octets.length === 0) return undefined;
  return parseCidr(`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${8 * octets.length}`);
}

/** A record for each address of a name: A, or AAAA for IPv6. */
export function addressRecords(name: string, addresses: readonly string[]): DnsRecord[] {
  return addresses.map((address) => ({
    name,
    ttl: DNS_TTL,
    data: { type: isIpv6(address) ? 'AAAA' : 'A', address },
  }));
}

/** Public addresses of a region's services. */
export interface ServiceAddresses {
  readonly region: string;
  /** By service: `s3`, `dynamodb`. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
}

/**
 * `SERVICE.REGION.amazonaws.com`, and names below it, such as a bucket's; for S3 also without a region, and with dashes. The
 * answer is public, within a VPC too: a gateway endpoint changes the route, not the name (semantics S102).
 */
export function serviceZone(regions: readonly ServiceAddresses[]): DnsZone {
  const byRegion = new Map(regions.map(({ region, addresses }) => [region, addresses]));
  const above = namesAboveAll(
    regions.flatMap(({ region, addresses }) =>
      Object.keys(addresses).map((service) => `${service}.${region}.amazonaws.com`),
    ),
  );
  const findHost = (name: string): DnsRecord[] | undefined => {
    const host = parseServiceHost(name);
    const services = host === undefined ? undefined : byRegion.get(host.region);
    if (host === undefined || services === undefined) return undefined;
    const service = namesAbove(host.service).find((each) => Object.hasOwn(services, each));
    return service === undefined ? undefined : addressRecords(name, services[service] ?? []);
  };
  return { find: (name) => findHost(name) ?? (above.has(name) ? [] : undefined) };
}

/** A name and those above it: `a.dkr.ecr`, `dkr.ecr`, `ecr`. */
function namesAbove(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * What a host of AWS is called, and its region: `sts` and `us-east-1` of `sts.us-east-1.amazonaws.com`, whatever stands before
 * the service included. The older names without a region are the first region's. Small letters only.
 */
export function parseServiceHost(name: string): { service: string; region: string } | undefined {
  const s3 = /^(?:.+\.)?s3(?:[.-]([a-z]+(?:-[a-z]+)+-[0-9]+))?\.amazonaws\.com$/.exec(name);
  if (s3 !== null) return { service: 's3', region: s3[1] ?? FIRST_REGION };
  const [, service, region] = /^(.+)\.([a-z]+(?:-[a-z]+)+-[0-9]+)\.amazonaws\.com$/.exec(name) ?? [];
  if (service !== undefined && region !== undefined) return { service, region };
  const [, global] = /^([a-z0-9-]+)\.amazonaws\.com$/.exec(name) ?? [];
  return global === undefined ? undefined : { service: global, region: FIRST_REGION };
}
