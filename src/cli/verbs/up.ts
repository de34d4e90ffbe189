import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AWS_QUOTAS, QuotaError, type Quotas, readQuotas, STANDARD_QUOTAS } from '../../ec2/quotas.ts';
import { startDetached } from '../../fabric/process.ts';
import type { StateDirectory } from '../../state/directory.ts';
import { demandFreePort } from '../free-port.ts';
import { type PluggedService, readPluggedServices } from '../plugged-service.ts';
import { readStatus, type Status } from '../status.ts';
import { type Context, UserError, type Verb } from '../verb.ts';
import { printStatus } from './status.ts';

/** What the daemon is started with. */
export interface DaemonOptions {
  readonly state: StateDirectory;
  readonly port: number;
  readonly isOpen: boolean;
  /** What `--quotas` was given, and what it means. */
  readonly quotas: Quotas;
  /** Services that servers of the user's answer. */
  readonly plugged: readonly PluggedService[];
}

/** Runs the daemon in this process until it is told to stop; resolves with the exit code. */
export type RunDaemon = (options: DaemonOptions) => Promise<number>;

/** 4747 is free in IANA's list of user ports, and looks like a row of plots. */
const DEFAULT_PORT = 4747;

/** How often a starting daemon is asked how far it is. */
const POLL_MILLISECONDS = 40;

/** The internal verb that a detached `croft up` starts. */
export const DAEMON_VERB = 'internal-daemon';

const options = {
  port: { type: 'string', value: 'PORT', help: `port of the API on 127.0.0.1 (default ${DEFAULT_PORT})` },
  open: { type: 'boolean', help: 'accept any access key and do not verify signatures' },
  quotas: {
    type: 'string',
    value: 'aws|FILE',
    help: "refuse more VPCs, addresses, … than AWS's defaults, or than a JSON file says",
  },
  service: {
    type: 'string',
    value: 'NAME=URL,…',
    help: 'let a server on this machine answer for a service of AWS',
  },
} as const;

/** `croft up`: starts the API and the world. */
export function makeUp(runDaemon: RunDaemon): Verb {
  return {
    name: 'up',
    summary: 'start Cloudcroft',
    usage: '[-d] [--port PORT] [--open] [--quotas aws|FILE] [--service NAME=URL,…]',
    description:
      'Starts the EC2 API on 127.0.0.1 and the world whose packets it rules. Without -d it stays in the foreground and\n' +
      'stops with Ctrl-C; with -d it returns when everything is ready. What was there last time is there again.',
    examples: [
      ['croft up -d', 'start, and return when ready'],
      ['croft up -d --port 4800 --state ~/second', 'a second world beside the first'],
      ['croft up --open', 'accept any access key, as test suites expect'],
      ['croft up -d --service sqs=http://127.0.0.1:9324', 'your own server behind the endpoints of SQS'],
      ['croft up -d --quotas aws', 'five VPCs and five Elastic IPs a region, as a new account has'],
    ],
    options: { detach: { type: 'boolean', short: 'd', help: 'return when ready' }, ...options },
    async run(context) {
      const port = portOf(context);
      const isOpen = context.options['open'] === true;
      const quotas = quotasOf(context);
      const plugged = pluggedOf(context);
      context.state.create();
      if (await context.client.isUp()) {
        if (!context.isJson) context.terminal.note('Cloudcroft is running already.');
        report(context, await readStatus(context));
        return 0;
      }
      await demandFreePort(port);
      const { state } = context;
      const daemon = runDetachedOrHere(context, runDaemon, { state, port, isOpen, quotas, plugged });
      const facts = await waitUntilReady(context, daemon);
      report(context, facts);
      if (context.options['detach'] === true) return facts.world.phase === 'ready' ? 0 : 1;
      context.terminal.note('Running; Ctrl-C stops it. In another terminal: eval "$(croft env)"');
      return (await daemon.ended) ?? 1;
    },
  };
}

