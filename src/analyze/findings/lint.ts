import { findNearMisses } from '../../model/near-misses.ts';
import type { World } from '../../model/world.ts';
import { wrapCommand, wrapText } from '../text.ts';
import { type Finding, type FindingRule, SEVERITIES, type Severity } from './finding.ts';
import { FINDING_RULES } from './rules.ts';

/** What of the findings is wanted. */
export interface LintWish {
  /** Ids of rules; empty for all. */
  readonly rules: readonly string[];
  /** The least severity. */
  readonly severity: Severity;
}

/** A finding with the rule that found it, and where. */
export interface PlacedFinding extends Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly account: string;
  readonly region: string;
}

/** What was found. */
export interface Lint {
  readonly findings: readonly PlacedFinding[];
  /** Whether one of them is an error or a warning. */
  readonly isBad: boolean;
  /** At most 100 columns. */
  readonly lines: readonly string[];
}

/** Looks for every mistake in the worlds as they are. Throws with a sentence for people when a rule is asked for that there is not. */
export function lintWorlds(worlds: readonly World[], wish: LintWish): Lint {
  const rules = chooseRules(wish);
  const findings = rules.flatMap((rule) =>
    worlds.flatMap((world) =>
      rule.find(world, worlds).map((finding) => ({
        rule: rule.id,
        severity: rule.severity,
        ...world.scope,
        ...finding,
      })),
    ),
  );
  return {
    findings,
    isBad: findings.some(({ severity }) => severity !== 'advice'),
    lines: render(rules, findings),
  };
}

/** The rules, each with why it matters, as lines of at most 100 columns. */
export function describeRules(): string[] {
  return SEVERITIES.flatMap((severity) => [
    `${severity}:`,
    ...FINDING_RULES.filter((rule) => rule.severity === severity).flatMap(({ id, title, why }) => [
      ...wrapText(`  ${id}: ${title}.`, '    '),
      ...wrapText(`    ${why}`, '    '),
    ]),
    '',
  ]).slice(0, -1);
}

/** What is wrong with a wish for rules; undefined where all of them are there. */
export function findUnknownRule(rules: readonly string[]): string | undefined {
  const ids = FINDING_RULES.map(({ id }) => id);
  const unknown = rules.find((id) => !ids.includes(id));
  if (unknown === undefined) return undefined;
  const near = findNearMisses(unknown, ids);
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  return `There is no rule "${unknown}".${hint} \`croft lint --rules\` lists them.`;
}

function chooseRules({ rules, severity }: LintWish): readonly FindingRule[] {
  const complaint = findUnknownRule(rules);
  if (complaint !== undefined) throw new Error(complaint);
  const wanted = SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1);
  return FINDING_RULES.filter(
    (rule) => (rules.length === 0 || rules.includes(rule.id)) && wanted.includes(rule.severity),
  );
}

/** By severity, then by rule: the title, why it matters, and each finding with its mend. */
function render(rules: readonly FindingRule[], findings: readonly PlacedFinding[]): string[] {
  const regions = new Set(findings.map(({ account, region }) => `${account} ${region}`));
  const ordered = SEVERITIES.flatMap((severity) => rules.filter((rule) => rule.severity === severity));
  return [
    ...ordered.flatMap((rule) => {
      const found = findings.filter((each) => each.rule === rule.id);
      return found.length === 0 ? [] : [...renderRule(rule, found, regions.size > 1), ''];
    }),
    count(findings),
  ];
}

function renderRule(
  { id, severity, title, why }: FindingRule,
  found: readonly PlacedFinding[],
  hasRegions: boolean,
): string[] {
  return [
    ...wrapText(`${severity}: ${title} (${id})`, '  '),
    ...wrapText(`  ${why}`, '  '),
    ...found.flatMap(({ sentence, mend, account, region }) => [
      ...wrapText(`  - ${hasRegions ? `${account} ${region}: ` : ''}${sentence}`, '    '),
      ...(mend === undefined ? [] : wrapCommand(`    mend: ${mend}`, '      ')),
    ]),
  ];
}

function count(findings: readonly PlacedFinding[]): string {
  if (findings.length === 0) return 'Nothing found.';
  return SEVERITIES.map((severity) => {
    const number = findings.filter((each) => each.severity === severity).length;
    const word = severity === 'advice' ? 'advice' : number === 1 ? severity : `${severity}s`;
    return severity === 'advice' ? `${number} of advice` : `${number} ${word}`;
  }).join(', ');
}
