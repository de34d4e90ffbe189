import { get, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Imds, startImds } from './imds.ts';
import { parseTokenSeconds, TokenSeal } from './token.ts';
import type { GuestInterface, GuestMetadataOptions, GuestSighting } from './view.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

function makeInterface(
  metadata: Partial<GuestMetadataOptions> = {},
  more: Partial<GuestInterface> = {},
): GuestInterface {
  return {
    eniId: 'eni-01',
    macAddress: '02:00:00:00:00:05',
    vpcId: 'vpc-01',
    vpcCidrBlocks: ['10.0.0.0/16', '10.1.0.0/16'],
    subnetId: 'subnet-01',
    subnetCidrBlock: '10.0.0.0/24',
    privateIpAddress: '10.0.0.5',
    publicIpAddress: '3.34.1.2',
    ownerId: '123456789012',
    region: 'ap-northeast-2',
    availabilityZone: 'ap-northeast-2a',
    availabilityZoneId: 'apne2-az1',
    securityGroups: ['web', 'ssh'],
    securityGroupIds: ['sg-01', 'sg-02'],
    localHostname: 'ip-10-0-0-5.ap-northeast-2.compute.internal',
    publicHostname: 'ec2-3-34-1-2.ap-northeast-2.compute.amazonaws.com',
    isDnsSupportEnabled: true,
    isDnsHostnamesEnabled: true,
    instance: {
      instanceId: 'i-01',
      imageId: 'ami-01',
      instanceType: 't3.micro',
      keyName: 'my key',
      publicKey: 'ssh-ed25519 AAAA my key',
      userData: Buffer.from('#!/bin/sh\n').toString('base64'),
      launchTime: '2026-11-23T11:00:00.123Z',
      reservationId: 'r-01',
      architecture: 'x86_64',
      tags: { Name: 'bastion' },
      metadata: { isEnabled: true, tokens: 'optional', hopLimit: 2, ...metadata },
    },
    ...more,
  };
}

let imds: Imds;
let caller: GuestInterface | undefined;
let now = NOW;
const sightings: GuestSighting[] = [];
const hops: number[] = [];

beforeAll(async () => {
  imds = await startImds({
    bind: { address: '127.0.0.1', port: 0 },
    secret: new Uint8Array(32).fill(7),
    view: () => ({ interfaces: new Map(caller === undefined ? [] : [['127.0.0.1', caller]]) }),
    clock: () => now,
    log: (sighting) => sightings.push(sighting),
    setHopLimit: (_, limit) => hops.push(limit),
  });
});
afterAll(() => imds.close());

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: imds.bind.port, method, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    })
      .on('error', reject)
      .end();
  });
}

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';

