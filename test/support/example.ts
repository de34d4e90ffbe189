import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runCaptured } from '../../src/fabric/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a person who tries an example leaves in its folder, and what is large: the copy has none of it. */
const LEFT_BEHIND = /^(?:node_modules|cdk\.out|\.terraform.*|terraform\.tfstate.*|course\.pem.*)$/;

/** Terraform and CDK start slowly and wait for gateways; more means that something hangs. */
const LONGEST_COMMAND_MILLISECONDS = 280_000;

/** Why CDK apps cannot be tried here; undefined where they can. */
export function findCdkObstacle(): string | undefined {
  const isThere = existsSync(join(ROOT, 'examples', 'cdk', 'node_modules', 'aws-cdk'));
  return isThere ? undefined : 'the CDK is not installed: npm ci in examples/cdk, or ./dev test';
}

/** One of the folders of examples/, copied to a place of its own, where its commands are run as a user runs them. */
export class Example {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** `environment` points it at a Cloudcroft; `node` there is the Node that runs this. */
  constructor(name: string, environment: NodeJS.ProcessEnv) {
    const place = mkdtempSync(join(tmpdir(), 'croft-example-'));
    this.folder = join(place, name);
    cpSync(join(ROOT, 'examples', name), this.folder, {
      recursive: true,
      filter: (source) => !LEFT_BEHIND.test(basename(source)),
    });
    const own = join(ROOT, 'examples', name, 'node_modules');
    symlinkSync(existsSync(own) ? own : join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
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

  /** Removes the copy. */
  close(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}
