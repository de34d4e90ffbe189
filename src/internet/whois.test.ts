import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Listener, Sighting } from './binding.ts';
import { serveWhois } from './whois.ts';
import { answerWhois } from './whois-answer.ts';

const found = (registry: Parameters<typeof answerWhois>[0], query: string) =>
  answerWhois(registry, query).found;

describe('answers', () => {
  test('8.8.8.8, as Debian’s client asks it, in full', () => {
    expect(answerWhois('arin', 'n + 8.8.8.8').text.split('\r\n')).toEqual([
      '# This answer comes from the simulated Internet of Cloudcroft, not from the registry.',
      '',
      'NetRange:       8.8.8.0 - 8.8.8.255',
      'CIDR:           8.8.8.0/24',
      'NetName:        GOGL',
      'NetHandle:      NET-8-8-8-0-2',
      'NetType:        Direct Allocation',
      'Organization:   Google LLC (GOGL)',
      'RegDate:        2023-12-28',
      'Updated:        2023-12-28',
      'Ref:            https://rdap.arin.net/registry/ip/8.8.8.0',
      '',
      'OrgName:        Google LLC',
      'OrgId:          GOGL',
      'Country:        US',
      '',
      '',
    ]);
  });

  test.each([
    ['arin', '8.8.8.8', 'NET-8-8-8-0-2'],
    ['arin', 'n + 8.8.8.0/24', 'NET-8-8-8-0-2'],
    ['arin', 'n + 10.1.2.3', 'NET-10-0-0-0-1'],
    ['arin', 'n + 198.18.0.5', 'NET-198-18-0-0-1'],
    ['arin', 'n + 1.1.1.1', 'see whois.apnic.net'],
    ['arin', 'n + 193.0.6.135', 'see whois.ripe.net'],
    ['arin', 'n + 45.45.45.45', 'no match'],
    ['arin', 'n + 104.16.184.241', 'NET-104-16-0-0-1'],
    ['arin', '2001:4860:4860::8888', 'NET6-2001-4860-1'],
    ['arin', 'n + 2001:4860::/32', 'NET6-2001-4860-1'],
    ['arin', 'n + 2606:4700:4700:0:0:0:0:1111', 'NET6-2606-4700-1'],
    ['arin', 'n + 2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'NET6-2606-2800-1'],
    ['arin', 'n + 2001:db8::1', 'see whois.apnic.net'],
    ['arin', 'n + 2a04:4e42::223', 'see whois.ripe.net'],
    ['arin', 'n + 2620:fe::fe', 'no match'],
    ['arin', 'n + ::8.8.8.8', 'no match'],
    ['arin', 'n + 2001:4860::g', 'no match'],
    ['apnic', '-V Md5.5.17 2001:db8:1::10', 'IPV6-DOC-AP'],
    ['apnic', '-V Md5.5.17 2001:4860:4860::8888', 'no match'],
    ['iana', '2001:4860:4860::8888', 'see whois.arin.net'],
    ['verisign', '2001:4860:4860::8888', 'no match'],
    ['apnic', '-V Md5.5.17 1.1.1.1', 'APNIC-LABS'],
    ['apnic', '-V Md5.5.17 203.0.113.9', 'TEST-NET-3'],
    ['apnic', '-V Md5.5.17 8.8.8.8', 'no match'],
    ['iana', '8.8.8.8', 'see whois.arin.net'],
    ['iana', 'example.com', 'see whois.verisign-grs.com'],
    ['iana', 'unknown.org', 'see whois.publicinterestregistry.org'],
    ['iana', 'unknown.test', 'no match'],
    ['verisign', 'domain example.com', 'EXAMPLE.COM'],
    ['verisign', 'domain EXAMPLE.COM.', 'EXAMPLE.COM'],
    ['verisign', 'domain www.example.com', 'no match'],
    ['verisign', 'domain nobody-has-this.com', 'no match'],
    ['verisign', '8.8.8.8', 'no match'],
    ['pir', 'pypi.org', 'PYPI.ORG'],
    ['arin', '', 'no match'],
    ['arin', 'n + 300.1.1.1', 'no match'],
  ] as const)('%s to "%s": %s', (registry, query, expected) => expect(found(registry, query)).toBe(expected));

  test('2001:4860:4860::8888, as Debian’s client asks it, in full', () => {
    expect(answerWhois('arin', 'n + 2001:4860:4860::8888').text.split('\r\n')).toEqual([
      '# This answer comes from the simulated Internet of Cloudcroft, not from the registry.',
      '',
      'NetRange:       2001:4860:: - 2001:4860:ffff:ffff:ffff:ffff:ffff:ffff',
      'CIDR:           2001:4860::/32',
      'NetName:        GOOGLE-IPV6',
      'NetHandle:      NET6-2001-4860-1',
      'NetType:        Direct Allocation',
      'Organization:   Google LLC (GOGL)',
      'RegDate:        2005-03-14',
      'Updated:        2005-03-14',
      'Ref:            https://rdap.arin.net/registry/ip/2001:4860::',
      '',
      'OrgName:        Google LLC',
      'OrgId:          GOGL',
      'Country:        US',
      '',
      '',
    ]);
  });

  test('an address of a VPC, in full', () => {
    expect(answerWhois('apnic', '-V Md5.5.17 2001:db8:c000::5').text.split('\r\n')).toEqual([
      '% This answer comes from the simulated Internet of Cloudcroft, not from the registry.',
      '',
      "% Information related to '2001:db8:c000::/36'",
      '',
      'inet6num:       2001:db8:c000::/36',
      'netname:        IPV6-DOC-AP',
      'descr:          Internet Assigned Numbers Authority',
      'remarks:        Addresses for use in documentation and examples (RFC 3849): here, the IPv6 addresses of Cloudcroft’s worlds.',
      'country:        AP',
      'org:            IANA',
      'status:         ASSIGNED PORTABLE',
      'last-modified:  2004-07-01T00:00:00Z',
      'source:         APNIC',
      '',
      '',
    ]);
  });

  test.each([
    ['apnic', '-V Md5.5.17 2001:db8::1', "related to '2001:db8::/32'"],
    ['apnic', '-V Md5.5.17 2001:db8:cfff:ffff::1', "related to '2001:db8:c000::/36'"],
    ['apnic', '-V Md5.5.17 2001:db8:d000::1', "related to '2001:db8::/32'"],
    ['iana', '2001:db8::1', 'inet6num:       2001:db8::/32'],
    ['arin', 'n + 2001:db8::1', 'NetRange:       2001:db8:: - 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['iana', '1.1.1.1', 'inetnum:        1.1.1.0 - 1.1.1.255'],
  ] as const)('%s to "%s" says %s', (registry, query, text) =>
    expect(answerWhois(registry, query).text).toContain(text),
  );

  test('an unknown domain is said to be unknown', () => {
    expect(answerWhois('verisign', 'domain nobody-has-this.com').text).toContain(
      'No match for "NOBODY-HAS-THIS.COM".',
    );
  });
});

describe('the server', () => {
  const sightings: Sighting[] = [];
  let server: Listener;
  beforeAll(async () => {
    const context = {
      clock: () => new Date('2026-11-23T12:00:00Z'),
      log: (sighting: Sighting) => sightings.push(sighting),
    };
    server = await serveWhois({ address: '127.0.0.1', port: 0 }, 'arin', context);
  });
  afterAll(() => server.close());

  async function ask(pieces: readonly string[]): Promise<string> {
    const socket = connect(server.binding.port, '127.0.0.1').setNoDelay(true).setEncoding('utf8');
    await once(socket, 'connect');
    for (const piece of pieces) socket.write(piece);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  test.each([
    ['a line', ['n + 8.8.8.8\r\n']],
    ['a line in pieces', ['n + 8.', '8.8.8\r', '\n']],
    ['a line that only ends', ['8.8.8.8\n']],
  ])('%s', async (_, pieces) => {
    expect(await ask(pieces)).toContain('CIDR:           8.8.8.0/24\r\n');
  });

  test('a line that is too long is answered, not awaited', async () => {
    expect(await ask(['x'.repeat(5000)])).toContain('No match');
  });

  test('the log says who asked what', async () => {
    await ask(['n + 8.8.8.8\r\n']);
    expect(sightings.at(-1)).toEqual({
      time: '2026-11-23T12:00:00.000Z',
      service: 'whois',
      serverAddress: '127.0.0.1',
      sourceAddress: '127.0.0.1',
      request: 'n + 8.8.8.8',
      outcome: 'NET-8-8-8-0-2',
    });
  });
});
