import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a verb prints: facts to standard output, all else to standard error. Colours only on a terminal. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #error: NodeJS.WriteStream;
  readonly hasColour: boolean;

  constructor(out: NodeJS.WriteStream, error: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
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
    this.#out.write(`${line}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** Says something that is not a fact asked for: progress, a warning. */
  note(line: string): void {
    this.#error.write(`${line}\n`);
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
