import { createServer } from 'node:http';
import { Disk } from './disk.ts';

/**
 * As much as a Node HTTP server can do: it reads each request and sends the text it was started with. With `durable` behind
 * the text, it first writes a block for good.
 */
const [, , text = '', kind] = process.argv;

const disk = kind === 'durable' ? new Disk() : undefined;
const server = createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    disk?.writeBlock();
    reply.writeHead(200, {
      'content-type': 'text/xml;charset=UTF-8',
      'content-length': Buffer.byteLength(text),
    });
    reply.end(text);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
// Ends with the benchmark, however that ends.
process.once('disconnect', () => {
  disk?.close();
  process.exit();
});
