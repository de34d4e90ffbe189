import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Authority } from './authority.ts';
import { type Binding, closeListener, type Listener, listenOn, type ServerContext } from './binding.ts';

/** A request as sites see it. */
export interface WebRequest {
  readonly method: string;
  readonly host: string;
  /** Without the query, not decoded. */
  readonly path: string;
  /** The `accept` header, '' when there is none. */
  readonly accept: string;
  readonly sourceAddress: string;
}

/** What a site answers. */
export interface WebReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A site: a function of the request. */
export type WebSite = (request: WebRequest) => WebReply;

/** Nothing here takes long: a request that does is not one. */
const TIMEOUT_MS = 15_000;
const MAX_CONNECTIONS = 512;

/**
 * Serves a site over HTTP, or over TLS with certificates of the authority for whatever name is asked. GET and HEAD only.
 * Rejects with Node's error when the address cannot be bound.
 */
export async function serveWeb(
  binding: Binding,
  site: WebSite,
  context: ServerContext,
  authority?: Authority,
): Promise<Listener> {
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    answerRequest(site, context, authority === undefined ? 'http' : 'https', request, response);
  const limits = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS };
  const server =
    authority === undefined
      ? createHttpServer(limits, answer)
      : createHttpsServer(
          {
            ...limits,
            ...serverKeyOf(authority, binding.address),
            SNICallback: authority.answerServerName,
          },
          answer,
        );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => socket.destroy());
  const bound = await listenOn(server, binding);
  const close = async (): Promise<void> => {
    const closed = closeListener(server);
    server.closeAllConnections();
    await closed;
  };
  return { binding: bound, close };
}

/** For clients that name no host: they called the address. */
function serverKeyOf(authority: Authority, address: string): { key: string; cert: string } {
  const { certificateChain, privateKey } = authority.issue([address]);
  return { key: privateKey, cert: certificateChain };
}

function answerRequest(
  site: WebSite,
  { clock, log }: ServerContext,
  scheme: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method = 'GET', url = '/', headers, socket } = request;
  const { remoteAddress: sourceAddress = '', localAddress: serverAddress = '' } = socket;
  const host = headers.host ?? serverAddress;
  const path = url.replace(/[?#].*$/s, '');
  const reply: WebReply =
    method === 'GET' || method === 'HEAD'
      ? site({ method, host, path, accept: headers.accept ?? '', sourceAddress })
      : {
          status: 405,
          contentType: 'text/plain',
          body: 'This site can be read only.\n',
          headers: { allow: 'GET, HEAD' },
        };
  log({
    time: clock().toISOString(),
    service: 'http',
    serverAddress,
    sourceAddress,
    request: `${method} ${scheme}://${host}${url}`,
    outcome: String(reply.status),
  });
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
  request.resume();
}

/** `checkip.amazonaws.com`, `icanhazip.com`: the caller's address as the Internet sees it, and a line feed. */
export const checkIp: WebSite = ({ sourceAddress }) => ({
  status: 200,
  contentType: 'text/plain;charset=UTF-8',
  body: `${sourceAddress}\n`,
});

/** `example.com`. */
export const examplePage: WebSite = ({ path, host }) =>
  path === '/' || path === '/index.html'
    ? { status: 200, contentType: 'text/html; charset=utf-8', body: EXAMPLE_PAGE }
    : { status: 404, contentType: 'text/plain; charset=utf-8', body: `There is no ${path} at ${host}.\n` };

const EXAMPLE_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Example Domain</title></head>
<body>
<h1>Example Domain</h1>
<p>This page comes from the simulated Internet of Cloudcroft: your packets found their way out.</p>
</body>
</html>
`;
