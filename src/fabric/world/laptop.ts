import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAPTOP } from '../../plan/places.ts';
import { type Outcome, runCaptured } from '../process.ts';
import { type World, WorldError } from './world.ts';

/** How a command runs on the laptop. */
export interface LaptopOptions {
  /** The world's state directory: the laptop's own few files are kept there. */
  readonly stateDirectory: string;
  readonly command: readonly string[];
  /** The user's environment; the laptop's is made of it. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A command to start from the machine that runs on the laptop, and the environment to start it with. */
export interface LaptopCommand {
  readonly words: string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** The simulated Internet's public resolver. */
const NAMESERVER = '8.8.8.8';

/** The machine's own trusted certificates, where Debian and its children keep them. */
const MACHINE_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Each names a file of trusted certificates to some tool: the aws CLI, pip and requests, OpenSSL, Node, curl, pip. */
const CERTIFICATE_VARIABLES = [
  'AWS_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
];

/** Mounts the laptop's files and becomes the command: in the checkout and in the published package at the same place. */
const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'assets', 'world', 'laptop.sh');

/**
 * How a command runs on the user's computer of the simulated Internet: as the same user, with the same files and in the
 * same directory, in the laptop's network namespace. Few files differ (resolver, trusted certificates, ssh's defaults);
 * they are written to the state directory and mounted in a mount namespace that ends with the command. Throws a
 * `WorldError` while the world has no laptop yet.
 */
export function laptopWords(world: World, options: LaptopOptions): LaptopCommand {
  const folder = join(options.stateDirectory, 'laptop');
  writeLaptopFiles(options.stateDirectory, folder);
  const network = `/proc/${world.pid}/root/run/netns/${LAPTOP}`;
  if (!existsSync(network)) throw new WorldError('The world is still starting: its laptop is not there yet.');
  const isRoot = world.mode === 'rootns';
  // An ordinary user may join that network only as the root of the world's users, and is made himself again at the end.
  const users = isRoot ? [] : [`--user=/proc/${world.pid}/ns/user`, '--preserve-credentials'];
  const back = isRoot ? ['-', '-'] : [String(process.getuid?.()), String(process.getgid?.())];
  return {
    words: [
      ...['nsenter', ...users, `--net=${network}`, '--'],
      ...['unshare', '--mount', '--propagation', 'private', '--', 'sh', SCRIPT, folder, ...back],
      ...options.command,
    ],
    environment: laptopEnvironment(options.environment, join(folder, 'ca.pem')),
  };
}

/** Runs a command on the laptop without a terminal; resolves with what it printed. Killed after the timeout. */
export function runOnLaptop(
  world: World,
  stateDirectory: string,
  command: readonly string[],
  options: { readonly timeoutMilliseconds?: number } = {},
): Promise<Outcome> {
  const { words, environment } = laptopWords(world, { stateDirectory, command, environment: process.env });
  return runCaptured(words, { environment, ...options });
}

/** The user's environment without the machine's proxies, trusting the simulated Internet's certificate authority. */
export function laptopEnvironment(environment: NodeJS.ProcessEnv, certificates: string): NodeJS.ProcessEnv {
  const isProxy = (name: string): boolean => /^(https?|ftp|all|no)_proxy$/i.test(name);
  const kept = Object.entries(environment).filter(([name]) => !isProxy(name));
  return Object.fromEntries([...kept, ...CERTIFICATE_VARIABLES.map((name) => [name, certificates])]);
}

/** The machine's name service switch with one line changed: host names come from files and DNS alone. */
export function withPlainHosts(nsswitch: string): string {
  const others = nsswitch.split('\n').filter((line) => line !== '' && !/^\s*hosts\s*:/.test(line));
  return [...others, 'hosts: files dns', ''].join('\n');
}

/**
 * ssh's defaults on the laptop. In one file, because ssh refuses included files of a root it cannot see from a user
 * namespace. The user's own configuration is read before it and wins.
 */
export function sshConfig(knownHosts: string): string {
  const quoted = `"${knownHosts.replaceAll('%', '%%')}"`;
  return [
    'Host *',
    '  SendEnv LANG LC_*',
    '  StrictHostKeyChecking accept-new',
    `  UserKnownHostsFile ${quoted}`,
    '  HashKnownHosts no',
    '',
  ].join('\n');
}

function writeLaptopFiles(stateDirectory: string, folder: string): void {
  // Where the script makes a file up that the machine lacks.
  mkdirSync(join(folder, 'scratch'), { recursive: true });
  const authority = readIfThere(join(stateDirectory, 'services', 'authority.pem'));
  const files = {
    'resolv.conf': `nameserver ${NAMESERVER}\n`,
    'nsswitch.conf': withPlainHosts(readIfThere('/etc/nsswitch.conf')),
    ssh_config: sshConfig(join(folder, 'known_hosts')),
    'ca.pem': `${readIfThere(MACHINE_CERTIFICATES)}\n${authority}`,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    // Others may be mounted over the machine's from this very file: it is changed only when it must be.
    if (readIfThere(path) !== text) writeFileSync(path, text, { mode: 0o644 });
  }
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
