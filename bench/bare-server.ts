import { createServer } from 'node:http';

/** As much as a Node HTTP server can do: it reads each request and sends the text it was started with. */
const [, , text = ''] = process.argv;

const server = createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    reply.writeHead(200, {
      'content-type': 'text/xml;charset=UTF-8',
      'content-length': Buffer.byteLength(text),
    });
    reply.end(text);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
// Ends with the benchmark, however that ends.
process.once('disconnect', () => process.exit());
