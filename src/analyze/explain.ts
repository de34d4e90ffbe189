import { findParty, labelOf, type Party, seenFrom } from '../model/parties.ts';
import { tracePath } from '../model/path.ts';
import type { PathResult } from '../model/path-result.ts';
import type { World } from '../model/world.ts';
import { parseIpv4 } from '../net/address.ts';
import { describePackets, ECHO_REQUEST, type PortRange, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { wrap } from './text.ts';

/** What `croft explain` asks. */
export interface Question {
  readonly source: string;
  readonly destination: string;
  readonly port: number | undefined;
  readonly protocol: string | undefined;
}

/** The answer, in words and as data. */
export interface Explanation {
  readonly isAllowed: boolean;
  /** The verdict, the path, and what mends each obstacle; at most 100 columns. */
  readonly lines: readonly string[];
  /** The verdict and the obstacles alone. */
  readonly brief: readonly string[];
  readonly result: PathResult;
}

/** Columns that every terminal has. */
const COLUMNS = 100;

/** Answers "can X reach Y, and if not, why?" of the worlds as they are. Throws when a party or protocol is unknown. */
export function explainFlow(worlds: readonly World[], question: Question): Explanation {
  const source = findParty(worlds, question.source, 'source');
  const destination = seenFrom(source, findParty(worlds, question.destination, 'destination', source));
  const protocol = protocolOf(question.protocol ?? 'tcp');
  const ports = portsOf(protocol, question.port, destination);
  const result = tracePath({ source, destination, protocol, ports });
  const what = describePackets({ protocol, source: '', destination: '', ports });
  const verdict = verdictOf(source, destination, what, result);
  return {
    isAllowed: result.isAllowed,
    lines: [...wrap(verdict, COLUMNS, ''), '', ...pathLines(result), ...obstacleLines(result)],
    brief: [
      ...wrap(verdict, COLUMNS, ''),
      ...result.obstacles.flatMap(({ because }) => wrap(`✗ ${because}`, COLUMNS, '  ')),
    ],
    result,
  };
}

function protocolOf(text: string): number {
  const number = PROTOCOL_NUMBERS[text.toLowerCase()] ?? (/^\d{1,3}$/.test(text) ? Number(text) : undefined);
  if (number === undefined || number > 255)
    throw new Error(`"${text}" is no protocol: use tcp, udp, icmp or a number.`);
  return number;
}

function portsOf(protocol: number, port: number | undefined, destination: Party): PortRange {
  if (protocol === PROTOCOL_NUMBERS['icmp']) return ECHO_REQUEST;
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) {
    throw new Error(`"${port}" is no port: ports go from 0 to 65535.`);
  }
  // What people ask of an instance is whether they can log in, of anything else whether they can fetch.
  const usual = destination.kind === 'interface' ? 22 : 443;
  return { first: port ?? usual, last: port ?? usual };
}

function verdictOf(source: Party, destination: Party, what: string, result: PathResult): string {
  const ends = `${withAddress(source).replace(/^the /, 'The ')} ${result.isAllowed ? 'can' : 'cannot'} reach ${withAddress(destination)} on ${what}`;
  if (result.isAllowed) return `✓ ${ends}.`;
  const count = result.obstacles.length;
  return `✗ ${ends}: ${count === 1 ? 'one thing stands' : `${count} things stand`} in the way.`;
}

function withAddress(party: Party): string {
  const label = labelOf(party);
  return parseIpv4(label) !== undefined ? label : `${label} at ${party.address}`;
}

function pathLines(result: PathResult): string[] {
  const width = Math.max(...result.hops.map(({ stage }) => stage.length));
  const indent = ' '.repeat(width + 6);
  const lines: string[] = [];
  let isReply = false;
  for (const hop of result.hops) {
    if (hop.isReply && !isReply) lines.push('  and back:');
    isReply = hop.isReply;
    const mark = hop.isAllowed ? '✓' : '✗';
    lines.push(...wrap(`  ${mark} ${hop.stage.padEnd(width)}  ${hop.because}`, COLUMNS, indent));
  }
  return lines;
}

function obstacleLines(result: PathResult): string[] {
  if (result.obstacles.length === 0) return [];
  const lines = ['', 'What would mend it:'];
  for (const { because, mend } of result.obstacles) {
    lines.push(...wrap(`  • ${because}`, COLUMNS, '    '));
    // A command is one line, so that it can be copied.
    if (mend !== undefined) lines.push(`      ${mend}`);
  }
  return lines;
}
