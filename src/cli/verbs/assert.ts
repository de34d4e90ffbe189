import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Client } from '../client.ts';
import { UserError, type Verb } from '../verb.ts';

/** The daemon's answer to `POST /assert`. */
interface AssertReply {
  readonly isHeld: boolean;
  readonly failures: readonly unknown[];
  readonly lines: readonly string[];
  readonly junit: string;
}

/** `croft assert`: a file of expectations held against the world, for CI. */
export const assert: Verb = {
  name: 'assert',
  summary: 'hold a file of expectations (who can reach whom) against the world',
  usage: 'FILE [--junit FILE]',
  description:
    'Each line says SOURCE -> DESTINATION[:PORTS[/udp]|:icmp] allowed|denied [via WAY] [over ipv6]; # begins a comment.\n' +
    'An end is an instance (id or Name), an interface, an address, a CIDR block, tag:KEY=VALUE, subnet:, group: or vpc: with an id or\n' +
    'Name, laptop, internet, s3. One that stands for several things: allowed wants all of them allowed, denied none; from\n' +
    'internet means from any address there. WAY: local, igw, eigw, nat, vpce, peering, tgw. Over ipv6, names mean IPv6\n' +
    'addresses; an IPv6 address or block says so itself, and stands in [] before a port. FILE may be - (standard input).\n' +
    'Exit code: 0 all hold, 1 some do not, 2 a line is not understood.',
  examples: [
    ['croft assert network.expect', 'prove in CI who can reach what'],
    ['croft assert network.expect --junit report.xml', 'the same, with a report for the CI server'],
    ["echo 'internet -> tag:tier=db denied' | croft assert -", 'one expectation'],
  ],
  options: { junit: { type: 'string', value: 'FILE', help: 'write a report in JUnit\u2019s XML' } },
  async run({ positionals, options, client, terminal, isJson }) {
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) {
      throw new UserError(
        'croft assert needs the path of a file of expectations.',
        'Example of a line: laptop -> bastion:22 allowed',
        2,
      );
    }
    const file = path === '-' ? 'standard input' : basename(path);
    const reply = await askAssert(client, file, readText(path));
    if (typeof options['junit'] === 'string') writeReport(options['junit'], reply.junit);
    if (isJson) {
      const { lines: _lines, junit: _junit, ...data } = reply;
      terminal.printJson(data);
    } else for (const line of reply.lines) terminal.print(colour(line, terminal.style.bind(terminal)));
    if (reply.failures.length > 0) return 2;
    return reply.isHeld ? 0 : 1;
  },
};

async function askAssert(client: Client, file: string, text: string): Promise<AssertReply> {
  const value = await client.post('/assert', { file, text });
  if (isReply(value)) return value;
  throw new Error('the running Cloudcroft is of another version');
}

function isReply(value: unknown): value is AssertReply {
  return (
    typeof value === 'object' && value !== null && 'isHeld' in value && 'lines' in value && 'junit' in value
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    throw new UserError(`${path} cannot be read.`, 'Give the path of a file of expectations, or - .', 2);
  }
}

function writeReport(path: string, xml: string): void {
  try {
    writeFileSync(path, xml);
  } catch {
    throw new UserError(`The report ${path} cannot be written.`, 'Give a path in a folder that is there.', 2);
  }
}

type Style = (style: 'green' | 'red' | 'cyan', text: string) => string;

function colour(line: string, style: Style): string {
  if (line.startsWith('✓')) return line.replace('✓', style('green', '✓'));
  if (/^[✗!]/.test(line)) return style('red', line.slice(0, 1)) + line.slice(1);
  return /^ *(mend: |aws )/.test(line) ? style('cyan', line) : line;
}
