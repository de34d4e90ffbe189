import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../state/directory.ts';

/** Whose a session is, and how long. */
export interface Session {
  readonly account: string;
  /** `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`, or that of the user who asked for it. */
  readonly arn: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

/** What a session signs with. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Temporary keys begin so (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
const TEMPORARY_KEY = 'ASIA';

/** What a token says: access key, account, ARN, user id, and its end in milliseconds since 1970. */
type Claim = [key: string, account: string, arn: string, userId: string, expires: number];

/** Bytes of an HMAC-SHA-256. */
const SEAL_LENGTH = 32;

/**
 * New temporary credentials. Nothing is kept: the token says whose they are and until when, sealed by the installation's own
 * secret, from which the secret key follows too. So they outlive a restart, and nobody else can make them.
 */
export function makeSession(own: Credentials, session: Session): SessionCredentials {
  const { account, arn, userId, expiresAt } = session;
  const accessKeyId = `${TEMPORARY_KEY}${randomBytes(8).toString('hex').toUpperCase()}`;
  const says: Claim = [accessKeyId, account, arn, userId, expiresAt.getTime()];
  const claim = Buffer.from(JSON.stringify(says));
  return {
    accessKeyId,
    secretAccessKey: secretOf(own, accessKeyId),
    sessionToken: Buffer.concat([sealOf(own, claim), claim]).toString('base64'),
  };
}

/**
 * What belongs to a key and a token that were made here; expired ones too, for whoever comes with them is told so. Undefined for
 * others.
 */
export function findSession(own: Credentials, accessKeyId: string, sessionToken: string) {
  const bytes = Buffer.from(sessionToken, 'base64');
  const claim = bytes.subarray(SEAL_LENGTH);
  if (claim.length === 0 || !timingSafeEqual(bytes.subarray(0, SEAL_LENGTH), sealOf(own, claim))) {
    return undefined;
  }
  const [key, account, arn, userId, expires]: Claim = JSON.parse(claim.toString());
  if (key !== accessKeyId) return undefined;
  return { secret: secretOf(own, key), sessionToken, account, arn, userId, expiresAt: new Date(expires) };
}

function sealOf(own: Credentials, claim: Uint8Array): Buffer {
  return createHmac('sha256', own.secretAccessKey).update('session/token/').update(claim).digest();
}

function secretOf(own: Credentials, accessKeyId: string): string {
  return createHmac('sha256', own.secretAccessKey)
    .update(`session/secret/${accessKeyId}`)
    .digest('base64')
    .slice(0, 40);
}
