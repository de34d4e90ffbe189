import { createHmac, timingSafeEqual } from 'node:crypto';

/** Longest life of a session token, in seconds (semantics S96). */
export const MAX_TOKEN_SECONDS = 21_600;

/** Bytes of the expiry, milliseconds since 1970, before the seal. */
const EXPIRY_BYTES = 8;

/**
 * Session tokens that need no memory: expiry and a seal over it and its owner. A token of one instance is worth nothing to
 * another, and tokens live on when the server starts anew with the same secret.
 */
export class TokenSeal {
  readonly #secret: Uint8Array;

  /** `secret`: at least 32 random bytes, known to nobody else. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** A token for its owner, good for `seconds` from `now`. */
  issue(owner: string, seconds: number, now: Date): string {
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeBigUInt64BE(BigInt(now.getTime() + seconds * 1000));
    return `${Buffer.concat([expiry, this.#seal(owner, expiry)]).toString('base64url')}==`;
  }

  /** Whole seconds a token is still good for; undefined when it is not the owner's, not ours, or over. */
  remainingSeconds(owner: string, token: string, now: Date): number | undefined {
    const bytes = Buffer.from(token, 'base64url');
    const expiry = bytes.subarray(0, EXPIRY_BYTES);
    const seal = this.#seal(owner, expiry);
    const given = bytes.subarray(EXPIRY_BYTES);
    if (given.length !== seal.length || !timingSafeEqual(given, seal)) return undefined;
    const milliseconds = Number(expiry.readBigUInt64BE()) - now.getTime();
    return milliseconds > 0 ? Math.floor(milliseconds / 1000) : undefined;
  }

  #seal(owner: string, expiry: Buffer): Buffer {
    return createHmac('sha256', this.#secret).update(expiry).update(owner).digest();
  }
}

/** The life a token request asks for, in seconds; undefined when the header is missing or out of 1 to 21,600. */
export function parseTokenSeconds(header: string | undefined): number | undefined {
  if (header === undefined || !/^[0-9]{1,5}$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= MAX_TOKEN_SECONDS ? seconds : undefined;
}
