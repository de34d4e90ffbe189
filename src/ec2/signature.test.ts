import { describe, expect, test } from 'vitest';
import type { SignableRequest } from './canonical-request.ts';
import { AwsError } from './errors.ts';
import { readClaim, SignatureVerifier } from './signature.ts';

/** The examples that AWS publishes with their signatures. */
const KEYS: Readonly<Record<string, { readonly secret: string; readonly account: string }>> = {
  AKIDEXAMPLE: { secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', account: '111111111111' },
  AKIAIOSFODNN7EXAMPLE: { secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', account: '222222222222' },
};

interface Example {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const LIST_USERS: Example = {
  method: 'GET',
  url: '/?Action=ListUsers&Version=2010-05-08',
  headers: {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
  body: '',
};

const GET_OBJECT: Example = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  body: '',
};

const PRESIGNED: Example = {
  method: 'GET',
  url:
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
    '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
    '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
    '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
  body: '',
};

function signable({ method, url, headers, body }: Example): SignableRequest {
  return { method, url, header: (name) => headers[name], body: new TextEncoder().encode(body) };
}

function verify(example: Example, now: string): string {
  const request = signable(example);
  try {
    const claim = readClaim(request);
    if (claim === undefined) return 'no signature';
    return new SignatureVerifier((id) => KEYS[id]).verify(request, claim, new Date(now)).account;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `${error.status} ${error.code}`;
  }
}

function withHeader(example: Example, name: string, value: string): Example {
  return { ...example, headers: { ...example.headers, [name]: value } };
}

function withAuthorization(example: Example, from: string, to: string): Example {
  return withHeader(example, 'authorization', (example.headers.authorization ?? '').replace(from, to));
}

const SIGNED = '2015-08-30T12:36:00Z';

describe('signatures', () => {
  test.each<[string, Example, string, string]>([
    ["AWS's example for IAM", LIST_USERS, SIGNED, '111111111111'],
    ["AWS's example for S3", GET_OBJECT, '2013-05-24T00:00:00Z', '222222222222'],
    ["AWS's presigned example", PRESIGNED, '2013-05-24T00:00:00Z', '222222222222'],
    ['15 minutes late', LIST_USERS, '2015-08-30T12:51:00Z', '111111111111'],
    ['15 minutes early', LIST_USERS, '2015-08-30T12:21:00Z', '111111111111'],
    [
      'query in another order',
      { ...LIST_USERS, url: '/?Version=2010-05-08&Action=ListUsers' },
      SIGNED,
      '111111111111',
    ],
    ['spaces about a header', withHeader(LIST_USERS, 'host', ' iam.amazonaws.com '), SIGNED, '111111111111'],
    ['a header that is not signed', withHeader(LIST_USERS, 'user-agent', 'x'), SIGNED, '111111111111'],
    ['presigned, within the day', PRESIGNED, '2013-05-24T23:59:59Z', '222222222222'],
  ])('%s is right', (_, example, now, account) => {
    expect(verify(example, now)).toBe(account);
  });

  test.each<[string, Example, string, string]>([
    ['no signature', { ...LIST_USERS, headers: {} }, SIGNED, 'no signature'],
    [
      'another action',
      { ...LIST_USERS, url: '/?Action=DeleteUser&Version=2010-05-08' },
      SIGNED,
      '403 SignatureDoesNotMatch',
    ],
    ['another method', { ...LIST_USERS, method: 'POST' }, SIGNED, '403 SignatureDoesNotMatch'],
    [
      'another path',
      { ...GET_OBJECT, url: '/other.txt' },
      '2013-05-24T00:00:00Z',
      '403 SignatureDoesNotMatch',
    ],
    ['another body', { ...LIST_USERS, body: 'x' }, SIGNED, '403 SignatureDoesNotMatch'],
    [
      'another host',
      withHeader(LIST_USERS, 'host', 'ec2.amazonaws.com'),
      SIGNED,
      '403 SignatureDoesNotMatch',
    ],
    [
      'another region',
      withAuthorization(LIST_USERS, 'us-east-1', 'us-west-2'),
      SIGNED,
      '403 SignatureDoesNotMatch',
    ],
    ['another digit', withAuthorization(LIST_USERS, 'f2b5d7', 'f2b5d8'), SIGNED, '403 SignatureDoesNotMatch'],
    ['a shorter signature', withAuthorization(LIST_USERS, 'b5d7', ''), SIGNED, '403 SignatureDoesNotMatch'],
    ['for EC2', withAuthorization(LIST_USERS, '/iam/', '/ec2/'), SIGNED, '401 AuthFailure'],
    [
      'host unsigned',
      withAuthorization(LIST_USERS, 'type;host;', 'type;'),
      SIGNED,
      '403 SignatureDoesNotMatch',
    ],
    ['date unsigned', withAuthorization(LIST_USERS, ';x-amz-date', ''), SIGNED, '403 SignatureDoesNotMatch'],
    [
      'another day',
      withHeader(LIST_USERS, 'x-amz-date', '20150831T123600Z'),
      SIGNED,
      '403 SignatureDoesNotMatch',
    ],
    [
      'unknown key',
      withAuthorization(LIST_USERS, 'AKIDEXAMPLE', 'AKIDOTHER'),
      SIGNED,
      '403 InvalidClientTokenId',
    ],
    [
      'unknown key of S3',
      withAuthorization(GET_OBJECT, 'AKIAIO', 'AKIAXX'),
      SIGNED,
      '403 InvalidAccessKeyId',
    ],
    ['over 15 minutes late', LIST_USERS, '2015-08-30T12:51:01Z', '403 SignatureDoesNotMatch'],
    ['over 15 minutes early', LIST_USERS, '2015-08-30T12:20:59Z', '403 SignatureDoesNotMatch'],
    [
      'late for EC2',
      withAuthorization(LIST_USERS, '/iam/', '/ec2/'),
      '2015-08-30T13:00:00Z',
      '400 RequestExpired',
    ],
    ['late for S3', GET_OBJECT, '2013-05-24T00:15:01Z', '403 RequestTimeTooSkewed'],
    ['presigned, a day later', PRESIGNED, '2013-05-25T00:00:01Z', '403 AccessDenied'],
    [
      'presigned, other expiry',
      { ...PRESIGNED, url: PRESIGNED.url.replace('86400', '86401') },
      '2013-05-24T00:00:00Z',
      '403 SignatureDoesNotMatch',
    ],
    [
      'presigned, no expiry',
      { ...PRESIGNED, url: PRESIGNED.url.replace('86400', '') },
      SIGNED,
      '400 IncompleteSignature',
    ],
    [
      'presigned for years',
      { ...PRESIGNED, url: PRESIGNED.url.replace('86400', '999999') },
      SIGNED,
      '400 IncompleteSignature',
    ],
    [
      'old algorithm',
      withAuthorization(LIST_USERS, 'AWS4-HMAC-SHA256', 'AWS'),
      SIGNED,
      '400 IncompleteSignature',
    ],
    ['no credential', withAuthorization(LIST_USERS, 'Credential=', 'C='), SIGNED, '400 IncompleteSignature'],
    [
      'half a credential',
      withAuthorization(LIST_USERS, '/iam/aws4_request', ''),
      SIGNED,
      '400 IncompleteSignature',
    ],
    ['no time', withHeader(LIST_USERS, 'x-amz-date', ''), SIGNED, '400 IncompleteSignature'],
    ['no words', withHeader(LIST_USERS, 'authorization', ''), SIGNED, '400 IncompleteSignature'],
  ])('%s is refused', (_, example, now, refusal) => {
    expect(verify(example, now)).toBe(refusal);
  });
});

describe('temporary credentials', () => {
  const at = (expiresAt: string): string => {
    const request = signable(GET_OBJECT);
    const claim = readClaim(request);
    if (claim === undefined) return 'no signature';
    const verifier = new SignatureVerifier((id) => {
      const key = KEYS[id];
      return key === undefined ? undefined : { ...key, expiresAt: new Date(expiresAt) };
    });
    try {
      return verifier.verify(request, claim, new Date('2013-05-24T00:00:00Z')).account;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return `${error.status} ${error.code}`;
    }
  };

  test.each([
    ['end later', '2013-05-24T00:00:01Z', '222222222222'],
    ['end now', '2013-05-24T00:00:00Z', '400 ExpiredToken'],
    ['have ended', '2013-05-23T00:00:00Z', '400 ExpiredToken'],
  ])('that %s', (_, expiresAt, outcome) => {
    expect(at(expiresAt)).toBe(outcome);
  });
});
