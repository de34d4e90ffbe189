import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/cli/client.ts';
import type { Input } from '../../src/cli/demo/aws-line.ts';
import { Reply } from '../../src/cli/demo/reply.ts';
import { askExplain, type ExplainQuestion, type ExplainReply } from '../../src/cli/explain.ts';
import { readStatus, type Status } from '../../src/cli/status.ts';
import { execWords } from '../../src/fabric/compute/compute.ts';
import { type Outcome, runCaptured } from '../../src/fabric/process.ts';
import { runOnLaptop } from '../../src/fabric/world/laptop.ts';
import { findObstacle } from '../../src/fabric/world/probe.ts';
import { enterWords, findWorld, type World } from '../../src/fabric/world/world.ts';
import type { World as Records } from '../../src/model/world.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { Journal } from '../../src/state/journal.ts';
import { Store } from '../../src/state/store.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The launcher, run by this test's own Node. */
export const CROFT = [process.execPath, join(ROOT, 'bin', 'croft')];

/** Why no world can be started here; undefined where one can. */
export function findSystemObstacle(): Promise<string | undefined> {
  return findObstacle();
}

/** A Cloudcroft of its own, as a user has it: started by the croft command, in a state directory that goes with it. */
export class Installation {
  readonly state: StateDirectory;
  readonly #client: Client;
  #status: Status | undefined;

  private constructor(state: StateDirectory) {
    this.state = state;
    this.#client = new Client(state.socket);
  }

  /** Starts one; throws what `croft up` says when it does not come up. */
  static async start(...words: readonly string[]): Promise<Installation> {
    const path = mkdtempSync(join(tmpdir(), 'croft-system-'));
    const installation = new Installation(new StateDirectory(path));
    await installation.up(...words);
    return installation;
  }

  /** `croft up -d`, for the first time or again. */
  async up(...words: readonly string[]): Promise<void> {
    const outcome = await this.croft('up', '--detach', '--port', '0', ...words);
    if (outcome.code !== 0) throw new Error(`croft up: ${outcome.stderr}${outcome.stdout}`);
    this.#status = undefined;
  }

  /** Runs a croft verb on this installation. */
  croft(...words: readonly string[]): Promise<Outcome> {
    const [verb = '', ...rest] = words;
    const dashes = rest.indexOf('--');
    const at = dashes === -1 ? rest.length : dashes;
    const all = [verb, ...rest.slice(0, at), '--state', this.state.path, ...rest.slice(at)];
    return runCaptured([...CROFT, ...all], { timeoutMilliseconds: 110_000 });
  }

  /** What the daemon says of itself. */
  async status(): Promise<Status> {
    return readStatus({ client: this.#client });
  }

  /** An EC2 action by the control socket. Rejects with AWS's message. */
  async ec2(action: string, input: Input = {}): Promise<Reply> {
    return new Reply(await this.#client.post('/ec2', { action, input }));
  }

  /** Resolves when the world and the fabric agree. */
  async settle(): Promise<void> {
    await this.#client.post('/idle', {});
  }

  /** Resolves when what flow logs have gathered is delivered, without waiting for the end of their intervals. */
  async deliverFlowLogs(): Promise<void> {
    await this.#client.post('/flow-logs', {});
  }

  /** What `croft explain` answers. */
  explain(question: ExplainQuestion): Promise<ExplainReply> {
    return askExplain(this.#client, question);
  }

  /** What the world's servers have seen. */
  serverLog(): Promise<unknown> {
    return this.#client.get('/server-log');
  }

  get world(): World {
    const world = findWorld(this.state.path);
    if (world === undefined) throw new Error('the world is not running');
    return world;
  }

  /** Runs a command on the laptop of the simulated Internet. */
  laptop(command: readonly string[], timeoutMilliseconds = 20_000): Promise<Outcome> {
    return runOnLaptop(this.world, this.state.path, command, { timeoutMilliseconds });
  }

  /** Runs a command in an instance, by no network. */
  inside(instanceId: string, command: string): Promise<Outcome> {
    const words = execWords(instanceId, ['sh', '-c', command], false);
    return runCaptured(enterWords(this.world, words), { timeoutMilliseconds: 30_000 });
  }

  /** Whether the laptop gets a TCP connection; a second is long inside one machine. */
  async canConnect(address: string, port: number): Promise<boolean> {
    const outcome = await this.laptop(
      ['timeout', '1', 'bash', '-c', `exec 3<>/dev/tcp/${address}/${port}`],
      5_000,
    );
    return outcome.code === 0;
  }

  /** Whether an instance gets a TCP connection. */
  async canConnectFrom(instanceId: string, address: string, port: number): Promise<boolean> {
    const outcome = await this.inside(instanceId, `timeout 1 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`);
    return outcome.code === 0;
  }

  /** The variables that point AWS clients here. */
  async awsEnvironment(): Promise<NodeJS.ProcessEnv> {
    this.#status ??= await this.status();
    const { accessKeyId, secretAccessKey } = this.state.credentials();
    const { AWS_CA_BUNDLE: _unused, ...environment } = process.env;
    return {
      ...environment,
      AWS_ENDPOINT_URL: this.#status.apiUrl,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: 'ap-northeast-2',
      AWS_PAGER: '',
    };
  }

  /** The real aws CLI's `aws ec2`; resolves with its JSON. */
  aws(...words: readonly string[]): Promise<Reply> {
    return this.awsOf('ec2', ...words);
  }

  /** The real aws CLI; resolves with its JSON. */
  async awsOf(service: string, ...words: readonly string[]): Promise<Reply> {
    const outcome = await runCaptured(['aws', service, ...words, '--output', 'json'], {
      environment: await this.awsEnvironment(),
      timeoutMilliseconds: 60_000,
    });
    if (outcome.code !== 0) throw new Error(`aws ${service} ${words.join(' ')}: ${outcome.stderr}`);
    return new Reply(outcome.stdout.trim() === '' ? {} : JSON.parse(outcome.stdout));
  }

  /** Keeps a private key as a file with the given mode. */
  saveKey(name: string, material: string, mode = 0o400): string {
    mkdirSync(this.state.at('keys'), { recursive: true, mode: 0o700 });
    const path = this.state.at('keys', name);
    writeFileSync(path, material, { mode });
    return path;
  }

  /** Ends the world, and reads what it kept of a region. */
  async keptWorld(region: string): Promise<Records> {
    const outcome = await this.croft('down');
    if (outcome.code !== 0) throw new Error(`croft down failed: ${outcome.stderr}`);
    const journal = Journal.open(this.state.journal);
    try {
      const found = [...new Store(journal).worlds()].find(({ scope }) => scope.region === region);
      if (found === undefined) throw new Error(`there is nothing in ${region}`);
      return found;
    } finally {
      await journal.close();
    }
  }

  /** The daemon's log, to be shown when something failed. */
  log(): string {
    return readFileSync(this.state.at('daemon.log'), 'utf8');
  }

  /** Ends everything and forgets the state. */
  async end(): Promise<Outcome> {
    const outcome = await this.croft('down', '--purge');
    if (outcome.code !== 0) throw new Error(`croft down --purge failed: ${outcome.stderr}`);
    return outcome;
  }
}

/** Asks until it is so, for at most ten seconds. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it did not come true within ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
