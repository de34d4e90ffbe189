import { describe, expect, test } from 'vitest';
import { laptopEnvironment, sshConfig, withPlainHosts } from './laptop.ts';
import { countIds } from './probe.ts';

describe('what differs on the laptop', () => {
  test.each([
    [
      'passwd: files sss\nhosts: files mdns4_minimal [NOTFOUND=return] dns\n',
      'passwd: files sss\nhosts: files dns\n',
    ],
    [
      '# hosts: is below\nhosts:files\nnetworks: files\n',
      '# hosts: is below\nnetworks: files\nhosts: files dns\n',
    ],
    ['', 'hosts: files dns\n'],
  ])('%j becomes %j', (before, after) => {
    expect(withPlainHosts(before)).toBe(after);
  });

  test('proxies of the machine are not on the laptop, all else is', () => {
    const environment = laptopEnvironment(
      { HOME: '/home/me', HTTP_PROXY: 'p', no_proxy: '*', PIP_CERT: '/old' },
      '/ca',
    );
    expect(environment).toEqual({
      HOME: '/home/me',
      AWS_CA_BUNDLE: '/ca',
      REQUESTS_CA_BUNDLE: '/ca',
      SSL_CERT_FILE: '/ca',
      NODE_EXTRA_CA_CERTS: '/ca',
      CURL_CA_BUNDLE: '/ca',
      PIP_CERT: '/ca',
    });
  });

  test('ssh reads no percent sign of a path as its own', () => {
    expect(sshConfig('/s p/50%/known')).toContain('UserKnownHostsFile "/s p/50%%/known"\n');
  });
});

describe('subordinate ids', () => {
  const text = 'anna:100000:65536\n1001:200000:1000\nbob:1:x\nanna:300000:10\n';
  test.each([
    [['anna', '1000'], 65_546],
    [['carl', '1001'], 1000],
    [['bob'], 0],
    [['dora'], 0],
  ])('of %j: %d', (owners, count) => {
    expect(countIds(text, owners)).toBe(count);
  });
});
