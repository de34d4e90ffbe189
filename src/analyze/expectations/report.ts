import { wrapCommand, wrapText } from '../text.ts';
import type { Outcome } from './evaluate.ts';

/** An expectation that could not be held against anything. */
export interface Failure {
  readonly line: number;
  readonly message: string;
}

/** Each expectation with its mark, of the broken ones why, and the count. At most 100 columns. */
export function renderOutcomes(outcomes: readonly Outcome[], failures: readonly Failure[]): string[] {
  const entries = [
    ...outcomes.map((outcome) => ({ line: outcome.expectation.line, lines: renderOutcome(outcome) })),
    ...failures.map(({ line, message }) => ({ line, lines: wrapText(`! line ${line}: ${message}`, '    ') })),
  ].sort((one, other) => one.line - other.line);
  return [...entries.flatMap(({ lines }) => lines), '', countOf(outcomes, failures)];
}

function renderOutcome({ expectation, isHeld, flows, broken, reasons }: Outcome): string[] {
  const head = `${isHeld ? '✓' : '✗'} ${expectation.text}`;
  if (isHeld) return wrapText(head, '    ');
  const count = flows === 1 ? [] : [`${broken} of the ${flows} flows it stands for are not so. The first:`];
  return [
    ...wrapText(`${head}  (line ${expectation.line})`, '    '),
    ...[...count, ...reasons].flatMap((reason) =>
      reason.startsWith('mend: ')
        ? wrapCommand(`       ${reason}`, '         ')
        : wrapText(`    ${reason}`, '       '),
    ),
  ];
}

function countOf(outcomes: readonly Outcome[], failures: readonly Failure[]): string {
  const held = outcomes.filter(({ isHeld }) => isHeld).length;
  const broken = outcomes.length - held;
  const notUnderstood = failures.length === 0 ? '' : `, ${failures.length} not understood`;
  return `${held} held, ${broken} broken${notUnderstood}`;
}

/** The same as JUnit's XML, one test case a line, for the reports of CI. */
export function renderJunit(
  file: string,
  outcomes: readonly Outcome[],
  failures: readonly Failure[],
): string {
  const broken = outcomes.filter(({ isHeld }) => !isHeld).length;
  const tests = outcomes.length + failures.length;
  const counts = `tests="${tests}" failures="${broken}" errors="${failures.length}"`;
  const cases = [
    ...outcomes.map((outcome) => {
      const { text, line } = outcome.expectation;
      const body = outcome.isHeld
        ? ''
        : `<failure message="not so">${escapeXml(outcome.reasons.join('\n'))}</failure>`;
      return caseOf(file, text, line, body);
    }),
    ...failures.map(({ line, message }) =>
      caseOf(file, `line ${line}`, line, `<error message="not understood">${escapeXml(message)}</error>`),
    ),
  ];
  const suite = `<testsuite name="${escapeXml(file)}" ${counts}>\n${cases.join('')}  </testsuite>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  ${suite}\n</testsuites>\n`;
}

function caseOf(file: string, name: string, line: number, body: string): string {
  const names = `classname="${escapeXml(file)}" name="${escapeXml(name)}" file="${escapeXml(file)}" line="${line}"`;
  return `    <testcase ${names}>${body}</testcase>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold at all is left out. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n]/gu, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
