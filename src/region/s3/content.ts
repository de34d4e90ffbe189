import { type FileHandle, open } from 'node:fs/promises';
import type { StoredContent } from './records.ts';
import type { ObjectStore } from './store.ts';

/** Bytes of a content, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Few reads for large objects, and little memory for many at once. */
const READ_BYTES = 256 * 1024;

/** A file, and the place in it of the bytes that are wanted. */
interface Extent {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a range, at least one byte, of a content that is held. Each chunk is lent until the next is asked for: two buffers serve
 * all of it, since the garbage of a new one each time costs as much as the reading.
 */
export async function* readContent(
  store: ObjectStore,
  bucket: string,
  { pieces }: StoredContent,
  { first, last }: ByteRange,
): AsyncGenerator<Uint8Array> {
  const extents: Extent[] = [];
  let offset = 0;
  for (const { dataFile, size } of pieces) {
    const [start, end] = [Math.max(first - offset, 0), Math.min(last - offset, size - 1)];
    if (start <= end) extents.push({ path: store.dataPath(bucket, dataFile), start, end });
    offset += size;
  }
  const buffers = new Buffers(Math.min(last - first + 1, READ_BYTES));
  // One file is open at a time: an object may have ten thousand parts.
  for (const extent of extents) yield* readExtent(extent, buffers);
}

/** Reads ahead by one buffer while what came before is being used. */
async function* readExtent({ path, start, end }: Extent, buffers: Buffers): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    let position = start;
    let ahead = fill(file, buffers.next(), { path, start, end });
    while (position <= end) {
      const chunk = await ahead;
      position += chunk.length;
      if (position <= end) {
        ahead = fill(file, buffers.next(), { path, start: position, end });
        // Who awaits it comes later, or, where the reading ends before, never.
        ahead.catch(() => undefined);
      }
      yield chunk;
    }
  } finally {
    // Waits for a read that is under way.
    await file.close();
  }
}

async function fill(file: FileHandle, buffer: Buffer, { path, start, end }: Extent): Promise<Uint8Array> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - start + 1), start);
  if (bytesRead === 0)
    throw new Error(`The file ${path} of the S3 store is shorter than the object it holds.`);
  return buffer.subarray(0, bytesRead);
}

/** Two buffers by turns, each made when it is first needed. */
class Buffers {
  readonly #size: number;
  readonly #made: [Buffer?, Buffer?] = [];
  #turn: 0 | 1 = 0;

  constructor(size: number) {
    this.#size = size;
  }

  next(): Buffer {
    this.#turn = this.#turn === 0 ? 1 : 0;
    const buffer = this.#made[this.#turn] ?? Buffer.allocUnsafe(this.#size);
    this.#made[this.#turn] = buffer;
    return buffer;
  }
}
