import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCidr } from './cidr.ts';
import {
  DNS_RCODES,
  DNS_TYPES,
  type DnsData,
  type DnsMessage,
  type DnsRecord,
  reverseNameOf,
} from './dns.ts';
import { decodeDns } from './dns-decode.ts';
import { encodeDns } from './dns-encode.ts';
import {
  parsePrivateName,
  parsePublicName,
  parseReverseBlock,
  parseReverseName,
  privateNameOf,
  serviceZone,
} from './dns-hosts.ts';
import { formatName, isDnsName } from './dns-name.ts';
import { joinZones, lookUp, respondToDns, zoneOf } from './dns-zone.ts';
import { formatIpv6 } from './ipv6.ts';

const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 });
const names = labels.map(formatName);
const uint16 = fc.nat(0xffff);
const uint32 = fc.nat(0xffffffff);
const texts = fc.array(
  fc.uint8Array({ maxLength: 255 }).map((bytes) => String.fromCharCode(...bytes)),
  { maxLength: 3 },
);
const knownTypes: number[] = [...Object.values(DNS_TYPES)];

const data: fc.Arbitrary<DnsData> = fc.oneof(
  fc.ipV4().map((address): DnsData => ({ type: 'A', address })),
  fc
    .bigInt({ min: 0n, max: (1n << 128n) - 1n })
    .map((address): DnsData => ({ type: 'AAAA', address: formatIpv6(address) })),
  fc.record({ type: fc.constantFrom('NS' as const, 'CNAME' as const, 'PTR' as const), name: names }),
  fc.record({ type: fc.constant('MX' as const), preference: uint16, name: names }),
  fc.record({ type: fc.constant('TXT' as const), texts }),
  fc.record({
    type: fc.constant('SOA' as const),
    primary: names,
    mailbox: names,
    serial: uint32,
    refresh: uint32,
    retry: uint32,
    expire: uint32,
    minimum: uint32,
  }),
  fc.record({
    type: fc.constant('other' as const),
    number: uint16.filter((number) => !knownTypes.includes(number)),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
);
const records: fc.Arbitrary<DnsRecord[]> = fc.array(fc.record({ name: names, ttl: uint32, data }), {
  maxLength: 4,
});
const messages: fc.Arbitrary<DnsMessage> = fc.record({
  id: uint16,
  isResponse: fc.boolean(),
  opcode: fc.nat(15),
  isAuthoritative: fc.boolean(),
  isTruncated: fc.boolean(),
  isRecursionDesired: fc.boolean(),
  isRecursionAvailable: fc.boolean(),
  rcode: fc.nat(4095),
  questions: fc.array(fc.record({ name: names, type: uint16, class: uint16 }), { maxLength: 3 }),
  answers: records,
  authorities: records,
  additionals: records,
  extension: fc.record({ udpSize: uint16, version: fc.nat(255), isDnssecOk: fc.boolean() }),
});

function messageWith(record: DnsRecord): DnsMessage {
  return {
    id: 1,
    isResponse: true,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: false,
    isRecursionAvailable: false,
    rcode: 0,
    questions: [],
    answers: [record],
    authorities: [],
    additionals: [],
  };
}

function query(name: string, type: number, udpSize?: number): Uint8Array {
  return encodeDns({
    id: 4711,
    isResponse: false,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: true,
    isRecursionAvailable: false,
    rcode: 0,
    questions: [{ name, type, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    ...(udpSize === undefined ? {} : { extension: { udpSize, version: 0, isDnssecOk: false } }),
  });
}

const zone = zoneOf([
  { name: 'a.test', ttl: 60, data: { type: 'A', address: '192.0.2.1' } },
  { name: 'alias.test', ttl: 60, data: { type: 'CNAME', name: 'A.test' } },
  { name: 'www.below.deep.test', ttl: 60, data: { type: 'A', address: '192.0.2.2' } },
  { name: 'loop.test', ttl: 60, data: { type: 'CNAME', name: 'loop.test' } },
  ...Array.from(
    { length: 100 },
    (_, index): DnsRecord => ({
      name: 'many.test',
      ttl: 60,
      data: { type: 'A', address: `192.0.2.${index}` },
    }),
  ),
]);
const answer = (bytes: Uint8Array, transport: 'udp' | 'tcp' = 'udp') =>
  respondToDns(bytes, transport, (question) => lookUp(zone, question));

describe('the codec', () => {
  test('reads back whatever it writes', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeDns(encodeDns(message))).toEqual(message);
      }),
    );
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        decodeDns(bytes);
        answer(bytes);
      }),
    );
    const mutated = fc.tuple(messages, fc.nat(), fc.nat(255), fc.nat(600));
    fc.assert(
      fc.property(mutated, ([message, place, byte, length]) => {
        const bytes = encodeDns({ ...message, isResponse: false });
        bytes[place % bytes.length] = byte;
        answer(bytes.subarray(0, length));
        answer(bytes);
      }),
    );
  });

  test('compresses names', () => {
    const message = decodeDns(answer(query('many.test', DNS_TYPES.A), 'tcp') ?? new Uint8Array());
    expect(message?.answers.length).toBe(100);
    // A header, the question, and 16 bytes a record: a pointer in the place of each name.
    expect(answer(query('many.test', DNS_TYPES.A), 'tcp')?.length).toBe(12 + 15 + 100 * 16);
  });

  test.each([
    ['2001:4860:4860::8888', '20014860486000000000000000008888'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe', 'fffffffffffffffffffffffffffffffe'],
    ['2001:DB8::192.0.2.1', '20010db80000000000000000c0000201'],
  ])('writes %s as its sixteen bytes', (address, digits) => {
    const bytes = encodeDns(messageWith({ name: 'a.test', ttl: 60, data: { type: 'AAAA', address } }));
    expect(Buffer.from(bytes.subarray(-18)).toString('hex')).toBe(`0010${digits}`);
  });

  test.each(['192.0.2.1', '2001:db8::g', '', '1::2::3'])(
    'refuses to write "%s" as an AAAA record',
    (address) => {
      const message = messageWith({ name: 'a.test', ttl: 60, data: { type: 'AAAA', address } });
      expect(() => encodeDns(message)).toThrow(`not an IPv6 address: ${address}`);
    },
  );

  test.each([
    [4, undefined],
    [15, undefined],
    [16, '2001:db8::1'],
    [17, undefined],
  ])('reads an AAAA record of %i bytes as %s', (length, address) => {
    const address16 = [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 1];
    const bytes = Uint8Array.from([...address16, 0].slice(0, length));
    const written = encodeDns(
      messageWith({ name: 'a.test', ttl: 60, data: { type: 'other', number: DNS_TYPES.AAAA, bytes } }),
    );
    expect(decodeDns(written)?.answers.map(({ data }) => data)).toEqual(
      address === undefined ? undefined : [{ type: 'AAAA', address }],
    );
  });

  test('refuses a name that points to itself', () => {
    const bytes = Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]);
    expect(decodeDns(bytes)).toBeUndefined();
  });

  test.each([
    ['example.com', true],
    ['', true],
    [`${'a'.repeat(63)}.com`, true],
    [`${'a'.repeat(64)}.com`, false],
    ['a..b', false],
    [Array(5).fill('a'.repeat(60)).join('.'), false],
  ])('is %s a name: %s', (name, isName) => expect(isDnsName(name)).toBe(isName));
});

