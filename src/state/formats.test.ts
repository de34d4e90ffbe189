import { expect, test } from 'vitest';
import { FORMAT, isReadable, migrateEntry } from './formats.ts';

test.each([
  ['vpcs', { vpcId: 'vpc-1' }, { vpcId: 'vpc-1', ipv6CidrBlockAssociations: [] }],
  ['subnets', { subnetId: 'subnet-1' }, { subnetId: 'subnet-1', ipv6CidrBlockAssociations: [] }],
  ['networkInterfaces', { ordinal: 1 }, { ordinal: 1, ipv6Addresses: [] }],
  ['routeTables', { ordinal: 2 }, { ordinal: 2, propagatingVpnGatewayIds: [] }],
  ['keyPairs', { keyName: 'k' }, { keyName: 'k' }],
])('a record of %s of format 1 gets the lists that came with format 2', (table, before, after) => {
  const entry = { scope: '123456789012/us-east-1', table, id: 'x', body: JSON.stringify(before) };
  const { body, ...rest } = migrateEntry('1', entry);
  expect(rest).toEqual({ scope: entry.scope, table, id: 'x' });
  expect(JSON.parse(body ?? '')).toEqual(after);
});

test('a deletion of format 1 stays one', () => {
  const entry = { scope: '123456789012/us-east-1', table: 'vpcs', id: 'x', body: undefined };
  expect(migrateEntry('1', entry)).toEqual(entry);
});

test('this format and those before it are readable, later ones are not', () => {
  expect(['1', FORMAT, '99'].map(isReadable)).toEqual([true, true, false]);
});
