import { Resolver } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DNS_RCODES, DNS_TYPES } from '../net/dns.ts';
import { serviceZone } from '../net/dns-hosts.ts';
import { joinZones } from '../net/dns-zone.ts';
import { formatIpv6, isIpv6, parseIpv6 } from '../net/ipv6.ts';
import { Authority, createAuthority } from './authority.ts';
import type { Sighting } from './binding.ts';
import { askTcp, askUdp, firstValueOf, makeQuery } from './dns-client.fixture.ts';
import { type Internet, startInternet } from './internet.ts';
import { addressesOf, SITES, siteZone } from './sites.ts';

const pems = createAuthority(new Date());
const sightings: Sighting[] = [];
const services = serviceZone([{ region: 'us-east-1', addresses: { s3: ['52.219.0.1'] } }]);
let internet: Internet;

/** Every site at the loopback, on free ports. */
beforeAll(async () => {
  internet = await startInternet({
    sites: SITES.map((site) => ({ ...site, addresses: ['127.0.0.1'] })),
    authority: new Authority(pems, () => new Date()),
    zone: joinZones(siteZone(SITES), services),
    clock: () => new Date('2026-11-23T12:00:00Z'),
    log: (sighting) => sightings.push(sighting),
    portFor: () => 0,
  });
});
afterAll(() => internet.close());

function portOf(name: string, wellKnown: number): number {
  const found = internet.listeners.find(({ site, port }) => site.names[0] === name && port === wellKnown);
  if (found === undefined) throw new Error(`nobody listens for ${name}`);
  return found.binding.port;
}

