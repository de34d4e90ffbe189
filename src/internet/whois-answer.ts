import { isInBlock } from '../model/gates.ts';
import { prefixLengthOf } from '../net/cidr.ts';
import { isIpv6 } from '../net/ipv6.ts';
import {
  ALLOCATIONS,
  DOMAINS,
  type DomainRegistration,
  NETWORKS,
  type NetworkRegistration,
} from './registrations.ts';
import { IPV6_ALLOCATIONS, IPV6_NETWORKS } from './registrations-ipv6.ts';
import type { RegistryName } from './sites.ts';
import { firstOf, rangeOf, readSubject } from './whois-blocks.ts';

/** What a whois server answers, and the record it found, for the log. */
export interface WhoisAnswer {
  readonly text: string;
  readonly found: string;
}

const REMARK = 'This answer comes from the simulated Internet of Cloudcroft, not from the registry.';

/** Where each registry's own server is. */
const SERVERS: Readonly<Record<RegistryName, string>> = {
  iana: 'whois.iana.org',
  arin: 'whois.arin.net',
  apnic: 'whois.apnic.net',
  ripe: 'whois.ripe.net',
  lacnic: 'whois.lacnic.net',
  afrinic: 'whois.afrinic.net',
  verisign: 'whois.verisign-grs.com',
  pir: 'whois.publicinterestregistry.org',
};

/**
 * What a registry says to a query, as clients send them: a bare address or domain, ARIN's `n + 8.8.8.8`, the RIPE family's
 * flags (`-V Md5.5.17 1.1.1.1`), Verisign's `domain example.com`. Says so when it knows nothing.
 */
export function answerWhois(registry: RegistryName, query: string): WhoisAnswer {
  const asked = query.trim();
  const subject = asked.split(/\s+/).at(-1) ?? '';
  const address = readSubject(subject);
  if (address !== undefined) return answerAddress(registry, asked, address);
  return answerDomain(registry, subject.toLowerCase().replace(/\.$/, ''));
}

function answerAddress(registry: RegistryName, asked: string, address: string): WhoisAnswer {
  const network = findNetwork(address);
  if (network === undefined || registry === 'verisign' || registry === 'pir') {
    const allocation = [...ALLOCATIONS, ...IPV6_ALLOCATIONS].find(({ cidrBlock }) =>
      isInBlock(address, cidrBlock),
    );
    if (allocation !== undefined && registry !== allocation.registry && isAddressReferrer(registry)) {
      return refer(registry, allocation.registry, allocation.cidrBlock);
    }
    return noNetwork(registry, asked);
  }
  if (network.registry !== registry && isAddressReferrer(registry)) {
    return refer(registry, network.registry, network.cidrBlock);
  }
  if (network.registry !== registry) return noNetwork(registry, asked);
  return registry === 'arin' ? renderArin(network) : renderRipe(network);
}

/** IANA knows who keeps every block, and ARIN says it of those it does not keep. */
function isAddressReferrer(registry: RegistryName): boolean {
  return registry === 'iana' || registry === 'arin';
}

function findNetwork(address: string): NetworkRegistration | undefined {
  return [...NETWORKS, ...IPV6_NETWORKS]
    .filter(({ cidrBlock }) => isInBlock(address, cidrBlock))
    .sort((one, other) => prefixLengthOf(other.cidrBlock) - prefixLengthOf(one.cidrBlock))[0];
}

function renderArin(network: NetworkRegistration): WhoisAnswer {
  const { cidrBlock } = network;
  const handle = network.handle ?? network.netName;
  const text = [
    `# ${REMARK}`,
    '',
    field('NetRange', rangeOf(cidrBlock)),
    field('CIDR', cidrBlock),
    field('NetName', network.netName),
    field('NetHandle', handle),
    field('NetType', 'Direct Allocation'),
    field('Organization', `${network.organization} (${network.organizationId})`),
    field('RegDate', network.since),
    field('Updated', network.since),
    ...(network.comment === undefined ? [] : [field('Comment', network.comment)]),
    field('Ref', `https://rdap.arin.net/registry/ip/${firstOf(cidrBlock)}`),
    '',
    field('OrgName', network.organization),
    field('OrgId', network.organizationId),
    field('Country', network.country),
    '',
  ];
  return { text: lines(text), found: handle };
}

