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
  /** The writing that is under way. */
  #writing: Promise<unknown> = Promise.resolve();
  /** The syncing that is under way: of what has been written when it begins, while more is being written. */
  #syncing: Promise<unknown> = Promise.resolve();

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
    await this.#writing;
    // Its failure is told once only: to it, not to the one that follows.
    await this.#syncing;
    await this.#file.sync();
  }

  /** Waits for what is under way, whatever becomes of it. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing]);
  }

  /** Begins to write the batch once the one before is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    const [batch, bytes] = [this.#batch, this.#batchBytes];
    this.#batch = [];
    this.#batchBytes = 0;
    if (this.#unsyncedBytes >= SYNC_BYTES) {
      await this.#syncing;
      this.#unsyncedBytes = 0;
      this.#syncing = awaitedLater(this.#file.datasync());
    }
    this.#unsyncedBytes += bytes;
    this.#writing = awaitedLater(this.#put(batch, bytes));
  }

  async #put(batch: readonly Uint8Array[], bytes: number): Promise<void> {
    if (bytes === 0) return;
    const { bytesWritten } = await this.#file.writev(batch);
    if (bytesWritten < bytes) await this.#file.writeFile(Buffer.concat(batch).subarray(bytesWritten));
  }
}

/** Until somebody awaits it a failure is nobody's. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
