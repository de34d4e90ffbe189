import { request } from 'node:http';
import { UserError } from './verb.ts';

/** Asks the daemon over its control socket. */
export class Client {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Whether a daemon answers. */
  async isUp(): Promise<boolean> {
    try {
      await this.#send('GET', '/status', undefined);
      return true;
    } catch {
      return false;
    }
  }

  get(path: string): Promise<unknown> {
    return this.#ask('GET', path, undefined);
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#ask('POST', path, body);
  }

  async #ask(method: string, path: string, body: unknown): Promise<unknown> {
    let reply: { readonly status: number; readonly text: string };
    try {
      reply = await this.#send(method, path, body);
    } catch {
      throw new UserError('Cloudcroft is not running.', 'Start it with `croft up -d`.', 3);
    }
    const value: unknown = JSON.parse(reply.text);
    if (reply.status < 400) return value;
    const { message, hint } = errorOf(value);
    throw new UserError(message, hint);
  }

  #send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { socketPath: this.#socket, method, path, headers: { 'content-type': 'application/json' } },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('error', reject);
          reply.on('end', () =>
            resolve({ status: reply.statusCode ?? 500, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function errorOf(value: unknown): { message: string; hint: string | undefined } {
  if (typeof value !== 'object' || value === null || !('message' in value)) {
    return { message: 'Cloudcroft answered something that this croft does not understand.', hint: undefined };
  }
  const hint = 'hint' in value && typeof value.hint === 'string' ? value.hint : undefined;
  return { message: String(value.message), hint };
}
