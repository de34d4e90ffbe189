import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { makeCertificate } from './certificate.ts';

/** An authority as it is kept: both in PEM. The key is secret: whoever has it can pose as any site of the world. */
export interface AuthorityPems {
  readonly certificate: string;
  /** PKCS#8. */
  readonly privateKey: string;
}

/** A server's certificate, with its authority's after it, and its key, in PEM. */
export interface ServerPems {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** Long enough that no world outlives it, and before the dates that 32-bit clocks cannot hold. */
const AUTHORITY_YEARS = 10;
/** Clients refuse certificates of servers that are good for longer than 398 days. */
const SERVER_DAYS = 397;
/** A certificate with less left is made anew. */
const RENEWAL_DAYS = 30;
/** Clocks of instances and host may differ. */
const BACKDATED_DAYS = 1;
const DAY_MS = 86_400_000;
/** Names a client can make up cost a certificate each: beyond this many, the oldest is forgotten. */
const MAX_CACHED = 1000;
/** The longest name a certificate's common name may hold (RFC 5280 appendix A). */
const MAX_COMMON_NAME = 64;

/** Makes a world's own certificate authority: an ECDSA P-256 key and a certificate for itself. The caller keeps both. */
export function createAuthority(now: Date): AuthorityPems {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notAfter = new Date(now.getTime() - BACKDATED_DAYS * DAY_MS);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + AUTHORITY_YEARS);
  // Dated, so that a browser or a trust store that holds several can tell them apart.
  const name = `Cloudcroft world CA ${now.toISOString().slice(0, 19)}Z`;
  const certificate = makeCertificate(
    {
      subject: name,
      issuer: name,
      publicKey: pair.publicKey,
      notBefore: new Date(now.getTime() - BACKDATED_DAYS * DAY_MS),
      notAfter,
    },
    pair,
  );
  return { certificate, privateKey: exportKey(pair.privateKey) };
}

/** Issues certificates for the sites of a world, on demand, and keeps them in memory. */
export class Authority {
  /** What clients must trust, in PEM. */
  readonly certificate: string;
  readonly #name: string;
  readonly #signer: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly #clock: () => Date;
  readonly #issued = new Map<string, { context: SecureContext; renewal: number }>();

  /** Throws when the PEMs are not a certificate and its key. */
  constructor(pems: AuthorityPems, clock: () => Date) {
    const certificate = new X509Certificate(pems.certificate);
    const privateKey = createPrivateKey(pems.privateKey);
    if (!certificate.checkPrivateKey(privateKey))
      throw new Error('The authority’s key does not fit its certificate.');
    this.certificate = pems.certificate;
    this.#name = certificate.subject.replace(/^CN=/, '');
    this.#signer = { publicKey: createPublicKey(privateKey), privateKey };
    this.#clock = clock;
  }

  /** A new certificate for hosts, names or addresses, with a key of its own. */
  issue(hosts: readonly string[]): ServerPems {
    const now = this.#clock().getTime();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificate = makeCertificate(
      {
        subject: (hosts[0] ?? 'localhost').slice(0, MAX_COMMON_NAME),
        issuer: this.#name,
        publicKey: pair.publicKey,
        notBefore: new Date(now - BACKDATED_DAYS * DAY_MS),
        notAfter: new Date(now + (SERVER_DAYS - BACKDATED_DAYS) * DAY_MS),
        hosts,
      },
      this.#signer,
    );
    return { certificateChain: certificate + this.certificate, privateKey: exportKey(pair.privateKey) };
  }

  /** What a TLS server shows under a name: issued the first time it is asked for. */
  contextFor(host: string): SecureContext {
    const now = this.#clock().getTime();
    const cached = this.#issued.get(host);
    if (cached !== undefined && now < cached.renewal) return cached.context;
    const { certificateChain, privateKey } = this.issue([host]);
    const context = createSecureContext({ cert: certificateChain, key: privateKey });
    const [oldest] = this.#issued.keys();
    if (this.#issued.size >= MAX_CACHED && oldest !== undefined) this.#issued.delete(oldest);
    this.#issued.set(host, { context, renewal: now + (SERVER_DAYS - RENEWAL_DAYS) * DAY_MS });
    return context;
  }

  /** `SNICallback` of a TLS server: shows a certificate of whatever name the client asks for. */
  readonly answerServerName = (
    host: string,
    callback: (error: Error | null, context?: SecureContext) => void,
  ): void => {
    const name = host.toLowerCase();
    if (isHostName(name)) callback(null, this.contextFor(name));
    else callback(new Error('not a host name'));
  };
}

function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)
  );
}

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
