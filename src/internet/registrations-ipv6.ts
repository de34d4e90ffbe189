import type { NetworkRegistration } from './registrations.ts';
import type { RegistryName } from './sites.ts';

const DOCUMENTATION = {
  registry: 'apnic',
  netName: 'IPV6-DOC-AP',
  organization: 'Internet Assigned Numbers Authority',
  organizationId: 'IANA',
  country: 'AP',
  since: '2004-07-01',
} as const;

/** IPv6 blocks that a person in the simulated Internet meets. The most specific one answers. */
export const IPV6_NETWORKS: readonly NetworkRegistration[] = [
  {
    registry: 'arin',
    cidrBlock: '2001:4860::/32',
    netName: 'GOOGLE-IPV6',
    handle: 'NET6-2001-4860-1',
    since: '2005-03-14',
    organization: 'Google LLC',
    organizationId: 'GOGL',
    country: 'US',
  },
  {
    registry: 'arin',
    cidrBlock: '2606:4700::/32',
    netName: 'CLOUDFLARENET',
    handle: 'NET6-2606-4700-1',
    since: '2011-11-01',
    organization: 'Cloudflare, Inc.',
    organizationId: 'CLOUD14',
    country: 'US',
  },
  {
    registry: 'arin',
    cidrBlock: '2606:2800::/32',
    netName: 'EDGECAST-V6',
    handle: 'NET6-2606-2800-1',
    since: '2010-12-09',
    organization: 'Edgecast Inc.',
    organizationId: 'EDGEC',
    country: 'US',
  },
  {
    ...DOCUMENTATION,
    cidrBlock: '2001:db8::/32',
    comment: 'Addresses for use in documentation and examples (RFC 3849).',
  },
  {
    ...DOCUMENTATION,
    cidrBlock: '2001:db8:c000::/36',
    comment:
      'Addresses for use in documentation and examples (RFC 3849): here, the IPv6 addresses of Cloudcroft’s worlds.',
  },
];

/** Large parts of the IPv6 address space, and the registry that keeps them, where it is not ARIN. */
export const IPV6_ALLOCATIONS: readonly { readonly registry: RegistryName; readonly cidrBlock: string }[] = [
  { registry: 'apnic', cidrBlock: '2001:200::/23' },
  { registry: 'apnic', cidrBlock: '2001:c00::/23' },
  { registry: 'apnic', cidrBlock: '2400::/12' },
  { registry: 'ripe', cidrBlock: '2001:600::/23' },
  { registry: 'ripe', cidrBlock: '2a00::/12' },
  { registry: 'lacnic', cidrBlock: '2800::/12' },
  { registry: 'afrinic', cidrBlock: '2c00::/12' },
];
