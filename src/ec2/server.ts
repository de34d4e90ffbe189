import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AuthenticationOptions, Authenticator } from './authentication.ts';
import { isDeclaredLarger, readBody } from './body.ts';
import { type SignableRequest, splitUrl } from './canonical-request.ts';
import { AwsError } from './errors.ts';
import { isForeignPage, isOwnHost } from './guard.ts';
import { renderRefusal as renderQueryRefusal } from './query-service/envelope.ts';
import { findByVersion, findServiceName, type ServiceTable } from './routing.ts';
import type { Refusal, ServiceHandler, ServiceReply } from './service.ts';
import type { SignatureClaim } from './signature.ts';
import { renderError } from './wire/envelope.ts';
import { internalError } from './wire/protocol-errors.ts';

/** What the server is made of. */
export interface ServerOptions extends AuthenticationOptions {
  readonly services: ServiceTable;
  /** Services that other processes answer, which verify signatures themselves: each takes a request as it is. */
  readonly relays?: Readonly<Record<string, RequestRelay>>;
  /** A port of 127.0.0.1, 0 for any free one; undefined listens on no port. */
  readonly port?: number;
  /** A Unix socket, open to its owner only. What is left there of a killed server is replaced. */
  readonly socketPath?: string;
  /** Names, besides the loopback's and AWS's, by which clients may call it. */
  readonly ownNames?: readonly string[];
  /** The region of requests that name none. */
  readonly defaultRegion: string;
  readonly isRegion: (name: string) => boolean;
  readonly clock: () => Date;
  /** Told of every failure that is a bug of ours. */
  readonly onBug: (error: unknown, requestId: string) => void;
  /** Forgets everything, asked for by `POST /moto-api/reset` as test suites of moto do; undefined refuses that. */
  readonly reset?: () => Promise<void>;
}

/** Hands a request on and answers it; `100 Continue` has been said where the client awaits it. */
export type RequestRelay = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that listens. */
export interface RunningServer {
  /** The port on 127.0.0.1, or undefined where it listens on a socket only. */
  readonly port: number | undefined;
  /** Lets requests under way finish for at most `graceMs`, then closes every connection. */
  stop(graceMs?: number): Promise<void>;
}

/** Query requests of real clients are a few kB; user data and policies stay below 64 kB. */
const DEFAULT_BODY_LIMIT = 1024 * 1024;
const MAX_HEADER_BYTES = 32 * 1024;
/** The body of a request to our own services that has not arrived by then never will. */
const BODY_TIMEOUT_MS = 30_000;
/** What is handed on may be five gigabytes on a slow link. This also ends bodies that are too large to keep. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the pools of the AWS SDKs keep an idle connection, so that we do not close under their hands. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const CHECK_INTERVAL_MS = 5_000;
const DEFAULT_GRACE_MS = 5_000;

/** Starts the one HTTP server for all services. Resolves when it listens; rejects with Node's error where it cannot. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const front = new Front(options);
  const servers: Server[] = [];
  let port: number | undefined;
  if (options.port !== undefined) {
    const server = makeServer(front);
    server.listen({ host: '127.0.0.1', port: options.port });
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : options.port;
    servers.push(server);
  }
  if (options.socketPath !== undefined) {
    const server = makeServer(front);
    await rm(options.socketPath, { force: true });
    server.listen({ path: options.socketPath });
    await once(server, 'listening');
    await chmod(options.socketPath, 0o600);
    servers.push(server);
  }
  const stop = async (graceMs = DEFAULT_GRACE_MS): Promise<void> => {
    front.isStopping = true;
    await Promise.all(servers.map((server) => closeServer(server, graceMs)));
  };
  return { port, stop };
}

function makeServer(front: Front): Server {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    // Said by isOwnHost, with an explanation.
    requireHostHeader: false,
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void front.answer(request, response, false);
  });
  // A client that asks before it sends its body.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    void front.answer(request, response, true);
  });
  server.on('clientError', answerBrokenRequest);
  return server;
}

/** What could not be read as HTTP gets the plainest answer. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(deadline);
}

/** A request that was read as far as it is needed to find its service. */
interface Arrival {
  readonly signable: Omit<SignableRequest, 'body'>;
  readonly claim: SignatureClaim | undefined;
  readonly path: string;
  readonly query: string;
  readonly requestId: string;
}

