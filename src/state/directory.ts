import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The access key that the daemon accepts and `croft env` prints. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
}

/** Where a world keeps what must outlive it: a directory nobody else may read. */
export class StateDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** `--state`, else `CROFT_STATE`, else `~/.local/state/cloudcroft`. */
  static locate(option: string | undefined, environment: NodeJS.ProcessEnv): StateDirectory {
    const base = environment['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
    return new StateDirectory(resolve(option ?? environment['CROFT_STATE'] ?? join(base, 'cloudcroft')));
  }

  /** Makes the directory, readable by its owner alone. */
  create(): void {
    mkdirSync(this.at('services'), { recursive: true });
    chmodSync(this.path, 0o700);
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** The path of a file or directory in it. */
  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** The control socket: what the croft command talks to. */
  get socket(): string {
    return this.at('croft.sock');
  }

  /** The API's socket, by which the world reaches the API without any network. */
  get apiSocket(): string {
    return this.at('services', 'api.sock');
  }

  /** The services' socket, by which the API reaches those that stand in the world. */
  get servicesSocket(): string {
    return this.at('services', 'services.sock');
  }

  /** The socket by which requests to a service get to a server of the user's. */
  pluggedSocket(service: string): string {
    return this.at('services', `plugged-${service}.sock`);
  }

  get journal(): string {
    return this.at('state.sqlite');
  }

  /** The access key of this world, made the first time it is asked for. */
  credentials(): Credentials {
    const path = this.at('credentials.json');
    if (existsSync(path)) {
      const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (isCredentials(stored)) return stored;
      throw new Error(`${path} is not a credentials file; remove it to get new credentials`);
    }
    const made: Credentials = {
      accessKeyId: `AKIA${base32(randomBytes(10))}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      account: '123456789012',
    };
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
    return made;
  }
}

/**
 * The access key of another account of the same world: its id is the account's number, its secret follows from the
 * world's own, so that nothing needs to be kept. Undefined for what is no account's number.
 */
export function credentialsOf(own: Credentials, account: string): Credentials | undefined {
  if (account === own.account) return own;
  if (!/^[0-9]{12}$/.test(account)) return undefined;
  const secretAccessKey = createHmac('sha256', own.secretAccessKey).update(account).digest('base64');
  return { accessKeyId: account, secretAccessKey, account };
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== 'object' || value === null) return false;
  return 'accessKeyId' in value && 'secretAccessKey' in value && 'account' in value;
}

/** RFC 4648's alphabet, which AWS's access key ids are written in. */
function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)] ?? 'A').join('');
}
