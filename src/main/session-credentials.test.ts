import { describe, expect, test } from 'vitest';
import { findSession, makeSession } from './session-credentials.ts';

const own = { accessKeyId: 'AKIAOWN', secretAccessKey: 'the installation’s', account: '123456789012' };
const session = {
  account: '123456789012',
  arn: 'arn:aws:sts::123456789012:assumed-role/deploy/me',
  userId: 'AROAROLE:me',
  expiresAt: new Date('2026-01-01T01:00:00Z'),
};
const made = makeSession(own, session);
const other = makeSession(own, session);

/** A token with one bit changed at a place of its bytes. */
function spoil(token: string, at: number): string {
  const bytes = Buffer.from(token, 'base64');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes.toString('base64');
}

describe('a session’s credentials', () => {
  test('follow from its token and the installation’s secret', () => {
    const { accessKeyId, secretAccessKey: secret, sessionToken } = made;
    expect(accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(findSession(own, accessKeyId, sessionToken)).toEqual({ ...session, secret, sessionToken });
  });

  test('are new each time', () => {
    expect(other.accessKeyId).not.toBe(made.accessKeyId);
    expect(other.secretAccessKey).not.toBe(made.secretAccessKey);
  });

  test.each([
    ['the token of another key', made.accessKeyId, other.sessionToken],
    ['the key of another token', other.accessKeyId, made.sessionToken],
    ['a token whose seal is spoilt', made.accessKeyId, spoil(made.sessionToken, 0)],
    ['a token whose claim is spoilt', made.accessKeyId, spoil(made.sessionToken, 40)],
    ['half a token', made.accessKeyId, made.sessionToken.slice(0, 40)],
    ['a few letters', made.accessKeyId, 'AAAA'],
    ['nothing', made.accessKeyId, ''],
  ])('are not had by %s', (_, accessKeyId, sessionToken) => {
    expect(findSession(own, accessKeyId, sessionToken)).toBeUndefined();
  });

  test('are another installation’s to nobody here', () => {
    const elsewhere = { ...own, secretAccessKey: 'another' };
    expect(findSession(elsewhere, made.accessKeyId, made.sessionToken)).toBeUndefined();
  });
});
