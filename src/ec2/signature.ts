import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  decodeLeniently,
  hashCanonicalRequest,
  type SignableRequest,
  splitUrl,
} from './canonical-request.ts';
import * as refusal from './signature-errors.ts';

/** What belongs to an access key. */
export interface Credential {
  readonly secret: string;
  readonly account: string;
  /** Default: the account's root user. */
  readonly arn?: string;
  readonly userId?: string;
  /** Temporary keys only: the token that must come with them. */
  readonly sessionToken?: string;
  /** Temporary keys only: when they end. */
  readonly expiresAt?: Date;
}

/** Finds what belongs to an access key, and to the session token that came with it. Undefined for what nobody has. */
export type FindCredential = (
  accessKeyId: string,
  sessionToken: string | undefined,
) => Credential | undefined;

/** What a request says of its own signature, before anything is verified. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `yyyymmdd` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: string;
  readonly signature: string;
  /** `yyyymmddThhmmssZ` */
  readonly time: string;
  /** Presigned requests only: how long they hold, from `time`. */
  readonly expiresSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** How far a client's clock may be off. */
const MAX_SKEW_MS = 15 * 60 * 1000;
/** A week: the longest that AWS lets a presigned request hold. */
const MAX_EXPIRES_SECONDS = 604_800;

/**
 * The signature that a request claims, in its Authorization header or its query. Undefined where it has none; throws
 * IncompleteSignature for half of one.
 */
export function readClaim(request: SignableRequest): SignatureClaim | undefined {
  const authorization = request.header('authorization');
  if (authorization !== undefined) return readHeader(authorization, request);
  const { query } = splitUrl(request.url);
  return query.includes('X-Amz-Signature=') ? readQuery(query) : undefined;
}

function readHeader(authorization: string, request: SignableRequest): SignatureClaim {
  const space = authorization.indexOf(' ');
  if (authorization.slice(0, space) !== ALGORITHM)
    throw refusal.incompleteSignature(`it is not of ${ALGORITHM}`);
  const fields = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(',')) {
    const equals = part.indexOf('=');
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return makeClaim({
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    time: request.header('x-amz-date'),
    expires: undefined,
    sessionToken: request.header('x-amz-security-token'),
  });
}

function readQuery(query: string): SignatureClaim {
  const fields = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    if (part.startsWith('X-Amz-') && equals > 0)
      fields.set(part.slice(0, equals), decodeLeniently(part.slice(equals + 1)));
  }
  if (fields.get('X-Amz-Algorithm') !== ALGORITHM)
    throw refusal.incompleteSignature(`it is not of ${ALGORITHM}`);
  return makeClaim({
    credential: fields.get('X-Amz-Credential'),
    signedHeaders: fields.get('X-Amz-SignedHeaders'),
    signature: fields.get('X-Amz-Signature'),
    time: fields.get('X-Amz-Date'),
    expires: fields.get('X-Amz-Expires') ?? '',
    sessionToken: fields.get('X-Amz-Security-Token'),
  });
}

interface ClaimFields {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly time: string | undefined;
  readonly expires: string | undefined;
  readonly sessionToken: string | undefined;
}

function makeClaim({
  credential,
  signedHeaders,
  signature,
  time,
  expires,
  sessionToken,
}: ClaimFields): SignatureClaim {
  if (!credential) throw refusal.incompleteSignature("it lacks 'Credential'");
  if (!signedHeaders) throw refusal.incompleteSignature("it lacks 'SignedHeaders'");
  if (!signature) throw refusal.incompleteSignature("it lacks 'Signature'");
  if (!time) throw refusal.incompleteSignature("it lacks 'X-Amz-Date'");
  const [accessKeyId, date, region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || more.length > 0) {
    throw refusal.incompleteSignature("its 'Credential' is not KEY/DATE/REGION/SERVICE/aws4_request");
  }
  if (expires !== undefined && !(/^\d{1,6}$/.test(expires) && Number(expires) <= MAX_EXPIRES_SECONDS)) {
    throw refusal.incompleteSignature(`its 'X-Amz-Expires' is not a number up to ${MAX_EXPIRES_SECONDS}`);
  }
  const expiresSeconds = expires === undefined ? undefined : Number(expires);
  return { accessKeyId, date, region, service, signedHeaders, signature, time, expiresSeconds, sessionToken };
}

