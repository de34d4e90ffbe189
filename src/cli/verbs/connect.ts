import { isIP, connect as open } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { readArguments, readPort } from '../arguments.ts';
import { UserError, type Verb } from '../verb.ts';
import { runOnOwnLaptop } from './laptop.ts';

/** The internal verb that stands on the laptop while `croft connect` stands on the machine. */
const RELAY_VERB = 'internal-relay';

/** `croft connect`: a TCP connection from the laptop as standard input and output: ssh's ProxyCommand. */
export const connect: Verb = {
  name: 'connect',
  summary: "a TCP connection from the laptop on standard input and output (ssh's ProxyCommand)",
  usage: 'HOST PORT',
  description:
    'Connects from the laptop to HOST (an address, or a name of the simulated Internet) and PORT, and passes standard\n' +
    'input and output through: with it, programs of this machine reach instances without leaving its network.',
  examples: [
    ["ssh -o ProxyCommand='croft connect %h %p' -i key.pem ec2-user@198.18.128.10", 'ssh from this machine'],
    ['croft connect checkip.amazonaws.com 80', 'type `GET / HTTP/1.0` and an empty line'],
  ],
  options: {},
  run(context) {
    const { host, port } = readTarget(readArguments(context, connect, ['HOST', 'PORT']));
    return runOnOwnLaptop(context, [...context.program, RELAY_VERB, host, String(port)]);
  },
};

/** The relay that `croft connect` starts in the laptop's network. */
export const relay: Verb = {
  name: RELAY_VERB,
  summary: '',
  usage: 'HOST PORT',
  description: 'Connects standard input and output with a TCP port.',
  examples: [],
  options: {},
  isInternal: true,
  async run(context) {
    const { host, port } = readTarget(readArguments(context, relay, ['HOST', 'PORT']));
    await relayStreams(host, port, process.stdin, process.stdout);
    return 0;
  },
};

/**
 * Passes bytes both ways until the far end has closed; the end of the input is passed on and does not end the answer.
 * Rejects with a sentence when the connection cannot be made or breaks.
 */
export async function relayStreams(
  host: string,
  port: number,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  const socket = open({ host, port, noDelay: true, allowHalfOpen: true });
  try {
    // What the far end no longer reads is no error: its answer decides.
    pipeline(input, socket).catch(() => {});
    for await (const chunk of socket) await write(output, chunk);
  } catch (error) {
    throw new UserError(
      `cannot connect to ${host} port ${port}: ${reasonOf(error)}.`,
      '`croft explain` says why not.',
    );
  } finally {
    socket.destroy();
    // A terminal that nobody reads any more must not keep this process.
    if (input === process.stdin) process.stdin.destroy();
  }
}

function write(output: NodeJS.WritableStream, chunk: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    output.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function readTarget([host = '', text = '']: readonly string[]): { host: string; port: number } {
  const isName = /^(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.?$/.test(host) && host.length <= 253;
  if (isIP(host) === 0 && !isName)
    throw new UserError(`"${host}" is neither an address nor a host name.`, undefined, 2);
  return { host, port: readPort(text) };
}

/** The kernel's and the resolver's codes in the words that people know them by. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the resolver does not answer',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}
