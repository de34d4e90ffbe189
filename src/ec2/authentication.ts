import type { Caller } from './action.ts';
import type { SignableRequest } from './canonical-request.ts';
import {
  type Credential,
  type FindCredential,
  readClaim,
  type SignatureClaim,
  SignatureVerifier,
} from './signature.ts';
import { missingToken } from './signature-errors.ts';

/** How requests are told whose they are. */
export interface AuthenticationOptions {
  /** What belongs to an access key; undefined for an unknown one. */
  readonly secretOf: FindCredential;
  /** Accepts any access key, or none, without verifying anything. */
  readonly isOpen: boolean;
  /** The account of access keys that name none. */
  readonly defaultAccount: string;
}

/** Anyone: where a service admits requests without a signature. */
const ANONYMOUS: Caller = { account: 'anonymous', accessKeyId: '', arn: '*', userId: 'anonymous' };

/** Finds out who sends a request. */
export class Authenticator {
  readonly #options: AuthenticationOptions;
  readonly #verifier: SignatureVerifier;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#verifier = new SignatureVerifier(options.secretOf);
  }

  /** The signature a request claims. Throws for half of one, unless any key is accepted. */
  readClaim(request: SignableRequest): SignatureClaim | undefined {
    if (!this.#options.isOpen) return readClaim(request);
    try {
      return readClaim(request);
    } catch {
      return undefined;
    }
  }

  /** Whose request it is. Throws AWS's error where the signature is missing or wrong. */
  authenticate(
    request: SignableRequest,
    claim: SignatureClaim | undefined,
    service: string,
    admitsAnonymous: boolean,
    now: Date,
  ): Caller {
    if (this.#options.isOpen) return this.#trust(claim?.accessKeyId ?? '', claim?.sessionToken);
    if (claim !== undefined) return makeCaller(claim.accessKeyId, this.#verifier.verify(request, claim, now));
    if (admitsAnonymous) return ANONYMOUS;
    throw missingToken(service);
  }

  /** A known key keeps its account; an access key of 12 digits names its account. */
  #trust(accessKeyId: string, sessionToken: string | undefined): Caller {
    const known = this.#options.secretOf(accessKeyId, sessionToken);
    if (known !== undefined) return makeCaller(accessKeyId, known);
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : this.#options.defaultAccount;
    return makeCaller(accessKeyId, { secret: '', account });
  }
}

function makeCaller(accessKeyId: string, { account, arn, userId }: Credential): Caller {
  return { account, accessKeyId, arn: arn ?? `arn:aws:iam::${account}:root`, userId: userId ?? account };
}
