import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream';
import type { PluggedService } from '../cli/plugged-service.ts';
import type { StateDirectory } from '../state/directory.ts';

/**
 * Opens a socket for each service that a server of the user's answers, and hands what comes by it on to that server as it is: the
 * world has no way to the machine's loopback but by such a socket. Resolves with what closes them.
 */
export async function openPluggedServices(
  state: StateDirectory,
  services: readonly PluggedService[],
): Promise<() => void> {
  const servers = await Promise.all(services.map((service) => openSocket(state, service)));
  return () => {
    for (const server of servers) server.close();
  };
}

async function openSocket(state: StateDirectory, { name, host, port }: PluggedService): Promise<Server> {
  const path = state.pluggedSocket(name);
  // What a killed daemon left there.
  rmSync(path, { force: true });
  const server = createServer((client) => {
    const own = connect({ host, port });
    // Either end may go away; the other is closed with it.
    pipeline(client, own, () => own.destroy());
    pipeline(own, client, () => client.destroy());
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(path, listening.resolve);
  await listening.promise;
  // The world's processes are other users of the machine; the folder it lies in lets nobody else by.
  chmodSync(path, 0o666);
  return server;
}