/** More keys than a machine's worth of users and days; beyond it the cache starts anew. */
const MAX_CACHED_KEYS = 256;

/** Verifies signatures of Version 4. Keeps the derived keys, which change once a day. */
export class SignatureVerifier {
  readonly #secretOf: FindCredential;
  /** As key objects: to make one of a buffer takes longer than to sign with it. */
  readonly #keys = new Map<string, KeyObject>();

  constructor(secretOf: FindCredential) {
    this.#secretOf = secretOf;
  }

  /** The credential whose secret made the claimed signature at about `now`; throws AWS's error otherwise. */
  verify(request: SignableRequest, claim: SignatureClaim, now: Date): Credential {
    const { service } = claim;
    const credential = this.#secretOf(claim.accessKeyId, claim.sessionToken);
    if (credential === undefined) throw refusal.unknownKey(service);
    if (credential.sessionToken !== undefined && credential.sessionToken !== claim.sessionToken) {
      throw refusal.unknownKey(service);
    }
    checkTime(claim, now);
    const signed = claim.signedHeaders.split(';');
    const isComplete =
      signed.includes('host') && (claim.expiresSeconds !== undefined || signed.includes('x-amz-date'));
    if (!isComplete) throw refusal.wrongSignature(service);
    const isPresigned = claim.expiresSeconds !== undefined;
    const requestHash = hashCanonicalRequest(
      request,
      service,
      claim.signedHeaders,
      hashPayload(request, claim),
      isPresigned ? 'X-Amz-Signature' : undefined,
    );
    const expected = createHmac('sha256', this.#deriveKey(credential.secret, claim))
      .update(`${ALGORITHM}\n${claim.time}\n${scopeOf(claim)}\n${requestHash}`)
      .digest('hex');
    if (!isEqual(expected, claim.signature)) throw refusal.wrongSignature(service);
    const { expiresAt } = credential;
    if (expiresAt !== undefined && expiresAt <= now) throw refusal.tokenExpired(service);
    return credential;
  }

  /** Signs further texts with the key of a claim that has been verified, in hexadecimal: the chunks of a stream. */
  signer({ secret }: Credential, claim: SignatureClaim): (text: string) => string {
    const key = this.#deriveKey(secret, claim);
    return (text) => createHmac('sha256', key).update(text).digest('hex');
  }

  #deriveKey(secret: string, { date, region, service }: SignatureClaim): KeyObject {
    const name = JSON.stringify([secret, date, region, service]);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const sign = (key: string | Buffer, text: string): Buffer =>
      createHmac('sha256', key).update(text).digest();
    const bytes = sign(sign(sign(sign(`AWS4${secret}`, date), region), service), 'aws4_request');
    const key = createSecretKey(bytes);
    if (this.#keys.size >= MAX_CACHED_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }
}

/** What a signature is good for: a day, a region and a service. */
export function scopeOf({ date, region, service }: SignatureClaim): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** In constant time: the length of a signature is no secret. */
function isEqual(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * S3 lets the client say what the payload is, or that it did not hash it: its contents are too large to be there yet when the
 * signature is verified, so whoever receives them holds them against a hash that is given.
 */
function hashPayload(request: SignableRequest, claim: SignatureClaim): string {
  if (claim.service === 's3') {
    if (claim.expiresSeconds !== undefined) return 'UNSIGNED-PAYLOAD';
    const given = request.header('x-amz-content-sha256');
    if (given !== undefined) return given;
  }
  return hash('sha256', request.body);
}

function checkTime(claim: SignatureClaim, now: Date): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.time);
  if (match === null || !claim.time.startsWith(claim.date)) throw refusal.wrongSignature(claim.service);
  const [, year, month, day, hour, minute, second] = match;
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(signed)) throw refusal.wrongSignature(claim.service);
  const age = now.getTime() - signed;
  if (claim.expiresSeconds !== undefined) {
    if (age > claim.expiresSeconds * 1000) throw refusal.presignedExpired(claim.service);
  } else if (age > MAX_SKEW_MS) {
    throw refusal.requestExpired(claim.service, claim.time, now);
  }
  if (age < -MAX_SKEW_MS) throw refusal.requestFromFuture(claim.service, claim.time, now);
}
