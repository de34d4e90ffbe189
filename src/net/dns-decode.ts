import { formatIpv4 } from './address.ts';
import {
  DNS_TYPES,
  type DnsData,
  type DnsExtension,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
} from './dns.ts';
import { DnsFormatError, readName } from './dns-name.ts';
import { formatIpv6 } from './ipv6.ts';

/** Bytes of the header (RFC 1035 section 4.1.1). */
export const DNS_HEADER_BYTES = 12;

/** Reads a message; undefined when the bytes are none. Never throws, whatever the bytes. */
export function decodeDns(bytes: Uint8Array): DnsMessage | undefined {
  try {
    return new Decoder(bytes).message();
  } catch (error) {
    if (error instanceof DnsFormatError) return undefined;
    throw error;
  }
}

interface Section {
  readonly records: DnsRecord[];
  readonly extension?: DnsExtension & { readonly rcodeHigh: number };
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message(): DnsMessage {
    const id = this.#uint16();
    const flags = this.#uint16();
    const counts = [this.#uint16(), this.#uint16(), this.#uint16(), this.#uint16()] as const;
    const questions: DnsQuestion[] = [];
    for (let left = counts[0]; left > 0; left--) {
      questions.push({ name: this.#name(), type: this.#uint16(), class: this.#uint16() });
    }
    const answers = this.#section(counts[1], false);
    const authorities = this.#section(counts[2], false);
    const additionals = this.#section(counts[3], true);
    const { extension } = additionals;
    return {
      id,
      isResponse: (flags & 0x8000) !== 0,
      opcode: (flags >> 11) & 15,
      isAuthoritative: (flags & 0x0400) !== 0,
      isTruncated: (flags & 0x0200) !== 0,
      isRecursionDesired: (flags & 0x0100) !== 0,
      isRecursionAvailable: (flags & 0x0080) !== 0,
      rcode: (flags & 15) | ((extension?.rcodeHigh ?? 0) << 4),
      questions,
      answers: answers.records,
      authorities: authorities.records,
      additionals: additionals.records,
      ...(extension === undefined
        ? {}
        : {
            extension: {
              udpSize: extension.udpSize,
              version: extension.version,
              isDnssecOk: extension.isDnssecOk,
            },
          }),
    };
  }

  /** Records of a class other than IN are read over: nobody here speaks of them. */
  #section(count: number, isAdditional: boolean): Section {
    const records: DnsRecord[] = [];
    let extension: Section['extension'];
    for (let left = count; left > 0; left--) {
      const name = this.#name();
      const type = this.#uint16();
      const recordClass = this.#uint16();
      const ttl = this.#uint32();
      const length = this.#uint16();
      const end = this.#offset + length;
      if (end > this.#bytes.length) throw new DnsFormatError('a record ends after the message');
      if (type === DNS_TYPES.OPT) {
        // At most one, of the root, among the additionals (RFC 6891 section 6.1.1).
        if (!isAdditional || name !== '' || extension !== undefined)
          throw new DnsFormatError('a stray OPT record');
        extension = {
          udpSize: recordClass,
          version: (ttl >>> 16) & 255,
          isDnssecOk: (ttl & 0x8000) !== 0,
          rcodeHigh: ttl >>> 24,
        };
      } else if (recordClass === 1) {
        records.push({ name, ttl, data: this.#data(type, end) });
      }
      if (this.#offset > end) throw new DnsFormatError('the data of a record is longer than it says');
      this.#offset = end;
    }
    return extension === undefined ? { records } : { records, extension };
  }

  #data(type: number, end: number): DnsData {
    switch (type) {
      case DNS_TYPES.A:
        if (end - this.#offset !== 4) throw new DnsFormatError('an address of another length than 4');
        return { type: 'A', address: formatIpv4(this.#uint32()) };
      case DNS_TYPES.AAAA: {
        if (end - this.#offset !== 16) throw new DnsFormatError('an IPv6 address of another length than 16');
        let address = 0n;
        while (this.#offset < end) address = (address << 32n) | BigInt(this.#uint32());
        return { type: 'AAAA', address: formatIpv6(address) };
      }
      case DNS_TYPES.NS:
        return { type: 'NS', name: this.#name() };
      case DNS_TYPES.CNAME:
        return { type: 'CNAME', name: this.#name() };
      case DNS_TYPES.PTR:
        return { type: 'PTR', name: this.#name() };
      case DNS_TYPES.MX:
        return { type: 'MX', preference: this.#uint16(), name: this.#name() };
      case DNS_TYPES.TXT:
        return { type: 'TXT', texts: this.#texts(end) };
      case DNS_TYPES.SOA:
        return {
          type: 'SOA',
          primary: this.#name(),
          mailbox: this.#name(),
          serial: this.#uint32(),
          refresh: this.#uint32(),
          retry: this.#uint32(),
          expire: this.#uint32(),
          minimum: this.#uint32(),
        };
      default:
        return { type: 'other', number: type, bytes: this.#bytes.slice(this.#offset, end) };
    }
  }

  /** Bytes as Latin-1, so that every text has one encoding and the other way round. */
  #texts(end: number): string[] {
    const texts: string[] = [];
    while (this.#offset < end) {
      const length = this.#uint8();
      if (this.#offset + length > end) throw new DnsFormatError('a text ends after its record');
      texts.push(String.fromCharCode(...this.#bytes.subarray(this.#offset, this.#offset + length)));
      this.#offset += length;
    }
    return texts;
  }

  #name(): string {
    const { name, next } = readName(this.#bytes, this.#offset);
    this.#offset = next;
    return name;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  #uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  #advance(length: number): number {
    const offset = this.#offset;
    if (offset + length > this.#bytes.length) throw new DnsFormatError('the message ends early');
    this.#offset = offset + length;
    return offset;
  }
}
