import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askTcp, askUdp, makeQuery } from '../internet/dns-client.fixture.ts';
import { serveDns } from '../internet/dns-server.ts';
import { DNS_RCODES, DNS_TYPES, type DnsMessage, type DnsService } from '../net/dns.ts';
import { joinZones, zoneOf } from '../net/dns-zone.ts';
import { endpointNameZone, publicNameZone, startVpcResolver } from './dns.ts';
import { PacketLimit } from './packet-limit.ts';
import type { GuestInterface, GuestSighting, GuestView } from './view.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const SEOUL = 'ap-northeast-2.compute';

function makeInterface(eniId: string, more: Partial<GuestInterface> = {}): GuestInterface {
  return {
    eniId,
    macAddress: '02:00:00:00:00:05',
    vpcId: 'vpc-01',
    vpcCidrBlocks: ['10.0.0.0/16', '10.9.0.0/24'],
    subnetId: 'subnet-01',
    subnetCidrBlock: '10.0.0.0/24',
    privateIpAddress: '10.0.0.5',
    ownerId: '123456789012',
    region: 'ap-northeast-2',
    availabilityZone: 'ap-northeast-2a',
    availabilityZoneId: 'apne2-az1',
    securityGroups: [],
    securityGroupIds: [],
    localHostname: `ip-10-0-0-5.${SEOUL}.internal`,
    isDnsSupportEnabled: true,
    isDnsHostnamesEnabled: true,
    ...more,
  };
}

function makeView(caller: Partial<GuestInterface> | undefined): GuestView {
  const interfaces = new Map<string, GuestInterface>([
    [
      '100.64.0.2',
      makeInterface('eni-same', {
        privateIpAddress: '10.0.0.6',
        publicIpAddress: '198.18.0.6',
        publicHostname: `ec2-198-18-0-6.${SEOUL}.amazonaws.com`,
      }),
    ],
    [
      '100.64.0.3',
      makeInterface('eni-other', {
        vpcId: 'vpc-02',
        privateIpAddress: '10.0.0.6',
        publicIpAddress: '198.18.0.7',
        publicHostname: `ec2-198-18-0-7.${SEOUL}.amazonaws.com`,
      }),
    ],
  ]);
  if (caller !== undefined) interfaces.set('127.0.0.1', makeInterface('eni-caller', caller));
  const endpoints = [
    {
      vpcId: 'vpc-01',
      private: [{ name: 'api.shop.example', addresses: ['10.0.0.77'] }],
      own: [{ name: 'one.vpce.example', addresses: ['10.0.0.77'] }],
    },
    { vpcId: 'vpc-02', private: [{ name: 'api.bank.example', addresses: ['10.0.0.78'] }], own: [] },
  ];
  return { interfaces, endpoints };
}

let view: GuestView = makeView({});
let now = NOW;
let service: DnsService;
const sightings: GuestSighting[] = [];
const internet = zoneOf([{ name: 'example.com', ttl: 60, data: { type: 'A', address: '93.184.215.14' } }]);

beforeAll(async () => {
  service = await startVpcResolver({
    bindings: [{ address: '127.0.0.1', port: 0 }],
    serve: serveDns,
    view: () => view,
    clock: () => now,
    log: (sighting) => sightings.push(sighting),
    internet: joinZones(
      internet,
      publicNameZone(() => view),
      endpointNameZone(() => view),
    ),
  });
});
afterAll(() => service.close());

const port = () => service.bindings[0]?.port ?? 0;
const ask = (name: string, type: number) => askUdp(port(), makeQuery(name, type));

function firstData(reply: DnsMessage | undefined): string | undefined {
  const data = reply?.answers[0]?.data;
  return data?.type === 'A' ? data.address : data?.type === 'PTR' ? data.name : undefined;
}

