import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, type Outcome, runCaptured } from '../../src/fabric/process.ts';

const CONFIGURATIONS = join(import.meta.dirname, '..', 'terraform');

/** A mirror of providers has this folder below a registry's name (Terraform's layout of a filesystem mirror). */
const PROVIDER = join('hashicorp', 'aws');

/** Terraform and its provider start slowly, and wait for gateways; more means that something hangs. */
const LONGEST_COMMAND_MILLISECONDS = 280_000;

/** Where a machine keeps mirrors of providers: Terraform's own implied places, and add-on software. */
function findMirror(): string | undefined {
  const addOns = existsSync('/opt') ? readdirSync('/opt').map((name) => join('/opt', name)) : [];
  const implied = [
    join(homedir(), '.terraform.d', 'plugins'),
    join(homedir(), '.local', 'share', 'terraform', 'plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
  ];
  return [...implied, ...addOns].find(
    (place) =>
      existsSync(place) && readdirSync(place).some((registry) => existsSync(join(place, registry, PROVIDER))),
  );
}

/** Why Terraform cannot be tried here; undefined where it can. */
export async function findTerraformObstacle(): Promise<string | undefined> {
  try {
    const { code } = await runCaptured(['terraform', 'version'], { environment: quiet(process.env) });
    if (code !== 0) return 'terraform does not run on this machine';
  } catch (error) {
    if (error instanceof CommandError) return 'this machine has no terraform';
    throw error;
  }
  return findMirror() === undefined ? 'this machine has no mirror of the provider hashicorp/aws' : undefined;
}

/** What `terraform init` needs here besides: a place to take the provider from, since no registry is asked. */
export function mirrorWords(): readonly string[] {
  const mirror = findMirror();
  if (mirror === undefined) throw new Error('there is no mirror of the provider hashicorp/aws');
  return [`-plugin-dir=${mirror}`];
}

/** Neither asks for updates nor reads the user's own settings, which may name another mirror. */
export function quiet(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_CLI_CONFIG_FILE: '/dev/null' };
}

/** One of the configurations of test/terraform, copied to a folder of its own, with its own state. */
export class Configuration {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = quiet(environment);
  }

  /** Copies and initialises it; `environment` points the provider at a Cloudcroft. */
  static open(name: string, environment: NodeJS.ProcessEnv): Promise<Configuration> {
    return Configuration.#make(environment, (folder) =>
      cpSync(join(CONFIGURATIONS, name), folder, { recursive: true }),
    );
  }

  /** One whose only file has this text. */
  static openText(text: string, environment: NodeJS.ProcessEnv): Promise<Configuration> {
    const variable = 'variable "changed" {\n  default = false\n}\n';
    return Configuration.#make(environment, (folder) =>
      writeFileSync(join(folder, 'main.tf'), variable + text),
    );
  }

  static async #make(environment: NodeJS.ProcessEnv, fill: (folder: string) => void): Promise<Configuration> {
    const folder = mkdtempSync(join(tmpdir(), 'croft-terraform-'));
    const configuration = new Configuration(folder, environment);
    try {
      fill(folder);
      await configuration.#succeed('init', '-no-color', '-input=false', ...mirrorWords());
      return configuration;
    } catch (error) {
      configuration.close();
      throw error;
    }
  }

  /** Throws what Terraform says when it does not succeed. */
  async apply(isChanged = false): Promise<void> {
    await this.#succeed('apply', '-no-color', '-input=false', '-auto-approve', ...variables(isChanged));
  }

  /** What a plan would do: nothing, when what is there is what was asked for. */
  async plan(isChanged = false): Promise<string> {
    const outcome = await this.#run(
      'plan',
      '-no-color',
      '-input=false',
      '-detailed-exitcode',
      ...variables(isChanged),
    );
    if (outcome.code === 0) return 'no changes';
    return `exit code ${outcome.code}: ${outcome.stdout}${outcome.stderr}`;
  }

  /** Throws what Terraform says when it does not succeed. */
  async destroy(isChanged = false): Promise<void> {
    await this.#succeed('destroy', '-no-color', '-input=false', '-auto-approve', ...variables(isChanged));
  }

  /** The addresses in Terraform's state, data sources left out. */
  async resources(): Promise<readonly string[]> {
    const { stdout } = await this.#succeed('state', 'list');
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('data.'));
  }

  /** An output that is a string. */
  async output(name: string): Promise<string> {
    return (await this.#succeed('output', '-raw', name)).stdout;
  }

  /** Removes the folder. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #succeed(verb: string, ...words: readonly string[]): Promise<Outcome> {
    const outcome = await this.#run(verb, ...words);
    if (outcome.code !== 0) throw new Error(`terraform ${verb}: ${outcome.stderr}${outcome.stdout}`);
    return outcome;
  }

  #run(verb: string, ...words: readonly string[]): Promise<Outcome> {
    return runCaptured(['terraform', `-chdir=${this.#folder}`, verb, ...words], {
      environment: this.#environment,
      timeoutMilliseconds: LONGEST_COMMAND_MILLISECONDS,
    });
  }
}

function variables(isChanged: boolean): readonly string[] {
  return ['-var', `changed=${isChanged}`];
}
