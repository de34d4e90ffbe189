import { expect, test } from 'vitest';
import { readFlow } from './explain.ts';

test('what a command line asks: its ends, port and protocol, and whether by IPv6', () => {
  const asked = { source: 'laptop', destination: 'bastion', port: 80, protocol: 'tcp' };
  const options = { port: '80', protocol: 'tcp' };
  expect(readFlow('explain', ['laptop', 'bastion'], options)).toEqual(asked);
  expect(readFlow('explain', ['laptop', 'bastion'], { ...options, ipv6: true })).toEqual({
    ...asked,
    isIpv6: true,
  });
});
