import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { DnsAnswerer, DnsService } from '../net/dns.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { type Binding, closeListener, listenOn } from './binding.ts';

/** An idle connection is closed after this (RFC 7766 section 6.2.3 asks for a few seconds). */
const IDLE_MS = 10_000;
/** Of a server: beyond it new connections are refused, and UDP goes on. */
const MAX_CONNECTIONS = 512;
/** Replies a client has not read. Beyond it the client is not reading at all. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * Answers DNS over UDP and TCP on each address and port. Whatever arrives, it goes on; what a socket reports is that
 * client's loss alone. Rejects with Node's error when an address cannot be bound, with nothing left open.
 */
export async function serveDns(bindings: readonly Binding[], answer: DnsAnswerer): Promise<DnsService> {
  const opened: { binding: Binding; close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((server) => server.close()));
  };
  try {
    for (const binding of bindings) opened.push(await serveBinding(binding, answer));
  } catch (error) {
    await close();
    throw error;
  }
  return { bindings: opened.map(({ binding }) => binding), close };
}

/** TCP first: a free port of TCP is likely to be free for UDP. */
async function serveBinding(
  { address, port }: Binding,
  answer: DnsAnswerer,
): Promise<{ binding: Binding; close: () => Promise<void> }> {
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    answerStream(socket, answer);
  });
  tcp.maxConnections = MAX_CONNECTIONS;
  const binding = await listenOn(tcp, { address, port });
  const closeTcp = async (): Promise<void> => {
    const closed = closeListener(tcp);
    for (const connection of connections) connection.destroy();
    await closed;
  };
  try {
    const udp = await bindUdp(binding, answer);
    const close = async (): Promise<void> => {
      udp.close();
      await closeTcp();
    };
    return { binding, close };
  } catch (error) {
    await closeTcp();
    throw error;
  }
}

async function bindUdp({ address, port }: Binding, answer: DnsAnswerer): Promise<UdpSocket> {
  const socket = createSocket(isIpv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (query, from) => {
    const reply = answer(query, { address: from.address, serverAddress: address, transport: 'udp' });
    // A reply that cannot be sent is a lost datagram, as on any network.
    if (reply !== undefined) socket.send(reply, from.port, from.address, () => undefined);
  });
  const listening = once(socket, 'listening');
  socket.bind({ address, port });
  await listening;
  socket.on('error', () => undefined);
  return socket;
}

/** Messages of a stream carry their length before them (RFC 1035 section 4.2.2), and may come in any pieces. */
function answerStream(socket: Socket, answer: DnsAnswerer): void {
  const address = socket.remoteAddress;
  const serverAddress = socket.localAddress;
  if (address === undefined || serverAddress === undefined) {
    socket.destroy();
    return;
  }
  let pending = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let start = 0;
    while (pending.length - start >= 2) {
      const end = start + 2 + pending.readUInt16BE(start);
      if (pending.length < end) break;
      const reply = answer(pending.subarray(start + 2, end), { address, serverAddress, transport: 'tcp' });
      if (reply !== undefined) socket.write(Buffer.concat([lengthPrefix(reply.length), reply]));
      start = end;
    }
    pending = pending.subarray(start);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  });
}

function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(length);
  return prefix;
}
