import { once } from 'node:events';
import type { Server } from 'node:net';

/** An address and port to listen on; port 0 takes a free one. */
export interface Binding {
  readonly address: string;
  readonly port: number;
}

/** A server that listens. */
export interface Listener {
  /** Where it listens: a port asked as 0 is the one it got. */
  readonly binding: Binding;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Whom a server saw, and what it was asked. */
export interface Sighting {
  /** ISO 8601. */
  readonly time: string;
  /** `dns`, `whois`, `http`. */
  readonly service: string;
  readonly serverAddress: string;
  readonly sourceAddress: string;
  /** `A example.com`, `GET http://checkip.amazonaws.com/`, `n + 8.8.8.8`. */
  readonly request: string;
  /** `NOERROR`, `200`, `NET-8-8-8-0-2`. */
  readonly outcome: string;
}

/** What every server is given. */
export interface ServerContext {
  readonly clock: () => Date;
  readonly log: (sighting: Sighting) => void;
}

/** Starts listening and says where. Rejects with Node's error when the address cannot be bound. */
export async function listenOn(server: Server, { address, port }: Binding): Promise<Binding> {
  server.listen({ host: address, port });
  await once(server, 'listening');
  const bound = server.address();
  return { address, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}

/** Resolves when a listener is closed, at once when it is not open. */
export async function closeListener(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