describe('the tree', () => {
  test.each([
    ['/', expect.stringMatching(/^1\.0\n2007-01-19\n[\s\S]*\nlatest$/)],
    ['/latest', 'dynamic\nmeta-data\nuser-data'],
    [
      '/latest/meta-data/',
      'ami-id\nami-launch-index\nami-manifest-path\nblock-device-mapping/\nevents/\nhibernation/\nhostname\ninstance-action\ninstance-id\n' +
        'instance-life-cycle\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nnetwork/\nplacement/\nprofile\npublic-hostname\n' +
        'public-ipv4\npublic-keys/\nreservation-id\nsecurity-groups\nservices/\ntags/',
    ],
    ['/latest/meta-data', expect.stringContaining('ami-id\n')],
    ['/latest/meta-data/ami-id', 'ami-01'],
    ['/latest/meta-data/profile', 'default-hvm'],
    ['/latest/meta-data/events/maintenance/scheduled', '[]'],
    ['/latest/meta-data/instance-id', 'i-01'],
    ['/2021-07-15/meta-data/instance-type', 't3.micro'],
    ['/latest/meta-data/hostname', 'ip-10-0-0-5.ap-northeast-2.compute.internal'],
    ['/latest/meta-data/local-hostname', 'ip-10-0-0-5.ap-northeast-2.compute.internal'],
    ['/latest/meta-data/local-ipv4', '10.0.0.5'],
    ['/latest/meta-data/public-ipv4', '3.34.1.2'],
    ['/latest/meta-data/public-hostname', 'ec2-3-34-1-2.ap-northeast-2.compute.amazonaws.com'],
    ['/latest/meta-data/mac', '02:00:00:00:00:05'],
    ['/latest/meta-data/security-groups', 'web\nssh'],
    ['/latest/meta-data/placement/', 'availability-zone\navailability-zone-id\nregion'],
    ['/latest/meta-data/placement/availability-zone', 'ap-northeast-2a'],
    ['/latest/meta-data/placement/availability-zone-id', 'apne2-az1'],
    ['/latest/meta-data/placement/region', 'ap-northeast-2'],
    ['/latest/meta-data/reservation-id', 'r-01'],
    ['/latest/meta-data/ami-launch-index', '0'],
    ['/latest/meta-data/public-keys/', '0=my key'],
    ['/latest/meta-data/public-keys/0', 'openssh-key'],
    ['/latest/meta-data/public-keys/0/openssh-key', 'ssh-ed25519 AAAA my key\n'],
    ['/latest/meta-data/network/interfaces/macs/', '02:00:00:00:00:05/'],
    [
      '/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/',
      'device-number\ninterface-id\nipv4-associations/\nlocal-hostname\nlocal-ipv4s\nmac\nowner-id\npublic-hostname\n' +
        'public-ipv4s\nsecurity-group-ids\nsecurity-groups\nsubnet-id\nsubnet-ipv4-cidr-block\nvpc-id\n' +
        'vpc-ipv4-cidr-block\nvpc-ipv4-cidr-blocks',
    ],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/device-number', '0'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/interface-id', 'eni-01'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/ipv4-associations/3.34.1.2', '10.0.0.5'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/owner-id', '123456789012'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/security-group-ids', 'sg-01\nsg-02'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/subnet-ipv4-cidr-block', '10.0.0.0/24'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/vpc-ipv4-cidr-block', '10.0.0.0/16'],
    [
      '/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/vpc-ipv4-cidr-blocks',
      '10.0.0.0/16\n10.1.0.0/16',
    ],
    ['/latest/meta-data/services/', 'domain\npartition'],
    ['/latest/meta-data/services/partition', 'aws'],
    ['/latest/meta-data/tags/instance/', 'Name'],
    ['/latest/meta-data/tags/instance/Name', 'bastion'],
    ['/latest/meta-data/block-device-mapping/', 'ami\nroot'],
    ['/latest/user-data', '#!/bin/sh\n'],
    ['/latest/dynamic/instance-identity/', 'document'],
    ['/latest/dynamic/instance-identity/document', expect.stringContaining('"privateIp" : "10.0.0.5"')],
  ])('%s', async (path, body) => {
    caller = makeInterface();
    expect(await ask('GET', path)).toMatchObject({ status: 200, body });
  });

  const MAC = '/latest/meta-data/network/interfaces/macs/02:00:00:00:00:05/';

  test.each([
    ['/latest/meta-data/ipv6', '2001:db8:c000:0:1::5'],
    [`${MAC}ipv6s`, '2001:db8:c000:0:1::5\n2001:db8:c000:0:1::6'],
    [`${MAC}subnet-ipv6-cidr-blocks`, '2001:db8:c000::/64'],
    [`${MAC}vpc-ipv6-cidr-blocks`, '2001:db8:c000::/56\n2001:db8:c000:100::/56'],
    ['/latest/meta-data/', expect.stringContaining('\ninstance-type\nipv6\nlocal-hostname\n')],
    [MAC, expect.stringContaining('\nipv4-associations/\nipv6s\nlocal-hostname\n')],
    [MAC, expect.stringContaining('\nsubnet-ipv4-cidr-block\nsubnet-ipv6-cidr-blocks\nvpc-id\n')],
    [MAC, expect.stringContaining('\nvpc-ipv4-cidr-blocks\nvpc-ipv6-cidr-blocks')],
  ])('with IPv6: %s', async (path, body) => {
    caller = makeInterface(
      {},
      {
        ipv6Addresses: ['2001:db8:c000:0:1::5', '2001:db8:c000:0:1::6'],
        subnetIpv6CidrBlocks: ['2001:db8:c000::/64'],
        vpcIpv6CidrBlocks: ['2001:db8:c000::/56', '2001:db8:c000:100::/56'],
      },
    );
    expect(await ask('GET', path)).toMatchObject({ status: 200, body });
  });

  test.each([
    '/latest/meta-data/ipv6',
    `${MAC}ipv6s`,
    `${MAC}subnet-ipv6-cidr-blocks`,
    `${MAC}vpc-ipv6-cidr-blocks`,
  ])('without IPv6 nothing at %s', async (path) => {
    for (const more of [{}, { ipv6Addresses: [], subnetIpv6CidrBlocks: [], vpcIpv6CidrBlocks: [] }]) {
      caller = makeInterface({}, more);
      expect((await ask('GET', path)).status).toBe(404);
    }
  });

  test.each([
    '/latest/meta-data/nothing',
    '/latest/meta-data/ami-id/x',
    '/latest/meta-data/constructor',
    '/latest/meta-data/public-keys/1',
    '/1999-01-01/meta-data/',
    '/latest/user-data/x',
    '/%',
  ])('nothing at %s', async (path) => {
    caller = makeInterface();
    const { status, body, headers } = await ask('GET', path);
    expect([status, headers['content-type'], headers['server']]).toEqual([404, 'text/html', 'EC2ws']);
    expect(body).toContain('<title>404 - Not Found</title>');
  });

  test('the identity document is JSON of AWS’s members', async () => {
    caller = makeInterface();
    const { body } = await ask('GET', '/latest/dynamic/instance-identity/document');
    expect(JSON.parse(body)).toMatchObject({
      accountId: '123456789012',
      instanceId: 'i-01',
      pendingTime: '2026-11-23T11:00:00Z',
      region: 'ap-northeast-2',
      version: '2017-09-30',
    });
  });

  test('what an instance does not have is not there', async () => {
    const { publicIpAddress: _a, publicHostname: _h, instance, ...bare } = makeInterface();
    if (instance === undefined) throw new Error('the fixture has an instance');
    const { keyName: _k, publicKey: _p, userData: _u, tags: _t, ...plain } = instance;
    caller = { ...bare, instance: plain };
    const { body } = await ask('GET', '/latest/meta-data/');
    expect(body.split('\n').filter((name) => /^(public|tags)/.test(name))).toEqual([]);
    expect((await ask('GET', '/latest/user-data')).status).toBe(404);
    expect((await ask('GET', '/latest/meta-data/public-keys/')).status).toBe(404);
    expect((await ask('GET', '/latest/')).body).toBe('dynamic\nmeta-data');
  });
});

