import type { Client } from './client.ts';

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
