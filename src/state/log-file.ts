import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const syncInAnotherThread = promisify(fdatasync);

/** SQLite's write-ahead log, as a file that has to get to disk. SQLite writes it, and leaves the syncing to us. */
export class LogFile {
  readonly #file: number;

  /** Opens the log of the journal at `path`, and syncs what a process that was killed may have left in it. */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, 'r+');
    fdatasyncSync(this.#file);
  }

  /**
   * Resolves when all that was written before is on disk; rejects with the system's error. Another thread waits for the disk,
   * and the event loop goes on; where nobody else writes (`isAlone`), to hand it over would only take longer.
   */
  async sync(isAlone: boolean): Promise<void> {
    if (isAlone) fdatasyncSync(this.#file);
    else await syncInAnotherThread(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
