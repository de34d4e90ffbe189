import { once } from 'node:events';
import { createServer } from 'node:net';
import { UserError } from './verb.ts';

/** Throws what to do where another program listens on the port of 127.0.0.1 already; 0 is any free one. */
export async function demandFreePort(port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen({ host: '127.0.0.1', port }), 'listening');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new UserError(
      `another program listens on port ${port} of 127.0.0.1.`,
      'Choose another with `croft up --port NUMBER`; 0 takes any free one.',
    );
  } finally {
    server.close();
  }
}
