import { createServer, type Socket } from 'node:net';
import { type Binding, closeListener, type Listener, listenOn, type ServerContext } from './binding.ts';
import type { RegistryName } from './sites.ts';
import { answerWhois } from './whois-answer.ts';

/** A query is a line; what is longer is none. */
const MAX_QUERY_BYTES = 1024;
const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** A registry's whois server (RFC 3912): a line, an answer, the end. Rejects with Node's error when it cannot listen. */
export async function serveWhois(
  binding: Binding,
  registry: RegistryName,
  context: ServerContext,
): Promise<Listener> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    answerConnection(socket, registry, context);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const bound = await listenOn(server, binding);
  const close = async (): Promise<void> => {
    const closed = closeListener(server);
    for (const connection of connections) connection.destroy();
    await closed;
  };
  return { binding: bound, close };
}

function answerConnection(socket: Socket, registry: RegistryName, { clock, log }: ServerContext): void {
  const { remoteAddress: sourceAddress = '', localAddress: serverAddress = '' } = socket;
  let received = '';
  let isAnswered = false;
  socket.setEncoding('latin1');
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    if (isAnswered) return;
    received += chunk;
    const end = received.indexOf('\n');
    if (end === -1 && received.length <= MAX_QUERY_BYTES) return;
    isAnswered = true;
    const query = received
      .slice(0, end === -1 ? MAX_QUERY_BYTES : end)
      .replace(/[^\x20-\x7e]/g, ' ')
      .trim();
    const { text, found } = answerWhois(registry, query);
    const time = clock().toISOString();
    log({ time, service: 'whois', serverAddress, sourceAddress, request: query, outcome: found });
    socket.end(text);
  });
}
