import type { RegistryName } from './sites.ts';

/** A block of addresses and who has it. */
export interface NetworkRegistration {
  readonly registry: RegistryName;
  readonly cidrBlock: string;
  readonly netName: string;
  /** ARIN's handle of the block; elsewhere the block itself is the key. */
  readonly handle?: string;
  readonly organization: string;
  readonly organizationId: string;
  readonly country: string;
  /** Date of the registration. */
  readonly since: string;
  readonly comment?: string;
}

/** A domain and who registered it. */
export interface DomainRegistration {
  readonly registry: RegistryName;
  readonly domain: string;
  readonly registrar: string;
  readonly created: string;
  readonly expires: string;
  readonly nameServers: readonly string[];
}

const IANA = {
  organization: 'Internet Assigned Numbers Authority',
  organizationId: 'IANA',
  country: 'US',
} as const;
const AMAZON = {
  organization: 'Amazon Technologies Inc.',
  organizationId: 'AT-88-Z',
  country: 'US',
} as const;
const GOOGLE = { organization: 'Google LLC', organizationId: 'GOGL', country: 'US' } as const;
const DOCUMENTATION = 'Addresses for use in documentation and examples (RFC 5737).';
const PRIVATE = 'Addresses for private networks (RFC 1918): they are not routed in the Internet.';

/** IPv4 blocks that a person in the simulated Internet meets. The most specific one answers. */
export const NETWORKS: readonly NetworkRegistration[] = [
  {
    registry: 'arin',
    cidrBlock: '8.8.8.0/24',
    netName: 'GOGL',
    handle: 'NET-8-8-8-0-2',
    since: '2023-12-28',
    ...GOOGLE,
  },
  {
    registry: 'arin',
    cidrBlock: '8.8.4.0/24',
    netName: 'GOGL',
    handle: 'NET-8-8-4-0-2',
    since: '2023-12-28',
    ...GOOGLE,
  },
  {
    registry: 'arin',
    cidrBlock: '3.0.0.0/9',
    netName: 'AT-88-Z',
    handle: 'NET-3-0-0-0-1',
    since: '2017-12-20',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '13.124.0.0/14',
    netName: 'AT-88-Z',
    handle: 'NET-13-124-0-0-1',
    since: '2016-08-09',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '15.164.0.0/15',
    netName: 'AT-88-Z',
    handle: 'NET-15-164-0-0-1',
    since: '2018-05-22',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '18.32.0.0/11',
    netName: 'AT-88-Z',
    handle: 'NET-18-32-0-0-1',
    since: '2019-10-07',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '43.200.0.0/13',
    netName: 'AMAZO-4',
    handle: 'NET-43-200-0-0-1',
    since: '2019-08-02',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '52.64.0.0/12',
    netName: 'AT-88-Z',
    handle: 'NET-52-64-0-0-1',
    since: '1991-12-19',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '52.84.0.0/14',
    netName: 'AMAZON',
    handle: 'NET-52-84-0-0-1',
    since: '2015-10-19',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '52.88.0.0/13',
    netName: 'AMAZON',
    handle: 'NET-52-88-0-0-1',
    since: '2015-09-02',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '52.192.0.0/11',
    netName: 'AMAZON',
    handle: 'NET-52-192-0-0-1',
    since: '2015-09-02',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '54.144.0.0/12',
    netName: 'AMAZON',
    handle: 'NET-54-144-0-0-1',
    since: '2014-10-23',
    ...AMAZON,
  },
  {
    registry: 'arin',
    cidrBlock: '93.184.215.0/24',
    netName: 'RIPE-93',
    handle: 'NET-93-184-215-0-1',
    since: '2008-06-02',
    organization: 'Edgecast Inc.',
    organizationId: 'EDGEC',
    country: 'US',
  },
  {
    registry: 'arin',
    cidrBlock: '104.16.0.0/12',
    netName: 'CLOUDFLARENET',
    handle: 'NET-104-16-0-0-1',
    since: '2014-03-28',
    organization: 'Cloudflare, Inc.',
    organizationId: 'CLOUD14',
    country: 'US',
  },
  {
    registry: 'arin',
    cidrBlock: '151.101.0.0/16',
    netName: 'SKYCA-3',
    handle: 'NET-151-101-0-0-1',
    since: '2016-02-01',
    organization: 'Fastly, Inc.',
    organizationId: 'SKYCA-3',
    country: 'US',
  },
  {
    registry: 'arin',
    cidrBlock: '10.0.0.0/8',
    netName: 'PRIVATE-ADDRESS-ABLK-RFC1918-IANA-RESERVED',
    handle: 'NET-10-0-0-0-1',
    since: '1994-03-15',
    comment: PRIVATE,
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '172.16.0.0/12',
    netName: 'PRIVATE-ADDRESS-BBLK-RFC1918-IANA-RESERVED',
    handle: 'NET-172-16-0-0-1',
    since: '1994-03-15',
    comment: PRIVATE,
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '192.168.0.0/16',
    netName: 'PRIVATE-ADDRESS-CBLK-RFC1918-IANA-RESERVED',
    handle: 'NET-192-168-0-0-1',
    since: '1994-03-15',
    comment: PRIVATE,
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '100.64.0.0/10',
    netName: 'SHARED-ADDRESS-SPACE-RFCTBD-IANA-RESERVED',
    handle: 'NET-100-64-0-0-1',
    since: '2012-03-13',
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '192.0.2.0/24',
    netName: 'IANA-RESERVED-TEST-NET',
    handle: 'NET-192-0-2-0-1',
    since: '1999-10-29',
    comment: DOCUMENTATION,
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '198.18.0.0/15',
    netName: 'SPECIAL-IPV4-BENCHMARK-TESTING-IANA-RESERVED',
    handle: 'NET-198-18-0-0-1',
    since: '1999-10-29',
    comment: 'Addresses for benchmarks (RFC 2544): here, the public addresses of Cloudcroft’s worlds.',
    ...IANA,
  },
  {
    registry: 'arin',
    cidrBlock: '198.51.100.0/24',
    netName: 'TEST-NET-2',
    handle: 'NET-198-51-100-0-1',
    since: '2008-03-11',
    comment: DOCUMENTATION,
    ...IANA,
  },
  {
    registry: 'apnic',
    cidrBlock: '203.0.113.0/24',
    netName: 'TEST-NET-3',
    since: '2008-03-11',
    comment: DOCUMENTATION,
    ...IANA,
  },
  {
    registry: 'apnic',
    cidrBlock: '1.1.1.0/24',
    netName: 'APNIC-LABS',
    since: '2011-08-10',
    organization: 'APNIC and Cloudflare DNS Resolver project',
    organizationId: 'ORG-ARAD1-AP',
    country: 'AU',
  },
  {
    registry: 'apnic',
    cidrBlock: '1.0.0.0/24',
    netName: 'APNIC-LABS',
    since: '2011-08-10',
    organization: 'APNIC and Cloudflare DNS Resolver project',
    organizationId: 'ORG-ARAD1-AP',
    country: 'AU',
  },
];

