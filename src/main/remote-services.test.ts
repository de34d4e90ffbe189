import { expect, test } from 'vitest';
import type { RemoteRequest } from '../cloudformation/resource-type.ts';
import { readClaim, SignatureVerifier } from '../ec2/signature.ts';
import { signedHeaders } from './remote-services.ts';

const NOW = new Date('2026-01-02T03:04:05.000Z');
const OWN = { accessKeyId: 'AKIAOWN', secretAccessKey: 'secret', account: '123456789012' };
const SERVICES = { socketPath: '/none', credentials: OWN, clock: () => NOW };
const common = { region: 'eu-west-1', account: OWN.account };

/** Whose request it is by its signature, or why it is nobody's. */
function signerOf(request: RemoteRequest, secret = OWN.secretAccessKey): string {
  const headers = signedHeaders(SERVICES, request);
  const { method, path: url, body = '' } = request;
  const signable = { method, url, header: (name: string) => headers[name], body: Buffer.from(body) };
  const verifier = new SignatureVerifier(() => ({ secret, account: OWN.account }));
  const claim = readClaim(signable);
  if (claim === undefined) return 'unsigned';
  try {
    verifier.verify(signable, claim, NOW);
    return `${claim.accessKeyId} for ${claim.service} in ${claim.region}`;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 40) : String(error);
  }
}

test.each<readonly [RemoteRequest, string]>([
  [
    { service: 's3', method: 'GET', path: '/bucket/a%20key?tagging', ...common },
    'AKIAOWN for s3 in eu-west-1',
  ],
  [
    {
      service: 's3',
      method: 'PUT',
      path: '/bucket',
      headers: { 'x-amz-acl': 'private' },
      body: '<A/>',
      ...common,
    },
    'AKIAOWN for s3 in eu-west-1',
  ],
  [
    {
      service: 'dynamodb',
      method: 'POST',
      path: '/',
      headers: {
        'X-Amz-Target': 'DynamoDB_20120810.ListTables',
        'Content-Type': 'application/x-amz-json-1.0',
      },
      body: '{}',
      ...common,
    },
    'AKIAOWN for dynamodb in eu-west-1',
  ],
])('a request to a service in the world carries the signature of its account: %j', (request, signer) => {
  expect(signerOf(request)).toBe(signer);
  expect(signerOf(request, 'another secret')).toMatch(/^The request signature we calculated/);
});
