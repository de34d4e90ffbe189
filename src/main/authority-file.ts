import { createHmac } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { Authority, type AuthorityPems, createAuthority } from '../internet/authority.ts';

/** What a world trusts and what it keeps to itself, made at its first start and kept with it. */
export interface Trust {
  readonly authority: Authority;
  /** 32 bytes that stay the same from start to start, and that nobody else knows; others for each purpose. */
  secretFor(purpose: string): Uint8Array;
}

/** The world's own certificate authority, made by whichever process is the first to ask. */
export function openTrust(clock: () => Date): Trust {
  const pems = keep(join(INSIDE.services, 'authority.key'), clock);
  publish(join(INSIDE.services, 'authority.pem'), pems.certificate);
  return {
    authority: new Authority(pems, clock),
    secretFor: (purpose) => createHmac('sha256', pems.privateKey).update(purpose).digest(),
  };
}

/** Key and certificate stand in one file, which appears whole: of two processes at once, both take the first one's. */
function keep(path: string, clock: () => Date): AuthorityPems {
  if (!existsSync(path)) {
    const made = createAuthority(clock());
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, made.privateKey + made.certificate, { mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    } finally {
      rmSync(draft);
    }
  }
  const text = readFileSync(path, 'utf8');
  const start = text.indexOf('-----BEGIN CERTIFICATE-----');
  return { privateKey: text.slice(0, start), certificate: text.slice(start) };
}

/** The certificate by itself, for instances and the laptop to trust. */
function publish(path: string, certificate: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === certificate) return;
  writeFileSync(`${path}.${process.pid}`, certificate);
  renameSync(`${path}.${process.pid}`, path);
}
