import { AwsError } from '../ec2/errors.ts';
import { type Credential, readClaim, SignatureVerifier, scopeOf } from '../ec2/signature.ts';
import { refusals, S3Error } from '../region/s3/errors.ts';
import { findScope, type S3Caller, type S3Request } from '../region/s3/request.ts';

/** How S3 is told whose requests are. */
export interface S3AuthenticationOptions {
  /** What belongs to an access key; undefined for one that nobody has. */
  readonly credentialOf: (accessKeyId: string) => Credential | undefined;
  /** Whether any access key is accepted, without verifying anything. */
  readonly isOpen: () => boolean;
  /** The account of access keys that name none, where any is accepted. */
  readonly defaultAccount: () => string;
  readonly clock: () => Date;
}

/** The hashes that a payload may be said to have, besides one of its own. */
const PAYLOADS =
  /^(?:[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?)$/;

/** Verifies the signatures of S3's requests, in the header or the query, before their contents have come. */
export function authenticateS3(
  options: S3AuthenticationOptions,
): (request: S3Request) => S3Caller | undefined {
  const verifier = new SignatureVerifier(options.credentialOf);
  return (request) => {
    if (options.isOpen()) return trust(options, request);
    const { path, rawQuery, method, header } = request;
    if (header('authorization')?.startsWith('AWS ') === true) throw refusals.oldSignature();
    const url = rawQuery === '' ? path : `${path}?${rawQuery}`;
    const signable = { method, url, header, body: new Uint8Array() };
    try {
      const claim = readClaim(signable);
      if (claim === undefined) return undefined;
      if (claim.expiresSeconds === undefined) checkPayload(header('x-amz-content-sha256'));
      const credential = verifier.verify(signable, claim, options.clock());
      return {
        ...callerOf(claim.accessKeyId, credential),
        seal: {
          time: claim.time,
          scope: scopeOf(claim),
          signature: claim.signature,
          sign: verifier.signer(credential, claim),
        },
      };
    } catch (error) {
      if (error instanceof AwsError) throw new S3Error(error.code, error.status, error.message);
      throw error;
    }
  };
}

/** Any key is good: of a key that is known the account is known, and one of twelve digits names it. */
function trust(options: S3AuthenticationOptions, request: S3Request): S3Caller | undefined {
  const accessKeyId = findScope(request)?.accessKeyId;
  if (accessKeyId === undefined) return undefined;
  const known = options.credentialOf(accessKeyId);
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : options.defaultAccount();
  return callerOf(accessKeyId, known ?? { secret: '', account });
}

function callerOf(accessKeyId: string, { account, arn }: Credential): S3Caller {
  return { accessKeyId, account, arn: arn ?? `arn:aws:iam::${account}:root` };
}

function checkPayload(given: string | undefined): void {
  if (given === undefined) throw refusals.missingPayloadHash();
  if (!PAYLOADS.test(given)) throw refusals.wrongPayloadHash(given);
}