describe('answers', () => {
  const outcome = (bytes: Uint8Array | undefined) => {
    const message = bytes === undefined ? undefined : decodeDns(bytes);
    return message === undefined ? undefined : [message.rcode, message.answers.length, message.isTruncated];
  };

  test.each([
    ['a record', query('a.test', DNS_TYPES.A), [DNS_RCODES.NOERROR, 1, false]],
    ['any case', query('A.TeSt', DNS_TYPES.A), [DNS_RCODES.NOERROR, 1, false]],
    ['another type', query('a.test', DNS_TYPES.AAAA), [DNS_RCODES.NOERROR, 0, false]],
    ['no such name', query('b.test', DNS_TYPES.A), [DNS_RCODES.NXDOMAIN, 0, false]],
    ['a name above others', query('Below.deep.test', DNS_TYPES.MX), [DNS_RCODES.NOERROR, 0, false]],
    ['a name two above another', query('deep.test', DNS_TYPES.A), [DNS_RCODES.NOERROR, 0, false]],
    ['the root', query('', DNS_TYPES.NS), [DNS_RCODES.NOERROR, 0, false]],
    ['a name that ends alike', query('elow.deep.test', DNS_TYPES.A), [DNS_RCODES.NXDOMAIN, 0, false]],
    ['a name below one with records', query('x.a.test', DNS_TYPES.A), [DNS_RCODES.NXDOMAIN, 0, false]],
    ['an alias', query('alias.test', DNS_TYPES.A), [DNS_RCODES.NOERROR, 2, false]],
    ['a loop of aliases', query('loop.test', DNS_TYPES.A), [DNS_RCODES.SERVFAIL, 0, false]],
    ['more than a datagram holds', query('many.test', DNS_TYPES.A), [DNS_RCODES.NOERROR, 0, true]],
    ['more than 1,232 bytes', query('many.test', DNS_TYPES.A, 4096), [DNS_RCODES.NOERROR, 0, true]],
    ['another opcode', withByte(query('a.test', 1), 2, 0x10), [DNS_RCODES.NOTIMP, 0, false]],
    ['no question', Uint8Array.from([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), [DNS_RCODES.FORMERR, 0, false]],
    ['a broken question', query('a.test', 1).subarray(0, 14), [DNS_RCODES.FORMERR, 0, false]],
    ['a response', withByte(query('a.test', 1), 2, 0x80), undefined],
    ['half a header', Uint8Array.from([1, 2, 3]), undefined],
  ])('%s', (_, bytes, expected) => expect(outcome(answer(bytes))).toEqual(expected));

  test.each(['a.test', 'b.test', 'deep.test'])('%s without what was asked for comes with a SOA', (name) => {
    const message = decodeDns(answer(query(name, DNS_TYPES.MX)) ?? new Uint8Array());
    expect(message?.authorities.map(({ data }) => data.type)).toEqual(['SOA']);
  });

  test('an unknown version of EDNS', () => {
    const bytes = query('a.test', 1, 1232);
    // The version is the sixth byte from the end of the OPT record.
    bytes[bytes.length - 5] = 1;
    expect(outcome(answer(bytes))).toEqual([DNS_RCODES.BADVERS, 0, false]);
  });
});

function withByte(bytes: Uint8Array, index: number, byte: number): Uint8Array {
  return Uint8Array.from(bytes, (old, place) => (place === index ? byte : old));
}

describe('names of hosts', () => {
  test.each([
    ['10.0.0.5', 'us-east-1', 'ip-10-0-0-5.ec2.internal'],
    ['10.0.0.5', 'ap-northeast-2', 'ip-10-0-0-5.ap-northeast-2.compute.internal'],
  ])('%s in %s is %s', (address, region, name) => {
    expect(privateNameOf(address, region)).toBe(name);
    expect(parsePrivateName(name, region)).toBe(address);
  });

  test.each([
    ['ec2-3-34-1-2.ap-northeast-2.compute.amazonaws.com', { address: '3.34.1.2', region: 'ap-northeast-2' }],
    ['ec2-3-34-1-2.compute-1.amazonaws.com', { address: '3.34.1.2', region: 'us-east-1' }],
    ['ec2-3-34-1-256.ap-northeast-2.compute.amazonaws.com', undefined],
    ['ip-10-0-0-5.ec2.internal', undefined],
  ])('%s', (name, expected) => expect(parsePublicName(name)).toEqual(expected));

  test.each([
    ['5.0.0.10.in-addr.arpa', '10.0.0.5'],
    ['0.0.10.in-addr.arpa', undefined],
    ['05.0.0.10.in-addr.arpa', undefined],
    ['8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa', '2001:4860:4860::8888'],
    ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa', '::1'],
    ['8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa', undefined],
    ['0.8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa', undefined],
    ['g.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa', undefined],
    ['8.b.d.0.1.0.0.2.ip6.arpa', undefined],
    ['ip6.arpa', undefined],
  ])('%s is of %s', (name, address) => {
    expect(parseReverseName(name)).toBe(address);
    if (address !== undefined) expect(reverseNameOf(address)).toBe(name);
  });

  test('a text that is no IPv6 address has no reverse name', () => {
    expect(() => reverseNameOf('2001:db8::/32')).toThrow('not an IPv6 address: 2001:db8::/32');
  });

  test.each([
    ['3.2.10.in-addr.arpa', '10.2.3.0/24'],
    ['2.10.in-addr.arpa', '10.2.0.0/16'],
    ['10.in-addr.arpa', '10.0.0.0/8'],
    ['in-addr.arpa', '0.0.0.0/0'],
    ['arpa', '0.0.0.0/0'],
    ['', '0.0.0.0/0'],
    ['4.3.2.10.in-addr.arpa', undefined],
    ['256.10.in-addr.arpa', undefined],
    ['ip6.arpa', undefined],
  ])('below %j are the reverse names of %s', (name, block) => {
    const found = parseReverseBlock(name);
    expect(found === undefined ? undefined : formatCidr(found)).toBe(block);
  });

  test.each([
    ['s3.ap-northeast-2.amazonaws.com', '52.219.32.1'],
    ['s3-ap-northeast-2.amazonaws.com', '52.219.32.1'],
    ['bucket.s3.ap-northeast-2.amazonaws.com', '52.219.32.1'],
    ['a.b.s3.ap-northeast-2.amazonaws.com', '52.219.32.1'],
    ['s3.amazonaws.com', '52.219.0.1'],
    ['bucket.s3.amazonaws.com', '52.219.0.1'],
    ['dynamodb.ap-northeast-2.amazonaws.com', '52.94.8.1'],
    ['toString.ap-northeast-2.amazonaws.com', undefined],
    ['sqs.ap-northeast-2.amazonaws.com', undefined],
    ['s3.nowhere-1.amazonaws.com', undefined],
  ])('S102 %s is publicly at %s, whoever asks', (name, address) => {
    const zone = serviceZone([
      { region: 'us-east-1', addresses: { s3: ['52.219.0.1'] } },
      { region: 'ap-northeast-2', addresses: { s3: ['52.219.32.1'], dynamodb: ['52.94.8.1'] } },
    ]);
    const found = zone.find(name)?.map(({ data }) => (data.type === 'A' ? data.address : undefined));
    expect(found?.[0]).toBe(address);
  });

  test.each([
    ['amazonaws.com', true],
    ['com', true],
    ['ap-northeast-2.amazonaws.com', true],
    ['ecr.ap-northeast-2.amazonaws.com', true],
    ['ecr.us-east-1.amazonaws.com', false],
    ['eu-west-1.amazonaws.com', false],
    ['aws.com', false],
  ])('%s, which has no records, is there because of what lies below: %s', (name, isThere) => {
    const zone = serviceZone([
      { region: 'us-east-1', addresses: { s3: ['52.219.0.1'] } },
      { region: 'ap-northeast-2', addresses: { 'api.ecr': ['52.94.8.1'] } },
    ]);
    expect(zone.find(name)).toEqual(isThere ? [] : undefined);
  });

  test('of zones that are joined, records count before a name that only has others below', () => {
    const record = (name: string): DnsRecord => ({
      name,
      ttl: 60,
      data: { type: 'A', address: '192.0.2.1' },
    });
    const zone = joinZones(zoneOf([record('www.example.com')]), zoneOf([record('example.com')]));
    expect([zone.find('example.com')?.length, zone.find('com'), zone.find('org')]).toEqual([
      1,
      [],
      undefined,
    ]);
  });
});
