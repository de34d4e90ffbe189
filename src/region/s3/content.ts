import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { StoredContent } from './records.ts';
import type { ObjectStore } from './store.ts';

/** Bytes of a content, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Few reads for large objects, and little memory for many at once. */
const READ_BYTES = 256 * 1024;

/** Streams a range, at least one byte, of a content that is held. */
export function readContent(
  store: ObjectStore,
  bucket: string,
  { pieces }: StoredContent,
  { first, last }: ByteRange,
): Readable {
  const reads: { readonly path: string; readonly start: number; readonly end: number }[] = [];
  let offset = 0;
  for (const { dataFile, size } of pieces) {
    const [start, end] = [Math.max(first - offset, 0), Math.min(last - offset, size - 1)];
    if (start <= end) reads.push({ path: store.dataPath(bucket, dataFile), start, end });
    offset += size;
  }
  const [only] = reads;
  const open = ({ path, start, end }: (typeof reads)[number]): Readable =>
    createReadStream(path, { start, end, highWaterMark: READ_BYTES });
  if (only !== undefined && reads.length === 1) return open(only);
  // One file is open at a time: an object may have ten thousand parts.
  return Readable.from(
    (async function* () {
      for (const read of reads) yield* open(read);
    })(),
    { objectMode: false, highWaterMark: READ_BYTES },
  );
}
