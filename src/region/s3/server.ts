import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { SecureContext } from 'node:tls';
import { readBody } from './body.ts';
import type { S3Attribution, S3Request } from './request.ts';
import { answerS3, type S3Options, type S3Outcome } from './service.ts';

/** A line of the access log. */
export interface S3AccessEntry extends S3Attribution {
  /** ISO 8601, when the reply began. */
  readonly time: string;
  readonly serverAddress: string;
  readonly requestId: string;
  /** `GET /bucket/key?list-type=2` */
  readonly request: string;
  readonly operation?: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly status: number;
  /** Who has signed; of a request that was refused for its signature, nobody. */
  readonly accessKeyId?: string;
  readonly userAgent?: string;
}

/** Certificates for whatever name a client asks for; the simulated Internet's authority has this shape. */
export interface TlsIdentity {
  issue(hosts: readonly string[]): { readonly certificateChain: string; readonly privateKey: string };
  answerServerName(host: string, callback: (error: Error | null, context?: SecureContext) => void): void;
}

/** What the server is made of. */
export interface S3ServerOptions extends S3Options {
  readonly bindings: readonly { readonly address: string; readonly port: number; readonly isTls: boolean }[];
  /** Needed where a binding speaks TLS. */
  readonly tls?: TlsIdentity;
  /** Whose a connection is, by its two ends. */
  readonly attribute: (remoteAddress: string, localAddress: string) => S3Attribution;
  readonly log: (entry: S3AccessEntry) => void;
}

/** S3, listening. */
export interface S3Server {
  /** What it listens on, in the order asked for; a port asked as 0 is the one it got. */
  readonly bindings: readonly { readonly address: string; readonly port: number; readonly isTls: boolean }[];
  close(): Promise<void>;
}

/** Headers are a few kB; the client's own metadata at most 2. */
const MAX_HEADER_BYTES = 32 * 1024;
const HEADERS_TIMEOUT_MS = 30_000;
/** Five gigabytes on a slow link. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const KEEP_ALIVE_TIMEOUT_MS = 20_000;

/** Starts S3 on every binding. Rejects with Node's error when one cannot be bound, with nothing left open. */
export async function startS3(options: S3ServerOptions): Promise<S3Server> {
  const servers: Server[] = [];
  const bindings: S3ServerOptions['bindings'][number][] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
  };
  try {
    for (const { address, port, isTls } of options.bindings) {
      const server = makeServer(options, address, isTls);
      servers.push(server);
      server.listen({ host: address, port });
      await once(server, 'listening');
      const bound = server.address();
      bindings.push({
        address,
        isTls,
        port: typeof bound === 'object' && bound !== null ? bound.port : port,
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { bindings, close };
}

/** Answers S3's requests on a server that somebody else has opened. */
export function s3Handler(
  options: Omit<S3ServerOptions, 'bindings' | 'tls'>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void serve({ ...options, bindings: [] }, request, response);
}

function makeServer(options: S3ServerOptions, address: string, isTls: boolean): Server {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(options, request, response);
  };
  const server = isTls ? makeTlsServer(options, address, limits, answer) : createHttpServer(limits, answer);
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

function makeTlsServer(
  { tls }: S3ServerOptions,
  address: string,
  limits: object,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  if (tls === undefined) throw new Error('S3 over TLS needs certificates: pass `tls`.');
  const { certificateChain: cert, privateKey: key } = tls.issue([address]);
  const SNICallback: TlsIdentity['answerServerName'] = (host, callback) =>
    tls.answerServerName(host, callback);
  return createHttpsServer({ ...limits, cert, key, SNICallback }, answer);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function serve(
  options: S3ServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { remoteAddress = '', localAddress = '' } = incoming.socket;
  const attribution = options.attribute(remoteAddress.replace(/^::ffff:/, ''), localAddress);
  const request = readRequest(incoming, attribution);
  const outcome = await answerS3(options, request);
  logAccess(options, incoming, request, attribution, outcome);
  // Clients read the reply once they have sent everything, so what a refusal left unread has to run out.
  incoming.resume();
  await send(options, response, request, outcome);
}

/** A request as it came. */
export function readRequest(incoming: IncomingMessage, attribution: S3Attribution): S3Request {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const rawQuery = mark === -1 ? '' : url.slice(mark + 1);
  const headers = incoming.headersDistinct;
  return {
    method: incoming.method ?? 'GET',
    host: incoming.headers.host ?? '',
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    header: (name) => headers[name]?.join(','),
    headerNames: Object.keys(headers),
    attribution,
    body: readBody(incoming),
    requestId: randomBytes(8).toString('hex').toUpperCase(),
  };
}

function logAccess(
  { log, clock }: S3ServerOptions,
  incoming: IncomingMessage,
  request: S3Request,
  attribution: S3Attribution,
  { reply, operation, target, caller }: S3Outcome,
): void {
  const { localAddress = '' } = incoming.socket;
  const accessKeyId = caller?.accessKeyId;
  const userAgent = request.header('user-agent');
  log({
    time: clock().toISOString(),
    ...attribution,
    serverAddress: localAddress,
    requestId: request.requestId,
    request: `${request.method} ${incoming.url ?? '/'}`,
    status: reply.status,
    ...(operation === undefined ? {} : { operation }),
    ...(target.bucket === undefined ? {} : { bucket: target.bucket }),
    ...(target.key === undefined ? {} : { key: target.key }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}

async function send(
  { onBug }: S3ServerOptions,
  response: ServerResponse,
  request: S3Request,
  { reply }: S3Outcome,
): Promise<void> {
  const { status, headers, body } = reply;
  const common = {
    'x-amz-request-id': request.requestId,
    'x-amz-id-2': request.requestId,
    server: 'AmazonS3',
  };
  if (typeof body === 'string') {
    const isBodiless = status === 204 || status === 304;
    const length = isBodiless ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    response.writeHead(status, { ...common, ...length, ...headers });
    response.end(body);
    return;
  }
  response.writeHead(status, { ...common, ...headers });
  try {
    await pour(body, response);
    response.end();
  } catch (error) {
    // Cut short, it is not taken for the whole.
    response.destroy();
    onBug(error, request.requestId);
  }
}

/** Writes chunks that are lent, each when the one before has left. Ends early where the client goes away. */
async function pour(chunks: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  let settle: () => void = () => {};
  response.once('close', () => settle());
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    await new Promise<void>((resolve) => {
      settle = resolve;
      response.write(chunk, () => resolve());
    });
  }
}
