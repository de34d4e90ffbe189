import type { Client } from '../client.ts';
import { UserError, type Verb } from '../verb.ts';

/** The daemon's answer to `POST /reach`. */
interface ReachReply {
  readonly lines: readonly string[];
  readonly reaches: readonly unknown[];
}

/** `croft reach`: all that can reach something, or be reached. */
export const reach: Verb = {
  name: 'reach',
  summary: 'list who can reach whom, and for which services',
  usage: '[--from ENDS] [--to ENDS] [--between ENDS] [--port N] [--protocol P]',
  description:
    'Follows every kind of IPv4 packet between the ends, there and back, and lists the services that pass; with --port, or a\n' +
    '--protocol without ports, a matrix of yes (✓) and no (·). ENDS: instances (id or Name), interfaces, addresses, CIDR\n' +
    'blocks, tag:KEY=VALUE, subnet:, group: or vpc: with an id or Name, laptop, internet, s3; several with commas.\n' +
    'Without --from or --to: every instance, and the Internet. Ends that nothing tells apart are told in one line.\n' +
    'IPv6 is left out: croft explain --ipv6 and croft assert answer for it.',
  examples: [
    ['croft reach', 'who can reach whom, all of it'],
    ['croft reach --from internet', 'what stands open to the Internet?'],
    ['croft reach --to db --port 5432', 'who can talk to the database?'],
    ['croft reach --between bastion,private,tag:tier=web --port 22', 'a matrix of SSH'],
  ],
  options: {
    from: { type: 'string', value: 'ENDS', help: 'where packets begin' },
    to: { type: 'string', value: 'ENDS', help: 'where they go' },
    between: { type: 'string', value: 'ENDS', help: 'both' },
    port: { type: 'string', value: 'N', help: 'one port only' },
    protocol: { type: 'string', value: 'P', help: 'tcp (default, with --port), udp, icmp, or a number' },
  },
  async run({ positionals, options, client, terminal, isJson }) {
    if (positionals.length > 0) {
      throw new UserError(
        `croft reach does not know what "${positionals[0]}" is to be.`,
        'Say it by --from, --to or --between.',
        2,
      );
    }
    const between = readEnds(options['between']);
    const [from, to] = [readEnds(options['from']), readEnds(options['to'])];
    if (between.length > 0 && from.length + to.length > 0) {
      throw new UserError('--between is both --from and --to.', 'Say either it or them.', 2);
    }
    const question = {
      from: between.length > 0 ? between : from,
      to: between.length > 0 ? between : to,
      port: readPort(options['port']),
      protocol: typeof options['protocol'] === 'string' ? options['protocol'] : undefined,
    };
    const reply = await askReach(client, question);
    if (isJson) terminal.printJson(reply.reaches);
    else for (const line of reply.lines) terminal.print(line.replaceAll('✓', terminal.style('green', '✓')));
    return 0;
  },
};

function readEnds(option: unknown): string[] {
  if (typeof option !== 'string') return [];
  return option
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function readPort(option: unknown): number | undefined {
  if (typeof option !== 'string') return undefined;
  const port = Number(option);
  if (/^\d+$/.test(option) && port <= 65_535) return port;
  throw new UserError(`"${option}" is no port.`, 'Ports go from 0 to 65535.', 2);
}

async function askReach(client: Client, question: object): Promise<ReachReply> {
  const value = await client.post('/reach', question).catch((error: unknown) => {
    // What is not understood is another matter than what goes wrong.
    throw error instanceof UserError && error.code === 1
      ? new UserError(error.message, error.hint, 2)
      : error;
  });
  if (isReply(value)) return value;
  throw new Error('the running Cloudcroft is of another version');
}

function isReply(value: unknown): value is ReachReply {
  return typeof value === 'object' && value !== null && 'lines' in value && 'reaches' in value;
}