describe('what a VPC resolves', () => {
  const { A, PTR, AAAA, MX } = DNS_TYPES;
  const { NOERROR, NXDOMAIN } = DNS_RCODES;
  test.each([
    ['its private names', `ip-10-0-0-5.${SEOUL}.internal`, A, NOERROR, '10.0.0.5'],
    ['of any address it could use', `ip-10-9-0-77.${SEOUL}.internal`, A, NOERROR, '10.9.0.77'],
    ['in any case', `IP-10-0-0-5.${SEOUL}.Internal`, A, NOERROR, '10.0.0.5'],
    ['no other addresses', `ip-10-200-0-5.${SEOUL}.internal`, A, NXDOMAIN, undefined],
    ['no other region', 'ip-10-0-0-5.ec2.internal', A, NXDOMAIN, undefined],
    ['no IPv6', `ip-10-0-0-5.${SEOUL}.internal`, AAAA, NOERROR, undefined],
    ['its reverse names', '5.0.0.10.in-addr.arpa', PTR, NOERROR, `ip-10-0-0-5.${SEOUL}.internal`],
    ['no other reverse names', '5.0.200.10.in-addr.arpa', PTR, NXDOMAIN, undefined],
    [
      'S42 a public name of its own as private',
      `ec2-198-18-0-6.${SEOUL}.amazonaws.com`,
      A,
      NOERROR,
      '10.0.0.6',
    ],
    [
      'S42 a public name of another VPC as public',
      `ec2-198-18-0-7.${SEOUL}.amazonaws.com`,
      A,
      NOERROR,
      '198.18.0.7',
    ],
    [
      'a public name in the wrong region',
      'ec2-198-18-0-6.eu-west-1.compute.amazonaws.com',
      A,
      NXDOMAIN,
      undefined,
    ],
    [
      'a public reverse name',
      '7.0.18.198.in-addr.arpa',
      PTR,
      NOERROR,
      `ec2-198-18-0-7.${SEOUL}.amazonaws.com`,
    ],
    ['a public name nobody has', `ec2-198-18-0-9.${SEOUL}.amazonaws.com`, A, NXDOMAIN, undefined],
    ['what is above its private names', `${SEOUL}.internal`, MX, NOERROR, undefined],
    ['all that is above them', 'internal', A, NOERROR, undefined],
    ['not what is above those of another region', 'ec2.internal', A, NXDOMAIN, undefined],
    ['what is above its reverse names', '7.0.10.in-addr.arpa', PTR, NOERROR, undefined],
    ['not what is above others', '200.10.in-addr.arpa', PTR, NXDOMAIN, undefined],
    ['what is above public names', `${SEOUL}.amazonaws.com`, MX, NOERROR, undefined],
    ['what is above public reverse names', '198.in-addr.arpa', PTR, NOERROR, undefined],
    ['not what is above none', 'eu-west-1.compute.amazonaws.com', MX, NXDOMAIN, undefined],
    ['what is above them all', 'amazonaws.com', MX, NOERROR, undefined],
    ['an endpoint', 'api.shop.example', A, NOERROR, '10.0.0.77'],
    ['what is above its endpoint', 'shop.example', MX, NOERROR, undefined],
    ['not what is above that of another VPC', 'bank.example', MX, NXDOMAIN, undefined],
    ['what is above what everybody resolves', 'vpce.example', MX, NOERROR, undefined],
    ['another type of what is there', 'example.com', MX, NOERROR, undefined],
    ['the Internet', 'example.com', A, NOERROR, '93.184.215.14'],
    ['nothing else', 'nowhere.example', A, NXDOMAIN, undefined],
  ])('%s', async (_, name, type, rcode, expected) => {
    view = makeView({});
    const reply = await ask(name, type);
    expect([reply?.rcode, firstData(reply)]).toEqual([rcode, expected]);
  });

  test('in us-east-1 private names are of ec2.internal', async () => {
    view = makeView({ region: 'us-east-1' });
    expect(firstData(await ask('ip-10-0-0-5.ec2.internal', A))).toBe('10.0.0.5');
  });

  test('an instance is found by its id in its own VPC, when it has that name', async () => {
    view = makeView({});
    const give = (key: string, instanceId: string, hasResourceName: boolean) => {
      const eni = view.interfaces.get(key);
      if (eni === undefined) throw new Error(`the view lacks ${key}`);
      const instance = {
        ...{ instanceId, imageId: 'ami-01', instanceType: 't3.micro', launchTime: NOW.toISOString() },
        ...{ reservationId: 'r-01', architecture: 'x86_64' },
        metadata: { isEnabled: true, tokens: 'optional', hopLimit: 1 } as const,
      };
      view = {
        ...view,
        interfaces: new Map([...view.interfaces, [key, { ...eni, instance, hasResourceName }]]),
      };
    };
    give('100.64.0.2', 'i-0a', true);
    give('100.64.0.3', 'i-0b', true);
    give('127.0.0.1', 'i-0c', false);
    const answer = async (name: string, type: number = A) => {
      const reply = await ask(name, type);
      return [reply?.rcode, firstData(reply)];
    };
    expect(await answer(`i-0a.${SEOUL}.internal`)).toEqual([NOERROR, '10.0.0.6']);
    expect(await answer(`i-0a.${SEOUL}.internal`, MX)).toEqual([NOERROR, undefined]);
    expect(await answer(`i-0b.${SEOUL}.internal`)).toEqual([NXDOMAIN, undefined]);
    expect(await answer(`i-0c.${SEOUL}.internal`)).toEqual([NXDOMAIN, undefined]);
    expect(await answer('i-0a.ec2.internal')).toEqual([NXDOMAIN, undefined]);
  });

  test('S114 public names of a peered VPC are private where it allows that', async () => {
    view = makeView({});
    const other = view.interfaces.get('100.64.0.3');
    if (other === undefined) throw new Error('the view lacks the other VPC');
    view = {
      interfaces: new Map([
        ...view.interfaces,
        ['100.64.0.3', { ...other, privateIpAddress: '10.2.0.6', peersWithPrivateDns: ['vpc-01'] }],
      ]),
    };
    const name = `ec2-198-18-0-7.${SEOUL}.amazonaws.com`;
    expect(firstData(await ask(name, A))).toBe('10.2.0.6');
  });

  test('public names of VPCs without host names stay public', async () => {
    view = makeView({});
    const interfaces = new Map(view.interfaces);
    const same = interfaces.get('100.64.0.2');
    if (same === undefined) throw new Error('the fixture has the interface');
    interfaces.set('100.64.0.2', { ...same, isDnsHostnamesEnabled: false });
    view = { interfaces };
    expect(firstData(await ask(`ec2-198-18-0-6.${SEOUL}.amazonaws.com`, A))).toBe('198.18.0.6');
  });

  test('S92 over TCP too, in any pieces', async () => {
    view = makeView({});
    const replies = await askTcp(port(), [makeQuery('example.com', A), makeQuery('nowhere.example', A)], 3);
    expect(replies.map((reply) => reply?.rcode)).toEqual([NOERROR, NXDOMAIN]);
  });
});

