/** What a rule can look at, in nft's words. */
export const FIELDS = [
  'iifname',
  'oifname',
  'iifgroup',
  'oifgroup',
  'ip saddr',
  'ip daddr',
  'ip6 saddr',
  'ip6 daddr',
  'ip dscp',
  'ip ttl',
  'ip frag-off',
  'meta l4proto',
  'meta mark',
  'th sport',
  'th dport',
  'tcp dport',
  'tcp flags',
  'udp dport',
  'tcp sport',
  'udp sport',
  'ct state',
  'ct direction',
  'ct mark',
  'ct status',
] as const;

export type Field = (typeof FIELDS)[number];

/** Where a rule sends a packet next. */
export interface Verdict {
  readonly kind: 'accept' | 'drop' | 'return' | 'jump' | 'goto';
  /** The chain, of a jump or goto. */
  readonly chain?: string;
}

/** The values to compare with: a named set's, or these. */
export type Operand = { readonly set: string } | { readonly values: readonly string[] };

/** Where destination NAT may send a packet; without a port it keeps its own. */
export interface Destination {
  readonly address: string;
  readonly port: string | undefined;
}

/** What `jhash` is made of. */
export interface Hash {
  readonly fields: readonly Field[];
  readonly count: number;
  readonly seed: number;
}

/** One statement of a rule; they are worked off from left to right, until one does not match. */
export type Statement =
  | {
      readonly kind: 'match';
      readonly fields: readonly Field[];
      readonly isNegated: boolean;
      readonly operand: Operand;
    }
  | {
      readonly kind: 'verdict-map';
      readonly fields: readonly Field[];
      readonly map: string | ReadonlyMap<string, Verdict>;
    }
  /** Whether those bits of the field are all set. */
  | { readonly kind: 'match-bits'; readonly field: Field; readonly bits: number }
  | {
      readonly kind: 'assign-bits';
      readonly field: Field;
      readonly operator: '&' | '|';
      readonly bits: number;
    }
  | { readonly kind: 'assign'; readonly field: Field; readonly value: string }
  | {
      readonly kind: 'assign-from-map';
      readonly field: Field;
      readonly fields: readonly Field[];
      readonly map: string;
    }
  | {
      readonly kind: 'snat';
      /** Of several the hash chooses one. */
      readonly addresses: readonly string[];
      readonly hash: Hash | undefined;
      readonly ports: string | undefined;
    }
  | { readonly kind: 'dnat'; readonly choices: readonly Destination[] }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

/** A rule that can be worked off, with the words it was read from. */
export interface Rule {
  readonly text: string;
  readonly statements: readonly Statement[];
}

/** A rule that counts packets in a set, by whatever it knows them, or calls the chain of such rules: nothing depends on it. */
const ONLY_COUNTS = /^[^"{]*(\{ tcp, udp \} )?update @flow_log_\w+ \{ [\w .]+ \}$|jump flow_log_flags$/;

/** Reads a rule as nft writes it. Throws for any form it does not know: a guess would be no proof. */
export function parseRule(text: string): Rule {
  if (ONLY_COUNTS.test(text)) return { text, statements: [] };
  const reader = new Reader(text);
  const statements: Statement[] = [];
  while (!reader.isDone) {
    const statement = readStatement(reader);
    if (statement !== undefined) statements.push(statement);
  }
  return { text, statements };
}

/** Reads a verdict as it stands in a map: `goto acl-1_in`. */
export function parseVerdict(text: string): Verdict {
  const reader = new Reader(text);
  const verdict = readVerdict(reader);
  if (verdict === undefined || !reader.isDone) throw reader.unknown();
  return verdict;
}

/** A quoted name, an IPv6 address or block (which has two colons at least), a sign, or a plain word. */
const WORDS = /"[^"]*"|[0-9a-f]*:[0-9a-f]*:[0-9a-f:/]*|!=|[{},:]|[^\s{},:"]+/g;

class Reader {
  readonly #text: string;
  readonly #words: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#words = text.match(WORDS) ?? [];
  }

  get isDone(): boolean {
    return this.#next >= this.#words.length;
  }

  peek(ahead = 0): string {
    return this.#words[this.#next + ahead] ?? '';
  }

  take(): string {
    if (this.isDone) throw this.unknown();
    return this.#words[this.#next++] ?? '';
  }

  /** Takes the word if it comes next. */
  accept(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#next++;
    return true;
  }

  unknown(): Error {
    return new Error(`the simulator does not know this form of rule, at "${this.peek()}": ${this.#text}`);
  }
}

function readStatement(reader: Reader): Statement | undefined {
  if (reader.accept('counter')) return undefined;
  if (reader.accept('comment')) {
    reader.take();
    return undefined;
  }
  const verdict = readVerdict(reader);
  if (verdict !== undefined) return { kind: 'verdict', verdict };
  if (reader.accept('snat')) return readSnat(reader);
  if (reader.accept('dnat')) return readDnat(reader);
  return readExpression(reader);
}

function readVerdict(reader: Reader): Verdict | undefined {
  const word = reader.peek();
  switch (word) {
    case 'accept':
    case 'drop':
    case 'return':
      reader.take();
      return { kind: word };
    case 'reject':
      reader.take();
      // What it tells the sender is no answer.
      if (!reader.accept('with') || !reader.accept('tcp') || !reader.accept('reset')) throw reader.unknown();
      return { kind: 'drop' };
    case 'jump':
    case 'goto':
      reader.take();
      return { kind: word, chain: reader.take() };
    default:
      return undefined;
  }
}

