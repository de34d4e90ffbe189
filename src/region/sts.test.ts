import { expect, test } from 'vitest';
import { sts } from './sts.ts';

const caller = { account: '111111111111', arn: 'arn:aws:iam::111111111111:user/a&b', userId: 'AIDAEXAMPLE' };

function send(form: string, method = 'POST') {
  const body = new TextEncoder().encode(method === 'POST' ? form : '');
  return sts.handle({ method, query: method === 'GET' ? form : '', body, caller, requestId: 'request-1' });
}

const IDENTITY =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::111111111111:user/a&amp;b</Arn><UserId>AIDAEXAMPLE</UserId><Account>111111111111</Account>' +
  '</GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>' +
  '</GetCallerIdentityResponse>';

test.each(['POST', 'GET'])('GetCallerIdentity by %s', async (method) => {
  const reply = await send('Action=GetCallerIdentity&Version=2011-06-15', method);
  expect(reply).toEqual({ status: 200, body: IDENTITY });
});

test.each([
  ['Action=GetCallerIdentity&Version=2016-11-15', 'InvalidAction'],
  ['Action=AssumeRole&Version=2011-06-15', 'InvalidAction'],
  ['Action=%3C%00&Version=2011-06-15', 'InvalidAction'],
  ['Version=2011-06-15', 'MissingAction'],
  ['', 'MissingAction'],
])('%s: %s', async (form, code) => {
  const { status, body } = await send(form);
  expect(status).toBe(400);
  expect(body).toContain(`<Code>${code}</Code>`);
  expect(body).not.toContain('\u0000');
});

test('errors are in the form of the query protocol', () => {
  expect(sts.refuse({ code: 'X', message: 'a < b', status: 403 }, 'request-1').body).toBe(
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>X</Code>' +
      '<Message>a &lt; b</Message></Error><RequestId>request-1</RequestId></ErrorResponse>',
  );
});