describe('whom it answers', () => {
  test('a stranger is refused', async () => {
    view = makeView(undefined);
    expect((await ask('example.com', DNS_TYPES.A))?.rcode).toBe(DNS_RCODES.REFUSED);
  });

  test('S93 without DNS support there is silence', async () => {
    view = makeView({ isDnsSupportEnabled: false });
    const silent = ask('silent.example', DNS_TYPES.A);
    await expect.poll(() => sightings.at(-1)?.request).toBe('A silent.example');
    expect(sightings.at(-1)?.outcome).toBe('dropped');
    // Datagrams keep their order on the loopback: the answer to a later one shows that the first got none.
    view = makeView({});
    const later = await ask('example.com', DNS_TYPES.A);
    expect(later?.rcode).toBe(DNS_RCODES.NOERROR);
    expect(await Promise.race([silent, 'nothing'])).toBe('nothing');
  });

  test('garbage does no harm', async () => {
    view = makeView({});
    const garbage = await askUdp(
      port(),
      Uint8Array.from({ length: 40 }, (_, index) => (index === 2 ? 1 : index * 7)),
    );
    expect(garbage?.rcode).toBe(DNS_RCODES.FORMERR);
    expect((await ask('example.com', DNS_TYPES.A))?.rcode).toBe(DNS_RCODES.NOERROR);
  });

  test('S92 1,024 packets a second of each interface', () => {
    const limit = new PacketLimit();
    const admitted = Array.from({ length: 1100 }, () => limit.admits('eni-01', NOW)).filter(Boolean).length;
    expect(admitted).toBe(1024);
    expect(limit.admits('eni-02', NOW)).toBe(true);
    expect(limit.admits('eni-01', new Date(NOW.getTime() + 999))).toBe(false);
    expect(limit.admits('eni-01', new Date(NOW.getTime() + 1000))).toBe(true);
  });

  test('the log names the interface', async () => {
    view = makeView({});
    now = NOW;
    await ask('example.com', DNS_TYPES.A);
    expect(sightings.at(-1)).toEqual({
      time: '2026-11-23T12:00:00.000Z',
      service: 'dns',
      sourceAddress: '127.0.0.1',
      eniId: 'eni-caller',
      request: 'A example.com',
      outcome: 'NOERROR',
    });
  });
});
