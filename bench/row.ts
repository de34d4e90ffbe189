/** What a benchmark wants of a row: that its value, or its ratio, is at most or at least a number. */
export interface Target {
  readonly of: 'value' | 'ratio';
  readonly is: 'at most' | 'at least';
  readonly limit: number;
}

/** One measured thing. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The value against that of the row it was measured in turns with: the median over the pairs. */
  readonly ratio?: number;
  readonly target?: Target;
}

/** A benchmark: measures in worlds of its own and resolves with its rows. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  readonly run: () => Promise<readonly Row[]>;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** The median of the ratios of values measured in turns: what disturbs a round disturbs both sides of its pair. */
export function medianRatio(values: readonly number[], bases: readonly number[]): number {
  return median(values.map((value, index) => value / (bases[index] ?? Number.NaN)));
}

/** Whether a row keeps to its target; undefined where it has none. */
export function isMet({ value, ratio, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const measured = target.of === 'value' ? value : (ratio ?? Number.NaN);
  return target.is === 'at most' ? measured <= target.limit : measured >= target.limit;
}