/** Large parts of the IPv4 address space that another registry than ARIN keeps: whom ARIN names to a client that asks it. */
export const ALLOCATIONS: readonly { readonly registry: RegistryName; readonly cidrBlock: string }[] = [
  { registry: 'apnic', cidrBlock: '1.0.0.0/8' },
  { registry: 'apnic', cidrBlock: '202.0.0.0/7' },
  { registry: 'ripe', cidrBlock: '193.0.0.0/8' },
  { registry: 'lacnic', cidrBlock: '200.0.0.0/8' },
  { registry: 'afrinic', cidrBlock: '196.0.0.0/8' },
];

/** Domains that a person in the simulated Internet meets. */
export const DOMAINS: readonly DomainRegistration[] = [
  {
    registry: 'verisign',
    domain: 'example.com',
    registrar: 'RESERVED-Internet Assigned Numbers Authority',
    created: '1995-08-14T04:00:00Z',
    expires: '2027-08-13T04:00:00Z',
    nameServers: ['A.IANA-SERVERS.NET', 'B.IANA-SERVERS.NET'],
  },
  {
    registry: 'verisign',
    domain: 'amazonaws.com',
    registrar: 'MarkMonitor Inc.',
    created: '2005-08-18T02:10:45Z',
    expires: '2027-08-18T02:10:45Z',
    nameServers: ['NS-1321.AWSDNS-37.ORG', 'NS-27.AWSDNS-03.COM'],
  },
  {
    registry: 'verisign',
    domain: 'google.com',
    registrar: 'MarkMonitor Inc.',
    created: '1997-09-15T04:00:00Z',
    expires: '2028-09-14T04:00:00Z',
    nameServers: ['NS1.GOOGLE.COM', 'NS2.GOOGLE.COM'],
  },
  {
    registry: 'pir',
    domain: 'pypi.org',
    registrar: 'Gandi SAS',
    created: '1999-08-23T12:32:00Z',
    expires: '2028-08-23T12:32:00Z',
    nameServers: ['ns-1264.awsdns-30.org', 'ns-318.awsdns-39.com'],
  },
  {
    registry: 'pir',
    domain: 'pythonhosted.org',
    registrar: 'Gandi SAS',
    created: '2010-08-27T13:50:00Z',
    expires: '2028-08-27T13:50:00Z',
    nameServers: ['ns-1264.awsdns-30.org', 'ns-318.awsdns-39.com'],
  },
];
