import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, writeFileSync } from 'node:fs';

/**
 * How the world's users are mapped to the machine's: `rootless` by an ordinary user's subordinate ids, `rootns` by root
 * with all ids shifted, so that root in an instance is nobody on the machine.
 */
export type Mode = 'rootless' | 'rootns';

/** Where `rootns` shifts user 0 to, and how many ids the world has: a whole 16-bit range. */
const SHIFT = 200_000;
const COUNT = 65_536;

/** The mode for the user this process runs as. */
export function modeOf(uid: number): Mode {
  return uid === 0 ? 'rootns' : 'rootless';
}

/** The machine's id of the world's root, as far as files made outside must belong to it; 0 where nothing is to be done. */
export function ownerIn(mode: Mode): number {
  return mode === 'rootns' ? SHIFT : 0;
}

/** The command that runs `command` as root of a new user namespace with the mode's mapping. */
function mappedCommand(mode: Mode, command: readonly string[]): readonly string[] {
  if (mode === 'rootless') return ['unshare', '--user', '--map-root-user', '--map-auto', '--', ...command];
  // The maps of root are written from outside, once the namespace is there: `read` waits for that.
  const script = 'read -r _ && exec setpriv --reuid 0 --regid 0 --clear-groups -- "$@"';
  return ['unshare', '--user', '--keep-caps', '--', 'sh', '-c', script, 'sh', ...command];
}

/** How a mapped process is started. */
export interface MappedOptions {
  /** Commands to put before the user namespace is made: they run with the caller's own rights. */
  readonly before?: readonly string[];
  readonly directory?: string;
  readonly stdout: 'pipe' | 'ignore';
  readonly isDetached?: boolean;
}

/**
 * Starts a command as root of a new user namespace. Its standard input is ours to end. Rejects when the mapping cannot be
 * made, with the tool's own words.
 */
export async function spawnMapped(
  mode: Mode,
  command: readonly string[],
  options: MappedOptions,
): Promise<ChildProcess> {
  const [file = '', ...rest] = [...(options.before ?? []), ...mappedCommand(mode, command)];
  const child = spawn(file, rest, {
    cwd: options.directory,
    stdio: ['pipe', options.stdout, 'pipe'],
    detached: options.isDetached ?? false,
  });
  const failed = once(child, 'error').then(([error]: unknown[]) => {
    throw error instanceof Error ? error : new Error(`${file} cannot be run`);
  });
  await Promise.race([failed, once(child, 'spawn')]);
  failed.catch(() => {});
  child.stdin?.on('error', () => {});
  if (mode === 'rootns' && child.pid !== undefined) {
    await untilUserNamespace(child);
    writeFileSync(`/proc/${child.pid}/uid_map`, `0 ${SHIFT} ${COUNT}\n`);
    writeFileSync(`/proc/${child.pid}/gid_map`, `0 ${SHIFT} ${COUNT}\n`);
    child.stdin?.write('\n');
  }
  child.stdin?.end();
  return child;
}

/** Waits until the child has left our user namespace: before that its maps cannot be written. */
async function untilUserNamespace(child: ChildProcess): Promise<void> {
  const own = readlinkSync('/proc/self/ns/user');
  for (let attempt = 0; attempt < 2000; attempt++) {
    if (child.exitCode !== null) throw new Error('the user namespace could not be made');
    try {
      if (readlinkSync(`/proc/${child.pid}/ns/user`) !== own) return;
    } catch {
      throw new Error('the user namespace could not be made');
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('the user namespace did not come up');
}
