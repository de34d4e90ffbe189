import { expect, test } from 'vitest';
import { publicServers } from './servers.ts';

test('the public servers are those of the sites, of both families, and the regions’ services', () => {
  const { internet, services } = publicServers();
  expect(internet).toEqual(
    expect.arrayContaining(['8.8.8.8', '2001:4860:4860::8888', '2606:4700::6810:b8f1']),
  );
  expect(services.length).toBeGreaterThan(0);
  expect(services.filter((address) => internet.includes(address))).toEqual([]);
});
