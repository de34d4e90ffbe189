import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { cidrOf, lastOf } from '../net/cidr.ts';
import { IPV4 } from './family.ts';
import { compileGate, type GateRule } from './matches.ts';

const ANYWHERE = '0.0.0.0/0';

function gateRule(fields: Partial<GateRule>): GateRule {
  return {
    protocol: undefined,
    ports: undefined,
    icmp: undefined,
    cidrBlock: ANYWHERE,
    verdict: 'return',
    comment: 'r',
    ...fields,
  };
}

const tcp = (first: number, last: number, cidrBlock = ANYWHERE): GateRule =>
  gateRule({ protocol: 6, ports: { first, last }, cidrBlock });
const icmp = (type: number, code: number): GateRule => gateRule({ protocol: 1, icmp: { type, code } });

/** The elements of a gate's two maps: `key → verdict`. */
function elementsOf(rules: readonly GateRule[]): string[][] {
  return compileGate('g', 'saddr', rules).maps.map(({ elements }) =>
    elements.map(({ key, value }) => `${key} → ${value}`),
  );
}

const ALL = '0.0.0.0-255.255.255.255';

test.for<readonly [what: string, rule: GateRule, ports: readonly string[], icmp: readonly string[]]>([
  [
    'all traffic to a block',
    gateRule({ cidrBlock: '0.0.0.0/1' }),
    ['0-255 . 0-65535 . 0.0.0.0-127.255.255.255 → return'],
    ['0-65535 . 0.0.0.0-127.255.255.255 → return'],
  ],
  ['one port', tcp(22, 22), [`6 . 22 . ${ALL} → return`], []],
  ['a range of ports', tcp(80, 443), [`6 . 80-443 . ${ALL} → return`], []],
  ['all of TCP', gateRule({ protocol: 6 }), [`6 . 0-65535 . ${ALL} → return`], []],
  ['a protocol without ports', gateRule({ protocol: 50 }), [`50 . 0-65535 . ${ALL} → return`], []],
  [
    'ports of a protocol without ports are all',
    gateRule({ protocol: 50, ports: { first: 22, last: 22 } }),
    [`50 . 0-65535 . ${ALL} → return`],
    [],
  ],
  ['all of ICMP', icmp(-1, -1), [], [`0-65535 . ${ALL} → return`]],
  ['an ICMP type', icmp(8, -1), [], [`2048-2303 . ${ALL} → return`]],
  ['S71 an ICMP type and code: that a packet is too big', icmp(3, 4), [], [`772 . ${ALL} → return`]],
  ['one address', tcp(22, 22, '10.0.0.5/32'), ['6 . 22 . 10.0.0.5 → return'], []],
  ['a block', tcp(22, 22, '10.0.1.0/24'), ['6 . 22 . 10.0.1.0-10.0.1.255 → return'], []],
  ['a deny', { ...tcp(22, 22), verdict: 'drop' }, [`6 . 22 . ${ALL} → drop`], []],
])('%s', ([, rule, ports, icmpElements]) => {
  expect(elementsOf([rule])).toEqual([ports, icmpElements]);
});

test.for<readonly [what: string, rules: readonly GateRule[], lookups: readonly string[]]>([
  ['all traffic', [gateRule({ comment: 'rule 100' })], ['return comment "rule 100"']],
  ['none', [gateRule({ verdict: 'drop', comment: 'rule 1' })], ['drop comment "rule 1"']],
  ['after others that say the same', [tcp(22, 22), gateRule({ comment: 'all' })], ['return comment "all"']],
])('a gate that decides the same of every packet needs no map: %s', ([, rules, lookups]) => {
  expect(compileGate('g', 'saddr', rules)).toEqual({ maps: [], lookups });
});

test('which address is looked at, and in which map, follows from the direction', () => {
  expect(compileGate('acl-1_out', 'daddr', []).lookups).toEqual([
    'meta l4proto != icmp meta l4proto . th dport . ip daddr vmap @acl-1_out_ports',
    'meta l4proto icmp th sport . ip daddr vmap @acl-1_out_icmp',
  ]);
});

interface Packet {
  readonly protocol: number;
  /** The destination port; of ICMP type and code as one number. */
  readonly word: number;
  readonly address: string;
}

const anyRule: fc.Arbitrary<GateRule> = fc
  .record({
    protocol: fc.constantFrom(undefined, 1, 6, 17, 50),
    ports: fc.constantFrom(undefined, [22, 22], [0, 65_535], [80, 443], [400, 500]),
    icmp: fc.constantFrom(
      { type: -1, code: -1 },
      { type: 8, code: -1 },
      { type: 8, code: 0 },
      { type: 3, code: 4 },
    ),
    cidrBlock: fc.constantFrom(
      ANYWHERE,
      '10.0.0.0/8',
      '10.0.0.0/24',
      '10.0.0.7/32',
      '10.0.0.6/31',
      '192.168.0.0/16',
    ),
    verdict: fc.constantFrom('return', 'drop'),
  })
  .map(({ ports, icmp: typeAndCode, ...fields }) =>
    gateRule({
      ...fields,
      ports: ports === undefined ? undefined : { first: ports[0] ?? 0, last: ports[1] ?? 0 },
      icmp: fields.protocol === IPV4.icmp.number ? typeAndCode : undefined,
    }),
  );

