import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import { refusals } from './errors.ts';

/** A chunk's first line, with a signature of 64 digits, is far shorter. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/** What the chunks of a signed stream are signed with: the key of the request that begins it, and where the chain starts. */
export interface ChunkSeal {
  /** `yyyymmddThhmmssZ`, of the request's signature. */
  readonly time: string;
  /** `yyyymmdd/REGION/s3/aws4_request` */
  readonly scope: string;
  /** The request's own signature. */
  readonly signature: string;
  /** In hexadecimal. */
  readonly sign: (text: string) => string;
}

/**
 * The content of a body in S3's own chunks (`aws-chunked`: `SIZE[;chunk-signature=…]`, the bytes, at the end trailers).
 * Trailers, names in small letters, are put into `trailers` before the end. With a seal, each chunk's signature is held, and
 * that of the trailers. Throws an S3Error when the framing is broken or a signature is not right; what came before it has been
 * yielded by then
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, sigv4-streaming-trailers.html).
 */
export async function* decodeChunks(
  source: AsyncIterable<Uint8Array>,
  trailers: Map<string, string>,
  seal?: ChunkSeal,
): AsyncGenerator<Uint8Array> {
  const reader = new Reader(source);
  const chain = seal === undefined ? undefined : new SignatureChain(seal);
  for (;;) {
    const { size, signature } = parseHead(await reader.line());
    let left = size;
    while (left > 0) {
      const piece = await reader.atMost(left);
      left -= piece.length;
      chain?.update(piece);
      yield piece;
    }
    chain?.endChunk(signature);
    if (size === 0) break;
    if ((await reader.line()) !== '') throw refusals.incompleteBody();
  }
  let signed = '';
  for (let count = 0; count < MAX_TRAILERS && !(await reader.isAtEnd()); count++) {
    const line = await reader.line();
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === TRAILER_SIGNATURE) chain?.endTrailers(signed, value);
    else {
      trailers.set(name, value);
      signed += `${name}:${value}\n`;
    }
  }
  if (trailers.size > 0 && chain?.isOpen === true) throw refusals.signatureDoesNotMatch();
}

const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

function parseHead(line: string): { readonly size: number; readonly signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;(?:chunk-signature=([0-9a-f]{64}))?.*)?$/.exec(line);
  const [, size, signature] = match ?? [];
  if (size === undefined) throw refusals.incompleteBody();
  return { size: Number.parseInt(size, 16), signature };
}

/** Each signature covers the one before it, so no chunk can be left out, changed, or put elsewhere. */
class SignatureChain {
  readonly #seal: ChunkSeal;
  #previous: string;
  #hash: Hash = createHash('sha256');
  /** Until the trailers' signature has come. */
  isOpen = true;

  constructor(seal: ChunkSeal) {
    this.#seal = seal;
    this.#previous = seal.signature;
  }

  update(piece: Uint8Array): void {
    this.#hash.update(piece);
  }

  endChunk(signature: string | undefined): void {
    const digest = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    this.#hold('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY_SHA256}\n${digest}`, signature);
  }

  endTrailers(lines: string, signature: string): void {
    this.#hold('AWS4-HMAC-SHA256-TRAILER', createHash('sha256').update(lines).digest('hex'), signature);
    this.isOpen = false;
  }

  #hold(algorithm: string, rest: string, signature: string | undefined): void {
    const { time, scope, sign } = this.#seal;
    const expected = Buffer.from(sign(`${algorithm}\n${time}\n${scope}\n${this.#previous}\n${rest}`));
    const given = Buffer.from(signature ?? '');
    if (given.length !== expected.length || !timingSafeEqual(expected, given)) {
      throw refusals.signatureDoesNotMatch();
    }
    this.#previous = expected.toString();
  }
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');

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
    const { buffer, byteOffset, length } = next.value;
    this.#pending =
      this.#pending.length === 0
        ? Buffer.from(buffer, byteOffset, length)
        : Buffer.concat([this.#pending, next.value]);
    return true;
  }
}
