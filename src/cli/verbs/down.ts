import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findWorld, removeState, stopWorld } from '../../fabric/world/world.ts';
import { readArguments } from '../arguments.ts';
import { readStatus } from '../status.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

/** A daemon answers within milliseconds; one that is silent for so long hangs. */
const ANSWER_MILLISECONDS = 3_000;

/** How long a daemon may take to end its instances and itself before it is killed. */
const STOP_MILLISECONDS = 15_000;

/** How often to look whether a process is gone. */
const POLL_MILLISECONDS = 20;

/** Everything that a state directory holds: it is removed whole, so nothing else may lie in it. */
const OWN_FILES =
  /^(instances|images|imports|services|laptop|keys|state\.sqlite(-wal|-shm|-journal|-acknowledged|\.format-\d+)?|credentials\.json|world\.json|daemon\.(log|pid)|croft\.sock)$/;

/** `croft down`: ends the daemon, the world, and everything in it. */
export const down: Verb = {
  name: 'down',
  summary: 'stop Cloudcroft; --purge also forgets what was in it',
  usage: '[--purge]',
  description:
    'Stops the API and the world with all its instances. What you made is kept and is there again after `croft up`;\n' +
    'with --purge it is forgotten. Also clears away what a daemon that was killed has left.',
  examples: [
    ['croft down', 'stop'],
    ['croft down --purge', 'stop and forget everything'],
  ],
  options: {
    purge: {
      type: 'boolean',
      help: 'remove the state directory: VPCs, instances, their disks, the access key',
    },
  },
  async run(context) {
    readArguments(context, down, []);
    const done = await endAll(context);
    if (context.options['purge'] === true && context.state.exists) {
      refuseStrangers(context);
      await removeState(context.state.path);
      done.push(`${context.state.path} is removed.`);
    }
    if (context.isJson) context.terminal.printJson({ done });
    else context.terminal.print(done.length === 0 ? 'Cloudcroft is not running.' : done.join('\n'));
    return 0;
  },
};

/** A directory that someone also uses for other things is not ours to remove. */
function refuseStrangers({ state }: Context): void {
  const strangers = readdirSync(state.path).filter((name) => !OWN_FILES.test(name));
  if (strangers.length === 0) return;
  throw new UserError(
    `${state.path} holds what is not Cloudcroft's, so it is not removed: ${strangers.slice(0, 3).join(', ')}.`,
    'Cloudcroft is stopped. Move those files away and try again, or remove the directory yourself.',
  );
}

/** Ends what runs; returns a sentence for each thing that it had to do. */
async function endAll(context: Context): Promise<string[]> {
  const done: string[] = [];
  const asked = await within(ANSWER_MILLISECONDS, askToStop(context));
  if (typeof asked === 'number') {
    if (await isGone(asked, STOP_MILLISECONDS)) done.push('Cloudcroft is stopped.');
  }
  const left = daemonOf(context);
  if (left !== undefined) {
    process.kill(left, 'SIGKILL');
    if (!(await isGone(left, STOP_MILLISECONDS)))
      throw new UserError(`the daemon, process ${left}, cannot be ended.`);
    done.push(`The daemon, process ${left}, did not answer; it is killed.`);
  }
  if (findWorld(context.state.path) !== undefined) {
    await stopWorld(context.state.path);
    done.push('A world without a daemon was left; it is ended.');
  }
  if (done.length > 0)
    for (const name of ['croft.sock', 'daemon.pid']) rmSync(context.state.at(name), { force: true });
  return done;
}

/** Resolves with the daemon's process once it has agreed to stop; undefined when there is none that answers. */
async function askToStop(context: Context): Promise<number | undefined> {
  try {
    const { pid } = await readStatus(context);
    await context.client.post('/stop', {});
    return pid;
  } catch {
    return undefined;
  }
}

/** The daemon that the state directory names, if that process is one of ours still. */
function daemonOf({ state }: Context): number | undefined {
  try {
    const pid = Number(readFileSync(state.at('daemon.pid'), 'utf8'));
    return Number.isInteger(pid) && pid > 1 && hasOpen(pid, realpathSync(state.journal)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The number may be another process's by now; only who has this very journal open may be killed. */
function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => {
    try {
      return readlinkSync(join(folder, name)) === file;
    } catch {
      return false;
    }
  });
}

async function isGone(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    if (!isAlive(pid)) return true;
    await pause(POLL_MILLISECONDS);
  }
  return false;
}

/** A zombie has ended: its parent just has not looked. */
function isAlive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** The result of a promise, or undefined when it takes longer. */
function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, pause(milliseconds, undefined, { ref: false })]);
}
