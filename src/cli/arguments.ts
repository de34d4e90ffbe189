import { findWorld, type World } from '../fabric/world/world.ts';
import { type Context, UserError, type Verb } from './verb.ts';

/** The arguments of a verb, which must be as many as it names in its usage. Others are errors of usage (exit code 2). */
export function readArguments(context: Context, verb: Verb, names: readonly string[]): readonly string[] {
  const { positionals } = context;
  const missing = names[positionals.length];
  if (missing !== undefined) {
    throw new UserError(`${missing} is missing.`, `Usage: croft ${`${verb.name} ${verb.usage}`.trim()}`, 2);
  }
  const extra = positionals[names.length];
  if (extra === undefined) return positionals;
  const before = [verb.name, ...positionals.slice(0, names.length)].join(' ');
  const hint =
    verb.takesCommand === true
      ? `A command goes behind "--": croft ${before} -- ${extra} ...`
      : `See \`croft ${verb.name} --help\`.`;
  throw new UserError(`"${extra}" is one word too many.`, hint, 2);
}

/** A port as a person types it: 1 to 65535. */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65535) return port;
  throw new UserError(`"${text}" is not a port number.`, 'A port is a number from 1 to 65535.', 2);
}

/** The living world of the state directory, whether the daemon answers or not. */
export function requireWorld({ state }: Context): World {
  const world = findWorld(state.path);
  if (world === undefined)
    throw new UserError('Cloudcroft is not running.', 'Start it with `croft up -d`.', 3);
  return world;
}
