import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusalOf, TestRegion } from '../../test/support/ec2.ts';

function createGateway(region: TestRegion): string {
  return region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId ?? '';
}

function newRegion(count: number): { region: TestRegion; ids: string[] } {
  const region = new TestRegion();
  return { region, ids: Array.from({ length: count }, () => createGateway(region)) };
}

function readPage(
  region: TestRegion,
  MaxResults: number | undefined,
  NextToken?: string | undefined,
): { ids: string[]; nextToken: string | undefined } {
  const page = region.call('DescribeInternetGateways', { MaxResults, NextToken });
  return {
    ids: (page.InternetGateways ?? []).map(({ InternetGatewayId = '' }) => InternetGatewayId),
    nextToken: page.NextToken,
  };
}

test('without MaxResults everything comes at once', () => {
  const { region, ids } = newRegion(12);
  expect(readPage(region, undefined)).toEqual({ ids, nextToken: undefined });
});

test('pages follow each other; the last one, even a full one, has no token', () => {
  const { region, ids } = newRegion(10);
  const first = readPage(region, 5);
  const second = readPage(region, 5, first.nextToken);
  expect([...first.ids, ...second.ids]).toEqual(ids);
  expect(first.nextToken).toMatch(/^[\w-]+$/);
  expect(second.nextToken).toBeUndefined();
});

test('ids are given once each, in the order asked for', () => {
  const { region, ids } = newRegion(3);
  const [a = '', , c = ''] = ids;
  const found =
    region.call('DescribeInternetGateways', { InternetGatewayIds: [c, a, c] }).InternetGateways ?? [];
  expect(found.map(({ InternetGatewayId }) => InternetGatewayId)).toEqual([c, a]);
});

test('ids and filters hold both', () => {
  const { region, ids } = newRegion(2);
  const [a = '', b = ''] = ids;
  const found = region.call('DescribeInternetGateways', {
    InternetGatewayIds: [a, b],
    Filters: [{ Name: 'internet-gateway-id', Values: [b] }],
  });
  expect(found.InternetGateways?.map(({ InternetGatewayId }) => InternetGatewayId)).toEqual([b]);
});

const refusals: readonly (readonly [input: Record<string, unknown>, refusal: string])[] = [
  [
    { MaxResults: 4 },
    'InvalidParameterValue: Value (4) for parameter maxResults is invalid. Expecting a value greater than or equal to 5.',
  ],
  [
    { MaxResults: 1001 },
    'InvalidParameterValue: Value (1001) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.',
  ],
  [{ NextToken: 'nonsense' }, 'InvalidPaginationToken: The specified pagination token is not valid.'],
  [{ NextToken: '!!!' }, 'InvalidPaginationToken: The specified pagination token is not valid.'],
  [
    { NextToken: Buffer.from('vpc vpc-1').toString('base64url') },
    'InvalidPaginationToken: The specified pagination token is not valid.',
  ],
  [
    { InternetGatewayIds: ['igw-00000000000000009'] },
    "InvalidInternetGatewayID.NotFound: The internetGateway ID 'igw-00000000000000009' does not exist",
  ],
  [
    { InternetGatewayIds: ['vpc-00000000000000009'] },
    'InvalidInternetGatewayID.Malformed: Invalid id: "vpc-00000000000000009" (expecting "igw-...")',
  ],
  [
    { InternetGatewayIds: ['igw-nothex'] },
    'InvalidInternetGatewayID.Malformed: Invalid id: "igw-nothex" (expecting "igw-...")',
  ],
  [
    { InternetGatewayIds: ['igw-00000000000000001'], MaxResults: 5 },
    'InvalidParameterCombination: The parameter MaxResults cannot be used with a list of ids in the request',
  ],
];

test.each(refusals)('%j is refused', (input, refusal) => {
  const { region } = newRegion(1);
  expect(refusalOf(() => region.call('DescribeInternetGateways', input))).toBe(refusal);
});

/** Between two pages: how many are made, and which of those there are deleted. */
const change = fc.record({ created: fc.nat(3), deleted: fc.array(fc.nat(30), { maxLength: 4 }) });

test('whatever happens between pages, what was there all the time comes exactly once', () => {
  fc.assert(
    fc.property(fc.nat(25), fc.array(change, { maxLength: 6 }), (count, changes) => {
      const { region, ids } = newRegion(count);
      const stayed = new Set(ids);
      const alive = [...ids];
      const seen: string[] = [];
      let token: string | undefined;
      for (let turn = 0; turn === 0 || token !== undefined; turn++) {
        const page = readPage(region, 5, token);
        seen.push(...page.ids);
        token = page.nextToken;
        for (let made = 0; made < (changes[turn]?.created ?? 0); made++) alive.push(createGateway(region));
        for (const index of changes[turn]?.deleted ?? []) {
          const id = alive.splice(index % Math.max(1, alive.length), 1)[0];
          if (id === undefined) continue;
          region.call('DeleteInternetGateway', { InternetGatewayId: id });
          stayed.delete(id);
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => stayed.has(id)).sort()).toEqual([...stayed].sort());
    }),
    { numRuns: 50 },
  );
});
