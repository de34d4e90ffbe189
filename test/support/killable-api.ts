import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { StateDirectory } from '../../src/state/directory.ts';
import { REGION } from './ec2.ts';

/** A process with the API and its state on disk, and no world: to be killed and started again. */
export class KillableApi {
  readonly state = new StateDirectory(mkdtempSync(join(tmpdir(), 'croft-faults-')));
  #child: ChildProcess | undefined;

  /** Starts the process; resolves with a client of it. Rejects with what it says when it does not come up. */
  async start(): Promise<EC2Client> {
    const child = fork(join(import.meta.dirname, 'api-process.ts'), [this.state.path], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const started: unknown = await Promise.race([
      once(child, 'message').then(([message]) => message),
      once(child, 'close').then(() => undefined),
    ]);
    if (typeof started !== 'object' || started === null || !('port' in started)) throw new Error(said);
    return new EC2Client({
      region: REGION,
      endpoint: `http://127.0.0.1:${Number(started.port)}`,
      credentials: this.state.credentials(),
      maxAttempts: 1,
    });
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Kills it and forgets its state. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.state.path, { recursive: true });
  }
}