/** To one address, or to one of several by a hash: `snat to jhash ip saddr . tcp sport mod 2 seed 0x1 map { 0 : … }`. */
function readSnat(reader: Reader): Statement {
  if (!reader.accept('to')) throw reader.unknown();
  const hash = readHash(reader);
  const addresses = hash === undefined ? [reader.take()] : readChoices(reader, hash, () => reader.take());
  const ports = reader.accept(':') ? reader.take() : undefined;
  reader.accept('fully-random');
  return { kind: 'snat', addresses, hash, ports };
}

/** To one address, or to one of several by a hash: `dnat ip to jhash ip saddr . tcp sport mod 2 map { 0 : … }`. */
function readDnat(reader: Reader): Statement {
  reader.accept('ip');
  if (!reader.accept('to')) throw reader.unknown();
  const hash = readHash(reader);
  if (hash === undefined) {
    return { kind: 'dnat', choices: [{ address: reader.take(), port: readPort(reader, ':') }] };
  }
  const readOne = (): Destination => ({ address: reader.take(), port: readPort(reader, '.') });
  return { kind: 'dnat', choices: readChoices(reader, hash, readOne) };
}

function readHash(reader: Reader): Hash | undefined {
  if (!reader.accept('jhash')) return undefined;
  const fields = [readField(reader)];
  while (reader.accept('.')) fields.push(readField(reader));
  if (!reader.accept('mod')) throw reader.unknown();
  const count = Number(reader.take());
  return { fields, count, seed: reader.accept('seed') ? Number(reader.take()) : 0 };
}

/** What a hash chooses from, as many as it can say. */
function readChoices<T>(reader: Reader, { count }: Hash, readOne: () => T): T[] {
  if (!reader.accept('map') || !reader.accept('{')) throw reader.unknown();
  const choices: T[] = [];
  do {
    if (reader.take() !== String(choices.length) || !reader.accept(':')) throw reader.unknown();
    choices.push(readOne());
  } while (reader.accept(','));
  if (!reader.accept('}') || choices.length !== count) throw reader.unknown();
  return choices;
}

function readPort(reader: Reader, sign: string): string | undefined {
  return reader.accept(sign) ? reader.take() : undefined;
}

function readExpression(reader: Reader): Statement {
  const first = readField(reader);
  if (reader.accept('set')) return readAssignment(reader, first);
  if (reader.accept('&')) return readBits(reader, first);
  const fields = [first];
  while (reader.accept('.')) fields.push(readField(reader));
  if (reader.accept('vmap')) return { kind: 'verdict-map', fields, map: readVerdictMap(reader) };
  return { kind: 'match', fields, isNegated: reader.accept('!='), operand: readOperand(reader) };
}

function readField(reader: Reader): Field {
  const field = FIELDS.find((name) => {
    const [one, two] = name.split(' ');
    return reader.peek() === one && (two === undefined || reader.peek(1) === two);
  });
  if (field === undefined) throw reader.unknown();
  for (const _ of field.split(' ')) reader.take();
  return field;
}

function readAssignment(reader: Reader, field: Field): Statement {
  if (!isField(reader)) return { kind: 'assign', field, value: reader.take() };
  const fields = [readField(reader)];
  while (reader.accept('.')) fields.push(readField(reader));
  const operator = fields.length === 1 && fields[0] === field ? readOperator(reader) : undefined;
  if (operator !== undefined) return { kind: 'assign-bits', field, operator, bits: Number(reader.take()) };
  if (!reader.accept('map')) throw reader.unknown();
  return { kind: 'assign-from-map', field, fields, map: readName(reader) };
}

function readOperator(reader: Reader): '&' | '|' | undefined {
  if (reader.accept('&')) return '&';
  return reader.accept('|') ? '|' : undefined;
}

/** `ct mark & 0x00000004 == 0x00000004`: the bits asked for and the bits wanted are the same. */
function readBits(reader: Reader, field: Field): Statement {
  const bits = reader.take();
  if (!reader.accept('==') || reader.take() !== bits) throw reader.unknown();
  return { kind: 'match-bits', field, bits: Number(bits) };
}

function isField(reader: Reader): boolean {
  return FIELDS.some((name) => name.split(' ')[0] === reader.peek());
}

function readName(reader: Reader): string {
  if (!reader.peek().startsWith('@')) throw reader.unknown();
  return reader.take().slice(1);
}

function readVerdictMap(reader: Reader): string | ReadonlyMap<string, Verdict> {
  if (!reader.accept('{')) return readName(reader);
  const entries = new Map<string, Verdict>();
  do {
    // Names of links are quoted.
    const key = reader.take().replaceAll('"', '');
    const verdict = reader.accept(':') ? readVerdict(reader) : undefined;
    if (verdict === undefined) throw reader.unknown();
    entries.set(key, verdict);
  } while (reader.accept(','));
  if (!reader.accept('}')) throw reader.unknown();
  return entries;
}

function readOperand(reader: Reader): Operand {
  if (reader.peek().startsWith('@')) return { set: readName(reader) };
  const isBraced = reader.accept('{');
  const values = [reader.take()];
  while (reader.accept(',')) values.push(reader.take());
  if (isBraced && !reader.accept('}')) throw reader.unknown();
  return { values };
}
