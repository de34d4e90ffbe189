import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { runInForeground } from '../../fabric/process.ts';
import { laptopWords } from '../../fabric/world/laptop.ts';
import { readArguments, requireWorld } from '../arguments.ts';
import type { Context, Verb } from '../verb.ts';

/** `croft laptop`: the user's own computer, on the simulated Internet. */
export const laptop: Verb = {
  name: 'laptop',
  summary: 'a shell or a command on your computer of the simulated Internet',
  usage: '[-- CMD...]',
  description:
    'Runs your shell, or a command, as you, with your files and in this directory, but on another network: the simulated\n' +
    "Internet, where the public addresses of your instances are. The exit code is the command's own.",
  examples: [
    ['croft laptop', 'a shell; leave it with `exit`'],
    ['croft laptop -- ssh -i key.pem ec2-user@198.18.128.10', 'log into an instance by its public address'],
    ['croft laptop -- curl -sS http://checkip.amazonaws.com', "the laptop's own public address"],
  ],
  options: {},
  takesCommand: true,
  run(context) {
    readArguments(context, laptop, []);
    return runOnOwnLaptop(context, context.command);
  },
};

/** Runs a command, or the user's shell, on the laptop with this terminal; resolves with its exit code. */
export function runOnOwnLaptop(context: Context, command: readonly string[]): Promise<number> {
  const world = requireWorld(context);
  const { words, environment } = laptopWords(world, {
    stateDirectory: context.state.path,
    command: command.length === 0 ? shellWords(context) : command,
    environment: context.environment,
  });
  return runInForeground(words, { environment });
}

/** The user's shell; bash also says in its prompt where it is. */
function shellWords(context: Context): string[] {
  const shell = context.environment['SHELL'] || '/bin/sh';
  if (basename(shell) !== 'bash' || !context.terminal.isInteractive) return [shell];
  mkdirSync(context.state.at('laptop'), { recursive: true });
  const file = context.state.at('laptop', 'bashrc');
  writeFileSync(file, '[ -r ~/.bashrc ] && . ~/.bashrc\nPS1="(laptop) $PS1"\n', { mode: 0o600 });
  return [shell, '--rcfile', file, '-i'];
}
