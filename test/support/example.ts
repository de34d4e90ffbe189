import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runCaptured } from '../../src/fabric/process.ts';
import { CROFT, type Installation } from './installation.ts';
import { quiet } from './terraform.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a person who tries an example leaves in its folder, and what is large: the copy has none of it. */
const LEFT_BEHIND = /^(?:node_modules|cdk\.out|\.terraform.*|terraform\.tfstate.*|course\.pem.*)$/;

/** Terraform and CDK start slowly and wait for gateways; more means that something hangs. */
const LONGEST_COMMAND_MILLISECONDS = 280_000;

/** Where the CDK is, for all apps. */
export const CDK_PACKAGES = 'examples/cdk';

/** Why CDK apps cannot be tried here; undefined where they can. */
export function findCdkObstacle(): string | undefined {
  const isThere = existsSync(join(ROOT, CDK_PACKAGES, 'node_modules', 'aws-cdk'));
  return isThere ? undefined : 'the CDK is not installed: npm ci in examples/cdk, or ./dev test';
}

/** A folder of code that makes a network, copied to a place of its own, where its commands are run as a user runs them. */
export class Example {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /**
   * `path` is the folder, from the checkout's root, and `packages` where its npm packages are. `environment` points it at a
   * Cloudcroft; `node` there is the Node that runs this.
   */
  constructor(path: string, packages: string, environment: NodeJS.ProcessEnv) {
    this.folder = join(mkdtempSync(join(tmpdir(), 'croft-example-')), basename(path));
    cpSync(join(ROOT, path), this.folder, {
      recursive: true,
      filter: (source) => !LEFT_BEHIND.test(basename(source)),
    });
    symlinkSync(join(ROOT, packages, 'node_modules'), join(this.folder, 'node_modules'));
    this.#environment = { ...environment, PATH: `${dirname(process.execPath)}:${environment['PATH'] ?? ''}` };
  }

  /** Runs one command of its README; resolves with what it printed. Throws what it says when it fails. */
  async run(...command: readonly string[]): Promise<string> {
    const outcome = await runCaptured(command, {
      directory: this.folder,
      environment: this.#environment,
      timeoutMilliseconds: LONGEST_COMMAND_MILLISECONDS,
    });
    if (outcome.code === 0) return outcome.stdout;
    throw new Error(`${command.join(' ')}: exit code ${outcome.code}: ${outcome.stderr}${outcome.stdout}`);
  }

  /** Runs the CDK by `croft cdk`; resolves with all that it says. */
  async cdk(...words: readonly string[]): Promise<string> {
    return this.run('sh', '-c', '"$@" 2>&1', 'sh', ...CROFT, 'cdk', ...words);
  }

  /** Removes the copy. */
  close(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

/** What `eval "$(croft env)"` leaves in the environment of a shell. */
export async function environmentOf(croft: Installation): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await croft.croft('env', '--json');
  const variables: NodeJS.ProcessEnv = JSON.parse(stdout);
  return { ...quiet(process.env), ...variables, CROFT_STATE: croft.state.path };
}
