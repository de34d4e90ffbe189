import type { IncomingMessage } from 'node:http';

/** Bytes that may wait for whoever reads: a batch of the disk's, beside the one that is being written. */
const MAX_WAITING_BYTES = 1024 ** 2;

/**
 * A request's body, to be read once, each chunk as it came off the connection: Node's own iterator would first copy those that
 * wait into one. A reading that ends before the body leaves the connection as it is: a refusal is still to be sent on it.
 * Rejects with ECONNRESET where the client goes away in the middle.
 */
export function readBody(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => iterate(incoming) };
}

async function* iterate(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isOver = incoming.readableEnded;
  let failure: Error | undefined;
  let wake: () => void = () => {};
  const onData = (chunk: Uint8Array): void => {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= MAX_WAITING_BYTES) incoming.pause();
    wake();
  };
  const onEnd = (): void => {
    isOver = true;
    wake();
  };
  const onFailure = (error?: Error): void => {
    if (!isOver) failure ??= error ?? Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    wake();
  };
  const onClose = (): void => onFailure();
  incoming.on('data', onData).on('end', onEnd).on('error', onFailure).on('close', onClose);
  if (incoming.destroyed) onFailure(incoming.errored ?? undefined);
  try {
    for (;;) {
      if (waiting.length === 0) {
        if (failure !== undefined) throw failure;
        if (isOver) return;
        incoming.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const chunks = waiting;
      waiting = [];
      waitingBytes = 0;
      yield* chunks;
    }
  } finally {
    incoming.off('data', onData).off('end', onEnd).off('error', onFailure).off('close', onClose);
  }
}