/** The way from an HTTP request to its service and back, the same for all services. */
class Front {
  /** Replies then ask for the connection to be closed. */
  isStopping = false;
  readonly #options: ServerOptions;
  readonly #authenticator: Authenticator;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator(options);
  }

  /**
   * Answers a request. Never rejects; a client that went away gets nothing. One that awaits `100 Continue` gets it
   * when its body is wanted; otherwise the connection is closed, for nobody can tell what it sends next.
   */
  async answer(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
    const requestId = randomUUID();
    if (awaitsContinue) response.setHeader('connection', 'close');
    let service: ServiceHandler | undefined;
    let claimed: string | undefined;
    let reply: ServiceReply | undefined;
    try {
      if (request.url === RESET_PATH) {
        this.#send(response, await this.#reset(request), requestId);
        return;
      }
      const arrival = this.#arrive(request, requestId);
      claimed = arrival.claim?.service;
      const name = this.#findService(request, arrival);
      const relay = name === undefined ? undefined : this.#findRelay(name);
      if (relay !== undefined) {
        response.removeHeader('connection');
        if (awaitsContinue) response.writeContinue();
        relay(request, response);
        return;
      }
      service = name === undefined ? undefined : this.#demandService(name);
      const limit = service?.bodyLimit ?? DEFAULT_BODY_LIMIT;
      if (awaitsContinue && !isDeclaredLarger(request, limit)) {
        response.removeHeader('connection');
        response.writeContinue();
      }
      const body = await readBody(request, limit, BODY_TIMEOUT_MS);
      if (body === 'aborted') return;
      if (body === 'too late') {
        response.setHeader('connection', 'close');
        throw tooLate();
      }
      if (body === 'too large') throw tooLarge();
      const found = name ?? findByVersion(this.#options.services, Buffer.from(body).toString()) ?? 'ec2';
      service ??= this.#demandService(found);
      reply = await this.#serve(service, found, arrival, body);
    } catch (error) {
      if (!(error instanceof AwsError)) this.#options.onBug(error, requestId);
      const refusal = error instanceof AwsError ? error : internalError();
      const type = request.headers['content-type'];
      reply = service?.refuse(refusal, requestId) ?? renderRefusal(refusal, claimed, type, requestId);
    }
    this.#send(response, reply, requestId);
  }

  /** A page of the web must reach neither a service that trusts everybody nor, by DNS rebinding, any other. */
  #guard({ headers: { host = '', origin } }: IncomingMessage): void {
    if (!isOwnHost(host, this.#options.ownNames ?? [])) throw foreignHost(host);
    if (this.#options.isOpen && isForeignPage(origin, host)) throw foreignPage(origin ?? '');
  }

  async #reset(request: IncomingMessage): Promise<ServiceReply> {
    this.#guard(request);
    if (this.#options.reset === undefined) throw resetRefused();
    if (request.method !== 'POST') throw new AwsError('MethodNotAllowed', 'Reset is a POST.', 405);
    request.resume();
    await this.#options.reset();
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"ok"}' };
  }

  #arrive(request: IncomingMessage, requestId: string): Arrival {
    this.#guard(request);
    const url = request.url ?? '/';
    const signable = {
      method: request.method ?? 'GET',
      url,
      header: (name: string) => request.headersDistinct[name]?.join(','),
    };
    const claim = this.#authenticator.readClaim({ ...signable, body: NO_BODY });
    if (claim !== undefined && !this.#options.isRegion(claim.region)) throw unknownRegion(claim.region);
    return { signable, claim, requestId, ...splitUrl(url) };
  }

  #findService(request: IncomingMessage, { signable, claim, path, query }: Arrival): string | undefined {
    const { services, relays = {} } = this.#options;
    const hasS3 = Object.hasOwn(services, 's3') || Object.hasOwn(relays, 's3');
    return findServiceName(services, hasS3, {
      path,
      claim,
      query,
      method: signable.method,
      target: signable.header('x-amz-target'),
      contentType: request.headers['content-type'],
    });
  }

  #findRelay(name: string): RequestRelay | undefined {
    const { relays = {} } = this.#options;
    return Object.hasOwn(relays, name) ? relays[name] : undefined;
  }

  #demandService(name: string): ServiceHandler {
    const { services, relays = {} } = this.#options;
    const service = Object.hasOwn(services, name) ? services[name] : undefined;
    if (service === undefined) throw unknownService(name, [...Object.keys(services), ...Object.keys(relays)]);
    return service;
  }

  #serve(service: ServiceHandler, name: string, arrival: Arrival, body: Uint8Array): Promise<ServiceReply> {
    const { signable, claim, path, query, requestId } = arrival;
    const now = this.#options.clock();
    const isAnonymousFine = service.admitsAnonymous ?? false;
    const caller = this.#authenticator.authenticate({ ...signable, body }, claim, name, isAnonymousFine, now);
    const region = claim?.region ?? this.#options.defaultRegion;
    const { method, header } = signable;
    return service.handle({ method, path, query, header, body, caller, region, requestId, now });
  }

  #send(response: ServerResponse, { status, headers, body }: ServiceReply, requestId: string): void {
    if (response.destroyed) return;
    response.writeHead(status, {
      'x-amzn-requestid': requestId,
      'content-type': 'text/xml;charset=UTF-8',
      'content-length': Buffer.byteLength(body),
      ...(this.isStopping ? { connection: 'close' } : {}),
      ...headers,
    });
    // A text leaves together with the head.
    response.end(body);
  }
}

