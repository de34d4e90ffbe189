import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that go to the file in one call: few calls for large contents. */
const BATCH_BYTES = 1024 ** 2;
/** Bytes after which the disk is asked to begin, so that little is left for the end. */
const SYNC_BYTES = 32 * 1024 ** 2;

/**
 * Writes a new file, on disk when this resolves. Reading goes on, and what the reader computes, while bytes that came before are
 * being written. Rejects with the source's error or the disk's.
 */
export async function writeDown(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  const writer = new Writer(file);
  try {
    for await (const chunk of source) await writer.write(chunk);
    await writer.end();
  } finally {
    await writer.settle();
    await file.close();
  }
}

class Writer {
  readonly #file: FileHandle;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #unsyncedBytes = 0;
  /** The writing, or syncing, that is under way. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#pending;
    await this.#file.sync();
  }

  /** Waits for what is under way, whatever becomes of it. */
  async settle(): Promise<void> {
    await this.#pending.catch(() => undefined);
  }

  /** Begins to write the batch once the one before is written. */
  async #flush(): Promise<void> {
    await this.#pending;
    const [batch, bytes] = [this.#batch, this.#batchBytes];
    this.#batch = [];
    this.#batchBytes = 0;
    this.#unsyncedBytes += bytes;
    const isDue = this.#unsyncedBytes >= SYNC_BYTES;
    if (isDue) this.#unsyncedBytes = 0;
    this.#pending = this.#put(batch, bytes, isDue);
    // Who awaits it comes later: until then a failure is nobody's.
    this.#pending.catch(() => undefined);
  }

  async #put(batch: readonly Uint8Array[], bytes: number, isSyncDue: boolean): Promise<void> {
    if (bytes > 0) {
      const { bytesWritten } = await this.#file.writev(batch);
      if (bytesWritten < bytes) await this.#file.writeFile(Buffer.concat(batch).subarray(bytesWritten));
    }
    if (isSyncDue) await this.#file.datasync();
  }
}
