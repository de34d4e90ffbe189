import { parseIpv4 } from './address.ts';
import {
  DNS_CLASS_IN,
  DNS_TYPES,
  type DnsData,
  type DnsMessage,
  type DnsRecord,
  typeNumberOf,
} from './dns.ts';
import { DnsFormatError, formatName, parseName } from './dns-name.ts';
import { parseIpv6 } from './ipv6.ts';

/** Pointers hold 14 bits: a name that begins later cannot be pointed to. */
const MAX_POINTER = 0x3fff;
const MAX_TEXT = 255;

/** Writes a message, names compressed. Throws when it cannot be one (a name too long, a section of 65,536 records). */
export function encodeDns(message: DnsMessage): Uint8Array {
  return new Encoder().message(message);
}

class Encoder {
  readonly #bytes: number[] = [];
  /** Where each name, and each end of one, was written first. */
  readonly #places = new Map<string, number>();

  message(message: DnsMessage): Uint8Array {
    const { extension } = message;
    if (message.rcode > 15 && extension === undefined)
      throw new DnsFormatError('a code above 15 needs an OPT record');
    this.#uint16(message.id);
    this.#uint16(flagsOf(message));
    this.#uint16(message.questions.length);
    this.#uint16(message.answers.length);
    this.#uint16(message.authorities.length);
    this.#uint16(message.additionals.length + (extension === undefined ? 0 : 1));
    for (const question of message.questions) {
      this.#name(question.name);
      this.#uint16(question.type);
      this.#uint16(question.class);
    }
    for (const record of [...message.answers, ...message.authorities, ...message.additionals])
      this.#record(record);
    if (extension !== undefined) {
      this.#name('');
      this.#uint16(DNS_TYPES.OPT);
      this.#uint16(extension.udpSize);
      this.#uint16(((message.rcode >> 4) << 8) | extension.version);
      this.#uint16(extension.isDnssecOk ? 0x8000 : 0);
      this.#uint16(0);
    }
    return Uint8Array.from(this.#bytes);
  }

  #record({ name, ttl, data }: DnsRecord): void {
    this.#name(name);
    this.#uint16(typeNumberOf(data));
    this.#uint16(DNS_CLASS_IN);
    this.#uint32(ttl);
    const start = this.#bytes.length;
    this.#uint16(0);
    this.#data(data);
    const length = this.#bytes.length - start - 2;
    if (length > 0xffff) throw new DnsFormatError('the data of a record is too long');
    this.#bytes[start] = length >> 8;
    this.#bytes[start + 1] = length & 255;
  }

  #data(data: DnsData): void {
    switch (data.type) {
      case 'A': {
        const address = parseIpv4(data.address);
        if (address === undefined) throw new DnsFormatError(`not an IPv4 address: ${data.address}`);
        this.#uint32(address);
        return;
      }
      case 'AAAA': {
        const address = parseIpv6(data.address);
        if (address === undefined) throw new DnsFormatError(`not an IPv6 address: ${data.address}`);
        for (let shift = 96n; shift >= 0n; shift -= 32n) {
          this.#uint32(Number((address >> shift) & 0xffff_ffffn));
        }
        return;
      }
      case 'NS':
      case 'CNAME':
      case 'PTR':
        this.#name(data.name);
        return;
      case 'MX':
        this.#uint16(data.preference);
        this.#name(data.name);
        return;
      case 'TXT':
        for (const text of data.texts) this.#text(text);
        return;
      case 'SOA':
        this.#name(data.primary);
        this.#name(data.mailbox);
        for (const number of [data.serial, data.refresh, data.retry, data.expire, data.minimum])
          this.#uint32(number);
        return;
      case 'other':
        for (const byte of data.bytes) this.#bytes.push(byte);
    }
  }

  #text(text: string): void {
    if (text.length > MAX_TEXT) throw new DnsFormatError('a text is longer than 255 bytes');
    this.#bytes.push(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes.push(text.charCodeAt(index) & 255);
  }

  #name(text: string): void {
    const labels = parseName(text);
    for (let index = 0; index < labels.length; index++) {
      const rest = formatName(labels.slice(index));
      const place = this.#places.get(rest);
      if (place !== undefined) {
        this.#uint16(0xc000 | place);
        return;
      }
      if (this.#bytes.length <= MAX_POINTER) this.#places.set(rest, this.#bytes.length);
      const label = labels[index] ?? new Uint8Array();
      this.#bytes.push(label.length, ...label);
    }
    this.#bytes.push(0);
  }

  #uint16(number: number): void {
    if (number < 0 || number > 0xffff) throw new DnsFormatError(`${number} does not fit 16 bits`);
    this.#bytes.push(number >> 8, number & 255);
  }

  #uint32(number: number): void {
    this.#bytes.push((number >>> 24) & 255, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);
  }
}

function flagsOf(message: DnsMessage): number {
  return (
    (message.isResponse ? 0x8000 : 0) |
    ((message.opcode & 15) << 11) |
    (message.isAuthoritative ? 0x0400 : 0) |
    (message.isTruncated ? 0x0200 : 0) |
    (message.isRecursionDesired ? 0x0100 : 0) |
    (message.isRecursionAvailable ? 0x0080 : 0) |
    (message.rcode & 15)
  );
}
