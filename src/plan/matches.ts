import { type Decision, disjoin, type Range } from './boxes.ts';
import { type AddressAxis, type AddressFamily, IPV4 } from './family.ts';
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
export function compileGate(
  name: string,
  field: AddressField,
  rules: readonly GateRule[],
  family: AddressFamily = IPV4,
): GateMaps {
  const whole = findWhole(rules, family);
  if (whole !== undefined) return { maps: [], lookups: [`${whole.verdict} comment "${whole.comment}"`] };
  const axis = family.axisOf(rules.map(({ cidrBlock }) => cidrBlock));
  const { nft, addressType: type, icmp } = family;
  const ports = disjoin(rules.flatMap((rule) => portsDecision(rule, axis, icmp.number)));
  const icmpTypes = disjoin(rules.flatMap((rule) => icmpDecision(rule, axis, icmp.number)));
  return {
    maps: [
      {
        name: `${name}_ports`,
        type: `inet_proto . inet_service . ${type} : verdict`,
        isInterval: true,
        elements: ports.map((decided) => portsElement(decided, axis)),
      },
      {
        name: `${name}_icmp`,
        type: `inet_service . ${type} : verdict`,
        isInterval: true,
        elements: icmpTypes.map((decided) => icmpElement(decided, axis)),
      },
    ],
    lookups: [
      `meta l4proto != ${icmp.word} meta l4proto . th dport . ${nft} ${field} vmap @${name}_ports`,
      `meta l4proto ${icmp.word} th sport . ${nft} ${field} vmap @${name}_icmp`,
    ],
  };
}

/** The rule about everything that, with those before it, decides the same of every packet. */
function findWhole(rules: readonly GateRule[], { everywhere }: AddressFamily): GateRule | undefined {
  const whole = rules.find(({ protocol, cidrBlock }) => protocol === undefined && cidrBlock === everywhere);
  const before = whole === undefined ? [] : rules.slice(0, rules.indexOf(whole));
  return before.every(({ verdict }) => verdict === whole?.verdict) ? whole : undefined;
}

type Labelled = Pick<GateRule, 'verdict' | 'comment'>;

function portsDecision(rule: GateRule, axis: AddressAxis, icmp: number): Decision<Labelled>[] {
  if (rule.protocol === icmp) return [];
  const hasPorts = rule.protocol === TCP || rule.protocol === UDP;
  const protocols =
    rule.protocol === undefined ? ALL_PROTOCOLS : { first: rule.protocol, last: rule.protocol };
  const ports = hasPorts ? (rule.ports ?? ALL_PORTS) : ALL_PORTS;
  return [{ box: [protocols, ports, axis.rangeOf(rule.cidrBlock)], decision: rule }];
}

function icmpDecision(rule: GateRule, axis: AddressAxis, icmp: number): Decision<Labelled>[] {
  if (rule.protocol !== undefined && rule.protocol !== icmp) return [];
  return [{ box: [icmpRangeOf(rule.icmp), axis.rangeOf(rule.cidrBlock)], decision: rule }];
}

/** Type and code as one number: the type is the high byte. */
function icmpRangeOf(icmp: GateRule['icmp']): Range {
  if (icmp === undefined || icmp.type === -1) return ALL_PORTS;
  if (icmp.code === -1) return { first: icmp.type * 256, last: icmp.type * 256 + 255 };
  return { first: icmp.type * 256 + icmp.code, last: icmp.type * 256 + icmp.code };
}

function portsElement({ box, decision }: Decision<Labelled>, axis: AddressAxis): NftMapElement {
  const [protocols = ALL_PROTOCOLS, ports = ALL_PORTS, addresses = ALL_PORTS] = box;
  const key = `${renderRange(protocols)} . ${renderRange(ports)} . ${axis.render(addresses)}`;
  return { key, value: decision.verdict, comment: decision.comment };
}

function icmpElement({ box, decision }: Decision<Labelled>, axis: AddressAxis): NftMapElement {
  const [typesAndCodes = ALL_PORTS, addresses = ALL_PORTS] = box;
  const key = `${renderRange(typesAndCodes)} . ${axis.render(addresses)}`;
  return { key, value: decision.verdict, comment: decision.comment };
}

/** A range as nft writes it: `22`, `1024-65535`. */
export function renderRange({ first, last }: Range): string {
  return first === last ? String(first) : `${first}-${last}`;
}
