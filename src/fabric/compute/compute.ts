import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Compute, InstanceSpec } from '../../plan/driver.ts';
import { runCaptured } from '../process.ts';
import { INSIDE } from '../world/world.ts';
import { ociConfig } from './oci.ts';

/** An instance cannot be run; the message is the runtime's own. */
export class ComputeError extends Error {}

/** How long an instance has to go down by itself before it is ended. */
const GRACE_MILLISECONDS = 2_000;

/** As much of the console as AWS keeps: the last 64 KB. */
const CONSOLE_BYTES = 65_536;

/** One state directory for crun, on the world's own /run: it goes when the world goes. */
const CRUN = ['crun', '--root', '/run/crun'] as const;

/**
 * Instances as containers of crun inside the world: the base image below, a disk of their own above. They belong to the
 * world and not to this process, so they outlive it and are found again.
 */
export class LinuxCompute implements Compute {
  readonly #watched = new Map<string, Socket>();
  #onExit: (instanceId: string) => void = () => {};

  /** Adopts what runs already: its end will be noticed as that of what is started here. */
  static async open(): Promise<LinuxCompute> {
    const compute = new LinuxCompute();
    for (const { instanceId, state } of await compute.list()) {
      if (state === 'running') compute.#watch(instanceId);
    }
    return compute;
  }

  /** Calls `listener` when an instance ended that nobody told to. */
  onExit(listener: (instanceId: string) => void): void {
    this.#onExit = listener;
  }

  async list(): Promise<{ instanceId: string; state: 'running' | 'stopped' }[]> {
    const running = await this.#running();
    return readdirSync(INSIDE.instances).map((instanceId) => ({
      instanceId,
      state: running.has(instanceId) ? 'running' : 'stopped',
    }));
  }

  async start(spec: InstanceSpec): Promise<void> {
    const { instanceId } = spec;
    if ((await this.#running()).has(instanceId)) return;
    await this.#forget(instanceId);
    const folder = folderOf(instanceId);
    for (const name of ['upper', 'work', 'root', 'given']) mkdirSync(join(folder, name), { recursive: true });
    writeGiven(spec, join(folder, 'given'));
    const config = ociConfig(spec, { root: join(folder, 'root'), given: join(folder, 'given') });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    if (!existsSync(fifoOf(instanceId))) await demand(['mkfifo', fifoOf(instanceId)]);
    await this.#run(instanceId, folder, lowerFolderOf(spec));
    this.#watch(instanceId);
  }

  async stop(instanceId: string): Promise<void> {
    this.#unwatch(instanceId);
    if ((await this.#running()).has(instanceId)) {
      await runCaptured([...CRUN, 'kill', instanceId, 'TERM']);
      const deadline = performance.now() + GRACE_MILLISECONDS;
      while ((await this.#running()).has(instanceId) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await this.#forget(instanceId);
  }

  async remove(instanceId: string): Promise<void> {
    this.#unwatch(instanceId);
    await this.#forget(instanceId);
    rmSync(folderOf(instanceId), { recursive: true, force: true });
  }

  async consoleOutput(instanceId: string): Promise<string> {
    try {
      const text = readFileSync(join(folderOf(instanceId), 'console.log'), 'utf8');
      return text.slice(-CONSOLE_BYTES);
    } catch {
      return '';
    }
  }

  /** The overlay is mounted in a mount namespace that only the container keeps: nothing is left to unmount. */
  #run(instanceId: string, folder: string, lower: string): Promise<void> {
    const overlay = `lowerdir=${lower},upperdir=${folder}/upper,workdir=${folder}/work,userxattr`;
    const script = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"';
    const crun = [...CRUN, 'run', '--detach', '--preserve-fds', '1', '--bundle', folder, instanceId];
    const words = [
      '--mount',
      '--propagation',
      'private',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      overlay,
      `${folder}/root`,
      ...crun,
    ];
    const console = openSync(join(folder, 'console.log'), 'a', 0o600);
    // Read and write, so that opening does not wait for a reader; only the instance keeps it open.
    const alive = openSync(fifoOf(instanceId), constants.O_RDWR);
    const child = spawn('unshare', words, { stdio: ['ignore', console, console, alive] });
    closeSync(console);
    closeSync(alive);
    return new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new ComputeError(`${instanceId} cannot be started: ${error.message}`)),
      );
      child.once('exit', (code) => {
        if (code === 0) return resolve();
        const said = readFileSync(join(folder, 'console.log'), 'utf8')
          .trim()
          .split('\n')
          .slice(-2)
          .join('; ');
        reject(new ComputeError(`${instanceId} cannot be started: ${said}`));
      });
    });
  }

  async #running(): Promise<ReadonlySet<string>> {
    const { stdout } = await runCaptured([...CRUN, 'list', '--format', 'json']);
    const rows: unknown = stdout.trim() === '' ? [] : JSON.parse(stdout);
    if (!Array.isArray(rows)) return new Set();
    return new Set(rows.filter((row) => row.status === 'running').map((row) => String(row.id)));
  }

