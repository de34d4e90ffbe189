import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** As many digits as the largest safe integer has, so that each number overwrites the last one whole. */
const DIGITS = 16;

/**
 * The number of the last commit that was acknowledged, in a file beside the journal. It is written after the commit is on
 * disk and is not synced itself: after a power cut it may lag behind the journal, and it never runs ahead of it.
 */
export class AcknowledgedMark {
  readonly #file: number;

  /** Opens or makes the mark of the journal at `path`. */
  constructor(path: string) {
    this.#file = openSync(pathOf(path), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** The mark of the journal at `path`; undefined where none was ever written. */
  static read(path: string): number | undefined {
    const file = pathOf(path);
    const digits = existsSync(file) ? /^\d+/.exec(readFileSync(file, 'latin1'))?.[0] : undefined;
    return digits?.length === DIGITS ? Number(digits) : undefined;
  }

  write(sequence: number): void {
    writeSync(this.#file, `${String(sequence).padStart(DIGITS, '0')}\n`, 0, 'latin1');
  }

  close(): void {
    closeSync(this.#file);
  }
}

function pathOf(path: string): string {
  return `${path}-acknowledged`;
}
