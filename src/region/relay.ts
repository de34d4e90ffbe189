import { request as ask, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** Headers of one connection, which do not go on to the next (RFC 9110 section 7.6.1); whoever awaits `100 Continue` has had it. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Hands a request on to a server on a Unix socket, as it is: the signature over it stays good. A body that has been read is
 * given apart. `onReply` is told the status.
 * A server that cannot be reached is answered for with 503, which SDKs try again.
 */
export function relay(
  socketPath: string,
  request: IncomingMessage,
  response: ServerResponse,
  onReply: (status: number) => void,
  body?: Buffer,
): void {
  const onward = ask(
    { socketPath, method: request.method, path: request.url, headers: onwardHeaders(request) },
    (reply) => {
      const status = reply.statusCode ?? 502;
      onReply(status);
      whenAllHasCome(request, onward, () => {
        const headers = Object.entries(reply.headers).filter(([name]) => !HOP_BY_HOP.has(name));
        response.writeHead(status, Object.fromEntries(headers));
        pipeline(reply, response, () => {
          if (!onward.writableFinished) onward.destroy();
        });
      });
    },
  );
  onward.on('error', () => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    onReply(503);
    response.writeHead(503, { 'content-type': 'text/plain' });
    response.end('The service is not there now.\n');
  });
  if (body === undefined) pour(request, onward);
  else onward.end(body);
}

/** A client that goes away ends what is handed on. */
function pour(request: IncomingMessage, onward: ClientRequest): void {
  request.pipe(onward);
  request.once('close', () => {
    if (!request.complete) onward.destroy();
  });
}

/**
 * Clients read the reply once they have sent everything: of a request that was refused before, the rest runs out first, and the
 * connection is then good for another.
 */
function whenAllHasCome(request: IncomingMessage, onward: ClientRequest, act: () => void): void {
  if (request.complete) {
    act();
    return;
  }
  request.unpipe(onward);
  request.once('end', act);
  request.resume();
}

function onwardHeaders({ headers }: IncomingMessage): NodeJS.Dict<string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'expect'),
  );
}