/** As moto has it. */
const RESET_PATH = '/moto-api/reset';

const NO_BODY = new Uint8Array();

/** Services that Cloudcroft has not, and that speak XML without forms; all others without forms speak JSON. */
const XML_SERVICES: ReadonlySet<string> = new Set(['cloudfront', 'route53']);

/**
 * A refusal by nobody in particular, in a form that the client of the service it meant understands: EC2's, the query
 * protocol's, or JSON.
 */
function renderRefusal(
  refusal: Refusal,
  claimed: string | undefined,
  type: string | undefined,
  requestId: string,
): ServiceReply {
  const { status, code, message } = refusal;
  const isForm = type?.includes('x-www-form-urlencoded') === true;
  const isJson =
    type?.includes('json') === true || (claimed !== undefined && !isForm && !XML_SERVICES.has(claimed));
  if (isJson) {
    const headers = { 'content-type': type ?? 'application/json', 'x-amzn-errortype': code };
    return { status, headers, body: JSON.stringify({ __type: code, message }) };
  }
  if (claimed === undefined || claimed === 'ec2') return { status, body: renderError(refusal, requestId) };
  return { status, body: renderQueryRefusal('', refusal, requestId) };
}

function tooLarge(): AwsError {
  return new AwsError('RequestEntityTooLarge', 'The request body is larger than the service takes.', 413);
}

function tooLate(): AwsError {
  return new AwsError('RequestTimeout', 'The body of the request did not arrive in time.', 408);
}

function resetRefused(): AwsError {
  const message = 'Only a Cloudcroft started with `croft up --open` forgets everything when it is asked to.';
  return new AwsError('AccessDenied', message, 403);
}

function foreignHost(host: string): AwsError {
  const message = `This server does not answer to the host name '${host}'. Call it by 127.0.0.1 or localhost.`;
  return new AwsError('AccessDenied', message, 403);
}

function foreignPage(origin: string): AwsError {
  const message = `A web page of ${origin} may not call this server, which accepts any access key.`;
  return new AwsError('AccessDenied', message, 403);
}

function unknownRegion(region: string): AwsError {
  return new AwsError('AuthFailure', `Credential should be scoped to a valid region, not '${region}'.`, 401);
}

function unknownService(name: string, known: readonly string[]): AwsError {
  const message = `Cloudcroft does not provide the service '${name}'. It provides: ${known.join(', ')}.`;
  return new AwsError('NotImplemented', message, 501);
}
