import { rm } from 'node:fs/promises';

/** Files of content that are being read: one that is removed meanwhile goes when nobody reads it any more. */
export class ContentFiles {
  /** By path. */
  readonly #readers = new Map<string, { count: number; isDoomed: boolean }>();

  /** Removes files, or has them removed when they have been read. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const readers = this.#readers.get(path);
      if (readers === undefined) await rm(path, { force: true });
      else readers.isDoomed = true;
    }
  }

  /** Passes chunks of these files on; the files stay from now until the reading ends. It has to be begun. */
  hold(paths: readonly string[], chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for (const path of paths) {
      const readers = this.#readers.get(path) ?? { count: 0, isDoomed: false };
      readers.count++;
      this.#readers.set(path, readers);
    }
    return this.#passOn(paths, chunks);
  }

  async *#passOn(paths: readonly string[], chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } finally {
      await this.#release(paths);
    }
  }

  async #release(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const readers = this.#readers.get(path);
      if (readers === undefined || --readers.count > 0) continue;
      this.#readers.delete(path);
      if (readers.isDoomed) await rm(path, { force: true });
    }
  }
}
