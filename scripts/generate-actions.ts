/**
 * Writes docs/actions.md: which operations of the EC2 API are answered, from the very table that answers them. `--check`
 * only says whether the page is up to date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadModel } from '../src/ec2/wire/model.ts';
import { makeActions } from '../src/main/actions.ts';

const folder = join(import.meta.dirname, '../src/ec2/actions');
const page = join(import.meta.dirname, '../docs/actions.md');
/** The table of the running service; here no action is called, so what it would ask of the world does not matter. */
const actions = makeActions(() => Promise.resolve(''));

interface Family {
  readonly file: string;
  readonly names: readonly string[];
}

/** What an export of a file says it holds: a table of actions, or a maker of one, which is called for its names. */
function readTable(name: string, exported: unknown): readonly string[] {
  if (!name.endsWith('Actions')) return [];
  const table: unknown = typeof exported === 'function' ? exported() : exported;
  return typeof table === 'object' && table !== null ? Object.keys(table) : [];
}

/** The actions of each file: those of its exported tables, or of its makers of tables, that the service answers. */
async function readFamilies(): Promise<Family[]> {
  const families: Family[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'index.ts') continue;
    const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(folder, file)).href);
    const names = Object.entries(exported)
      .flatMap(([name, table]) => readTable(name, table))
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