  /** Has crun forget a container, running or not. */
  async #forget(instanceId: string): Promise<void> {
    await runCaptured([...CRUN, 'delete', '--force', instanceId]);
  }

  /** The first process holds the FIFO's writing end: its end is the end of the file, told by the kernel at once. */
  #watch(instanceId: string): void {
    this.#unwatch(instanceId);
    if (!existsSync(fifoOf(instanceId))) return;
    const socket = new Socket({
      fd: openSync(fifoOf(instanceId), constants.O_RDONLY | constants.O_NONBLOCK),
      readable: true,
      writable: false,
    });
    this.#watched.set(instanceId, socket);
    socket.on('error', () => {});
    socket.resume();
    socket.once('end', () => {
      if (this.#watched.get(instanceId) !== socket) return;
      this.#unwatch(instanceId);
      this.#onExit(instanceId);
    });
  }

  #unwatch(instanceId: string): void {
    this.#watched.get(instanceId)?.destroy();
    this.#watched.delete(instanceId);
  }
}

/** The words that run a command in an instance as a user who has logged in. To be entered into the world first. */
export function execWords(instanceId: string, command: readonly string[], hasTerminal: boolean): string[] {
  const login =
    command.length === 0
      ? ['/bin/su', '-l', 'ec2-user']
      : ['/bin/su', '-l', 'ec2-user', '-c', 'exec "$0" "$@"', '--', ...command];
  return [
    ...CRUN,
    'exec',
    ...(hasTerminal ? ['--tty'] : []),
    '--env',
    'TERM=xterm-256color',
    instanceId,
    ...login,
  ];
}

function folderOf(instanceId: string): string {
  return join(INSIDE.instances, instanceId);
}

/** The root file system below the instance's own disk. */
function lowerFolderOf({ instanceId, imageId }: InstanceSpec): string {
  if (imageId === undefined) return INSIDE.image;
  const root = join(INSIDE.images, imageId, 'root');
  if (existsSync(root)) return root;
  throw new ComputeError(`${instanceId} cannot be started: the files of its image ${imageId} are gone`);
}

function fifoOf(instanceId: string): string {
  return join(folderOf(instanceId), 'alive');
}

function writeGiven(spec: InstanceSpec, folder: string): void {
  const { hostname, domain } = spec;
  writeFileSync(join(folder, 'authorized_keys'), spec.authorizedKeys.map((key) => `${key}\n`).join(''));
  writeFileSync(
    join(folder, 'resolv.conf'),
    `${spec.nameservers.map((server) => `nameserver ${server}\n`).join('')}search ${domain}\n`,
  );
  // Where Amazon Linux has the time servers of DHCP, and chrony reads them.
  mkdirSync(join(folder, 'chrony-dhcp'), { recursive: true });
  writeFileSync(
    join(folder, 'chrony-dhcp', 'eth0.sources'),
    spec.timeServers.map((server) => `server ${server} iburst\n`).join(''),
  );
  const [first = ''] = domain.split(' ');
  // Not `localhost` for ::1, as on Amazon Linux: an instance without an IPv6 address has no ::1 either.
  const hosts = [
    '127.0.0.1 localhost',
    '::1 ip6-localhost localhost6',
    `127.0.1.1 ${hostname}.${first} ${hostname}`,
  ];
  writeFileSync(join(folder, 'hosts'), hosts.map((line) => `${line}\n`).join(''));
  const authority = join(INSIDE.services, 'authority.pem');
  writeFileSync(join(folder, 'authority.pem'), existsSync(authority) ? readFileSync(authority) : '');
}

async function demand(command: readonly string[]): Promise<void> {
  const outcome = await runCaptured(command);
  if (outcome.code !== 0) throw new ComputeError(outcome.stderr.trim());
}
