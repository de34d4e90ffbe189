import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusalOf, TestRegion } from '../../test/support/ec2.ts';
import { matchesPattern, parsePattern } from './filters.ts';

const patterns: readonly (readonly [pattern: string, text: string, fits: boolean])[] = [
  ['abc', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'abcd', false],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['*', '', true],
  ['*c', 'abc', true],
  ['a*c*e', 'abcde', true],
  ['a*c*e', 'abcdf', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', true],
  ['a?c', 'abbc', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a\\?', 'a?', true],
  ['a\\\\b', 'a\\b', true],
  ['a\\', 'a\\', true],
  ['', '', true],
  ['', 'a', false],
  ['.*', 'abc', false],
];

test.each(patterns)('the filter value %j and the text %j: %j', (pattern, text, fits) => {
  expect(matchesPattern(parsePattern(pattern), text)).toBe(fits);
});

test('a pattern fits as the regular expression that says the same', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 })
    .map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, text, (given, subject) => {
      const expression = given.replaceAll('*', '.*').replaceAll('?', '.?');
      expect(matchesPattern(parsePattern(given), subject)).toBe(new RegExp(`^${expression}$`).test(subject));
    }),
  );
});

test('a pattern made to take for ever does not', () => {
  expect(matchesPattern(parsePattern(`${'*a'.repeat(100)}b`), 'a'.repeat(1000))).toBe(false);
});

/** Three VPCs: `one` and `two` of stage test, `three` of stage live, the last with another block. */
function newRegion(): TestRegion {
  const region = new TestRegion();
  const create = (name: string, stage: string, CidrBlock: string) =>
    region.call('CreateVpc', {
      CidrBlock,
      TagSpecifications: [
        {
          ResourceType: 'vpc',
          Tags: [
            { Key: 'Name', Value: name },
            { Key: stage, Value: '' },
          ],
        },
      ],
    });
  create('one', 'test', '10.0.0.0/16');
  create('two', 'test', '10.0.0.0/16');
  create('three', 'live', '10.3.0.0/16');
  return region;
}

const selections: readonly (readonly [
  filters: readonly (readonly [name: string, ...values: string[]])[],
  names: readonly string[],
])[] = [
  [[], ['one', 'two', 'three']],
  [[['cidr', '10.3.0.0/16']], ['three']],
  [[['cidr', '10.*']], ['one', 'two', 'three']],
  [[['cidr', '10.3.0.0/16', '10.0.0.0/16']], ['three', 'one', 'two']],
  [
    [
      ['cidr', '10.0.0.0/16'],
      ['tag:Name', 'two', 'three'],
    ],
    ['two'],
  ],
  [[['tag:Name', 't*']], ['two', 'three']],
  [[['tag:name', 'one']], []],
  [[['tag:live', '']], ['three']],
  [[['tag-key', 'test']], ['one', 'two']],
  [[['is-default', 'false']], ['one', 'two', 'three']],
  [[['isDefault', 'true']], []],
  [[['cidr']], []],
  [
    [
      ['state', 'available'],
      ['owner-id', '123456789012'],
    ],
    ['one', 'two', 'three'],
  ],
  [[['ipv6-cidr-block-association.ipv6-cidr-block', '*']], []],
];

test.each(selections)('the filters %j select %j', (filters, names) => {
  const { Vpcs = [] } = newRegion().call('DescribeVpcs', {
    Filters: filters.map(([Name, ...Values]) => ({ Name, Values })),
  });
  expect(Vpcs.map(({ Tags }) => Tags?.find(({ Key }) => Key === 'Name')?.Value)).toEqual(names);
});

test.each([
  ['Cidr', "InvalidParameterValue: The filter 'Cidr' is invalid"],
  ['constructor', "InvalidParameterValue: The filter 'constructor' is invalid"],
  [undefined, "InvalidParameterValue: The filter 'null' is invalid"],
])('the filter %j is refused', (Name, refusal) => {
  const region = newRegion();
  expect(refusalOf(() => region.call('DescribeVpcs', { Filters: [{ Name, Values: ['x'] }] }))).toBe(refusal);
});

test('more than 200 values are refused', () => {
  const Values = Array.from({ length: 201 }, (_, index) => String(index));
  expect(refusalOf(() => newRegion().call('DescribeVpcs', { Filters: [{ Name: 'cidr', Values }] }))).toBe(
    'FilterLimitExceeded: The maximum number of filter values specified on a single call is 200',
  );
});
