/**
 * Writes docs/findings.md: what `croft lint` looks for, from the very table that finds it. `--check` only says whether the page is
 * up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEVERITIES, type Severity } from '../src/analyze/findings/finding.ts';
import { FINDING_RULES } from '../src/analyze/findings/rules.ts';

const page = join(import.meta.dirname, '../docs/findings.md');
const MEANINGS: Readonly<Record<Severity, string>> = {
  error: 'Something does not work.',
  warning: 'It works, and is open or fragile.',
  advice: 'It costs, or could be clearer.',
};

function renderSeverity(severity: Severity): string {
  const rules = FINDING_RULES.filter((rule) => rule.severity === severity).map(
    ({ id, title, why }) => `- \`${id}\`: ${title}. ${why}`,
  );
  return `## ${severity}\n\n${MEANINGS[severity]}\n\n${rules.join('\n')}\n`;
}

const text = `<!-- Made by scripts/generate-findings.ts. Do not edit; run ./dev generate. -->

# What croft lint looks for

${FINDING_RULES.length} mistakes. Each finding names the object and, where one command mends it, the command.

${SEVERITIES.map(renderSeverity).join('\n')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
  console.log('docs/findings.md: written');
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/findings.md is out of date. Run ./dev generate.');
  process.exitCode = 1;
}
