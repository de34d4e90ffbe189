import { createHash, createHmac } from 'node:crypto';
import { request as ask } from 'node:http';
import type { AskRemote, RemoteRequest } from '../cloudformation/resource-type.ts';
import { hashCanonicalRequest } from '../ec2/canonical-request.ts';
import { type Credentials, credentialsOf } from '../state/directory.ts';

/** What requests to the services in the world are made with. */
export interface RemoteServices {
  readonly socketPath: string;
  /** The installation's own; those of another account follow from them. */
  readonly credentials: Credentials;
  readonly clock: () => Date;
}

/** A request whose body may be any bytes. */
export type ServiceRequest = Omit<RemoteRequest, 'body'> & { readonly body?: string | Uint8Array };

/** How long S3 and DynamoDB are waited for: they come up a moment after the daemon. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 200;

/** Asks S3 and DynamoDB as the account whose resources they keep. What cannot be reached yet is tried again for a while. */
export function askServices(services: RemoteServices): (wish: ServiceRequest) => ReturnType<AskRemote> {
  return async (wish) => {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const reply = await send(services, wish);
        if (reply.status !== 503 || Date.now() > end) return reply;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
}

function send(
  services: RemoteServices,
  wish: ServiceRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  const headers = signedHeaders(services, wish);
  return new Promise((resolve, reject) => {
    const { method, path, body } = wish;
    const { socketPath } = services;
    const request = ask({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 502, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** The headers of a request, with a signature of Version 4 over all of them. */
export function signedHeaders(
  { credentials, clock }: RemoteServices,
  { service, region, account, method, path, headers: own = {}, body = '' }: ServiceRequest,
): Readonly<Record<string, string>> {
  const owner = account === credentials.account ? credentials : credentialsOf(credentials, account);
  if (owner === undefined) throw new Error(`there are no credentials of the account ${account}`);
  const time = clock()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '');
  const payloadHash = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    host: `${service}.${region}.amazonaws.com`,
    'x-amz-date': time,
    'x-amz-content-sha256': payloadHash,
    'content-length': String(Buffer.byteLength(body)),
  };
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  const names = Object.keys(headers).toSorted().join(';');
  const signable = { method, url: path, header: (name: string) => headers[name], body: Buffer.from(body) };
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hashCanonicalRequest(signable, service, names, payloadHash)}`;
  const sign = (key: string | Buffer, part: string): Buffer =>
    createHmac('sha256', key).update(part).digest();
  const key = scope.split('/').reduce<string | Buffer>(sign, `AWS4${owner.secretAccessKey}`);
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${owner.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}
