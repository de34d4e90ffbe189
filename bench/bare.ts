import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A bare server in a process of its own, as ours is. */
export interface BareServer {
  readonly port: number;
  close(): void;
}

/** Starts one that answers every request with the text; with `durable`, after it has written a block for good. */
export async function startBareServer(text: string, ...kind: readonly 'durable'[]): Promise<BareServer> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [text, ...kind]);
  const [address]: unknown[] = await once(child, 'message');
  if (typeof address !== 'object' || address === null || !('port' in address))
    throw new Error('the bare server did not start');
  return { port: Number(address.port), close: () => child.disconnect() };
}
