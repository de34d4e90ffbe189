import { runCommandLine } from './cli/run.ts';
import { Terminal } from './cli/terminal.ts';
import { DAEMON_VERB } from './cli/verbs/up.ts';
import { runAgent } from './main/agent.ts';
import { runDaemon } from './main/daemon.ts';
import { runInternet } from './main/internet.ts';
import { runLaptopRelay } from './main/laptop-relay.ts';
import { program } from './main/program.ts';
import { runServices } from './main/services.ts';
import { verbs } from './main/verbs.ts';
import { VERSION } from './main/version.ts';

/** The processes that the daemon starts inside the world: they speak with it and with nobody else. */
const INSIDE: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  'internal-agent': runAgent,
  'internal-internet': runInternet,
  'internal-laptop': (port) => runLaptopRelay(Number(port)),
  'internal-services': runServices,
};

/** Runs one command line; resolves with its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const inside = INSIDE[words[0] ?? ''];
  if (inside !== undefined) {
    await inside(words[1] ?? '');
    return 0;
  }
  quitWithoutReader(process.stdout);
  quitWithoutReader(process.stderr);
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const code = await runCommandLine(words, {
    verbs: verbs(runDaemon),
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
