import type { Client } from './client.ts';
import { type Context, UserError } from './verb.ts';

/** The daemon's answer to `POST /explain`. */
export interface ExplainReply {
  readonly isAllowed: boolean;
  readonly lines: readonly string[];
  readonly brief: readonly string[];
  readonly result: unknown;
}

/** What is asked: two parties, a port and a protocol. */
export interface ExplainQuestion {
  readonly source: string;
  readonly destination: string;
  readonly port?: number | undefined;
  readonly protocol?: string | undefined;
  /** Whether names mean IPv6 addresses. */
  readonly isIpv6?: boolean | undefined;
  /** What is asked of the service, `s3:GetObject`, and about what. */
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
}

/** Asks the daemon why packets pass or do not. */
export async function askExplain(client: Client, question: ExplainQuestion): Promise<ExplainReply> {
  const value = await client.post('/explain', question);
  if (isReply(value)) return value;
  throw new Error('the running Cloudcroft is of another version');
}

/** The answer's lines: all of them, or the verdict and the obstacles alone. */
export async function explainLines(
  client: Client,
  question: ExplainQuestion,
  extent: 'whole' | 'brief',
): Promise<readonly string[]> {
  const reply = await askExplain(client, question);
  return extent === 'brief' ? reply.brief : reply.lines;
}

function isReply(value: unknown): value is ExplainReply {
  return (
    typeof value === 'object' &&
    value !== null &&
    'isAllowed' in value &&
    'lines' in value &&
    'brief' in value
  );
}

/** The source, destination, port and protocol of a command line. Throws a UserError of code 2 where it makes no sense. */
export function readFlow(
  verb: string,
  [source, destination, ...more]: readonly string[],
  options: Context['options'],
): ExplainQuestion {
  if (source === undefined || destination === undefined || more.length > 0) {
    throw new UserError(
      `croft ${verb} needs a source and a destination.`,
      `Example: croft ${verb} laptop bastion --port 22`,
      2,
    );
  }
  const port = options['port'] === undefined ? undefined : Number(options['port']);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new UserError(`"${options['port']}" is no port.`, 'Ports go from 0 to 65535.', 2);
  }
  const protocol = typeof options['protocol'] === 'string' ? options['protocol'] : undefined;
  return { source, destination, port, protocol, ...(options['ipv6'] === true ? { isIpv6: true } : {}) };
}

/** A question that is not understood is another matter than a place that is not reached. */
export function tellApart(error: unknown): never {
  throw error instanceof UserError && error.code === 1 ? new UserError(error.message, error.hint, 2) : error;
}

type Style = (style: 'green' | 'red' | 'cyan', text: string) => string;

/** A line of a path with its marks and commands in colour. */
export function colourPath(line: string, style: Style): string {
  const marks = /^ {2}[✓✗]( {5}[✓✗·])?/.exec(line)?.[0];
  if (marks === undefined) return /^ {3}(mend: | {2}\S)/.test(line) ? style('cyan', line) : line;
  const coloured = marks.replaceAll('✓', style('green', '✓')).replaceAll('✗', style('red', '✗'));
  return coloured + line.slice(marks.length);
}
