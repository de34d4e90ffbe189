import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiAsked, ApiSighting, Attribution } from '../api.ts';
import type { FrontHandler } from '../front.ts';
import type { TableRequest, TableScope, Tables } from './tables.ts';

/** Who has signed a request, and for which region. */
export interface TableCaller extends TableScope {
  readonly accessKeyId: string;
}

/** A refusal in DynamoDB's own words. */
export class TableRefusal extends Error {
  /** `AccessDeniedException` */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What the handler is made of. */
export interface DynamoDbOptions {
  readonly tables: Tables;
  readonly attribute: (remoteAddress: string, localAddress: string) => Attribution;
  /** Says who has signed. Throws a TableRefusal for a signature that is missing or not right. */
  readonly authenticate: (request: TableRequest) => TableCaller;
  /** Asks the policy of the endpoint that a request came by: the refusal's message, or undefined. */
  readonly judge: (asked: ApiAsked) => string | undefined;
  readonly log: (sighting: ApiSighting) => void;
  readonly clock: () => Date;
}

/** The longest request (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). */
const MOST_BODY_BYTES = 16 * 1024 ** 2;

/** DynamoDB: whoever has signed is attributed, judged by the policy on the way, and answered by the tables of its account. */
export function dynamoDbHandler(options: DynamoDbOptions): FrontHandler {
  return (incoming, response) => void serve(options, incoming, response);
}

async function serve(
  options: DynamoDbOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { remoteAddress = '', localAddress = '' } = incoming.socket;
  const attribution = options.attribute(remoteAddress.replace(/^::ffff:/, ''), localAddress);
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  const operation = operationOf(incoming);
  response.once('close', () =>
    options.log({
      time: options.clock().toISOString(),
      service: 'dynamodb',
      serverAddress: localAddress,
      ...attribution,
      request: `${operation} ${scheme}://${incoming.headers.host ?? ''}${incoming.url ?? ''}`,
      outcome: String(response.statusCode),
    }),
  );
  try {
    const body = await readBody(incoming);
    const { method = 'POST', url = '/', headers } = incoming;
    const request = { method, url, headers, body };
    const caller = options.authenticate(request);
    const message = options.judge({
      action: `dynamodb:${operation}`,
      resource: resourceOf(caller, body),
      accessKeyId: caller.accessKeyId,
      sessionToken: headers['x-amz-security-token']?.toString(),
      attribution,
    });
    if (message !== undefined) throw new TableRefusal('AccessDeniedException', message);
    options.tables.answer(caller, request, response);
  } catch (error) {
    if (error instanceof TableRefusal) refuse(response, error);
    else response.destroy();
  }
}

/** `PutItem` of `DynamoDB_20120810.PutItem`. */
function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target'] ?? '')
    .split('.')
    .slice(1)
    .join('.');
}

/** The table that a request is about; any, where it is about several or none. */
function resourceOf({ account, region }: TableScope, body: Uint8Array): string {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(body).toString());
  } catch {
    return '*';
  }
  const name = typeof content === 'object' && content !== null && 'TableName' in content && content.TableName;
  if (typeof name !== 'string') return '*';
  return name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    // What is longer runs out without being kept: then the client reads why.
    if (size <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MOST_BODY_BYTES) {
    throw new TableRefusal('RequestEntityTooLargeException', 'The request is longer than 16 MB.');
  }
  return Buffer.concat(chunks);
}

/** As all JSON services of AWS refuse: with the code in the body. */
function refuse(response: ServerResponse, { code, message }: TableRefusal): void {
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message });
  response.writeHead(400, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
