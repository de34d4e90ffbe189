import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Names of the algorithms, as the headers `x-amz-checksum-NAME` carry them. */
export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumName = (typeof CHECKSUM_NAMES)[number];

/** A checksum under way. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** Base64 of its big-endian bytes, as the headers carry it. */
  digest(): string;
}

/** Starts a checksum. */
export function startChecksum(name: ChecksumName): Checksum {
  switch (name) {
    case 'crc32':
      return startCrc32(crc32);
    case 'crc32c':
      return startCrc32(crc32c);
    case 'crc64nvme':
      return startCrc64();
    default: {
      const hash = createHash(name);
      return { update: (chunk) => hash.update(chunk), digest: () => hash.digest('base64') };
    }
  }
}

/** The algorithm a header or a trailer is about, undefined when it is no checksum. */
export function checksumNameOf(header: string): ChecksumName | undefined {
  return CHECKSUM_NAMES.find((name) => header.toLowerCase() === `x-amz-checksum-${name}`);
}

function startCrc32(step: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update: (chunk) => {
      value = step(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString('base64');
    },
  };
}

/** Castagnoli's polynomial, its bits reversed. */
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

function crc32c(chunk: Uint8Array, previous: number): number {
  let value = ~previous;
  for (const byte of chunk) value = (value >>> 8) ^ (CRC32C_TABLE[(value ^ byte) & 255] ?? 0);
  return ~value >>> 0;
}

/** The NVMe polynomial, its bits reversed; as two halves, since numbers hold 53 bits and BigInt is slow. */
const CRC64_HIGH = 0x9a6c9329;
const CRC64_LOW = 0xac4bc9b5;
const CRC64_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (isOdd) {
      high = (high ^ CRC64_HIGH) >>> 0;
      low = (low ^ CRC64_LOW) >>> 0;
    }
  }
  return { high, low };
});
const CRC64_HIGHS = Uint32Array.from(CRC64_TABLE, ({ high }) => high);
const CRC64_LOWS = Uint32Array.from(CRC64_TABLE, ({ low }) => low);

function startCrc64(): Checksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update: (chunk) => {
      for (const byte of chunk) {
        const index = (low ^ byte) & 255;
        low = (((low >>> 8) | (high << 24)) ^ (CRC64_LOWS[index] ?? 0)) >>> 0;
        high = ((high >>> 8) ^ (CRC64_HIGHS[index] ?? 0)) >>> 0;
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(~high >>> 0, 0);
      bytes.writeUInt32BE(~low >>> 0, 4);
      return bytes.toString('base64');
    },
  };
}
