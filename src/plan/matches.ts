import { formatIpv4 } from '../net/address.ts';
import { cidrOf, lastOf } from '../net/cidr.ts';
import { type Decision, disjoin, type Range } from './boxes.ts';
import type { NftMap, NftMapElement } from './ruleset.ts';

/** What a gate decides, as nft writes it: `return` goes on to the next gate, `drop` ends the packet. */
export type GateVerdict = 'return' | 'drop';

/** One rule of a gate, for one block of addresses. */
export interface GateRule {
  /** A protocol's number, or undefined for all. */
  readonly protocol: number | undefined;
  /** Ports for TCP and UDP; undefined for all. */
  readonly ports: Range | undefined;
  /** ICMP type and code; -1 stands for all. Undefined where the rule is not about ICMP alone. */
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  readonly cidrBlock: string;
  readonly verdict: GateVerdict;
  /** The user's own object, shown as the element's comment. */
  readonly comment: string;
}

export const ICMP = 1;
const TCP = 6;
const UDP = 17;

const ALL_PROTOCOLS: Range = { first: 0, last: 255 };
const ALL_PORTS: Range = { first: 0, last: 65535 };

/** Which address of a packet a gate looks at: the source where packets come in, the destination where they go out. */
export type AddressField = 'saddr' | 'daddr';

/** The maps of a gate and the rules that look a packet up in them. */
export interface GateMaps {
  readonly maps: readonly NftMap[];
  readonly lookups: readonly string[];
}

/**
 * The rules of a gate as two verdict maps, one for ICMP and one for all else, whose look-up costs the same for one rule
 * and for a thousand. ICMP's type and code are the two bytes where other protocols have their source port, so `th sport`
 * reads them both at once. A gate that decides the same of every packet, as the default network ACL's, needs no map.
 */
export function compileGate(name: string, field: AddressField, rules: readonly GateRule[]): GateMaps {
  const whole = findWhole(rules);
  if (whole !== undefined) return { maps: [], lookups: [`${whole.verdict} comment "${whole.comment}"`] };
  const ports = disjoin(rules.flatMap(portsDecision)).map(portsElement);
  const icmp = disjoin(rules.flatMap(icmpDecision)).map(icmpElement);
  return {
    maps: [
      {
        name: `${name}_ports`,
        type: 'inet_proto . inet_service . ipv4_addr : verdict',
        isInterval: true,
        elements: ports,
      },
      { name: `${name}_icmp`, type: 'inet_service . ipv4_addr : verdict', isInterval: true, elements: icmp },
    ],
    lookups: [
      `meta l4proto != icmp meta l4proto . th dport . ip ${field} vmap @${name}_ports`,
      `meta l4proto icmp th sport . ip ${field} vmap @${name}_icmp`,
    ],
  };
}

/** The rule about everything that, with those before it, decides the same of every packet. */
function findWhole(rules: readonly GateRule[]): GateRule | undefined {
  const whole = rules.find(
    ({ protocol, cidrBlock }) => protocol === undefined && cidrOf(cidrBlock).prefixLength === 0,
  );
  const before = whole === undefined ? [] : rules.slice(0, rules.indexOf(whole));
  return before.every(({ verdict }) => verdict === whole?.verdict) ? whole : undefined;
}

type Labelled = Pick<GateRule, 'verdict' | 'comment'>;

function addressesOf(cidrBlock: string): Range {
  const cidr = cidrOf(cidrBlock);
  return { first: cidr.first, last: lastOf(cidr) };
}

function portsDecision(rule: GateRule): Decision<Labelled>[] {
  if (rule.protocol === ICMP) return [];
  const hasPorts = rule.protocol === TCP || rule.protocol === UDP;
  const protocols =
    rule.protocol === undefined ? ALL_PROTOCOLS : { first: rule.protocol, last: rule.protocol };
  const ports = hasPorts ? (rule.ports ?? ALL_PORTS) : ALL_PORTS;
  return [{ box: [protocols, ports, addressesOf(rule.cidrBlock)], decision: rule }];
}

function icmpDecision(rule: GateRule): Decision<Labelled>[] {
  if (rule.protocol !== undefined && rule.protocol !== ICMP) return [];
  return [{ box: [icmpRangeOf(rule.icmp), addressesOf(rule.cidrBlock)], decision: rule }];
}

/** Type and code as one number: the type is the high byte. */
function icmpRangeOf(icmp: GateRule['icmp']): Range {
  if (icmp === undefined || icmp.type === -1) return ALL_PORTS;
  if (icmp.code === -1) return { first: icmp.type * 256, last: icmp.type * 256 + 255 };
  return { first: icmp.type * 256 + icmp.code, last: icmp.type * 256 + icmp.code };
}

function portsElement({ box, decision }: Decision<Labelled>): NftMapElement {
  const [protocols = ALL_PROTOCOLS, ports = ALL_PORTS, addresses = ALL_PORTS] = box;
  const key = `${renderRange(protocols)} . ${renderRange(ports)} . ${renderAddresses(addresses)}`;
  return { key, value: decision.verdict, comment: decision.comment };
}

function icmpElement({ box, decision }: Decision<Labelled>): NftMapElement {
  const [typesAndCodes = ALL_PORTS, addresses = ALL_PORTS] = box;
  const key = `${renderRange(typesAndCodes)} . ${renderAddresses(addresses)}`;
  return { key, value: decision.verdict, comment: decision.comment };
}

/** A range as nft writes it: `22`, `1024-65535`. */
export function renderRange({ first, last }: Range): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function renderAddresses({ first, last }: Range): string {
  return first === last ? formatIpv4(first) : `${formatIpv4(first)}-${formatIpv4(last)}`;
}
