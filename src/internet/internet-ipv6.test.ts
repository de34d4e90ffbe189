import { once } from 'node:events';
import { request as httpRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DNS_RCODES, DNS_TYPES } from '../net/dns.ts';
import { Authority, createAuthority } from './authority.ts';
import type { Sighting } from './binding.ts';
import { askTcp, askUdp, firstValueOf, makeQuery } from './dns-client.fixture.ts';
import { type Internet, startInternet } from './internet.ts';
import { SITES, siteZone } from './sites.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe.skipIf(!hasIpv6)(`the sites by IPv6 (skipped where the machine has no ::1)`, () => {
  const pems = createAuthority(new Date());
  const sightings: Sighting[] = [];
  let internet: Internet;

  beforeAll(async () => {
    internet = await startInternet({
      sites: SITES.map((site) => ({ ...site, addresses: ['127.0.0.1', '::1'] })),
      authority: new Authority(pems, () => new Date()),
      zone: siteZone(SITES),
      clock: () => new Date('2026-11-23T12:00:00Z'),
      log: (sighting) => sightings.push(sighting),
      portFor: () => 0,
    });
  });
  afterAll(() => internet.close());

  function portOf(name: string, wellKnown: number, address: '127.0.0.1' | '::1'): number {
    const found = internet.listeners.find(
      ({ site, port, binding }) =>
        site.names[0] === name && port === wellKnown && binding.address === address,
    );
    if (found === undefined) throw new Error(`nobody listens for ${name} at ${address}`);
    return found.binding.port;
  }

  /** `servername` is told to whoever asks by a name; who calls the address tells none. */
  async function fetchFrom(
    site: string,
    host: '127.0.0.1' | '::1',
    scheme: 'http' | 'https',
    servername: string = site,
  ): Promise<string> {
    const isTls = scheme === 'https';
    const options = {
      host,
      port: portOf(site, isTls ? 443 : 80, host),
      headers: { host: site },
      servername,
      ca: pems.certificate,
      agent: false as const,
    };
    const request = isTls ? httpsRequest(options) : httpRequest(options);
    request.end();
    const [response] = await once(request, 'response');
    if (!(response instanceof IncomingMessage)) throw new Error('no response');
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return body;
  }

  test('every server listens at all of its addresses', () => {
    const byAddress = Map.groupBy(internet.listeners, ({ binding }) => binding.address);
    const [four, six] = ['127.0.0.1', '::1'].map((address) =>
      byAddress.get(address)?.map(({ site, port }) => `${site.names[0]}:${port}`),
    );
    expect(four).toContain('dns.google:53');
    expect(six).toEqual(four);
  });

  test.each([
    ['icanhazip.com', '::1', 'http', '::1\n'],
    ['icanhazip.com', '::1', 'https', '::1\n'],
    ['icanhazip.com', '127.0.0.1', 'http', '127.0.0.1\n'],
    ['icanhazip.com', '127.0.0.1', 'https', '127.0.0.1\n'],
    ['example.com', '::1', 'http', expect.stringContaining('<h1>Example Domain</h1>')],
  ] as const)('%s at %s over %s', async (site, host, scheme, body) => {
    expect(await fetchFrom(site, host, scheme)).toEqual(body);
  });

  test('whoever calls the address itself is shown a certificate of it', async () => {
    expect(await fetchFrom('icanhazip.com', '::1', 'https', '')).toBe('::1\n');
  });

  test('the resolver, over UDP and TCP', async () => {
    const query = makeQuery('dns.google', DNS_TYPES.AAAA);
    const overUdp = await askUdp(portOf('dns.google', 53, '::1'), query, '::1');
    const [overTcp] = await askTcp(portOf('dns.google', 53, '::1'), [query], 1000, '::1');
    for (const reply of [overUdp, overTcp]) {
      expect([reply?.rcode, firstValueOf(reply)]).toEqual([DNS_RCODES.NOERROR, '2001:4860:4860::8888']);
    }
  });

  test('the log shows addresses plainly', async () => {
    sightings.length = 0;
    const query = makeQuery('dns.google', DNS_TYPES.A);
    await askUdp(portOf('dns.google', 53, '::1'), query, '::1');
    await askTcp(portOf('dns.google', 53, '::1'), [query], 1000, '::1');
    await fetchFrom('example.com', '::1', 'https');
    const socket = connect(portOf('whois.arin.net', 43, '::1'), '::1');
    socket.write('n + 2001:4860:4860::8888\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toContain('NetHandle:      NET6-2001-4860-1\r\n');
    const seen = sightings.map(({ service, serverAddress, sourceAddress }) => [
      service,
      serverAddress,
      sourceAddress,
    ]);
    expect(seen).toEqual([
      ['dns', '::1', '::1'],
      ['dns', '::1', '::1'],
      ['http', '::1', '::1'],
      ['whois', '::1', '::1'],
    ]);
  });
});
