import { chooseByHash, wordOfAddress, wordOfPort } from '../../net/kernel-hash.ts';
import { IPV6_STAGE_CHAINS } from '../ipv6/stage-chains.ts';
import { metadataHops } from '../metadata-hops.ts';
import type { NftChain, Ruleset } from '../ruleset.ts';
import { STAGE_CHAINS } from '../stage-chains.ts';
import { isIcmp, type Packet } from './packet.ts';
import {
  type Field,
  type Hash,
  parseRule,
  parseVerdict,
  type Rule,
  type Statement,
  type Verdict,
} from './rule.ts';
import {
  type Address,
  isKeyMatched,
  isMatched,
  type Pattern,
  parseKey,
  parsePattern,
  type Value,
} from './values.ts';

/** A packet in a machine, with what the kernel knows of it. Rules change it. */
export interface Passage {
  packet: Packet;
  mark: number;
  readonly inLink: { readonly name: string; readonly group: number } | undefined;
  outLink: { readonly name: string; readonly group: number } | undefined;
  /** Of connection tracking; undefined before it has looked. */
  state: 'new' | 'established' | 'related' | 'invalid' | undefined;
  /** The connection the packet belongs to or, before it is remembered, will belong to. */
  connection: { mark: number };
  isReply: boolean;
  /** What a NAT rule asks for. */
  snat:
    | {
        readonly addresses: readonly Address[];
        /** Which of them the hash says. */
        readonly hashed: number;
        readonly ports: Pattern | undefined;
      }
    | undefined;
  dnat: readonly { readonly address: Address; readonly port: number | undefined }[] | undefined;
  /** Whether its connection's destination is translated. */
  isSentElsewhere: boolean;
}

/** What became of a packet in a chain, and which rule said so. */
export interface Decision {
  readonly isAccepted: boolean;
  readonly because: string;
}

interface ReadyMap<T> {
  readonly key: readonly Pattern[];
  readonly value: T;
}

/** The rules that are the same in every plan, read once. */
const COMMON_RULES: ReadonlyMap<string, Rule> = new Map(
  [...STAGE_CHAINS, ...IPV6_STAGE_CHAINS, ...metadataHops().chains]
    .flatMap(({ rules }) => rules)
    .map((text) => [text, parseRule(text)]),
);

function readRule(text: string): Rule {
  return COMMON_RULES.get(text) ?? parseRule(text);
}

/** How deep the kernel lets chains call each other. */
const MOST_JUMPS = 16;

/** A ruleset that packets can be sent through: the rules read, and sets and maps ready to be looked up. */
export class Filter {
  readonly #chains: ReadonlyMap<string, readonly Rule[]>;
  readonly #hooks: readonly NftChain[];
  readonly #sets: ReadonlyMap<string, readonly (readonly Pattern[])[]>;
  readonly #verdicts: ReadonlyMap<string, readonly ReadyMap<Verdict>[]>;
  readonly #values: ReadonlyMap<string, readonly ReadyMap<string>[]>;

