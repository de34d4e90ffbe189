import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type MetadataSubject, readMetadata } from './metadata.ts';
import { parseTokenSeconds, TokenSeal } from './token.ts';
import { findCaller, type GuestContext, type GuestInterface, type GuestView } from './view.ts';

/** What the metadata service is made of. */
export interface ImdsOptions extends GuestContext {
  /** 169.254.169.254, port 80; port 0 takes a free one. */
  readonly bind: { readonly address: string; readonly port: number };
  /** Seals session tokens: at least 32 random bytes. Kept over a restart, it keeps tokens good. */
  readonly secret: Uint8Array;
  /**
   * Sets the time to live of the packets a socket sends from now on (Node has no such call). Told the hop limit before the
   * reply to a token request, and DEFAULT_HOPS before any other. `hops` counts from the instance's own link: whoever
   * implements it adds the routers between this server and that link.
   */
  readonly setHopLimit?: (socket: Socket, hops: number) => void;
}

/** The metadata service, listening. */
export interface Imds {
  readonly bind: { readonly address: string; readonly port: number };
  close(): Promise<void>;
}

/** The time to live of packets nobody limits, as Linux sends them. */
export const DEFAULT_HOPS = 64;

const TOKEN_PATH = '/latest/api/token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
/** Requests are a line and a token: what takes longer is not one. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Starts the metadata service. Rejects with Node's error when the address cannot be bound. */
export async function startImds(options: ImdsOptions): Promise<Imds> {
  const tokens = new TokenSeal(options.secret);
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => serve(options, tokens, request, response),
  );
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen({ host: options.bind.address, port: options.bind.port });
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.bind.port;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { bind: { address: options.bind.address, port }, close };
}

function serve(
  options: ImdsOptions,
  tokens: TokenSeal,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const sourceAddress = request.socket.remoteAddress ?? '';
  const view = options.view();
  const caller = findCaller(view, sourceAddress);
  const sighting = {
    time: options.clock().toISOString(),
    service: 'imds',
    sourceAddress,
    request: `${request.method} ${request.url}`,
    ...(caller === undefined ? {} : { eniId: caller.eniId }),
    ...(caller?.instance === undefined ? {} : { instanceId: caller.instance.instanceId }),
  } as const;
  const subject = caller === undefined ? undefined : findSubject(view, caller);
  if (caller === undefined || subject === undefined) {
    options.log({ ...sighting, outcome: 'refused' });
    request.socket.destroy();
    return;
  }
  const isTokenRequest = request.method === 'PUT';
  const reply = isTokenRequest
    ? answerTokenRequest(subject, tokens, request, options.clock())
    : answerRead(subject, tokens, request, options.clock());
  options.log({ ...sighting, outcome: String(reply.status) });
  options.setHopLimit?.(request.socket, isTokenRequest ? subject.instance.metadata.hopLimit : DEFAULT_HOPS);
  send(response, reply);
  // Nothing asked here has a body; one that comes all the same is read over.
  request.resume();
}

/** What the caller's instance is made of; undefined for an interface without one, a NAT gateway's for example. */
function findSubject(view: GuestView, caller: GuestInterface): MetadataSubject | undefined {
  const { instance } = caller;
  if (instance === undefined) return undefined;
  const interfaces = [...view.interfaces.values()].filter(
    (eni) => eni.instance?.instanceId === instance.instanceId,
  );
  const primary = interfaces.find(({ deviceIndex }) => (deviceIndex ?? 0) === 0) ?? caller;
  return { instance, primary, interfaces };
}

function answerTokenRequest(
  { instance }: MetadataSubject,
  tokens: TokenSeal,
  request: IncomingMessage,
  now: Date,
): Reply {
  if (!instance.metadata.isEnabled) return { status: 403 };
  if (pathOf(request) !== TOKEN_PATH) return { status: 405 };
  // A request that a proxy passed on is not the instance's own (semantics S96).
  if (request.headers['x-forwarded-for'] !== undefined) return { status: 403 };
  const seconds = parseTokenSeconds(headerOf(request, TTL_HEADER));
  if (seconds === undefined) return { status: 400 };
  return {
    status: 200,
    headers: { [TTL_HEADER]: String(seconds) },
    body: tokens.issue(instance.instanceId, seconds, now),
  };
}

function answerRead(subject: MetadataSubject, tokens: TokenSeal, request: IncomingMessage, now: Date): Reply {
  const { instance } = subject;
  if (!instance.metadata.isEnabled) return { status: 403 };
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 };
  const token = headerOf(request, TOKEN_HEADER);
  const remaining =
    token === undefined ? undefined : tokens.remainingSeconds(instance.instanceId, token, now);
  if (token === undefined ? instance.metadata.tokens === 'required' : remaining === undefined)
    return { status: 401 };
  const path = pathOf(request);
  if (path === TOKEN_PATH) return { status: 405 };
  const body = readMetadata(subject, path, now);
  if (body === undefined) return { status: 404 };
  const headers = remaining === undefined ? {} : { [TTL_HEADER]: String(remaining) };
  return { status: 200, headers, body };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const path = url.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  return request.headersDistinct[name]?.[0];
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const content = body ?? errorPage(status);
  response.writeHead(status, {
    server: 'EC2ws',
    'accept-ranges': 'none',
    'content-type': body === undefined ? 'text/html' : 'text/plain',
    'content-length': Buffer.byteLength(content),
    ...headers,
  });
  response.end(content);
}

/** AWS's own page, to the letter. */
function errorPage(status: number): string {
  const title = `${status} - ${STATUS_CODES[status] ?? 'Error'}`;
  return `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`;
}
