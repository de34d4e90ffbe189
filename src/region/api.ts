import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseServiceHost } from '../net/dns-hosts.ts';
import type { FrontHandler } from './front.ts';
import { relay } from './relay.ts';

/** Who a connection is from. */
export interface Attribution {
  /** The private address in a VPC when it came through an endpoint, else the public one. */
  readonly sourceAddress: string;
  readonly vpcEndpointId?: string;
  readonly vpcId?: string;
  readonly eniId?: string;
}

/** A line of the services' log. */
export interface ApiSighting extends Attribution {
  /** ISO 8601. */
  readonly time: string;
  readonly service: string;
  readonly serverAddress: string;
  /** `POST https://sts.us-east-1.amazonaws.com/` */
  readonly request: string;
  readonly outcome: string;
}

/** What a request through an endpoint asks for. */
export interface ApiAsked {
  /** `ec2:DescribeVpcs` */
  readonly action: string;
  readonly resource: string;
  /** What the client claims; the API behind verifies it. */
  readonly accessKeyId: string | undefined;
  /** That came with a temporary key. */
  readonly sessionToken: string | undefined;
  readonly attribution: Attribution;
}

/** What the handler is made of. */
export interface ApiHandlerOptions {
  /** The socket of whoever answers for a service; undefined for one that nobody answers for. */
  readonly socketOf: (service: string) => string | undefined;
  readonly attribute: (remoteAddress: string, localAddress: string) => Attribution;
  /** The service of the interface endpoint at an address; undefined for an address that is not an endpoint's. */
  readonly serviceAt: (localAddress: string) => string | undefined;
  /** What a request asks for, of a service whose requests name no action; undefined for every other service. */
  readonly describe: (
    service: string,
    request: IncomingMessage,
  ) => Pick<ApiAsked, 'action' | 'resource'> | undefined;
  /** Asks the policy of the endpoint that a request came by: the refusal's message, or undefined. */
  readonly judge: (asked: ApiAsked) => string | undefined;
  readonly log: (sighting: ApiSighting) => void;
  readonly clock: () => Date;
}

/**
 * The regional services besides S3 and DynamoDB, inside the world: the same API as on the machine's 127.0.0.1, told apart by the host or,
 * at an interface endpoint, by the endpoint. What Cloudcroft has no service for is told so, by HTTP: the way there works.
 */
export function apiHandler(options: ApiHandlerOptions): FrontHandler {
  return (request, response) => {
    const { remoteAddress = '', localAddress = '' } = request.socket;
    const attribution = options.attribute(remoteAddress.replace(/^::ffff:/, ''), localAddress);
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const service = options.serviceAt(localAddress) ?? parseServiceHost(host)?.service ?? host;
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    const note = (status: number): void =>
      options.log({
        time: options.clock().toISOString(),
        service,
        serverAddress: localAddress,
        ...attribution,
        request: `${request.method} ${scheme}://${host}${request.url}`,
        outcome: String(status),
      });
    // 501 is the one status of a server's failure that SDKs do not try again.
    const socketPath = options.socketOf(service);
    if (socketPath === undefined) {
      refuse(request, response, { status: 501, code: 'UnsupportedOperation', message: notServed(service) });
      note(501);
    } else if (attribution.vpcEndpointId === undefined) {
      relay(socketPath, request, response, note);
    } else void relayJudged({ options, service, socketPath, attribution }, request, response, note);
  };
}

/** A request that came by an endpoint. */
interface Judged {
  readonly options: ApiHandlerOptions;
  readonly service: string;
  readonly socketPath: string;
  readonly attribution: Attribution;
}

/** A policy is asked about the action, which the body names. */
async function relayJudged(
  { options, service, socketPath, attribution }: Judged,
  request: IncomingMessage,
  response: ServerResponse,
  note: (status: number) => void,
): Promise<void> {
  const described = options.describe(service, request);
  // What is told without it may be of any length, and is not read here.
  const body = described === undefined ? await readBody(request).catch(() => undefined) : EMPTY;
  if (body === undefined) {
    response.destroy();
    return;
  }
  const message = options.judge({
    action: `${service}:${findAction(request, body)}`,
    resource: '*',
    ...described,
    sessionToken: request.headers['x-amz-security-token']?.toString(),
    accessKeyId: /Credential=([^/,\s]+)/.exec(request.headers.authorization ?? '')?.[1],
    attribution,
  });
  if (message === undefined) {
    relay(socketPath, request, response, note, described === undefined ? body : undefined);
    return;
  }
  // EC2 has a code of its own for it.
  const code = service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied';
  refuse(request, response, { status: 403, code, message });
  note(403);
}

const EMPTY = Buffer.alloc(0);

/** Requests that name their action in the body are small; what is longer is refused by the API as well. */
const MOST_BODY_BYTES = 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BODY_BYTES) throw new Error('the body is too long');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** By the header that JSON services have (`AmazonSSM.GetParameter`), or by the parameter `Action`. */
function findAction({ headers, url }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const query = new URLSearchParams(url?.split('?')[1] ?? '');
  return query.get('Action') ?? new URLSearchParams(body.toString()).get('Action') ?? '';
}

function notServed(service: string): string {
  return `Cloudcroft has no service ${service}: the network to it works, and nobody is behind it.`;
}

/** In the words of both protocols that services of AWS speak. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void {
  const isJson = request.headers['x-amz-target'] !== undefined;
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const error = `<Error><Code>${code}</Code><Message>${text}</Message></Error>`;
  const body = isJson
    ? JSON.stringify({ __type: code, message })
    : code === 'UnauthorizedOperation'
      ? `<Response><Errors>${error}</Errors></Response>`
      : `<ErrorResponse>${error}</ErrorResponse>`;
  response.writeHead(status, {
    'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  request.resume();
}
