import { expect, test } from 'vitest';
import { parseIpv4 } from '../net/address.ts';
import { cidrOf, formatCidr, hasAddress, overlaps } from '../net/cidr.ts';
import { AWS_REGIONS, findPrefix, SERVICE_PREFIXES } from './prefixes.ts';

test('every region has two prefixes, whole and apart from all others', () => {
  expect(SERVICE_PREFIXES.length).toBe(AWS_REGIONS.length * 2);
  SERVICE_PREFIXES.forEach(({ cidrBlock, serverAddress }, index) => {
    const cidr = cidrOf(cidrBlock);
    expect(formatCidr(cidr)).toBe(cidrBlock);
    expect(hasAddress(cidr, parseIpv4(serverAddress) ?? 0)).toBe(true);
    const later = SERVICE_PREFIXES.slice(index + 1);
    expect(later.filter((other) => overlaps(cidr, cidrOf(other.cidrBlock)))).toEqual([]);
  });
});

test.each([
  ['us-east-1', 's3', '52.219.0.0/22', '52.219.0.1'],
  ['ap-northeast-2', 's3', '52.219.32.0/22', '52.219.32.1'],
  ['ap-northeast-2', 'dynamodb', '52.94.8.0/24', '52.94.8.1'],
  ['sa-east-1', 's3', '52.219.132.0/22', '52.219.132.1'],
] as const)('%s %s is %s', (region, service, cidrBlock, serverAddress) => {
  const prefixListName = `com.amazonaws.${region}.${service}`;
  expect(findPrefix(region, service)).toEqual({ region, service, prefixListName, cidrBlock, serverAddress });
});

test('a region of another partition has none', () => {
  expect(findPrefix('cn-north-1', 's3')).toBeUndefined();
});
