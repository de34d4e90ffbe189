import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runCaptured } from '../process.ts';
import { type Mode, modeOf, ownerIn, spawnMapped } from './mapping.ts';

/** Where the world finds what it needs of the machine. */
export const INSIDE = {
  /** The instances' disks. */
  instances: '/run/croft/instances',
  /** The images that users brought. */
  images: '/run/croft/images',
  /** What the services keep, and the sockets by which the world and the daemon meet. */
  services: '/run/croft/services',
  application: '/run/croft/app',
  node: '/run/croft/node',
  image: '/run/croft/image',
} as const;

/** A running world, known by its first process. */
export interface World {
  readonly mode: Mode;
  /** The first process, as the machine numbers it. */
  readonly pid: number;
  /** Clock ticks since boot: with the pid it names one process, ever. */
  readonly startTime: string;
  readonly pidNamespace: string;
}

/** What a world is started from. All paths are absolute. */
export interface WorldOptions {
  readonly stateDirectory: string;
  readonly applicationDirectory: string;
  readonly nodeExecutable: string;
  readonly imageDirectory: string;
}

/** The world cannot be started; the message says why. */
export class WorldError extends Error {}

/** The world of a state directory if it lives: one that died, or another process with its number, is not it. */
export function findWorld(stateDirectory: string): World | undefined {
  const path = join(stateDirectory, 'world.json');
  if (!existsSync(path)) return undefined;
  const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof stored !== 'object' || stored === null) return undefined;
  if (!('pid' in stored && 'startTime' in stored && 'pidNamespace' in stored && 'mode' in stored))
    return undefined;
  const mode = stored.mode === 'rootns' ? 'rootns' : 'rootless';
  const recorded = identify(Number(stored.pid), mode);
  if (recorded === undefined) return undefined;
  const isSame = recorded.startTime === stored.startTime && recorded.pidNamespace === stored.pidNamespace;
  return isSame ? recorded : undefined;
}

/** Starts the world of a state directory, or adopts the one that lives. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const living = findWorld(options.stateDirectory);
  if (living !== undefined) return living;
  const mode = modeOf(process.getuid?.() ?? 0);
  prepareState(options.stateDirectory, mode);
  const scripts = join(options.applicationDirectory, 'assets', 'world');
  const outer = [
    'sh',
    join(scripts, 'outer.sh'),
    options.stateDirectory,
    options.applicationDirectory,
    dirname(options.nodeExecutable),
    options.imageDirectory,
    String(ownerIn(mode)),
  ];
  const anchor = [
    ...['unshare', '--cgroup', '--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child=KILL'],
    ...[
      '--mount-proc',
      '--propagation',
      'private',
      '--',
      'sh',
      `${INSIDE.application}/assets/world/inner.sh`,
    ],
  ];
  const child = await spawnAnchor(mode, outer, anchor);
  await untilReady(child);
  const pid = firstChildOf(child.pid ?? 0);
  const world = pid === undefined ? undefined : identify(pid, mode);
  if (world === undefined) throw new WorldError('The world ended right after its start.');
  const path = join(options.stateDirectory, 'world.json');
  // Whoever reads it meanwhile finds all of it or nothing.
  writeFileSync(`${path}.new`, `${JSON.stringify(world)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  child.unref();
  return world;
}

/** Ends a world: everything in it is gone when this resolves. Ending one that is not there is not an error. */
export async function stopWorld(stateDirectory: string): Promise<void> {
  const world = findWorld(stateDirectory);
  if (world !== undefined) {
    process.kill(world.pid, 'SIGKILL');
    for (let attempt = 0; attempt < 1000 && findWorld(stateDirectory) !== undefined; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  rmSync(join(stateDirectory, 'world.json'), { force: true });
}

/** Removes a state directory whole, files of the world's users included. */
export async function removeState(stateDirectory: string): Promise<void> {
  if (modeOf(process.getuid?.() ?? 0) === 'rootless' && existsSync(join(stateDirectory, 'instances'))) {
    await runCaptured([
      'unshare',
      '--user',
      '--map-root-user',
      '--map-auto',
      'rm',
      '-rf',
      join(stateDirectory, 'instances'),
      join(stateDirectory, 'images'),
    ]);
  }
  rmSync(stateDirectory, { recursive: true, force: true });
}

/** The words that run a command inside all of the world's namespaces, as its root. */
export function enterWords(world: World, command: readonly string[]): string[] {
  // Named one by one: `--all` means the time namespace too, which an ordinary user may not enter.
  const namespaces = ['--user', '--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup'];
  const target = ['--target', String(world.pid), ...namespaces, '--setuid', '0', '--setgid', '0'];
  return ['nsenter', ...target, '--', ...command];
}

/** Starts a Node program inside the world, in one of its network namespaces, with a channel to this process. */
export function forkInside(
  world: World,
  words: readonly string[],
  namespace: string | undefined,
  onLine: (line: string) => void,
): ChildProcess {
  const place = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`, '--'];
  const program = ['env', '-i', ...INSIDE_ENVIRONMENT, `${INSIDE.node}/node`, ...words];
  const [file = '', ...rest] = enterWords(world, [...place, ...program]);
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], cwd: '/' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') onLine(line);
    });
  }
  return child;
}

/** `NODE_CHANNEL_FD` is how Node finds the channel it was given; nothing else of the user's environment goes in. */
const INSIDE_ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/',
  'NODE_CHANNEL_FD=3',
];

/** Instances' disks belong to the world's users, so the folder that holds them must belong to its root. */
function prepareState(stateDirectory: string, mode: Mode): void {
  const owner = ownerIn(mode);
  for (const name of ['instances', 'images', 'services']) {
    const path = join(stateDirectory, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (owner !== 0) chownSync(path, owner, owner);
  }
}

async function spawnAnchor(
  mode: Mode,
  outer: readonly string[],
  anchor: readonly string[],
): Promise<ChildProcess> {
  if (mode === 'rootns') {
    const before = ['unshare', '--mount', '--propagation', 'private', '--', ...outer];
    return spawnMapped(mode, anchor, { before, stdout: 'pipe', isDetached: true });
  }
  const inside = ['unshare', '--mount', '--propagation', 'private', '--', ...outer, ...anchor];
  return spawnMapped(mode, inside, { stdout: 'pipe', isDetached: true });
}

/** Resolves at the anchor's word that it stands; rejects with what it complained of. */
function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) resolve();
    });
    child.once('exit', () => {
      const reason = complaint.trim().split('\n').slice(-2).join('; ') || 'its first process ended';
      reject(
        new WorldError(
          `The world cannot be started: ${reason}. \`croft doctor\` says what this machine lacks.`,
        ),
      );
    });
  });
}

function firstChildOf(pid: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && statOf(Number(name))?.parent === pid) return Number(name);
  }
  return undefined;
}

/** A process's state, parent and start time from `/proc/PID/stat`; undefined when there is no such process. */
function statOf(pid: number): { state: string; parent: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function identify(pid: number, mode: Mode): World | undefined {
  const stat = statOf(pid);
  if (stat === undefined || stat.state === 'Z') return undefined;
  try {
    return { mode, pid, startTime: stat.startTime, pidNamespace: readlinkSync(`/proc/${pid}/ns/pid`) };
  } catch {
    return undefined;
  }
}
