import { parseArgs } from 'node:util';
import { StateDirectory } from '../state/directory.ts';
import { Client } from './client.ts';
import { suggest } from './suggest.ts';
import { renderTable, type Terminal } from './terminal.ts';
import { type Context, type Option, UserError, type Verb } from './verb.ts';

/** Options that every verb takes. */
const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  state: {
    type: 'string',
    value: 'DIR',
    help: 'the world to work on (else CROFT_STATE, else ~/.local/state/cloudcroft)',
  },
  json: { type: 'boolean', help: 'print facts as JSON' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

/** What the command line is run with. */
export interface Surroundings {
  readonly verbs: readonly Verb[];
  readonly environment: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly program: readonly string[];
  readonly version: string;
}

/** Runs one command line and resolves with its exit code. Whatever goes wrong is told in a sentence. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  try {
    return await dispatch(words, surroundings);
  } catch (error) {
    if (error instanceof UserError) {
      terminal.note(`${terminal.style('red', 'croft:')} ${error.message}`);
      if (error.hint !== undefined) terminal.note(`  ${error.hint}`);
      return error.code;
    }
    const message = error instanceof Error ? error.message : String(error);
    terminal.note(`${terminal.style('red', 'croft:')} ${message}`);
    if (surroundings.environment['CROFT_DEBUG'] !== undefined && error instanceof Error)
      terminal.note(error.stack ?? '');
    return 1;
  }
}

async function dispatch(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { verbs, terminal, version } = surroundings;
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = rest[0];
    if (name === 'help' && about !== undefined) printVerbHelp(findVerb(verbs, about), terminal);
    else printHelp(verbs, terminal);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === 'version') {
    terminal.print(`cloudcroft ${version}`);
    return 0;
  }
  const verb = findVerb(verbs, name);
  const { own, command } = splitCommand(verb, rest);
  const parsed = parse(verb, own);
  if (parsed.options['help'] === true) {
    printVerbHelp(verb, terminal);
    return 0;
  }
  const stateOption = parsed.options['state'];
  const state = StateDirectory.locate(
    typeof stateOption === 'string' ? stateOption : undefined,
    surroundings.environment,
  );
  const context: Context = {
    positionals: parsed.positionals,
    command,
    options: parsed.options,
    state,
    isJson: parsed.options['json'] === true,
    terminal,
    client: new Client(state.socket),
    environment: surroundings.environment,
    program: surroundings.program,
  };
  return verb.run(context);
}

function findVerb(verbs: readonly Verb[], name: string): Verb {
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb !== undefined) return verb;
  const meant = suggest(
    name,
    verbs.filter(({ isInternal }) => isInternal !== true).map((candidate) => candidate.name),
  );
  const hint = meant === undefined ? 'See `croft help`.' : `Did you mean \`croft ${meant}\`?`;
  throw new UserError(`there is no command "${name}".`, hint, 2);
}

/** What stands before `--` is the verb's, what stands behind it the user's command. */
function splitCommand(
  verb: Verb,
  words: readonly string[],
): { own: readonly string[]; command: readonly string[] } {
  if (verb.isForwarding === true) {
    const first = findForwarded(verb, words);
    return { own: words.slice(0, first), command: words.slice(first) };
  }
  const dashes = words.indexOf('--');
  if (dashes === -1) return { own: words, command: [] };
  if (verb.takesCommand !== true)
    throw new UserError(`croft ${verb.name} takes no command after "--".`, undefined, 2);
  return { own: words.slice(0, dashes), command: words.slice(dashes + 1) };
}

/** Where the words of the other program begin: behind the verb's own options and their values. */
function findForwarded(verb: Verb, words: readonly string[]): number {
  const known = Object.entries({ ...COMMON_OPTIONS, ...verb.options });
  let index = 0;
  for (;;) {
    const word = words[index];
    if (word === undefined || !word.startsWith('-')) return index;
    const option = known.find(([name, { short }]) => word === `--${name}` || word === `-${short}`);
    index += option?.[1].type === 'string' ? 2 : 1;
  }
}

function parse(verb: Verb, words: readonly string[]) {
  const known = { ...COMMON_OPTIONS, ...verb.options };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { options: values as Record<string, string | boolean | undefined>, positionals };
  } catch (error) {
    throw new UserError(sentenceOf(error, Object.keys(known)), `See \`croft ${verb.name} --help\`.`, 2);
  }
}

/** node:util's complaint in our words, with a suggestion for an option that was mistyped. */
function sentenceOf(error: unknown, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '(-+[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return `${message.split('. ')[0] ?? message}.`;
  const meant = suggest(unknown.replace(/^-+/, ''), known);
  return `there is no option ${unknown}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

function printHelp(verbs: readonly Verb[], terminal: Terminal): void {
  terminal.print('Cloudcroft: a VPC on your own machine that carries your packets and tells you why.');
  terminal.print();
  terminal.print(`${terminal.style('bold', 'Usage:')} croft COMMAND [OPTIONS]`);
  terminal.print();
  const shown = verbs.filter(({ isInternal }) => isInternal !== true);
  for (const line of renderTable(shown.map(({ name, summary }) => [`  ${name}`, summary])))
    terminal.print(line);
  terminal.print();
  terminal.print(
    '`croft COMMAND --help` tells more, with examples. New here? `croft demo` shows everything in a minute.',
  );
}

function printVerbHelp(verb: Verb, terminal: Terminal): void {
  terminal.print(`${terminal.style('bold', 'Usage:')} croft ${`${verb.name} ${verb.usage}`.trim()}`);
  terminal.print();
  terminal.print(verb.description);
  terminal.print();
  const rows = Object.entries({ ...verb.options, ...COMMON_OPTIONS }).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `;
    const value = option.value === undefined ? '' : ` ${option.value}`;
    return [`  ${short}--${name}${value}`, option.help];
  });
  for (const line of renderTable(rows)) terminal.print(line);
  if (verb.examples.length === 0) return;
  terminal.print();
  terminal.print(terminal.style('bold', 'Examples:'));
  for (const [command, meaning] of verb.examples) {
    terminal.print(`  ${command}`);
    terminal.print(terminal.style('dim', `      ${meaning}`));
  }
}
