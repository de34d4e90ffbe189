import { createHmac, hash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { hashCanonicalRequest } from '../src/ec2/canonical-request.ts';
import type { Credentials } from '../src/state/directory.ts';

/** An API of the query protocol: what its signatures are scoped to, and its version. */
export interface QueryApi {
  readonly service: string;
  readonly version: string;
}

const EC2: QueryApi = { service: 'ec2', version: '2016-11-15' };

/** Parameters of an action as EC2's query protocol has them: `IpPermissions.1.FromPort`. */
export type QueryParameters = Readonly<Record<string, string>>;

/** A request ready to be sent. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const REGION = 'ap-northeast-2';
const SIGNED_HEADERS = 'content-type;host;x-amz-date';

/** Signs an action, of EC2 unless said otherwise, by Signature Version 4, as the aws CLI does. It holds for a quarter of an hour. */
export function signAction(
  port: number,
  { accessKeyId, secretAccessKey }: Credentials,
  action: string,
  parameters: QueryParameters = {},
  { service, version }: QueryApi = EC2,
): SignedRequest {
  const body = String(new URLSearchParams({ Action: action, Version: version, ...parameters }));
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const date = time.slice(0, 8);
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: `127.0.0.1:${port}`,
    'x-amz-date': time,
  };
  const signable = {
    method: 'POST',
    url: '/',
    header: (name: string) => headers[name],
    body: Buffer.from(body),
  };
  const requestHash = hashCanonicalRequest(signable, service, SIGNED_HEADERS, hash('sha256', body));
  const sign = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest();
  const key = [date, REGION, service, 'aws4_request'].reduce<string | Buffer>(sign, `AWS4${secretAccessKey}`);
  const scope = `${date}/${REGION}/${service}/aws4_request`;
  const signature = sign(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${requestHash}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`;
  return { headers: { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) }, body };
}

/** A signed request as the bytes of HTTP. */
export function requestBytes({ headers, body }: SignedRequest): Buffer {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${head.join('')}\r\n${body}`);
}

/** Calls the API as AWS clients do: signed, over HTTP, on a connection that is kept. */
export class ApiClient {
  readonly #port: number;
  readonly #credentials: Credentials;
  readonly #api: QueryApi;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number, credentials: Credentials, api: QueryApi = EC2) {
    this.#port = port;
    this.#api = api;
    this.#credentials = credentials;
  }

  /** Resolves with the answer's text; rejects with it when it is an error. */
  call(action: string, parameters: QueryParameters = {}): Promise<string> {
    const { headers, body } = signAction(this.#port, this.#credentials, action, parameters, this.#api);
    const options = {
      host: '127.0.0.1',
      port: this.#port,
      method: 'POST',
      path: '/',
      headers,
      agent: this.#agent,
    };
    return new Promise((resolve, reject) => {
      const asked = request(options, (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => {
          text += chunk;
        });
        reply.on('error', reject);
        reply.on('end', () =>
          reply.statusCode === 200 ? resolve(text) : reject(new Error(`${action}: ${text}`)),
        );
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
