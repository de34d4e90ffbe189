import {
  canonicalName,
  DNS_CLASS_ANY,
  DNS_CLASS_IN,
  DNS_RCODES,
  DNS_TYPES,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  typeNumberOf,
} from './dns.ts';
import { DNS_HEADER_BYTES, decodeDns } from './dns-decode.ts';
import { encodeDns } from './dns-encode.ts';

/** Names and their records. */
export interface DnsZone {
  /**
   * The records of a name (small letters, no trailing dot); undefined when there is no such name. None of a name that is there
   * only because others lie below it: an empty non-terminal (RFC 8020).
   */
  find(name: string): readonly DnsRecord[] | undefined;
}

/** What is answered to a question. */
export interface DnsAnswer {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

/** Seconds for which records may be kept: short, since a world changes while one looks at it. */
export const DNS_TTL = 60;

/** Enough for the aliases anyone writes; a loop of them ends here. */
const MAX_ALIASES = 8;
/** The datagram that passes everywhere without fragments (DNS flag day 2020). */
const MAX_DATAGRAM = 1232;
/** What every client takes (RFC 1035 section 2.3.4). */
const MIN_DATAGRAM = 512;

/** Says to resolvers for how long "there is no such name" holds: a name may come any moment. */
const NEGATIVE: DnsRecord = {
  name: '',
  ttl: 5,
  data: {
    type: 'SOA',
    primary: 'a.root-servers.net',
    mailbox: 'nstld.verisign-grs.com',
    serial: 1,
    refresh: 1800,
    retry: 900,
    expire: 604_800,
    minimum: 5,
  },
};

/** An answer that only says why there is none. */
export function refuseDns(rcode: number): DnsAnswer {
  return { rcode, answers: [], authorities: [] };
}

/** The zone made of several: the first that has records of a name answers. */
export function joinZones(...zones: readonly DnsZone[]): DnsZone {
  return {
    find: (name) => {
      let found: readonly DnsRecord[] | undefined;
      for (const zone of zones) {
        const records = zone.find(name);
        if (records !== undefined && records.length > 0) return records;
        found ??= records;
      }
      return found;
    },
  };
}

/** A zone of given records. */
export function zoneOf(records: readonly DnsRecord[]): DnsZone {
  const byName = Map.groupBy(records, ({ name }) => canonicalName(name));
  const above = namesAboveAll(byName.keys());
  return { find: (name) => byName.get(name) ?? (above.has(name) ? [] : undefined) };
}

/** All names above these (small letters), the root's `''` among them: they exist whether they have records or not. */
export function namesAboveAll(names: Iterable<string>): ReadonlySet<string> {
  const above = new Set<string>();
  for (const name of names) {
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      above.add(name.slice(dot + 1));
    }
    above.add('');
  }
  return above;
}

/** Whether a name lies above another, both in small letters; the root `''` above all. */
export function isAbove(name: string, other: string): boolean {
  return name === '' ? other !== '' : other.endsWith(`.${name}`);
}

/** Looks a question up, following aliases as a recursive resolver does. */
export function lookUp(zone: DnsZone, question: DnsQuestion): DnsAnswer {
  const answers: DnsRecord[] = [];
  // The first records carry the name as it was asked: clients that mix cases compare it.
  let owner = question.name;
  for (let alias = 0; alias <= MAX_ALIASES; alias++) {
    const records = zone.find(canonicalName(owner));
    if (records === undefined) return { rcode: DNS_RCODES.NXDOMAIN, answers, authorities: [NEGATIVE] };
    const isWanted = ({ data }: DnsRecord): boolean =>
      question.type === DNS_TYPES.ANY || typeNumberOf(data) === question.type;
    const found = records.filter(isWanted).map((record) => ({ ...record, name: owner }));
    if (found.length > 0)
      return { rcode: DNS_RCODES.NOERROR, answers: [...answers, ...found], authorities: [] };
    const target = records.map(({ data }) => (data.type === 'CNAME' ? data.name : undefined)).find(Boolean);
    if (target === undefined) return { rcode: DNS_RCODES.NOERROR, answers, authorities: [NEGATIVE] };
    answers.push(
      ...records.filter(({ data }) => data.type === 'CNAME').map((record) => ({ ...record, name: owner })),
    );
    owner = target;
  }
  return refuseDns(DNS_RCODES.SERVFAIL);
}

/**
 * The reply to a message: what the resolver says of its one question, or why it is not asked. Undefined, to be answered
 * with silence, when the bytes are no query at all (shorter than a header, or a response: answering those makes loops) or
 * when the resolver returns undefined. Never throws for what came in.
 */
export function respondToDns(
  bytes: Uint8Array,
  transport: 'udp' | 'tcp',
  resolve: (question: DnsQuestion) => DnsAnswer | undefined,
): Uint8Array | undefined {
  const flags = bytes[2];
  if (bytes.length < DNS_HEADER_BYTES || flags === undefined || (flags & 0x80) !== 0) return undefined;
  const opcode = (flags >> 3) & 15;
  const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const query = decodeDns(bytes);
  const reply = (answer: DnsAnswer): Uint8Array => {
    const message = replyTo(query, { id, opcode, isRecursionDesired: (flags & 1) !== 0 }, answer);
    const whole = encodeDns(message);
    const limit = transport === 'tcp' ? 0xffff : datagramLimit(query);
    if (whole.length <= limit) return whole;
    return encodeDns({ ...message, isTruncated: true, answers: [], authorities: [] });
  };
  if (opcode !== 0) return reply(refuseDns(DNS_RCODES.NOTIMP));
  const [question] = query?.questions ?? [];
  if (query === undefined || question === undefined || query.questions.length !== 1) {
    return reply(refuseDns(DNS_RCODES.FORMERR));
  }
  if ((query.extension?.version ?? 0) > 0) return reply(refuseDns(DNS_RCODES.BADVERS));
  if (question.class !== DNS_CLASS_IN && question.class !== DNS_CLASS_ANY)
    return reply(refuseDns(DNS_RCODES.REFUSED));
  const answer = resolve(question);
  return answer === undefined ? undefined : reply(answer);
}

function datagramLimit(query: DnsMessage | undefined): number {
  return Math.min(MAX_DATAGRAM, Math.max(MIN_DATAGRAM, query?.extension?.udpSize ?? MIN_DATAGRAM));
}

function replyTo(
  query: DnsMessage | undefined,
  { id, opcode, isRecursionDesired }: Pick<DnsMessage, 'id' | 'opcode' | 'isRecursionDesired'>,
  { rcode, answers, authorities }: DnsAnswer,
): DnsMessage {
  return {
    id,
    opcode,
    isResponse: true,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired,
    isRecursionAvailable: true,
    rcode,
    // Many questions are not repeated: the reply would be as long as the query wanted.
    questions: query?.questions.length === 1 ? query.questions : [],
    answers,
    authorities,
    additionals: [],
    ...(query?.extension === undefined
      ? {}
      : { extension: { udpSize: MAX_DATAGRAM, version: 0, isDnssecOk: false } }),
  };
}
