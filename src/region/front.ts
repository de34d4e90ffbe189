import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { DEFAULT_CIPHERS, type SecureContext } from 'node:tls';

/** Certificates for whatever name a client asks for; the simulated Internet's authority has this shape. */
export interface FrontIdentity {
  issue(hosts: readonly string[]): { readonly certificateChain: string; readonly privateKey: string };
  answerServerName(host: string, callback: (error: Error | null, context?: SecureContext) => void): void;
}

/** Answers requests of one service, or of all that share its address. */
export type FrontHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the front is made of. */
export interface FrontOptions {
  readonly tls: FrontIdentity;
  /** Who answers at an address. */
  readonly handlerAt: (address: string) => FrontHandler;
  /** Told of an address that cannot be listened at; the others go on. */
  readonly onFailure: (address: string, error: unknown) => void;
  /** 80 and 443, but in tests. */
  readonly ports?: { readonly http: number; readonly https: number };
}

const LIMITS = {
  /** Headers of signed requests are a few kB. */
  maxHeaderSize: 32 * 1024,
  headersTimeout: 30_000,
  /** Five gigabytes on a slow link. */
  requestTimeout: 3_600_000,
  /** Longer than the pools of the AWS SDKs keep an idle connection. */
  keepAliveTimeout: 75_000,
} as const;

/** The cheapest first of those that all are strong enough: what it costs, both ends pay out of one machine. */
const CIPHERS = `TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:${DEFAULT_CIPHERS}`;

/**
 * The doors of the regions' services: HTTP and HTTPS at each address that is one of theirs now. Endpoints come and go, and
 * their addresses with them.
 */
export class Front {
  readonly #options: FrontOptions;
  readonly #open = new Map<string, readonly Server[]>();

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Listens at exactly these addresses from now on. Connections to an address that is gone are ended. */
  async listenAt(addresses: Iterable<string>): Promise<void> {
    const wanted = new Set(addresses);
    for (const [address, servers] of this.#open) {
      if (wanted.has(address)) continue;
      this.#open.delete(address);
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    }
    await Promise.all(
      [...wanted].filter((address) => !this.#open.has(address)).map((one) => this.#begin(one)),
    );
  }

  /** Listens on a Unix socket too, for one handler. What is left there of a killed server is replaced. */
  async listenOn(socketPath: string, handler: FrontHandler): Promise<void> {
    const server = createHttpServer(LIMITS, handler);
    server.on('clientError', (_error, socket) => socket.destroy());
    await rm(socketPath, { force: true });
    server.listen({ path: socketPath });
    await once(server, 'listening');
    // Whoever calls is another user; the folder that it lies in lets nobody else by.
    await chmod(socketPath, 0o666);
  }

  async #begin(address: string): Promise<void> {
    const { tls, handlerAt, onFailure, ports = { http: 80, https: 443 } } = this.#options;
    const answer: FrontHandler = (request, response) => handlerAt(address)(request, response);
    const { certificateChain: cert, privateKey: key } = tls.issue([address]);
    const SNICallback: FrontIdentity['answerServerName'] = (host, callback) =>
      tls.answerServerName(host, callback);
    const plain = createHttpServer(LIMITS, answer);
    const secure = createHttpsServer({ ...LIMITS, cert, key, ciphers: CIPHERS, SNICallback }, answer);
    this.#open.set(address, [plain, secure]);
    for (const server of [plain, secure]) server.on('clientError', (_error, socket) => socket.destroy());
    try {
      plain.listen({ host: address, port: ports.http });
      secure.listen({ host: address, port: ports.https });
      await Promise.all([once(plain, 'listening'), once(secure, 'listening')]);
    } catch (error) {
      this.#open.delete(address);
      for (const server of [plain, secure]) server.close();
      onFailure(address, error);
    }
  }
}
