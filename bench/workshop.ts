import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCaptured } from '../src/fabric/process.ts';
import { program } from '../src/main/program.ts';

/** A `croft up` that was interrupted has its daemon on record, where `croft down` finds it, within this time. */
const RECORD_MILLISECONDS = 1_000;

/** The folder that holds every state directory of one run, so that nothing is left of it, however it ends. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'croft-bench-'));
  #isCleared: Promise<void> | undefined;

  /** All temporary folders of this process and its children are made in here from now on. */
  constructor() {
    process.env['TMPDIR'] = this.#folder;
  }

  /** Ends the worlds that are left and removes the folder. */
  clear(): Promise<void> {
    this.#isCleared ??= this.#clear();
    return this.#isCleared;
  }

  async #clear(): Promise<void> {
    const left = readdirSync(this.#folder).filter((name) => name.startsWith('croft-'));
    if (left.length > 0) await pause(RECORD_MILLISECONDS);
    for (const name of left) {
      await runCaptured([...program, 'down', '--purge', '--state', join(this.#folder, name)]);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