  /** Throws for whatever it does not know how to follow. */
  constructor(ruleset: Ruleset) {
    this.#chains = new Map(ruleset.chains.map(({ name, rules }) => [name, rules.map(readRule)]));
    this.#hooks = ruleset.chains.filter(({ hook }) => hook !== undefined);
    this.#sets = new Map(ruleset.sets.map(({ name, elements }) => [name, elements.map(parseKey)]));
    const isVerdictMap = (type: string): boolean => type.endsWith(': verdict');
    this.#verdicts = new Map(
      ruleset.maps
        .filter(({ type }) => isVerdictMap(type))
        .map(({ name, elements }) => [
          name,
          elements.map(({ key, value }) => ({ key: parseKey(key), value: parseVerdict(value) })),
        ]),
    );
    this.#values = new Map(
      ruleset.maps
        .filter(({ type }) => !isVerdictMap(type))
        .map(({ name, elements }) => [
          name,
          elements.map(({ key, value }) => ({ key: parseKey(key), value })),
        ]),
    );
  }

  /** Sends a packet through the chains of a hook whose priority lies between two, in their order. */
  run(
    hook: NonNullable<NftChain['hook']>['hook'],
    passage: Passage,
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    type: 'filter' | 'nat' | 'any' = 'any',
  ): Decision {
    const called = this.#hooks
      .filter((chain) => chain.hook?.hook === hook && (type === 'any' || chain.hook.type === type))
      .filter((chain) => (chain.hook?.priority ?? 0) >= from && (chain.hook?.priority ?? 0) < to)
      .sort((a, b) => (a.hook?.priority ?? 0) - (b.hook?.priority ?? 0));
    for (const { name, hook: base } of called) {
      const decision = this.#call(name, passage, 0) ?? {
        isAccepted: base?.policy === 'accept',
        because: `${name}: policy ${base?.policy}`,
      };
      if (!decision.isAccepted) return decision;
    }
    return { isAccepted: true, because: hook };
  }

  /** Undefined when the chain ends, or returns, without a decision. */
  #call(name: string, passage: Passage, depth: number): Decision | undefined {
    if (depth > MOST_JUMPS) throw new Error(`chains call each other without end, at ${name}`);
    const rules = this.#chains.get(name);
    if (rules === undefined) throw new Error(`there is no chain ${name}`);
    for (const rule of rules) {
      const verdict = this.#apply(rule, passage);
      switch (verdict?.kind) {
        case undefined:
          break;
        case 'accept':
        case 'drop':
          return { isAccepted: verdict.kind === 'accept', because: `${name}: ${rule.text}` };
        case 'return':
          return undefined;
        case 'goto':
          return this.#call(verdict.chain ?? '', passage, depth + 1);
        case 'jump': {
          const decision = this.#call(verdict.chain ?? '', passage, depth + 1);
          if (decision !== undefined) return decision;
        }
      }
    }
    return undefined;
  }

  #apply({ statements }: Rule, passage: Passage): Verdict | undefined {
    for (const statement of statements) {
      const result = this.#execute(statement, passage);
      if (result === 'no match') return undefined;
      if (result !== 'go on') return result;
    }
    return undefined;
  }

  #execute(statement: Statement, passage: Passage): Verdict | 'go on' | 'no match' {
    switch (statement.kind) {
      case 'verdict':
        return statement.verdict;
      case 'match': {
        const values = readFields(statement.fields, passage);
        if (values === undefined) return 'no match';
        return this.#isIn(statement.operand, values) === statement.isNegated ? 'no match' : 'go on';
      }
      case 'verdict-map': {
        const values = readFields(statement.fields, passage);
        if (values === undefined) return 'no match';
        return this.#findVerdict(statement.map, values) ?? 'no match';
      }
      case 'match-bits': {
        const value = readField(statement.field, passage);
        return typeof value === 'number' && (value & statement.bits) === statement.bits
          ? 'go on'
          : 'no match';
      }
      case 'assign-bits': {
        const value = readField(statement.field, passage);
        if (typeof value !== 'number') return 'no match';
        const { operator, bits } = statement;
        return assign(
          passage,
          statement.field,
          String((operator === '&' ? value & bits : value | bits) >>> 0),
        );
      }
      case 'assign':
        return assign(passage, statement.field, statement.value);
      case 'assign-from-map': {
        const values = readFields(statement.fields, passage);
        const found =
          values && named(this.#values, statement.map).find(({ key }) => isKeyMatched(key, values));
        return found === undefined ? 'no match' : assign(passage, statement.field, found.value);
      }
      case 'snat': {
        const { addresses, hash } = statement;
        const hashed = hash === undefined ? 0 : evaluateHash(hash, passage);
        if (hashed === undefined) return 'no match';
        const ports = statement.ports === undefined ? undefined : parsePattern(statement.ports);
        passage.snat = { addresses: addresses.map(numberOf), hashed, ports };
        return { kind: 'accept' };
      }
      case 'dnat':
        passage.dnat = statement.choices.map(({ address, port }) => ({
          address: numberOf(address),
          port: port === undefined ? undefined : Number(port),
        }));
        return { kind: 'accept' };
    }
  }

  #isIn(
    operand: { readonly set: string } | { readonly values: readonly string[] },
    values: readonly Value[],
  ) {
    if ('set' in operand) return named(this.#sets, operand.set).some((key) => isKeyMatched(key, values));
    const [value] = values;
    return operand.values.some((text) => isMatched(parsePattern(text), value));
  }

  #findVerdict(map: string | ReadonlyMap<string, Verdict>, values: readonly Value[]): Verdict | undefined {
    if (typeof map !== 'string') return map.get(String(values[0]));
    return named(this.#verdicts, map).find(({ key }) => isKeyMatched(key, values))?.value;
  }
}

