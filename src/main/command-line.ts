import { runCommandLine } from '../cli/run.ts';
import { Terminal } from '../cli/terminal.ts';
import { DAEMON_VERB } from '../cli/verbs/up.ts';
import { program } from './program.ts';
import { verbs } from './verbs.ts';
import { VERSION } from './version.ts';

/** Runs what a person typed; resolves with its exit code. The daemon's own code is loaded by the daemon alone. */
export async function runTypedWords(words: readonly string[]): Promise<number> {
  quitWithoutReader(process.stdout);
  quitWithoutReader(process.stderr);
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const code = await runCommandLine(words, {
    verbs: verbs(async (options) => (await import('./daemon.ts')).runDaemon(options)),
    environment: process.env,
    terminal,
    program,
    version: VERSION,
  });
  // A daemon that could not start may have opened a port already: nothing of it stays.
  if (words[0] === DAEMON_VERB) process.exit(code);
  return code;
}

/** As the kernel ends a program that writes to a closed pipe: 128 and SIGPIPE's number. */
const CLOSED_PIPE_CODE = 141;

/** Whoever reads us may have had enough, as in `croft explain … | head`: that is no error to tell anybody of. */
function quitWithoutReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(CLOSED_PIPE_CODE);
  });
}
