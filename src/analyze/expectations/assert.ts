import type { World } from '../../model/world.ts';
import { evaluateExpectation, type Outcome } from './evaluate.ts';
import { type Expectation, ExpectationError } from './expectation.ts';
import { parseExpectations } from './parse.ts';
import { type Failure, renderJunit, renderOutcomes } from './report.ts';

/** How a file of expectations was held against the worlds. */
export interface Assertion {
  /** All of them hold, and all were understood. */
  readonly isHeld: boolean;
  readonly held: number;
  readonly broken: number;
  /** Of the lines that were not understood; then nothing is proved. */
  readonly failures: readonly Failure[];
  readonly lines: readonly string[];
  readonly junit: string;
  /** As data, ready for JSON. */
  readonly results: readonly {
    readonly line: number;
    readonly expectation: string;
    readonly isHeld: boolean;
    readonly flows: number;
    readonly broken: number;
    readonly reasons: readonly string[];
  }[];
}

/** Holds a file of expectations, called `file` in the report, against the worlds as they are. */
export function assertExpectations(
  worlds: readonly World[],
  file: string,
  text: string,
  publicHosts?: ReadonlySet<string>,
): Assertion {
  const outcomes: Outcome[] = [];
  const failures: Failure[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof ExpectationError)) throw error;
    failures.push({ line: error.line, message: error.message });
  };
  for (const expectation of parseOrNote(text, note)) {
    try {
      outcomes.push(evaluateExpectation(worlds, expectation, publicHosts));
    } catch (error) {
      note(error);
    }
  }
  const held = outcomes.filter(({ isHeld }) => isHeld).length;
  return {
    isHeld: held === outcomes.length && failures.length === 0,
    held,
    broken: outcomes.length - held,
    failures,
    lines: renderOutcomes(outcomes, failures),
    junit: renderJunit(file, outcomes, failures),
    results: outcomes.map(({ expectation, ...outcome }) => ({
      line: expectation.line,
      expectation: expectation.text,
      ...outcome,
    })),
  };
}

function parseOrNote(text: string, note: (error: unknown) => void): readonly Expectation[] {
  try {
    return parseExpectations(text);
  } catch (error) {
    note(error);
    return [];
  }
}
