import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { DnsMessage } from '../net/dns.ts';
import { decodeDns } from '../net/dns-decode.ts';
import { encodeDns } from '../net/dns-encode.ts';

/** A query as a stub resolver sends it. */
export function makeQuery(name: string, type: number): Uint8Array {
  return encodeDns({
    id: 4711,
    isResponse: false,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: true,
    isRecursionAvailable: false,
    rcode: 0,
    questions: [{ name, type, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    extension: { udpSize: 1232, version: 0, isDnssecOk: false },
  });
}

/** Sends a datagram to a port of the loopback and resolves with the reply; never, when there is none. */
export async function askUdp(
  port: number,
  query: Uint8Array,
  host: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<DnsMessage | undefined> {
  const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
  socket.unref();
  const replied = once(socket, 'message');
  socket.send(query, port, host);
  const [reply] = await replied;
  socket.close();
  return reply instanceof Uint8Array ? decodeDns(reply) : undefined;
}

/** Sends queries on one connection, cut into pieces of so many bytes, and resolves with as many replies. */
export async function askTcp(
  port: number,
  queries: readonly Uint8Array[],
  pieceBytes: number,
  host: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<(DnsMessage | undefined)[]> {
  const socket = connect(port, host).setNoDelay(true);
  await once(socket, 'connect');
  const stream = Buffer.concat(
    queries.flatMap((query) => [Buffer.of(query.length >> 8, query.length & 255), query]),
  );
  for (let start = 0; start < stream.length; start += pieceBytes)
    socket.write(stream.subarray(start, start + pieceBytes));
  const replies: (DnsMessage | undefined)[] = [];
  let pending = Buffer.alloc(0);
  for await (const chunk of socket) {
    if (!Buffer.isBuffer(chunk)) continue;
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
      const end = 2 + pending.readUInt16BE();
      replies.push(decodeDns(pending.subarray(2, end)));
      pending = pending.subarray(end);
    }
    if (replies.length === queries.length) break;
  }
  return replies;
}

/** What the first record of a reply leads to: an address or a name; undefined without one. */
export function firstValueOf(reply: DnsMessage | undefined): string | undefined {
  const data = reply?.answers[0]?.data;
  if (data?.type === 'A' || data?.type === 'AAAA') return data.address;
  return data?.type === 'PTR' ? data.name : undefined;
}
