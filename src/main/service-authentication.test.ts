import { describe, expect, test } from 'vitest';
import { decodeChunks } from '../region/s3/chunked.ts';
import { S3Error } from '../region/s3/errors.ts';
import type { S3Request } from '../region/s3/request.ts';
import { authenticateS3 } from './service-authentication.ts';

/** The key of AWS's own examples (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html). */
const KEY = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SCOPE = '20130524/us-east-1/s3/aws4_request';

const authenticate = (isOpen = false, now = '2013-05-24T00:00:00Z') =>
  authenticateS3({
    credentialOf: (accessKeyId) =>
      accessKeyId === KEY ? { secret: SECRET, account: '111122223333' } : undefined,
    isOpen: () => isOpen,
    defaultAccount: () => '123456789012',
    clock: () => new Date(now),
  });

function makeRequest(line: string, headers: Readonly<Record<string, string>>, rawQuery = ''): S3Request {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    host: headers['host'] ?? '',
    header: (name) => headers[name],
    headerNames: Object.keys(headers),
    body: (async function* () {})(),
    requestId: 'R',
  };
}

const signed = (signedHeaders: string, signature: string, key = KEY) =>
  `AWS4-HMAC-SHA256 Credential=${key}/${SCOPE},SignedHeaders=${signedHeaders},Signature=${signature}`;

const GET = {
  host: 'examplebucket.s3.amazonaws.com',
  range: 'bytes=0-9',
  'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'x-amz-date': '20130524T000000Z',
};
const GET_SIGNED = 'host;range;x-amz-content-sha256;x-amz-date';
const GET_SIGNATURE = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

describe('a request is its signer’s', () => {
  test('by the header', () => {
    const authorization = signed(GET_SIGNED, GET_SIGNATURE);
    expect(authenticate()(makeRequest('GET /test.txt', { ...GET, authorization }))).toMatchObject({
      accessKeyId: KEY,
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:root',
    });
  });

  test('by the query', () => {
    const query =
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const request = makeRequest('GET /test.txt', { host: GET.host }, query);
    expect(authenticate()(request)?.account).toBe('111122223333');
    expect(() => authenticate(false, '2013-05-25T00:00:01Z')(request)).toThrow('Request has expired');
    const other = makeRequest('GET /other.txt', { host: GET.host }, query);
    expect(() => authenticate()(other)).toThrow('does not match the signature');
  });

  test('nobody’s without one', () => {
    expect(authenticate()(makeRequest('GET /test.txt', GET))).toBeUndefined();
  });

  const authorization = signed(GET_SIGNED, GET_SIGNATURE);
  test.each<[string, Record<string, string>, string, string?]>([
    ['another path', {}, 'SignatureDoesNotMatch'],
    ['another range', { range: 'bytes=0-99' }, 'SignatureDoesNotMatch'],
    ['another payload', { 'x-amz-content-sha256': '0'.repeat(64) }, 'SignatureDoesNotMatch'],
    ['no word of the payload', { 'x-amz-content-sha256': '' }, 'InvalidArgument'],
    ['a strange payload', { 'x-amz-content-sha256': 'SOMETHING' }, 'InvalidArgument'],
    ['another key', { authorization: signed(GET_SIGNED, GET_SIGNATURE, 'AKIAOTHER') }, 'InvalidAccessKeyId'],
    ['half a signature', { authorization: 'AWS4-HMAC-SHA256 x' }, 'IncompleteSignature'],
    ['an old signature', { authorization: 'AWS AKIA:x' }, 'InvalidRequest'],
    ['a late clock', {}, 'RequestTimeTooSkewed', '2013-05-24T00:15:01Z'],
  ])('refused: %s', (what, headers, code, now) => {
    const path = what === 'another path' ? '/other.txt' : '/test.txt';
    const request = makeRequest(`GET ${path}`, { ...GET, authorization, ...headers });
    const ask = () => authenticate(false, now)(request);
    expect(ask).toThrow(S3Error);
    expect(ask).toThrow(expect.objectContaining({ code }));
  });

  test('whoever says so, where any key is accepted', () => {
    const ask = (key: string) =>
      authenticate(true)(makeRequest('GET /', { authorization: signed('host', 'no', key) }))?.account;
    expect([ask('AKIAANY'), ask('999988887777'), ask(KEY)]).toEqual([
      '123456789012',
      '999988887777',
      '111122223333',
    ]);
    expect(authenticate(true)(makeRequest('GET /', {}))).toBeUndefined();
  });
});

/** 66,560 bytes in chunks of 64 KiB, as AWS's example has it. */
const CONTENT = 'a'.repeat(66_560);
const PUT = {
  host: 's3.amazonaws.com',
  'content-encoding': 'aws-chunked',
  'x-amz-date': '20130524T000000Z',
  'x-amz-decoded-content-length': '66560',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
};

interface Example {
  readonly request: S3Request;
  readonly chunks: readonly [string, string, string];
  readonly end: string;
}

const CHAINED: Example = {
  request: makeRequest('PUT /examplebucket/chunkObject.txt', {
    ...PUT,
    'content-length': '66824',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    authorization: signed(
      'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    ),
  }),
  chunks: [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ],
  end: '\r\n',
};

const TRAILED: Example = {
  request: makeRequest('PUT /examplebucket/chunkObject.txt', {
    ...PUT,
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
    authorization: signed(
      'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer',
      '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    ),
  }),
  chunks: [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ],
  end: 'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
};

function encode({ chunks: [first, second, last], end }: Example, content = CONTENT): string {
  const [large, small] = [content.slice(0, 65_536), content.slice(65_536)];
  return (
    `10000;chunk-signature=${first}\r\n${large}\r\n` +
    `400;chunk-signature=${second}\r\n${small}\r\n0;chunk-signature=${last}\r\n${end}`
  );
}

async function decode(example: Example, body: string): Promise<number> {
  const seal = authenticate()(example.request)?.seal;
  expect(seal).toBeDefined();
  let size = 0;
  const source = (async function* () {
    for (let at = 0; at < body.length; at += 10_000) yield Buffer.from(body.slice(at, at + 10_000));
  })();
  for await (const piece of decodeChunks(source, new Map(), seal)) size += piece.length;
  return size;
}

describe.each([
  ['AWS’s own example', CHAINED],
  ['AWS’s own example with a trailer', TRAILED],
])('a signed stream: %s', (_, example) => {
  test('is good', async () => {
    expect(await decode(example, encode(example))).toBe(66_560);
  });

  test.each<[string, (body: string) => string]>([
    ['a byte changed', (body) => body.replace('aaaa', 'aaba')],
    ['a byte of the last chunk changed', (body) => body.replace('a\r\n0;', 'b\r\n0;')],
    ['a chunk left out', (body) => body.replace(/400;.*?\r\n.*?\r\n/s, '')],
    ['a signature changed', (body) => body.replace(/chunk-signature=../, 'chunk-signature=00')],
    ['a signature left out', (body) => body.replace(/;chunk-signature=[0-9a-f]+/, '')],
    ['the end without a signature', (body) => body.replace(/\r\n0;[^\r]*/, '\r\n0')],
  ])('is refused with %s', async (_what, change) => {
    const body = change(encode(example));
    expect(body).not.toBe(encode(example));
    await expect(decode(example, body)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

test.each<[string, (body: string) => string]>([
  ['changed', (body) => body.replace('sOO8', 'sOO9')],
  ['without its signature', (body) => body.replace(/x-amz-trailer-signature:.*?\r\n/, '')],
])('a signed trailer is refused when it is %s', async (_, change) => {
  await expect(decode(TRAILED, change(encode(TRAILED)))).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
});
