import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { parseIpv6 } from '../net/ipv6.ts';
import {
  encodeBitString,
  encodeBoolean,
  encodeContext,
  encodeContextPrimitive,
  encodeInteger,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
} from './der.ts';

/** What a certificate says. */
export interface CertificateContent {
  /** Common name of whom it is for. */
  readonly subject: string;
  /** Common name of who signs; the subject's own for an authority that stands for itself. */
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Absent for a certificate of an authority. */
  readonly hosts?: readonly string[];
}

/** Who signs. */
export interface Signer {
  readonly publicKey: KeyObject;
  /** ECDSA P-256. */
  readonly privateKey: KeyObject;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
} as const;

/** Key usage bits, the first being the highest of the byte (RFC 5280 section 4.2.1.3), and how many are unused. */
const USAGE_DIGITAL_SIGNATURE = { bits: 0x80, unused: 7 };
const USAGE_CERTIFICATE_AND_CRL_SIGN = { bits: 0x06, unused: 1 };
/** Random serial numbers of 16 bytes: within the 20 that RFC 5280 allows, and never used twice. */
const SERIAL_BYTES = 16;
/** X.509 version 3, counted from 0. */
const VERSION_3 = Buffer.of(2);

/**
 * An X.509 certificate (RFC 5280) in PEM, signed with ECDSA over SHA-256. Carries what strict verifiers ask for: both key
 * identifiers, critical basic constraints and key usage, and host names as alternative names.
 */
export function makeCertificate(content: CertificateContent, signer: Signer): string {
  const algorithm = encodeSequence(encodeObjectIdentifier(OID.ecdsaWithSha256));
  const serial = randomBytes(SERIAL_BYTES);
  // Neither zero nor negative.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = encodeSequence(
    encodeContext(0, encodeInteger(VERSION_3)),
    encodeInteger(serial),
    algorithm,
    encodeName(content.issuer),
    encodeSequence(encodeTime(content.notBefore), encodeTime(content.notAfter)),
    encodeName(content.subject),
    exportPublicKey(content.publicKey),
    encodeContext(3, encodeSequence(...extensionsOf(content, signer))),
  );
  const signature = sign('sha256', body, { key: signer.privateKey, dsaEncoding: 'der' });
  return toPem(encodeSequence(body, algorithm, encodeBitString(signature)));
}

function extensionsOf({ hosts, publicKey }: CertificateContent, signer: Signer): Buffer[] {
  const usage = hosts === undefined ? USAGE_CERTIFICATE_AND_CRL_SIGN : USAGE_DIGITAL_SIGNATURE;
  const constraints = hosts === undefined ? encodeSequence(encodeBoolean(true)) : encodeSequence();
  const extensions = [
    encodeExtension(OID.basicConstraints, true, constraints),
    encodeExtension(OID.keyUsage, true, encodeBitString(Buffer.of(usage.bits), usage.unused)),
    encodeExtension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifierOf(publicKey))),
    encodeExtension(
      OID.authorityKeyIdentifier,
      false,
      encodeSequence(encodeContextPrimitive(0, keyIdentifierOf(signer.publicKey))),
    ),
  ];
  if (hosts === undefined) return extensions;
  const purposes = encodeSequence(encodeObjectIdentifier(OID.serverAuthentication));
  return [
    ...extensions,
    encodeExtension(OID.extendedKeyUsage, false, purposes),
    encodeExtension(OID.subjectAlternativeName, false, encodeSequence(...hosts.map(encodeHost))),
  ];
}

function encodeExtension(identifier: string, isCritical: boolean, value: Buffer): Buffer {
  return encodeSequence(
    encodeObjectIdentifier(identifier),
    ...(isCritical ? [encodeBoolean(true)] : []),
    encodeOctetString(value),
  );
}

/** An address is four bytes or sixteen under [7], a name is text under [2]. */
function encodeHost(host: string): Buffer {
  if (isIPv4(host)) return encodeContextPrimitive(7, Buffer.from(host.split('.').map(Number)));
  const address = parseIpv6(host);
  return address === undefined
    ? encodeContextPrimitive(2, Buffer.from(host, 'latin1'))
    : encodeContextPrimitive(7, Buffer.from(address.toString(16).padStart(32, '0'), 'hex'));
}

function encodeName(commonName: string): Buffer {
  const attribute = encodeSequence(encodeObjectIdentifier(OID.commonName), encodeUtf8String(commonName));
  return encodeSequence(encodeSet(attribute));
}

function exportPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** Any value will do that is the same for the same key (RFC 5280 section 4.2.1.2). */
function keyIdentifierOf(key: KeyObject): Buffer {
  return createHash('sha256').update(exportPublicKey(key)).digest().subarray(0, 20);
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
