import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { openTrust } from '../src/main/authority-file.ts';

/**
 * What looks like S3 to `aws s3 cp` and does nothing: what it is sent is forgotten, what it sends was there before. What the client
 * reaches with it is what no S3 can exceed.
 *
 * Arguments: the address, the port, and the size of its one object in bytes.
 */
const [, , address = '', port = '', size = ''] = process.argv;
const SIZE = Number(size);
const PIECE = Buffer.alloc(1024 ** 2);
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.method === 'GET' || request.method === 'HEAD') sendObject(request, response);
  else request.once('end', () => acknowledge(request, response));
}

function sendObject(request: IncomingMessage, response: ServerResponse): void {
  const [, first = '0', last = ''] = /^bytes=([0-9]+)-([0-9]*)$/.exec(request.headers.range ?? '') ?? [];
  const [start, end] = [Number(first), last === '' ? SIZE - 1 : Number(last)];
  const isPartial = request.headers.range !== undefined;
  response.writeHead(isPartial ? 206 : 200, {
    'content-length': end - start + 1,
    etag: '"null"',
    'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT',
    ...(isPartial ? { 'content-range': `bytes ${start}-${end}/${SIZE}` } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else pour(response, end - start + 1);
}

function pour(response: ServerResponse, bytes: number): void {
  if (bytes === 0) response.end();
  else response.write(PIECE.subarray(0, bytes), () => pour(response, bytes - Math.min(bytes, PIECE.length)));
}

/** Of a multipart upload the beginning and the end have a body, which the client reads. */
function acknowledge({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const [name, content] = url.includes('uploadId=')
    ? ['CompleteMultipartUploadResult', '<ETag>"null"</ETag>']
    : ['InitiateMultipartUploadResult', '<UploadId>null</UploadId>'];
  const isEmpty = method !== 'POST';
  response.writeHead(200, { etag: '"null"' });
  response.end(isEmpty ? '' : `<${name} xmlns="${NAMESPACE}">${content}</${name}>`);
}

const { authority } = openTrust(() => new Date());
const { certificateChain: cert, privateKey: key } = authority.issue([address]);
const SNICallback = authority.answerServerName;
createServer({ cert, key, SNICallback }, answer).listen(Number(port), address, () => console.log('ready'));
// Ends with the benchmark, however that ends.
process.stdin.resume().once('end', () => process.exit());
