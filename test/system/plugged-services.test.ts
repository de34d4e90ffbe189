import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: a server of the user's behind a service: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('a server of the user’s behind a service of AWS', () => {
  let server: Server;
  let croft: Installation;
  const seen: string[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      seen.push(`${request.method} ${request.headers.host} ${(await text(request)).length}`);
      response.end('mine');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    croft = await Installation.start('--service', `sqs=http://127.0.0.1:${port}`);
  });

  afterAll(async () => {
    await croft?.end();
    server.closeAllConnections();
    server.close();
  });

  test('gets what is asked in the world, by the service’s name, and nobody else’s', async () => {
    const ask = (service: string) =>
      croft.laptop(['curl', '-s', '-d', 'Action=X', `http://${service}.ap-northeast-2.amazonaws.com/`]);
    expect((await ask('sqs')).stdout).toBe('mine');
    expect((await ask('kms')).stdout).toContain('Cloudcroft has no service kms');
    expect(seen.splice(0)).toEqual(['POST sqs.ap-northeast-2.amazonaws.com 8']);
  });

  test('gets what is asked on the API’s port, of any length', async () => {
    const { apiUrl } = await croft.status();
    const headers = {
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKID/20260101/ap-northeast-2/sqs/aws4_request, SignedHeaders=host, Signature=0',
    };
    const reply = await fetch(apiUrl, { method: 'POST', headers, body: 'x'.repeat(3_000_000) });
    expect(await reply.text()).toBe('mine');
    expect(seen.splice(0)).toEqual([`POST ${new URL(apiUrl).host} 3000000`]);
  });
});