const anyPacket: fc.Arbitrary<Packet> = fc.record({
  protocol: fc.constantFrom(1, 6, 17, 50, 132),
  word: fc.constantFrom(0, 22, 79, 80, 443, 444, 500, 65_535, 8 * 256, 8 * 256 + 1, 3 * 256 + 4),
  address: fc.constantFrom('10.0.0.7', '10.0.0.6', '10.0.0.8', '10.0.1.0', '192.168.3.4', '8.8.8.8'),
});

/** What AWS says of a rule, packet by packet: the other way to the same verdict. */
function isMatch(rule: GateRule, { protocol, word, address }: Packet): boolean {
  const cidr = cidrOf(rule.cidrBlock);
  const number = parseIpv4(address) ?? -1;
  if (number < cidr.first || number > lastOf(cidr)) return false;
  if (rule.protocol === undefined) return true;
  if (rule.protocol !== protocol) return false;
  if (protocol === IPV4.icmp.number) {
    const { type, code } = rule.icmp ?? { type: -1, code: -1 };
    return (type === -1 || type === word >> 8) && (code === -1 || code === (word & 255));
  }
  if (protocol !== 6 && protocol !== 17) return true;
  return rule.ports === undefined || (rule.ports.first <= word && word <= rule.ports.last);
}

/** Looks a packet up in the maps as nft does; throws when two elements match, which nft would refuse to load. */
function lookUp({ maps, lookups }: ReturnType<typeof compileGate>, packet: Packet): string | undefined {
  if (maps.length === 0) return lookups[0]?.split(' ')[0];
  const [ports, icmpMap] = maps;
  const isIcmp = packet.protocol === IPV4.icmp.number;
  const fields = isIcmp ? [packet.word] : [packet.protocol, packet.word];
  const values = [...fields, parseIpv4(packet.address) ?? -1];
  const found = ((isIcmp ? icmpMap : ports)?.elements ?? []).filter(({ key }) =>
    key.split(' . ').every((part, i) => {
      const [first = '', last = first] = part.split('-');
      const value = values[i] ?? -1;
      return numberOf(first) <= value && value <= numberOf(last);
    }),
  );
  if (found.length > 1)
    throw new Error(`${JSON.stringify(packet)} matches ${found.map(({ key }) => key).join(', ')}`);
  return found[0]?.value;
}

const numberOf = (text: string): number => parseIpv4(text) ?? Number(text);

test('the maps decide every packet as the ordered rules do', () => {
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 12 }),
      fc.array(anyPacket, { minLength: 10 }),
      (rules, packets) => {
        const gate = compileGate('g', 'saddr', rules);
        for (const packet of packets) {
          expect(lookUp(gate, packet)).toBe(rules.find((rule) => isMatch(rule, packet))?.verdict);
        }
      },
    ),
  );
});

describe('a thousand ordinary rules stay few boxes', () => {
  const thousand = Array.from({ length: 1000 }, (_, i) => i);
  const host = (i: number): string => `${formatIpv4((parseIpv4('10.0.0.0') ?? 0) + i)}/32`;
  const block = (i: number): string => `10.${i >> 8}.${i & 255}.0/24`;

  test.for<readonly [what: string, rules: readonly GateRule[], atMost: number]>([
    ['one port of a thousand hosts', thousand.map((i) => tcp(443, 443, host(i))), 1000],
    ['a port each from everywhere', thousand.map((i) => tcp(i, i)), 1000],
    ['four ports of 250 blocks', thousand.map((i) => tcp(20 + (i % 4), 20 + (i % 4), block(i >> 2))), 1000],
    [
      'a thousand hosts denied, all else allowed',
      [...thousand.map((i): GateRule => ({ ...tcp(22, 22, host(2 * i)), verdict: 'drop' })), gateRule({})],
      // The hosts, what is between them, and what is beside port and protocol.
      2005,
    ],
    ['a thousand times the same', thousand.map(() => tcp(22, 22)), 1],
    ['blocks within blocks', thousand.map((i) => tcp(22, 22, `10.0.0.0/${32 - (i % 24)}`)), 24],
  ])('%s', ([, rules, atMost]) => {
    const [ports, icmpMap] = compileGate('g', 'saddr', rules).maps;
    expect(ports?.elements.length).toBeLessThanOrEqual(atMost);
    expect(icmpMap?.elements.length).toBeLessThanOrEqual(1);
  });
});