/** The verb a detached start runs: the daemon itself, with no terminal. */
export function makeDaemonVerb(runDaemon: RunDaemon): Verb {
  return {
    name: DAEMON_VERB,
    summary: '',
    usage: '',
    description: 'The daemon of `croft up -d`.',
    examples: [],
    isInternal: true,
    options,
    run: (context) =>
      runDaemon({
        state: context.state,
        port: portOf(context),
        isOpen: context.options['open'] === true,
        quotas: quotasOf(context),
        plugged: pluggedOf(context),
      }),
  };
}

/** The quotas that `--quotas` asks for; those that shape a design where it is not given. */
function quotasOf({ options }: Context): Quotas {
  const { quotas } = options;
  if (typeof quotas !== 'string') return STANDARD_QUOTAS;
  if (quotas === 'aws') return AWS_QUOTAS;
  try {
    return readQuotas(readFileSync(quotas, 'utf8'));
  } catch (error) {
    const reason = error instanceof QuotaError ? error.message : 'It cannot be read.';
    throw new UserError(`--quotas ${quotas}: ${reason}`, 'Give `aws`, or a file such as {"vpcs": 20}.');
  }
}

function pluggedOf({ options }: Context): readonly PluggedService[] {
  const { service } = options;
  return typeof service === 'string' ? readPluggedServices(service) : [];
}

interface StartedDaemon {
  /** Resolves when the daemon of this process ended; never for a detached one. */
  readonly ended: Promise<number | undefined>;
  /** Whether the daemon is known to have ended. */
  hasEnded(): boolean;
  /** The sentence with which a detached one ended; undefined when it left none. */
  lastWords(): string | undefined;
}

function runDetachedOrHere(context: Context, runDaemon: RunDaemon, daemon: DaemonOptions): StartedDaemon {
  if (context.options['detach'] === true) {
    const words = [DAEMON_VERB, '--state', daemon.state.path, '--port', String(daemon.port)];
    if (daemon.isOpen) words.push('--open');
    const { quotas, service } = context.options;
    if (typeof service === 'string') words.push('--service', service);
    // The daemon works in another directory.
    if (typeof quotas === 'string') words.push('--quotas', quotas === 'aws' ? quotas : resolve(quotas));
    const log = daemon.state.at('daemon.log');
    const before = existsSync(log) ? statSync(log).size : 0;
    const pid = startDetached([...context.program, ...words], log, { directory: '/' });
    return {
      ended: new Promise(() => {}),
      hasEnded: () => !isAlive(pid),
      lastWords: () => errorIn(readFileSync(log).subarray(before).toString()),
    };
  }
  let hasEnded = false;
  const ended = runDaemon(daemon).finally(() => {
    hasEnded = true;
  });
  // Whoever waits until it is ready is told why it ended; nobody else need be.
  ended.catch(() => undefined);
  return { ended, hasEnded: () => hasEnded, lastWords: () => undefined };
}

/** What the last error in a daemon's log says; a command that fails says `croft: …` at last. */
function errorIn(log: string): string | undefined {
  return log
    .split('\n')
    .findLast((line) => line.startsWith('croft: '))
    ?.slice('croft: '.length);
}

async function waitUntilReady(context: Context, daemon: StartedDaemon): Promise<Status> {
  let shown = '';
  for (;;) {
    if (daemon.hasEnded()) {
      await Promise.race([daemon.ended, pause(0)]);
      const reason = daemon.lastWords();
      throw new UserError(
        reason === undefined ? 'Cloudcroft did not start.' : `Cloudcroft did not start. ${reason}`,
        `Its log: ${context.state.at('daemon.log')}`,
      );
    }
    const facts = (await context.client.isUp()) ? await readStatus(context) : undefined;
    if (facts !== undefined && facts.world.phase !== 'starting') return facts;
    const detail = facts?.world.detail ?? '';
    if (detail !== '' && detail !== shown) context.terminal.progress(detail);
    shown = detail;
    await pause(POLL_MILLISECONDS);
  }
}

function report(context: Context, facts: Status): void {
  if (context.isJson) context.terminal.printJson(facts);
  else printStatus(facts, context.terminal);
}

function portOf(context: Context): number {
  const text = context.options['port'];
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new UserError(
    `"${text}" is not a port number.`,
    'A port is a number from 1 to 65535; 0 chooses a free one.',
    2,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
