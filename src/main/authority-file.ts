import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { Authority, createAuthority } from '../internet/authority.ts';

/** The world's own certificate authority, made at its first start and kept with the world. */
export function openAuthority(clock: () => Date): Authority {
  const certificateFile = join(INSIDE.services, 'authority.pem');
  const keyFile = join(INSIDE.services, 'authority.key');
  if (!existsSync(keyFile)) {
    const made = createAuthority(clock());
    writeFileSync(certificateFile, made.certificate);
    // The key comes last: where it is, the certificate is too.
    writeFileSync(`${keyFile}.new`, made.privateKey, { mode: 0o600 });
    renameSync(`${keyFile}.new`, keyFile);
  }
  const pems = {
    certificate: readFileSync(certificateFile, 'utf8'),
    privateKey: readFileSync(keyFile, 'utf8'),
  };
  return new Authority(pems, clock);
}
