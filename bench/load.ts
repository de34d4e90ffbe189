import { connect, type Socket } from 'node:net';

/** How much is asked: with one request under way for each client, for a time. */
export interface Load {
  readonly clients: number;
  readonly milliseconds: number;
}

/** The same request by every client, again and again: answers a second. */
export async function answersASecond(
  port: number,
  request: Buffer,
  { clients, milliseconds }: Load,
): Promise<number> {
  const begin = performance.now();
  const end = begin + milliseconds;
  const next = (): Buffer | undefined => (performance.now() < end ? request : undefined);
  return perSecond(await askAll(port, clients, next), begin);
}

/** Each of the requests once, shared among the clients: answers a second. */
export async function answersOfEach(
  port: number,
  requests: readonly Buffer[],
  clients: number,
): Promise<number> {
  const waiting = requests.values();
  const begin = performance.now();
  return perSecond(await askAll(port, clients, () => waiting.next().value), begin);
}

function perSecond(count: number, begin: number): number {
  return (count * 1_000) / (performance.now() - begin);
}

async function askAll(port: number, clients: number, next: () => Buffer | undefined): Promise<number> {
  const counts = await Promise.all(Array.from({ length: clients }, () => askInTurn(port, next)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Asks one request after the other until there is none; resolves with the number of answers, rejects when one is an
 * error. The connection is kept where the server keeps it, and made anew where it does not. Written on the bare socket:
 * Node's own HTTP client costs more than the server that is measured.
 */
function askInTurn(port: number, next: () => Buffer | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const ask = (kept: Socket | undefined): void => {
      const bytes = next();
      if (bytes === undefined) {
        kept?.destroy();
        resolve(count);
        return;
      }
      const socket = kept ?? connect(port, '127.0.0.1').setNoDelay();
      const answer = new Answer();
      socket.removeAllListeners();
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        answer.add(chunk);
        if (!answer.isWhole) return;
        if (!answer.isSuccess) {
          socket.destroy();
          reject(new Error(`the server refused: ${answer.text}`));
          return;
        }
        count++;
        if (answer.isConnectionKept) {
          ask(socket);
          return;
        }
        socket.removeAllListeners();
        socket.on('error', () => {});
        socket.destroy();
        ask(undefined);
      });
      socket.on('end', () => reject(new Error(`the server closed a connection within an answer`)));
      socket.write(bytes);
    };
    ask(undefined);
  });
}

/** An answer of HTTP as it comes in. */
class Answer {
  readonly #chunks: Buffer[] = [];
  #received = 0;
  /** The head's text and the whole answer's length in bytes, once the head is there. */
  #head: { readonly text: string; readonly length: number } | undefined;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#head ??= readHead(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks));
  }

  get isWhole(): boolean {
    return this.#head !== undefined && this.#received >= this.#head.length;
  }

  get isSuccess(): boolean {
    return this.#head?.text.slice(0, 12).endsWith(' 200') === true;
  }

  /** HTTP/1.0 closes unless it says otherwise, HTTP/1.1 keeps unless it says otherwise. */
  get isConnectionKept(): boolean {
    const head = this.#head?.text ?? '';
    return head.startsWith('HTTP/1.1') && !/^connection: *close/im.test(head);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function readHead(received: Buffer): { readonly text: string; readonly length: number } | undefined {
  const blank = received.indexOf('\r\n\r\n');
  if (blank < 0) return undefined;
  const text = received.toString('latin1', 0, blank);
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  if (length === undefined) throw new Error('the server sent an answer without its length');
  return { text, length: blank + 4 + Number(length) };
}
