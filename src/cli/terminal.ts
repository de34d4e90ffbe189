import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Goes back to the beginning of the line and empties it. */
const START_OF_LINE = '\r\u001b[K';

/** A stream of the process, as far as it is printed on. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Where a verb prints: facts to standard output, all else to standard error. Colours only on a terminal. */
export class Terminal {
  readonly #out: Output;
  readonly #error: Output;
  readonly hasColour: boolean;
  #isInProgress = false;

  constructor(out: Output, error: Output, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#error = error;
    this.hasColour =
      Boolean(out.isTTY) && environment['NO_COLOR'] === undefined && environment['TERM'] !== 'dumb';
  }

  /** Whether a person can be asked. */
  get isInteractive(): boolean {
    return Boolean(this.#out.isTTY) && Boolean(process.stdin.isTTY);
  }

  print(line = ''): void {
    this.#endProgress();
    this.#out.write(`${line}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** Says something that is not a fact asked for: progress, a warning. */
  note(line: string): void {
    this.#endProgress();
    this.#error.write(`${line}\n`);
  }

  /** Says how far something is: on a terminal in one line, which the next thing said replaces; else a line each time. */
  progress(line: string): void {
    if (!this.#error.isTTY) {
      this.note(line);
      return;
    }
    this.#error.write(`${START_OF_LINE}${line}`);
    this.#isInProgress = true;
  }

  #endProgress(): void {
    if (this.#isInProgress) this.#error.write(START_OF_LINE);
    this.#isInProgress = false;
  }

  style(style: Style, text: string): string {
    return this.hasColour ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Columns aligned by the widest cell, two spaces apart. */
export function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
