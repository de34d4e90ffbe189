import { refusals } from './errors.ts';

/** A chunk's first line, with a signature of 64 digits, is far shorter. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/**
 * The content of a body in S3's own chunks (`aws-chunked`: `SIZE[;chunk-signature=…]`, the bytes, at the end trailers).
 * Trailers, names in small letters, are put into `trailers` before the end. Throws an S3Error when the framing is broken.
 */
export async function* decodeChunks(
  source: AsyncIterable<Uint8Array>,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array> {
  const reader = new Reader(source);
  for (;;) {
    const line = await reader.line();
    const size = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw refusals.incompleteBody();
    let left = Number.parseInt(size, 16);
    if (left === 0) break;
    while (left > 0) {
      const piece = await reader.atMost(left);
      left -= piece.length;
      yield piece;
    }
    if ((await reader.line()) !== '') throw refusals.incompleteBody();
  }
  for (let count = 0; count < MAX_TRAILERS && !(await reader.isAtEnd()); count++) {
    const line = await reader.line();
    if (line === '') return;
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** Reads lines and bytes from pieces of any size. */
class Reader {
  readonly #source: AsyncIterator<Uint8Array>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf('\n');
      if (end !== -1) {
        const line = this.#pending.toString('latin1', 0, end).replace(/\r$/, '');
        this.#pending = this.#pending.subarray(end + 1);
        return line;
      }
      if (this.#pending.length > MAX_LINE_BYTES || !(await this.#more())) throw refusals.incompleteBody();
    }
  }

  /** The next bytes, at least one. */
  async atMost(length: number): Promise<Uint8Array> {
    while (this.#pending.length === 0) if (!(await this.#more())) throw refusals.incompleteBody();
    const piece = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(piece.length);
    return piece;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#pending.length === 0 && !(await this.#more());
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#pending =
      this.#pending.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#pending, next.value]);
    return true;
  }
}