describe('tokens', () => {
  const PATH = '/latest/meta-data/instance-id';
  const issue = async (seconds = '60') => (await ask('PUT', '/latest/api/token', { [TTL]: seconds })).body;

  test.each<[string, Partial<GuestMetadataOptions>, string, string, Record<string, string>, number]>([
    ['the first version', {}, 'GET', PATH, {}, 200],
    ['the first version, refused', { tokens: 'required' }, 'GET', PATH, {}, 401],
    ['a token of nobody', {}, 'GET', PATH, { [TOKEN]: 'abc' }, 401],
    ['an empty token', {}, 'GET', PATH, { [TOKEN]: '' }, 401],
    ['the least life', {}, 'PUT', '/latest/api/token', { [TTL]: '1' }, 200],
    ['the longest life', {}, 'PUT', '/latest/api/token', { [TTL]: '21600' }, 200],
    ['no life', {}, 'PUT', '/latest/api/token', { [TTL]: '0' }, 400],
    ['too long a life', {}, 'PUT', '/latest/api/token', { [TTL]: '21601' }, 400],
    ['a life of no number', {}, 'PUT', '/latest/api/token', { [TTL]: '1h' }, 400],
    ['a life not said', {}, 'PUT', '/latest/api/token', {}, 400],
    ['through a proxy', {}, 'PUT', '/latest/api/token', { [TTL]: '60', 'x-forwarded-for': '10.0.0.9' }, 403],
    ['PUT elsewhere', {}, 'PUT', PATH, { [TTL]: '60' }, 405],
    ['GET of the token', {}, 'GET', '/latest/api/token', {}, 405],
    ['POST', {}, 'POST', PATH, {}, 405],
    ['disabled', { isEnabled: false }, 'GET', PATH, {}, 403],
    ['disabled, token', { isEnabled: false }, 'PUT', '/latest/api/token', { [TTL]: '60' }, 403],
  ])('%s', async (_, metadata, method, path, headers, status) => {
    caller = makeInterface(metadata);
    expect((await ask(method, path, headers)).status).toBe(status);
  });

  test('S96 a token is good until it is over, for its instance alone', async () => {
    caller = makeInterface({ tokens: 'required' });
    const token = await issue('60');
    now = new Date(NOW.getTime() + 20_000);
    expect(await ask('GET', PATH, { [TOKEN]: token })).toMatchObject({
      status: 200,
      headers: { [TTL]: '40' },
    });
    const { instance } = caller;
    if (instance === undefined) throw new Error('the fixture has an instance');
    caller = { ...caller, instance: { ...instance, instanceId: 'i-02' } };
    expect((await ask('GET', PATH, { [TOKEN]: token })).status).toBe(401);
    caller = makeInterface({ tokens: 'required' });
    now = new Date(NOW.getTime() + 60_000);
    expect((await ask('GET', PATH, { [TOKEN]: token })).status).toBe(401);
    now = NOW;
  });

  test('S96 the hop limit is told for token requests alone', async () => {
    caller = makeInterface();
    hops.length = 0;
    await issue();
    await ask('GET', PATH);
    expect(hops).toEqual([2, 64]);
  });

  test('a changed token is no token', () => {
    const seal = new TokenSeal(new Uint8Array(32));
    const token = seal.issue('i-01', 60, NOW);
    const other = token.startsWith('B') ? 'C' : 'B';
    expect(seal.remainingSeconds('i-01', token, NOW)).toBe(60);
    expect(seal.remainingSeconds('i-01', other + token.slice(1), NOW)).toBeUndefined();
    expect(new TokenSeal(new Uint8Array(32).fill(1)).remainingSeconds('i-01', token, NOW)).toBeUndefined();
  });

  test.each([
    ['1', 1],
    ['021600', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['99999', undefined],
  ])('a life of %s is %s', (header, seconds) => expect(parseTokenSeconds(header)).toBe(seconds));
});

describe('callers', () => {
  const refused = () =>
    new Promise<string | undefined>((resolve) => {
      get({ host: '127.0.0.1', port: imds.bind.port, path: '/latest/meta-data/', agent: false }, () =>
        resolve('answered'),
      ).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });

  test('an unknown one, and an interface without instance, get a closed connection', async () => {
    caller = undefined;
    expect(await refused()).toBe('ECONNRESET');
    const { instance: _, ...gateway } = makeInterface();
    caller = gateway;
    expect(await refused()).toBe('ECONNRESET');
    expect(sightings.slice(-2).map(({ eniId, outcome }) => [eniId, outcome])).toEqual([
      [undefined, 'refused'],
      ['eni-01', 'refused'],
    ]);
  });

  test('the log says who asked what', async () => {
    caller = makeInterface();
    await ask('GET', '/latest/meta-data/mac');
    expect(sightings.at(-1)).toEqual({
      time: '2026-11-23T12:00:00.000Z',
      service: 'imds',
      sourceAddress: '127.0.0.1',
      eniId: 'eni-01',
      instanceId: 'i-01',
      request: 'GET /latest/meta-data/mac',
      outcome: '200',
    });
  });
});
