import { env } from '../cli/verbs/env.ts';
import { status } from '../cli/verbs/status.ts';
import { makeDaemonVerb, makeUp, type RunDaemon } from '../cli/verbs/up.ts';
import type { Verb } from '../cli/verb.ts';

/** Every word of the command line, in the order of the help. */
export function verbs(runDaemon: RunDaemon): readonly Verb[] {
  return [makeUp(runDaemon), status, env, makeDaemonVerb(runDaemon)];
}
