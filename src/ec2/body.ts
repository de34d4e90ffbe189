import type { IncomingMessage } from 'node:http';

/** Why a body could not be had. */
export type BodyFailure = 'too large' | 'too late' | 'aborted';

/** Says whether a request's own Content-Length is more than `limit` bytes. */
export function isDeclaredLarger(request: IncomingMessage, limit: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > limit;
}

/**
 * Reads a request's body of at most `limit` bytes. A larger one is let run out without being kept, so that memory
 * does not grow and the client, which is still sending, gets to read the reply. What has not come after `timeoutMs` never will.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  timeoutMs: number,
): Promise<Uint8Array | BodyFailure> {
  const read = Promise.withResolvers<Uint8Array | BodyFailure>();
  const timer = setTimeout(() => read.resolve('too late'), timeoutMs);
  void collect(request, limit).then((body) => {
    clearTimeout(timer);
    read.resolve(body);
  });
  return read.promise;
}

function collect(request: IncomingMessage, limit: number): Promise<Uint8Array | BodyFailure> {
  return new Promise((resolve) => {
    if (isDeclaredLarger(request, limit)) {
      request.resume();
      resolve('too large');
      return;
    }
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      resolve('too large');
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}
