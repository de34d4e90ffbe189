import { isMet, type Row, type Target } from './row.ts';

const HEADINGS = ['name', 'value', 'unit', 'ratio', 'target', ''];

/** The rows as aligned columns, one line each, below a line of headings. Numbers stand to the right. */
export function printTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const isNumeric = (column: number): boolean => column === 1 || column === 3;
  const print = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        isNumeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${cells.map(print).join('\n')}\n`;
}

/** The rows as JSON: those of the table, and whether the target is met (null where there is none). */
export function printJson(rows: readonly Row[]): string {
  const full = rows.map((row) => ({
    name: row.name,
    value: row.value,
    unit: row.unit,
    ratio: row.ratio ?? null,
    target: row.target ?? null,
    isMet: isMet(row) ?? null,
  }));
  return `${JSON.stringify(full, undefined, 2)}\n`;
}

function cellsOf(row: Row): string[] {
  const verdict = isMet(row);
  return [
    row.name,
    printNumber(row.value),
    row.unit,
    row.ratio === undefined ? '' : printRatio(row.ratio),
    row.target === undefined ? '' : printTarget(row.target, row.unit),
    verdict === undefined ? '' : verdict ? 'met' : 'MISSED',
  ];
}

function printTarget({ of, is, limit }: Target, unit: string): string {
  const sign = is === 'at most' ? '<=' : '>=';
  return of === 'ratio' ? `ratio ${sign} ${limit}` : `${sign} ${printNumber(limit)} ${unit}`.trimEnd();
}

/** Two decimals, and of what is smaller two digits that say something. */
function printRatio(ratio: number): string {
  if (!Number.isFinite(ratio) || ratio === 0 || ratio >= 0.01) return ratio.toFixed(2);
  return ratio.toLocaleString('en', { maximumSignificantDigits: 2, maximumFractionDigits: 12 });
}

/** Three significant digits and no exponents: more would be noise. */
function printNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
