import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCKS = 200;

/** A file of blocks, each written for good: over the same ones again and again, as SQLite writes over its log. */
export class Disk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  readonly #file = openSync(join(this.#folder, 'blocks'), 'w');
  readonly #block = Buffer.alloc(4096);
  #next = 0;

  /** Makes the file, so that the first round does not have to. */
  constructor() {
    for (let index = 0; index < BLOCKS; index++) this.writeBlock();
  }

  /** Returns when a block more is on disk. */
  writeBlock(): void {
    writeSync(this.#file, this.#block, 0, this.#block.length, this.#next * this.#block.length);
    fdatasyncSync(this.#file);
    this.#next = (this.#next + 1) % BLOCKS;
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true });
  }
}
