import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const syncInAnotherThread = promisify(fdatasync);

/** SQLite's write-ahead log, as a file that has to get to disk. SQLite writes it, and leaves the syncing to us. */
export class LogFile {
  readonly #file: number;

  /** Opens the log of the journal at `path`, and syncs what a process that was killed may have left in it, and its name. */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, 'r+');
    fdatasyncSync(this.#file);
    // SQLite may just have made the file: a log that cannot be found after a power failure would be none.
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
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
