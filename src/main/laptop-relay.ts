import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { serveParent } from './ipc.ts';

/**
 * The API on the laptop's own 127.0.0.1, at the port it has on the machine: so `aws` and Terraform typed in `croft laptop`
 * find it where `croft env` says. Stands in the laptop's namespace, and leads to the API's socket by no network.
 */
export async function runLaptopRelay(port: number): Promise<void> {
  const tell = serveParent({ view: () => {}, log: () => [] });
  const server = createServer((client) => {
    const api = createConnection(join(INSIDE.services, 'api.sock'));
    client.pipe(api).pipe(client);
    client.on('error', () => api.destroy());
    api.on('error', () => client.destroy());
  });
  server.listen({ host: '127.0.0.1', port }, () => tell('ready', true));
  await new Promise(() => {});
}
