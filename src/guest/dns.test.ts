import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askTcp, askUdp, firstValueOf, makeQuery } from '../internet/dns-client.fixture.ts';
import { serveDns } from '../internet/dns-server.ts';
import { DNS_RCODES, DNS_TYPES, type DnsService } from '../net/dns.ts';
import { addressRecords } from '../net/dns-hosts.ts';
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
const internet = zoneOf([
  ...addressRecords('example.com', ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']),
  ...addressRecords('checkip.amazonaws.com', ['52.200.32.10']),
]);

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
    ['the Internet’s IPv6', 'example.com', AAAA, NOERROR, '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    ['no IPv6 of a site without', 'checkip.amazonaws.com', AAAA, NOERROR, undefined],
    ['no IPv6 of an endpoint', 'api.shop.example', AAAA, NOERROR, undefined],
    ['nothing else', 'nowhere.example', A, NXDOMAIN, undefined],
    ['nothing else by IPv6', 'nowhere.example', AAAA, NXDOMAIN, undefined],
  ])('%s', async (_, name, type, rcode, expected) => {
    view = makeView({});
    const reply = await ask(name, type);
    expect([reply?.rcode, firstValueOf(reply)]).toEqual([rcode, expected]);
  });

  const ID = 'i-0123456789abcdef0';
  const NAME = `${ID}.${SEOUL}.internal`;
  const V6 = '2001:db8:c000:0:1::6';

  test.each([
    ['both records', ['A', 'AAAA'], {}, [NOERROR, '10.0.0.6', NOERROR, V6]],
    ['A alone', ['A'], {}, [NOERROR, '10.0.0.6', NOERROR, undefined]],
    ['AAAA alone', ['AAAA'], {}, [NOERROR, undefined, NOERROR, V6]],
    ['AAAA without an address', ['AAAA'], { ipv6Addresses: [] }, [NOERROR, undefined, NOERROR, undefined]],
    ['none', [], {}, [NXDOMAIN, undefined, NXDOMAIN, undefined]],
    ['in another VPC', ['A', 'AAAA'], { vpcId: 'vpc-02' }, [NXDOMAIN, undefined, NXDOMAIN, undefined]],
    ['of another interface', ['A', 'AAAA'], { deviceIndex: 1 }, [NXDOMAIN, undefined, NXDOMAIN, undefined]],
  ] as const)('the resource name of an instance: %s', async (_, resourceNameRecords, more, expected) => {
    const other = makeInterface('eni-resource', {
      privateIpAddress: '10.0.0.6',
      ipv6Addresses: [V6, '2001:db8:c000:0:1::7'],
      resourceNameRecords,
      instance: {
        instanceId: ID,
        imageId: 'ami-01',
        instanceType: 't3.micro',
        launchTime: '2026-11-23T11:00:00.000Z',
        reservationId: 'r-01',
        architecture: 'x86_64',
        metadata: { isEnabled: true, tokens: 'optional', hopLimit: 2 },
      },
      ...more,
    });
    view = { interfaces: new Map([...makeView({}).interfaces, ['100.64.0.9', other]]) };
    const replies = [await ask(NAME, A), await ask(NAME, AAAA)];
    expect(replies.flatMap((reply) => [reply?.rcode, firstValueOf(reply)])).toEqual(expected);
    expect(replies.every((reply) => (reply?.answers.length ?? 0) <= 1)).toBe(true);
  });

  test('in us-east-1 private names are of ec2.internal', async () => {
    view = makeView({ region: 'us-east-1' });
    expect(firstValueOf(await ask('ip-10-0-0-5.ec2.internal', A))).toBe('10.0.0.5');
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
    expect(firstValueOf(await ask(name, A))).toBe('10.2.0.6');
  });

  test('public names of VPCs without host names stay public', async () => {
    view = makeView({});
    const interfaces = new Map(view.interfaces);
    const same = interfaces.get('100.64.0.2');
    if (same === undefined) throw new Error('the fixture has the interface');
    interfaces.set('100.64.0.2', { ...same, isDnsHostnamesEnabled: false });
    view = { interfaces };
    expect(firstValueOf(await ask(`ec2-198-18-0-6.${SEOUL}.amazonaws.com`, A))).toBe('198.18.0.6');
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
