import { parseArgs } from 'node:util';
import { suggest } from '../src/cli/suggest.ts';
import { findObstacle } from '../src/fabric/world/probe.ts';
import { api } from './api.ts';
import { boot } from './boot.ts';
import { describe } from './describe.ts';
import { floor } from './floor.ts';
import { path } from './path.ts';
import { reach } from './reach.ts';
import type { Row } from './row.ts';
import { services } from './services.ts';
import { stacks } from './stacks.ts';
import { start } from './start.ts';
import { state } from './state.ts';
import { printJson, printTable } from './table.ts';
import { verdict } from './verdict.ts';
import { Workshop } from './workshop.ts';
import { write } from './write.ts';

const BENCHMARKS = [start, boot, verdict, api, describe, write, state, path, services, floor, reach, stacks];
const NAMES = BENCHMARKS.map(({ name }) => name);

const HELP = `usage: ./dev bench [NAME...] [--json]

Measures in worlds of its own, which are gone afterwards. Without NAME: everything, in some seven minutes.

${BENCHMARKS.map(({ name, summary }) => `  ${name.padEnd(9)}${summary}`).join('\n')}
`;

/** Runs what the arguments name; resolves with the exit code: 0 measured, 1 something failed, 2 wrong usage. */
async function main(words: readonly string[]): Promise<number> {
  const fail = (message: string, code: number): number => {
    process.stderr.write(`bench: ${message}\n`);
    return code;
  };
  const parsed = parseWords(words);
  if (typeof parsed === 'string') return fail(`${parsed} See ./dev bench --help.`, 2);
  const { names, isJson, isHelp } = parsed;
  if (isHelp) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, NAMES);
    const hint = near === undefined ? `There are ${NAMES.join(', ')}.` : `Did you mean ${near}?`;
    return fail(`there is no benchmark "${unknown}". ${hint}`, 2);
  }
  const obstacle = await findObstacle();
  if (obstacle !== undefined) return fail(`no world can be started here: ${obstacle}`, 1);
  const workshop = new Workshop();
  const stop = (): void => {
    process.stderr.write('bench: stopping\n');
    void workshop.clear().then(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const rows: Row[] = [];
  try {
    for (const benchmark of BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      process.stderr.write(`${benchmark.name}: ${benchmark.summary}\n`);
      rows.push(...(await benchmark.run()));
    }
    return 0;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), 1);
  } finally {
    await workshop.clear();
    process.stdout.write(isJson ? printJson(rows) : printTable(rows));
  }
}

/** The arguments, or a sentence that says what is wrong with them. */
function parseWords(
  words: readonly string[],
): { readonly names: readonly string[]; readonly isJson: boolean; readonly isHelp: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { names: positionals, isJson: values.json === true, isHelp: values.help === true };
  } catch (error) {
    return error instanceof Error ? `${error.message.split('. ')[0]}.` : String(error);
  }
}

process.exitCode = await main(process.argv.slice(2));
