/**
 * Writes docs/actions.md: which operations of the EC2 API are answered, from the very table that answers them. `--check`
 * only says whether the page is up to date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { actions } from '../src/ec2/actions/index.ts';
import { loadModel } from '../src/ec2/wire/model.ts';

const folder = join(import.meta.dirname, '../src/ec2/actions');
const page = join(import.meta.dirname, '../docs/actions.md');

interface Family {
  readonly file: string;
  readonly names: readonly string[];
}

/** The actions of each file: those of its exported tables that the service answers. */
async function readFamilies(): Promise<Family[]> {
  const families: Family[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'index.ts') continue;
    const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(folder, file)).href);
    const names = Object.entries(exported)
      .filter(([name, table]) => name.endsWith('Actions') && typeof table === 'object' && table !== null)
      .flatMap(([, table]) => Object.keys(Object(table)))
      .filter((name) => Object.hasOwn(actions, name));
    if (names.length > 0) families.push({ file, names: [...new Set(names)].sort() });
  }
  return families;
}

function render(families: readonly Family[], operations: readonly string[]): string {
  const answered = new Set(families.flatMap(({ names }) => names));
  const missing = Object.keys(actions).filter((name) => !answered.has(name));
  if (missing.length > 0) throw new Error(`in no exported table: ${missing.join(', ')}`);
  const unknown = [...answered].filter((name) => !operations.includes(name));
  if (unknown.length > 0) throw new Error(`not operations of EC2: ${unknown.join(', ')}`);
  const rows = families.map(
    ({ file, names }) =>
      `| [${file.replace(/\.ts$/, '')}](../src/ec2/actions/${file}) | ${names.join(', ')} |`,
  );
  return `<!-- Made by scripts/generate-actions.ts. Do not edit; run ./dev generate. -->

# The EC2 actions

${answered.size} of the ${operations.length} operations of EC2's API are answered. Every other one is refused with \`UnsupportedOperation\`
and its name; a name that EC2 does not have, with \`InvalidAction\`.

| Family | Actions |
| --- | --- |
${rows.join('\n')}
`;
}

const families = await readFamilies();
const text = render(families, loadModel().operationNames());
if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
  console.log(`docs/actions.md: ${families.length} families`);
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/actions.md is out of date. Run ./dev generate.');
  process.exitCode = 1;
}