/** The number or address of a text. Throws when it is a name. */
export function numberOf(text: string): Address {
  const pattern = parsePattern(text);
  if (!('first' in pattern)) throw new Error(`${text} is no address or port`);
  return pattern.first;
}

function named<T>(things: ReadonlyMap<string, T>, name: string): T {
  const found = things.get(name);
  if (found === undefined) throw new Error(`there is no set or map @${name}`);
  return found;
}

/** The values of a packet's fields; undefined when it has not all of them, as a UDP packet has no `tcp dport`. */
function readFields(fields: readonly Field[], passage: Passage): Value[] | undefined {
  const values: Value[] = [];
  for (const field of fields) {
    const value = readField(field, passage);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** What the kernel's hash says of a packet; undefined when it has not all the fields. */
function evaluateHash({ fields, count, seed }: Hash, passage: Passage): number | undefined {
  const values = readFields(fields, passage);
  const [one, two] = (values ?? []).map((value, index) => {
    const number = typeof value === 'number' ? value : 0;
    return fields[index]?.startsWith('ip') === true ? wordOfAddress(number) : wordOfPort(number);
  });
  if (one === undefined) return undefined;
  return chooseByHash(two === undefined ? [one] : [one, two], count, seed);
}

const TCP = 6;
const UDP = 17;
const SYN = 0x02;
const SYN_ACK = 0x12;

function readField(
  field: Field,
  { packet, mark, inLink, outLink, state, connection, isReply, isSentElsewhere }: Passage,
): Value | undefined {
  switch (field) {
    case 'iifname':
      return inLink?.name;
    case 'oifname':
      return outLink?.name;
    case 'iifgroup':
      return inLink?.group;
    case 'oifgroup':
      return outLink?.group;
    case 'ip saddr':
      return ofFamily('number', packet.source);
    case 'ip daddr':
      return ofFamily('number', packet.destination);
    case 'ip6 saddr':
      return ofFamily('bigint', packet.source);
    case 'ip6 daddr':
      return ofFamily('bigint', packet.destination);
    case 'ip dscp':
      // Only the metadata service sets one, and its replies are not simulated.
      return 0;
    case 'ip ttl':
      return undefined;
    case 'ip frag-off':
      // Packets are simulated whole.
      return 0;
    case 'meta l4proto':
      return packet.protocol;
    case 'meta mark':
      return mark;
    case 'th sport':
      return isIcmp(packet.protocol) ? packet.icmp : packet.sourcePort;
    case 'th dport':
      return packet.destinationPort;
    case 'tcp dport':
      return packet.protocol === TCP ? packet.destinationPort : undefined;
    case 'tcp flags':
      return packet.protocol === TCP ? (packet.isReply ? SYN_ACK : SYN) : undefined;
    case 'udp dport':
      return packet.protocol === UDP ? packet.destinationPort : undefined;
    case 'tcp sport':
      return packet.protocol === TCP ? packet.sourcePort : undefined;
    case 'udp sport':
      return packet.protocol === UDP ? packet.sourcePort : undefined;
    case 'ct state':
      return state;
    case 'ct direction':
      return isReply ? 'reply' : 'original';
    case 'ct mark':
      return connection.mark;
    case 'ct status':
      return isSentElsewhere ? 'dnat' : undefined;
  }
}

/** The address where it is of the family that is asked about: the other family's packets have no such field. */
function ofFamily(type: 'number' | 'bigint', address: Address): Address | undefined {
  return typeof address === type ? address : undefined;
}

function assign(passage: Passage, field: Field, text: string): 'go on' {
  const value = parsePattern(text);
  if (!('first' in value)) throw new Error(`${text} cannot be given to ${field}`);
  switch (field) {
    case 'ip saddr':
      passage.packet = { ...passage.packet, source: value.first };
      return 'go on';
    case 'ip daddr':
      passage.packet = { ...passage.packet, destination: value.first };
      return 'go on';
    case 'meta mark':
      passage.mark = Number(value.first);
      return 'go on';
    case 'ct mark':
      passage.connection.mark = Number(value.first);
      return 'go on';
    default:
      throw new Error(`the simulator does not set ${field}`);
  }
}
