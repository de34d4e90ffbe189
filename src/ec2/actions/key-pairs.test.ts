import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { keyPairActions } from './key-pairs.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKKRo9SVZ/8wm9s7r7O/QRRxC3FvrBl6IZmGZ4a4jWAX me';

async function create(region: TestRegion, KeyName: string, KeyType?: 'rsa' | 'ed25519') {
  const input = { KeyName, ...(KeyType === undefined ? {} : { KeyType }) };
  const made = await keyPairActions.CreateKeyPair.prepare(input);
  return region.write((context) => keyPairActions.CreateKeyPair.act(context, input, made));
}

function importKey(region: TestRegion, KeyName: string, text: string) {
  return region.call('ImportKeyPair', { KeyName, PublicKeyMaterial: new TextEncoder().encode(text) });
}

describe('S118 key pairs', () => {
  test('are of RSA with 2048 bits, or of ED25519', async () => {
    const region = new TestRegion();
    const rsa = createPrivateKey((await create(region, 'first')).KeyMaterial ?? '');
    expect([rsa.asymmetricKeyType, rsa.asymmetricKeyDetails?.modulusLength]).toEqual(['rsa', 2048]);
    expect((await create(region, 'second', 'ed25519')).KeyMaterial).toMatch(
      /^-----BEGIN (OPENSSH )?PRIVATE KEY-----/,
    );
    const shown = region.call('DescribeKeyPairs', { IncludePublicKey: true }).KeyPairs ?? [];
    expect(shown.map(({ KeyType, PublicKey }) => [KeyType, PublicKey?.split(' ')[0]])).toEqual([
      ['rsa', 'ssh-rsa'],
      ['ed25519', 'ssh-ed25519'],
    ]);
  });

  test('give the private key once: nothing keeps it', async () => {
    const region = new TestRegion();
    const { KeyMaterial = '' } = await create(region, 'tour', 'ed25519');
    const [, secret = ''] = KeyMaterial.split('\n');
    expect(secret.length).toBeGreaterThan(30);
    expect(JSON.stringify([...region.world.keyPairs.values()])).not.toContain(secret);
    expect(JSON.stringify(region.call('DescribeKeyPairs', { IncludePublicKey: true }))).not.toContain(secret);
  });

  test('have a name that no other has', async () => {
    const region = new TestRegion();
    await create(region, 'tour', 'ed25519');
    await expect(create(region, 'tour', 'ed25519')).rejects.toThrow("The keypair 'tour' already exists.");
    expect(refusalOf(() => importKey(region, 'tour', PUBLIC_KEY))).toBe(
      "InvalidKeyPair.Duplicate: The keypair 'tour' already exists.",
    );
    expect(refusalOf(() => importKey(region, 'brought', PUBLIC_KEY))).toBe('no error');
  });

  test.each(['nonsense', '', 'ssh-ed25519 AAAA', '-----BEGIN RSA PRIVATE KEY-----'])(
    'are not brought as %j',
    (text) => {
      const region = new TestRegion();
      expect(refusalOf(() => importKey(region, 'brought', text))).toBe(
        'InvalidKey.Format: Key is not in valid OpenSSH public key format',
      );
    },
  );

  test('that are not there are not found; deleting one is no mistake', () => {
    const region = new TestRegion();
    expect(refusalOf(() => region.call('DescribeKeyPairs', { KeyNames: ['tour'] }))).toBe(
      "InvalidKeyPair.NotFound: The key pair 'tour' does not exist",
    );
    expect(region.call('DeleteKeyPair', { KeyName: 'tour' })).toEqual({ Return: true });
  });
});