/** The form of the RIPE family: APNIC, RIPE, AFRINIC; close to LACNIC's. */
function renderRipe(network: NetworkRegistration): WhoisAnswer {
  const { kind, block } = objectOf(network.cidrBlock);
  const text = [
    `% ${REMARK}`,
    '',
    `% Information related to '${block}'`,
    '',
    field(kind, block),
    field('netname', network.netName),
    field('descr', network.organization),
    ...(network.comment === undefined ? [] : [field('remarks', network.comment)]),
    field('country', network.country),
    field('org', network.organizationId),
    field('status', 'ASSIGNED PORTABLE'),
    field('last-modified', `${network.since}T00:00:00Z`),
    field('source', network.registry.toUpperCase()),
    '',
  ];
  return { text: lines(text), found: network.netName };
}

/** What the RIPE family calls a block: an IPv4 one by its range, an IPv6 one as it is. */
function objectOf(cidrBlock: string): { kind: string; block: string } {
  return isIpv6(cidrBlock)
    ? { kind: 'inet6num', block: cidrBlock }
    : { kind: 'inetnum', block: rangeOf(cidrBlock) };
}

/** Clients follow it of their own accord: ARIN's `ReferralServer`, IANA's `refer`. */
function refer(registry: RegistryName, keeper: RegistryName, cidrBlock: string): WhoisAnswer {
  const server = SERVERS[keeper];
  const found = `see ${server}`;
  if (registry === 'iana') {
    const { kind, block } = objectOf(cidrBlock);
    const text = [
      `% ${REMARK}`,
      '',
      field('refer', server),
      '',
      field(kind, block),
      field('whois', server),
      '',
    ];
    return { text: lines(text), found };
  }
  const text = [
    `# ${REMARK}`,
    '',
    field('NetRange', rangeOf(cidrBlock)),
    field('CIDR', cidrBlock),
    field('NetType', `Allocated to ${keeper.toUpperCase()}`),
    field('ReferralServer', `whois://${server}`),
    '',
  ];
  return { text: lines(text), found };
}

function noNetwork(registry: RegistryName, asked: string): WhoisAnswer {
  const text =
    registry === 'arin'
      ? [`# ${REMARK}`, '', `No match found for ${asked}.`, '']
      : [`% ${REMARK}`, '', '%ERROR:101: no entries found', '%', `% No match for ${asked}.`, ''];
  return { text: lines(text), found: 'no match' };
}

function answerDomain(registry: RegistryName, name: string): WhoisAnswer {
  const known = DOMAINS.find(({ domain }) => name === domain || name.endsWith(`.${domain}`));
  // Registries register names below their own, not the names below those.
  if (known !== undefined && known.registry === registry && name === known.domain) return renderDomain(known);
  if (registry === 'iana') {
    const keeper = known?.registry ?? keeperOf(name);
    if (keeper !== undefined) {
      const text = [`% ${REMARK}`, '', field('refer', SERVERS[keeper]), ''];
      return { text: lines(text), found: `see ${SERVERS[keeper]}` };
    }
  }
  const shown = name.toUpperCase();
  const text =
    registry === 'verisign'
      ? [`No match for "${shown}".`, `>>> ${REMARK} <<<`]
      : [`% ${REMARK}`, '', `No match for "${shown}".`];
  return { text: lines(text), found: 'no match' };
}

function keeperOf(domain: string): RegistryName | undefined {
  if (/\.(?:com|net)$/.test(domain)) return 'verisign';
  return domain.endsWith('.org') ? 'pir' : undefined;
}

/** Without the registrar's own server, which clients would ask next: it is not simulated. */
function renderDomain(registration: DomainRegistration): WhoisAnswer {
  const shown = registration.domain.toUpperCase();
  const text = [
    `Domain Name: ${shown}`,
    `Registrar: ${registration.registrar}`,
    `Creation Date: ${registration.created}`,
    `Registry Expiry Date: ${registration.expires}`,
    ...registration.nameServers.map((server) => `Name Server: ${server}`),
  ].map((line) => (registration.registry === 'verisign' ? `   ${line}` : line));
  return { text: lines([...text, `>>> ${REMARK} <<<`]), found: shown };
}

/** Values stand in a column of their own. */
function field(name: string, value: string): string {
  return `${`${name}:`.padEnd(16)}${value}`;
}

/** Lines end as on the wire of this protocol (RFC 3912). */
function lines(text: readonly string[]): string {
  return text.map((line) => `${line}\r\n`).join('');
}
