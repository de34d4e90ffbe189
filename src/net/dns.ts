import { isIpv6, parseIpv6 } from './ipv6.ts';

/** Numbers of the record types this project speaks of (RFC 1035, 3596, 6891). */
export const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  ANY: 255,
} as const;

/** The class of the Internet; every other one is refused. */
export const DNS_CLASS_IN = 1;
/** The class that a question may name to mean any. */
export const DNS_CLASS_ANY = 255;

/** Response codes (RFC 1035, 6891). */
export const DNS_RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

/**
 * What a message asks. A name is text without its trailing dot (the root is ''), in the case it came in; bytes that are
 * not printable, dots within a label and backslashes are escaped as in zone files (`\046`, `\.`, `\\`).
 */
export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A record's data by its type. What is not listed by name travels as bytes. */
export type DnsData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'NS' | 'CNAME' | 'PTR'; readonly name: string }
  | { readonly type: 'MX'; readonly preference: number; readonly name: string }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | {
      readonly type: 'SOA';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      /** Also for how long a negative answer may be kept, in seconds (RFC 2308). */
      readonly minimum: number;
    }
  | { readonly type: 'other'; readonly number: number; readonly bytes: Uint8Array };

/** A record of class IN. `ttl` in seconds. */
export interface DnsRecord {
  readonly name: string;
  readonly ttl: number;
  readonly data: DnsData;
}

/** What an OPT record says (RFC 6891); its options are not kept. */
export interface DnsExtension {
  /** The largest datagram its sender takes, in bytes. */
  readonly udpSize: number;
  readonly version: number;
  readonly isDnssecOk: boolean;
}

/** A message. `rcode` is the whole one: its upper bits travel in the OPT record, so above 15 it needs an `extension`. */
export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly isRecursionDesired: boolean;
  readonly isRecursionAvailable: boolean;
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly extension?: DnsExtension;
}

/** The number of a record's type. */
export function typeNumberOf(data: DnsData): number {
  return data.type === 'other' ? data.number : DNS_TYPES[data.type];
}

/** The name of a type for a log: `A`, or `TYPE65`. */
export function nameOfType(type: number): string {
  for (const [name, number] of Object.entries(DNS_TYPES)) if (number === type) return name;
  return `TYPE${type}`;
}

/** A name as it is compared: small letters (RFC 4343). */
export function canonicalName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * The name under which an address's PTR record stands: `5.0.0.10.in-addr.arpa`; of an IPv6 address its 32 digits, the last one
 * first, before `ip6.arpa` (RFC 3596). Throws for an IPv6 text that is no address.
 */
export function reverseNameOf(address: string): string {
  if (isIpv6(address)) {
    const number = parseIpv6(address);
    if (number === undefined) throw new Error(`not an IPv6 address: ${address}`);
    return `${[...number.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa`;
  }
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}

/** Who asked, over what. */
export interface DnsClient {
  /** Source address of the packet. */
  readonly address: string;
  /** Address the packet was sent to. */
  readonly serverAddress: string;
  readonly transport: 'udp' | 'tcp';
}

/** Answers one message of a client; undefined sends nothing. Must not throw. */
export type DnsAnswerer = (query: Uint8Array, client: DnsClient) => Uint8Array | undefined;

/** Opens sockets, UDP and TCP, for an answerer; a room that has no sockets is given one (main.ts joins them). */
export type ServeDns = (
  bindings: readonly { readonly address: string; readonly port: number }[],
  answer: DnsAnswerer,
) => Promise<DnsService>;

/** A DNS service that listens. */
export interface DnsService {
  /** What it listens on, in the order asked for; a port asked as 0 is the one it got. */
  readonly bindings: readonly { readonly address: string; readonly port: number }[];
  close(): Promise<void>;
}
