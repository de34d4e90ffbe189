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

/** What the handler is made of. */
export interface ApiHandlerOptions {
  /** The socket of the API that the machine has on 127.0.0.1. */
  readonly socketPath: string;
  readonly attribute: (remoteAddress: string, localAddress: string) => Attribution;
  /** The service of the interface endpoint at an address; undefined for an address that is not an endpoint's. */
  readonly serviceAt: (localAddress: string) => string | undefined;
  readonly log: (sighting: ApiSighting) => void;
  readonly clock: () => Date;
}

/** The services that the API behind the socket has, as hosts call them. */
const SERVED: ReadonlySet<string> = new Set(['ec2', 'sts', 'ssm', 'dynamodb']);

/**
 * The regional services besides S3, inside the world: the same API as on the machine's 127.0.0.1, told apart by the host or,
 * at an interface endpoint, by the endpoint. What Cloudcroft has no service for is told so, by HTTP: the way there works.
 */
export function apiHandler(options: ApiHandlerOptions): FrontHandler {
  return (request, response) => {
    const { remoteAddress = '', localAddress = '' } = request.socket;
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const service = options.serviceAt(localAddress) ?? parseServiceHost(host)?.service ?? host;
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    const note = (status: number): void =>
      options.log({
        time: options.clock().toISOString(),
        service,
        serverAddress: localAddress,
        ...options.attribute(remoteAddress.replace(/^::ffff:/, ''), localAddress),
        request: `${request.method} ${scheme}://${host}${request.url}`,
        outcome: String(status),
      });
    if (SERVED.has(service)) relay(options.socketPath, request, response, note);
    else refuse(service, request, response, note);
  };
}

/** In the words of both protocols that services of AWS speak. */
function refuse(
  service: string,
  request: IncomingMessage,
  response: ServerResponse,
  note: (status: number) => void,
): void {
  const message = `Cloudcroft has no service ${service}: the network to it works, and nobody is behind it.`;
  const isJson = request.headers['x-amz-target'] !== undefined;
  const body = isJson
    ? JSON.stringify({ __type: 'UnsupportedOperation', message })
    : `<ErrorResponse><Error><Code>UnsupportedOperation</Code><Message>${message}</Message></Error></ErrorResponse>`;
  // 501 is the one status of a server's failure that SDKs do not try again.
  note(501);
  response.writeHead(501, {
    'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  request.resume();
}
