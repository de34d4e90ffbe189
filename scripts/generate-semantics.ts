/**
 * Writes docs/semantics.md: AWS's behaviours by number, and the tests that hold them, from the names of the tests. `--check` only
 * says whether the page is up to date. Both fail when an item has neither a test that names it nor a reason.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNamedItems, judgeItems } from './named-items.ts';
import { SEMANTICS, WITHOUT_TEST } from './semantics.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs/semantics.md');

function render(named: ReadonlyMap<number, readonly string[]>): string {
  let number = 0;
  const sections = SEMANTICS.map(({ title, items }) => {
    const rows = items.map((text) => {
      number++;
      const files = named.get(number)?.map((file) => `[${file.split('/').at(-1)}](../${file})`) ?? [];
      const held = files.length > 0 ? files.join(', ') : `not held: ${WITHOUT_TEST[number]}`;
      return `| S${number} | ${text.replaceAll('|', '\\|')} | ${held} |`;
    });
    return `## ${title}\n\n| | At AWS | Held by |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `<!-- Made by scripts/generate-semantics.ts. Do not edit; run ./dev generate. -->

# How AWS behaves, and the tests that hold it

${number} behaviours of AWS's VPCs, by the numbers that comments and tests quote. ${named.size} of them are held by tests that name
them; of the others the table says why not.

${sections.join('\n')}`;
}

const named = findNamedItems(root);
const faults = judgeItems(named);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
} else {
  const text = render(named);
  if (!process.argv.includes('--check')) {
    writeFileSync(page, text);
    console.log(`docs/semantics.md: ${named.size} items are held by tests`);
  } else if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/semantics.md is out of date. Run ./dev generate.');
    process.exitCode = 1;
  }
}