function fetchFrom(
  site: string,
  path: string,
  { scheme = 'http', method = 'GET', accept = '*/*' } = {},
): Promise<{ status: number; body: string; type: string }> {
  const isTls = scheme === 'https';
  const options = {
    host: '127.0.0.1',
    port: portOf(site, isTls ? 443 : 80),
    path,
    method,
    headers: { host: site, accept },
    servername: site,
    ca: pems.certificate,
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const request = isTls ? httpsRequest(options) : httpRequest(options);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      const { statusCode = 0, headers } = response;
      response.on('end', () => resolve({ status: statusCode, body, type: headers['content-type'] ?? '' }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the sites', () => {
  test('have one address each of their own', () => {
    const addresses = addressesOf(SITES);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('write their IPv6 addresses as everybody compares them', () => {
    const ipv6 = addressesOf(SITES).filter(isIpv6);
    expect(ipv6.length).toBeGreaterThan(0);
    expect(ipv6.map((address) => formatIpv6(parseIpv6(address) ?? 0n))).toEqual(ipv6);
  });

  test('listen on their ports', () => {
    expect(internet.listeners.map(({ site, port }) => `${site.names[0]}:${port}`)).toEqual([
      'dns.google:53',
      'one.one.one.one:53',
      'whois.iana.org:43',
      'whois.arin.net:43',
      'whois.apnic.net:43',
      'whois.ripe.net:43',
      'whois.lacnic.net:43',
      'whois.afrinic.net:43',
      'whois.verisign-grs.com:43',
      'whois.publicinterestregistry.org:43',
      'checkip.amazonaws.com:80',
      'checkip.amazonaws.com:443',
      'icanhazip.com:80',
      'icanhazip.com:443',
      'pypi.org:80',
      'pypi.org:443',
      'files.pythonhosted.org:80',
      'files.pythonhosted.org:443',
      'example.com:80',
      'example.com:443',
    ]);
  });

  test('an address that is taken leaves nothing open', async () => {
    const taken = internet.listeners[0]?.binding.port ?? 0;
    const ports = [0, 0, taken];
    const opening = startInternet({
      sites: SITES.slice(0, 3).map((site) => ({ ...site, addresses: ['127.0.0.1'] })),
      authority: new Authority(pems, () => new Date()),
      zone: services,
      clock: () => new Date(),
      log: () => undefined,
      portFor: () => ports.shift() ?? 0,
    });
    await expect(opening).rejects.toThrow('EADDRINUSE');
  });
});

describe('the resolver', () => {
  test.each([
    ['example.com', DNS_TYPES.A, DNS_RCODES.NOERROR, '93.184.215.14'],
    ['www.example.com', DNS_TYPES.A, DNS_RCODES.NOERROR, '93.184.215.14'],
    ['checkip.amazonaws.com', DNS_TYPES.A, DNS_RCODES.NOERROR, '52.200.32.10'],
    ['8.8.8.8.in-addr.arpa', DNS_TYPES.PTR, DNS_RCODES.NOERROR, 'dns.google'],
    ['my-bucket.s3.amazonaws.com', DNS_TYPES.A, DNS_RCODES.NOERROR, '52.219.0.1'],
    ['dns.google', DNS_TYPES.AAAA, DNS_RCODES.NOERROR, '2001:4860:4860::8888'],
    ['one.one.one.one', DNS_TYPES.AAAA, DNS_RCODES.NOERROR, '2606:4700:4700::1111'],
    ['example.com', DNS_TYPES.AAAA, DNS_RCODES.NOERROR, '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    ['icanhazip.com', DNS_TYPES.A, DNS_RCODES.NOERROR, '104.16.184.241'],
    ['icanhazip.com', DNS_TYPES.AAAA, DNS_RCODES.NOERROR, '2606:4700::6810:b8f1'],
    ['checkip.amazonaws.com', DNS_TYPES.AAAA, DNS_RCODES.NOERROR, undefined],
    [
      '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa',
      DNS_TYPES.PTR,
      DNS_RCODES.NOERROR,
      'dns.google',
    ],
    ['6.8.4.1.0.0.2.ip6.arpa', DNS_TYPES.PTR, DNS_RCODES.NOERROR, undefined],
    [
      '9.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa',
      DNS_TYPES.PTR,
      DNS_RCODES.NXDOMAIN,
      undefined,
    ],
    ['nowhere.example', DNS_TYPES.A, DNS_RCODES.NXDOMAIN, undefined],
    ['nowhere.example', DNS_TYPES.AAAA, DNS_RCODES.NXDOMAIN, undefined],
    ['ip-10-0-0-5.ec2.internal', DNS_TYPES.A, DNS_RCODES.NXDOMAIN, undefined],
  ])('%s', async (name, type, rcode, expected) => {
    const overUdp = await askUdp(portOf('dns.google', 53), makeQuery(name, type));
    const [overTcp] = await askTcp(portOf('one.one.one.one', 53), [makeQuery(name, type)], 1000);
    for (const reply of [overUdp, overTcp]) {
      expect([reply?.rcode, firstValueOf(reply)]).toEqual([rcode, expected]);
    }
  });
});

test('a resolver of another make understands it', async () => {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${portOf('dns.google', 53)}`]);
  expect(await resolver.resolve4('www.example.com')).toEqual(['93.184.215.14']);
  expect(await resolver.reverse('1.1.1.1')).toEqual(['one.one.one.one']);
  await expect(resolver.resolve4('nowhere.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(await resolver.resolve6('www.example.com')).toEqual(['2606:2800:21f:cb07:6820:80da:af6b:8b2c']);
  expect(await resolver.reverse('2606:4700:4700::1001')).toEqual(['one.one.one.one']);
  await expect(resolver.resolve6('checkip.amazonaws.com')).rejects.toMatchObject({ code: 'ENODATA' });
});

describe('the web', () => {
  test.each([
    ['checkip.amazonaws.com', '/', 'http', 200, '127.0.0.1\n'],
    ['checkip.amazonaws.com', '/', 'https', 200, '127.0.0.1\n'],
    ['checkip.amazonaws.com', '/anything?x', 'http', 200, '127.0.0.1\n'],
    ['example.com', '/', 'https', 200, expect.stringContaining('<h1>Example Domain</h1>')],
    ['example.com', '/x', 'http', 404, expect.stringContaining('There is no /x')],
    [
      'pypi.org',
      '/simple/cloudcroft-hello/',
      'https',
      200,
      expect.stringContaining('https://files.pythonhosted.org/'),
    ],
    ['pypi.org', '/simple/', 'http', 200, expect.stringContaining('<a href="/simple/cloudcroft-hello/">')],
    ['pypi.org', '/simple/Cloudcroft_Hello/', 'http', 301, ''],
    ['pypi.org', '/simple/cloudcroft-hello', 'http', 301, ''],
    ['pypi.org', '/simple/requests/', 'http', 404, expect.stringContaining('only cloudcroft-hello')],
    ['pypi.org', '/../../etc/passwd', 'http', 404, expect.anything()],
  ])('%s%s over %s', async (site, path, scheme, status, body) => {
    expect(await fetchFrom(site, path, { scheme })).toMatchObject({ status, body });
  });

  test('the index speaks JSON to those that ask for it first', async () => {
    const accept =
      'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01';
    const { body, type } = await fetchFrom('pypi.org', '/simple/cloudcroft-hello/', { accept });
    expect(type).toBe('application/vnd.pypi.simple.v1+json');
    expect(JSON.parse(body)).toMatchObject({
      name: 'cloudcroft-hello',
      files: [{ filename: 'cloudcroft_hello-1.0.0-py3-none-any.whl', 'requires-python': '>=3.7' }],
    });
  });

  test('the file that the index names is a zip', async () => {
    const { body } = await fetchFrom('pypi.org', '/simple/cloudcroft-hello/');
    const path = /files\.pythonhosted\.org([^#]+)#/.exec(body)?.[1] ?? '';
    const file = await fetchFrom('files.pythonhosted.org', path, { scheme: 'https' });
    expect([file.status, file.body.slice(0, 4)]).toEqual([200, 'PK\u0003\u0004']);
  });

  test('POST is refused', async () => {
    expect((await fetchFrom('example.com', '/', { method: 'POST' })).status).toBe(405);
  });

  test('the log says who asked what', async () => {
    await fetchFrom('example.com', '/?q', { scheme: 'https' });
    expect(sightings.at(-1)).toEqual({
      time: '2026-11-23T12:00:00.000Z',
      service: 'http',
      serverAddress: '127.0.0.1',
      sourceAddress: '127.0.0.1',
      request: 'GET https://example.com/?q',
      outcome: '200',
    });
  });

  test('what is no HTTP ends the connection, not the server', async () => {
    const socket = connect(portOf('example.com', 80), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => {
      socket.on('close', resolve);
      socket.write('\u0000\u0001garbage\r\n\r\n');
    });
    expect((await fetchFrom('example.com', '/')).status).toBe(200);
  });
});
