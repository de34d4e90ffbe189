import { type DnsRecord, reverseNameOf } from '../net/dns.ts';
import { addressRecords } from '../net/dns-hosts.ts';
import { DNS_TTL, type DnsZone, zoneOf } from '../net/dns-zone.ts';

/** What answers at a site. The kind decides the ports, too. */
export type SiteServer =
  | { readonly kind: 'dns' }
  | { readonly kind: 'whois'; readonly registry: RegistryName }
  | { readonly kind: 'checkip' | 'package-index' | 'web' };

/** Who keeps which part of the world's addresses or domains. */
export type RegistryName = 'iana' | 'arin' | 'apnic' | 'ripe' | 'lacnic' | 'afrinic' | 'verisign' | 'pir';

/** A host of the simulated Internet. */
export interface Site {
  /** The first one is what its addresses are called. */
  readonly names: readonly [string, ...string[]];
  /** Of both families; IPv6 as RFC 5952 writes it. */
  readonly addresses: readonly string[];
  readonly server: SiteServer;
}

/** The ports at which a kind of server answers, and whether it speaks TLS there. */
export const SITE_PORTS: Readonly<Record<SiteServer['kind'], readonly { port: number; isTls: boolean }[]>> = {
  dns: [{ port: 53, isTls: false }],
  whois: [{ port: 43, isTls: false }],
  checkip: webPorts(),
  'package-index': webPorts(),
  web: webPorts(),
};

function webPorts(): { port: number; isTls: boolean }[] {
  return [
    { port: 80, isTls: false },
    { port: 443, isTls: true },
  ];
}

/**
 * All hosts of the simulated Internet. The resolvers' addresses are the real ones; so are, at one time, the others'. Some hosts
 * have no IPv6 address, as at AWS `checkip` has none.
 */
export const SITES: readonly Site[] = [
  {
    names: ['dns.google'],
    addresses: ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844'],
    server: { kind: 'dns' },
  },
  {
    names: ['one.one.one.one'],
    addresses: ['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111', '2606:4700:4700::1001'],
    server: { kind: 'dns' },
  },
  {
    names: ['whois.iana.org'],
    addresses: ['192.0.47.59', '2620:0:2d0:200::59'],
    server: { kind: 'whois', registry: 'iana' },
  },
  {
    names: ['whois.arin.net'],
    addresses: ['199.212.0.46', '2001:500:13::46'],
    server: { kind: 'whois', registry: 'arin' },
  },
  { names: ['whois.apnic.net'], addresses: ['202.12.29.222'], server: { kind: 'whois', registry: 'apnic' } },
  {
    names: ['whois.ripe.net'],
    addresses: ['193.0.6.135', '2001:67c:2e8:22::c100:687'],
    server: { kind: 'whois', registry: 'ripe' },
  },
  { names: ['whois.lacnic.net'], addresses: ['200.3.14.10'], server: { kind: 'whois', registry: 'lacnic' } },
  {
    names: ['whois.afrinic.net'],
    addresses: ['196.192.115.21'],
    server: { kind: 'whois', registry: 'afrinic' },
  },
  {
    names: ['whois.verisign-grs.com', 'com.whois-servers.net', 'net.whois-servers.net'],
    addresses: ['192.30.45.30', '2620:74:20::30'],
    server: { kind: 'whois', registry: 'verisign' },
  },
  {
    names: ['whois.publicinterestregistry.org', 'whois.pir.org'],
    addresses: ['199.15.84.131'],
    server: { kind: 'whois', registry: 'pir' },
  },
  { names: ['checkip.amazonaws.com'], addresses: ['52.200.32.10'], server: { kind: 'checkip' } },
  {
    names: ['icanhazip.com'],
    addresses: ['104.16.184.241', '2606:4700::6810:b8f1'],
    server: { kind: 'checkip' },
  },
  {
    names: ['pypi.org', 'pypi.python.org'],
    addresses: ['151.101.0.223', '2a04:4e42::223'],
    server: { kind: 'package-index' },
  },
  {
    names: ['files.pythonhosted.org'],
    addresses: ['151.101.1.63', '2a04:4e42::319'],
    server: { kind: 'package-index' },
  },
  {
    names: ['example.com', 'www.example.com'],
    addresses: ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    server: { kind: 'web' },
  },
];

/** Every address of the sites: what the lead binds on the Internet's loopback. */
export function addressesOf(sites: readonly Site[]): string[] {
  return sites.flatMap(({ addresses }) => addresses);
}

/** Names of the sites with their addresses, and the other way round. */
export function siteZone(sites: readonly Site[]): DnsZone {
  const forward = sites.flatMap(({ names, addresses }) =>
    names.flatMap((name) => addressRecords(name, addresses)),
  );
  const reverse = sites.flatMap(({ names: [name], addresses }) =>
    addresses.map(
      (address): DnsRecord => ({ name: reverseNameOf(address), ttl: DNS_TTL, data: { type: 'PTR', name } }),
    ),
  );
  return zoneOf([...forward, ...reverse]);
}
