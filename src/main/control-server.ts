import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A question of the croft command: the path and, for POST, a JSON body. */
export type ControlHandlers = Readonly<Record<string, (body: unknown, query: URLSearchParams) => unknown>>;

/** A question that cannot be answered, with what to do about it. */
export class ControlError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Questions are small; more than this is a mistake. */
const MOST_BODY_BYTES = 1_000_000;

/**
 * Serves the croft command on a socket file in the state directory, which only its owner can reach. Handlers are named
 * by method and path: `GET /status`.
 */
export async function serveControl(socket: string, handlers: ControlHandlers): Promise<Server> {
  rmSync(socket, { force: true });
  const server = createServer((request, response) => {
    answer(request, handlers).then(
      (value) => send(response, 200, value),
      (error: unknown) => {
        const hint = error instanceof ControlError ? error.hint : undefined;
        send(response, 400, { message: error instanceof Error ? error.message : String(error), hint });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return server;
}

async function answer(request: IncomingMessage, handlers: ControlHandlers): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://croft');
  const handler = handlers[`${request.method} ${url.pathname}`];
  if (handler === undefined) {
    throw new ControlError(
      `The running Cloudcroft does not know "${url.pathname}".`,
      'It may be of another version: `croft down && croft up -d`.',
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BODY_BYTES) throw new ControlError('The question is too long.');
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString();
  return handler(text === '' ? undefined : JSON.parse(text), url.searchParams);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value ?? {});
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
