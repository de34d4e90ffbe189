import { createHash, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** A key pair as it was just made. */
export interface KeyMaterial {
  /** PEM, to be given out once (semantics S118). */
  readonly privateKey: string;
  /** One line as in `authorized_keys`, without a comment. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

const generate = promisify(generateKeyPair);

/** Makes an RSA-2048 or ED25519 key pair in the forms AWS gives them. */
export function makeKeyMaterial(keyType: 'rsa' | 'ed25519'): Promise<KeyMaterial> {
  return keyType === 'rsa' ? makeRsa() : makeEd25519();
}

/** PKCS#1 PEM; the fingerprint is the SHA-1 of the private key's PKCS#8 DER. */
async function makeRsa(): Promise<KeyMaterial> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
    publicKey: `ssh-rsa ${rsaBlob(publicKey).toString('base64')}`,
    fingerprint: colons(createHash('sha1').update(pkcs8).digest()),
  };
}

/** OpenSSH's own PEM; the fingerprint is the SHA-256 of the public blob in base64, with its `=`. */
async function makeEd25519(): Promise<KeyMaterial> {
  const { privateKey } = await generate('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const blob = ed25519Blob(Buffer.from(x, 'base64url'));
  return {
    privateKey: opensshPem(blob, Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')),
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
    fingerprint: createHash('sha256').update(blob).digest('base64'),
  };
}

/** A public key as a user imports it. */
export interface ImportedKey {
  readonly keyType: 'rsa' | 'ed25519';
  readonly publicKey: string;
  readonly fingerprint: string;
}

/**
 * Reads the public key material of ImportKeyPair: an OpenSSH line, or the PEM or bare base64 of its DER. Undefined when
 * it is none, or of a kind AWS does not take. The fingerprint of an imported RSA key is the MD5 of its SPKI DER.
 */
export function readPublicKey(material: string): ImportedKey | undefined {
  const line = /^(ssh-rsa|ssh-ed25519)\s+([A-Za-z0-9+/=]+)/.exec(material.trim());
  try {
    if (line !== null) return readLine(line[1] ?? '', Buffer.from(line[2] ?? '', 'base64'));
    const pem = material.includes('BEGIN')
      ? material
      : `-----BEGIN PUBLIC KEY-----\n${material.trim()}\n-----END PUBLIC KEY-----\n`;
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'rsa') return undefined;
    return importedRsa(key, rsaBlob(key));
  } catch {
    return undefined;
  }
}

function readLine(kind: string, blob: Buffer): ImportedKey | undefined {
  const parts = readStrings(blob);
  if (parts[0]?.toString() !== kind) return undefined;
  if (kind === 'ssh-ed25519') {
    if (parts.length !== 2 || parts[1]?.length !== 32) return undefined;
    const publicKey = `${kind} ${blob.toString('base64')}`;
    return { keyType: 'ed25519', publicKey, fingerprint: createHash('sha256').update(blob).digest('base64') };
  }
  const [, e, n] = parts;
  if (parts.length !== 3 || e === undefined || n === undefined) return undefined;
  const key = createPublicKey({
    key: { kty: 'RSA', e: e.toString('base64url'), n: withoutZero(n).toString('base64url') },
    format: 'jwk',
  });
  return importedRsa(key, blob);
}

function importedRsa(key: KeyObject, blob: Buffer): ImportedKey {
  const spki = key.export({ type: 'spki', format: 'der' });
  const fingerprint = colons(createHash('md5').update(spki).digest());
  return { keyType: 'rsa', publicKey: `ssh-rsa ${blob.toString('base64')}`, fingerprint };
}

function rsaBlob(key: KeyObject): Buffer {
  const { e = '', n = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    string(Buffer.from('ssh-rsa')),
    string(Buffer.from(e, 'base64url')),
    string(withZero(Buffer.from(n, 'base64url'))),
  ]);
}

function ed25519Blob(publicKey: Buffer): Buffer {
  return Buffer.concat([string(Buffer.from('ssh-ed25519')), string(publicKey)]);
}

/** PROTOCOL.key of OpenSSH: an unencrypted key of one entry. */
function opensshPem(blob: Buffer, seed: Buffer, publicKey: Buffer): string {
  const check = randomBytes(4);
  const entry = Buffer.concat([
    check,
    check,
    blob,
    string(Buffer.concat([seed, publicKey])),
    string(Buffer.alloc(0)),
  ]);
  // Padded with 1, 2, 3, … to the cipher's block, which is 8 for `none`.
  const padding = Buffer.from(Array.from({ length: (8 - (entry.length % 8)) % 8 }, (_, i) => i + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string(Buffer.from('none')),
    string(Buffer.from('none')),
    string(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    string(blob),
    string(Buffer.concat([entry, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** SSH's string: its length in four bytes, and itself. */
function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function readStrings(blob: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) throw new RangeError('the key is cut off');
    parts.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

/** SSH's numbers are signed: one with its highest bit set has a zero before it. */
function withZero(number: Buffer): Buffer {
  return (number[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), number]) : number;
}

function withoutZero(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

function colons(digest: Buffer): string {
  return (digest.toString('hex').match(/../g) ?? []).join(':');
}
