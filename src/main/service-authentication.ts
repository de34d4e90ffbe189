import { AwsError } from '../ec2/errors.ts';
import {
  type Credential,
  type FindCredential,
  readClaim,
  SignatureVerifier,
  scopeOf,
} from '../ec2/signature.ts';
import { type TableCaller, TableRefusal } from '../region/dynamodb/handler.ts';
import type { TableRequest } from '../region/dynamodb/tables.ts';
import { refusals, S3Error } from '../region/s3/errors.ts';
import { findScope, type S3Caller, type S3Request } from '../region/s3/request.ts';

/** How services in the world are told whose requests are. */
export interface ServiceAuthenticationOptions {
  /** What belongs to an access key; undefined for one that nobody has. */
  readonly credentialOf: FindCredential;
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
  options: ServiceAuthenticationOptions,
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

/** Verifies the signatures of DynamoDB's requests, with their contents. */
export function authenticateDynamoDb(
  options: ServiceAuthenticationOptions,
): (request: TableRequest) => TableCaller {
  const verifier = new SignatureVerifier(options.credentialOf);
  return ({ method, url, headers, body }) => {
    const header = (name: string): string | undefined => headers[name]?.toString();
    const signable = { method, url, header, body };
    try {
      const claim = readClaim(signable);
      if (claim === undefined) {
        throw new TableRefusal(
          'MissingAuthenticationTokenException',
          'Request is missing Authentication Token',
        );
      }
      const { accessKeyId, region } = claim;
      if (options.isOpen()) return { ...trustKey(options, accessKeyId, claim.sessionToken), region };
      return { ...callerOf(accessKeyId, verifier.verify(signable, claim, options.clock())), region };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new TableRefusal(DYNAMODB_CODES[error.code] ?? error.code, error.message);
    }
  };
}

/** DynamoDB has names of its own for what other services call otherwise. */
const DYNAMODB_CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
  ExpiredToken: 'ExpiredTokenException',
};

/** Any key is good: of a key that is known the account is known, and one of twelve digits names it. */
function trust(options: ServiceAuthenticationOptions, request: S3Request): S3Caller | undefined {
  const accessKeyId = findScope(request)?.accessKeyId;
  if (accessKeyId === undefined) return undefined;
  const token = request.header('x-amz-security-token') ?? request.query.get('X-Amz-Security-Token');
  return trustKey(options, accessKeyId, token ?? undefined);
}

function trustKey(
  options: ServiceAuthenticationOptions,
  accessKeyId: string,
  sessionToken: string | undefined,
): S3Caller {
  const known = options.credentialOf(accessKeyId, sessionToken);
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
