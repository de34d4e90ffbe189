import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { Authority, createAuthority } from './authority.ts';
import { encodeInteger, encodeObjectIdentifier, encodeTagged, encodeTime } from './der.ts';

const NOW = new Date();
const pems = createAuthority(NOW);
const authority = new Authority(pems, () => NOW);

describe('the encoding', () => {
  test.each([
    ['zero', encodeInteger(Buffer.of(0)), '020100'],
    ['127', encodeInteger(Buffer.of(127)), '02017f'],
    ['128 is not negative', encodeInteger(Buffer.of(128)), '02020080'],
    ['leading zeros go', encodeInteger(Buffer.of(0, 0, 1)), '020101'],
    ['an identifier', encodeObjectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['a year before 2050', encodeTime(new Date('2049-12-31T23:59:59Z')), `170d${hex('491231235959Z')}`],
    ['a year from 2050 on', encodeTime(new Date('2050-01-01T00:00:00Z')), `180f${hex('20500101000000Z')}`],
    ['a long length', encodeTagged(4, Buffer.alloc(200)).subarray(0, 3), '0481c8'],
    ['a longer length', encodeTagged(4, Buffer.alloc(300)).subarray(0, 4), '0482012c'],
  ])('%s', (_, bytes, expected) => expect(bytes.toString('hex')).toBe(expected));
});

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

describe('the authority', () => {
  const certificate = new X509Certificate(pems.certificate);

  test('signs itself, for ten years', () => {
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(new Date(certificate.validTo).getUTCFullYear() - NOW.getUTCFullYear()).toBeGreaterThanOrEqual(9);
  });

  test('issues certificates for names and addresses', () => {
    const issued = new X509Certificate(
      authority.issue(['pypi.org', '151.101.0.223', '2a04:4e42::223']).certificateChain,
    );
    expect(issued.verify(certificate.publicKey)).toBe(true);
    expect(issued.checkIssued(certificate)).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.checkHost('pypi.org')).toBe('pypi.org');
    expect(issued.checkHost('example.com')).toBeUndefined();
    expect(issued.checkIP('151.101.0.223')).toBe('151.101.0.223');
    expect(issued.checkIP('2a04:4e42::223')).toBe('2a04:4e42::223');
    expect(issued.checkIP('2a04:4e42::224')).toBeUndefined();
  });

  test('keeps certificates until they are nearly over', () => {
    let now = NOW;
    const aging = new Authority(pems, () => now);
    const first = aging.contextFor('pypi.org');
    expect(aging.contextFor('pypi.org')).toBe(first);
    now = new Date(NOW.getTime() + 370 * 86_400_000);
    expect(aging.contextFor('pypi.org')).not.toBe(first);
  });

  test('refuses a key that is another’s', () => {
    const other = createAuthority(NOW);
    expect(() => new Authority({ ...pems, privateKey: other.privateKey }, () => NOW)).toThrow('does not fit');
  });

  test('a client that trusts it accepts any name; one that asks for no name gets none', async () => {
    const server = createServer({ SNICallback: authority.answerServerName }, (socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = connect({ host: '127.0.0.1', port, servername: 'some.example', ca: pems.certificate });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    server.close();
    await once(server, 'close');
  });

  test.each(['', 'a b', '-a.example', `${'a'.repeat(64)}.example`])('refuses "%s" as a name', (name) => {
    const outcomes: (Error | null)[] = [];
    authority.answerServerName(name, (error) => outcomes.push(error));
    expect(outcomes[0]).toBeInstanceOf(Error);
  });
});
