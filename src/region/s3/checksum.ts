import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64Nvme, crc32c } from './crc.ts';

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

function startCrc64(): Checksum {
  const state = new Crc64Nvme();
  return { update: (chunk) => state.update(chunk), digest: () => state.digest().toString('base64') };
}
