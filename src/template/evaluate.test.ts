import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, overlaps, parseCidr } from '../net/cidr.ts';
import { containsIpv6 } from '../net/ipv6.ts';
import { NotKnownYet } from './bind.ts';
import { splitBlock } from './cidr-blocks.ts';
import { messageOf, outputOf } from './template.fixture.ts';
import type { Value } from './value.ts';

const NO_VALUE = { Ref: 'AWS::NoValue' };

const VALUES: readonly (readonly [Value, Value | undefined])[] = [
  [{ Ref: 'Name' }, 'x'],
  [{ Ref: 'List' }, ['a', 'b', 'c']],
  [{ Ref: 'Vpc' }, 'vpc-9'],
  [{ Ref: 'AWS::AccountId' }, '123456789012'],
  [{ Ref: 'AWS::NotificationARNs' }, []],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::Region' }, 'us-east-1'],
  [{ Ref: 'AWS::StackId' }, 'arn:aws:cloudformation:us-east-1:123456789012:stack/net/1'],
  [{ Ref: 'AWS::StackName' }, 'net'],
  [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  [NO_VALUE, undefined],
  [{ A: NO_VALUE, B: 1 }, { B: 1 }],
  [
    [1, NO_VALUE, 2],
    [1, 2],
  ],
  [{ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }, '10.0.0.0/16'],
  [{ 'Fn::GetAtt': 'Vpc.CidrBlock' }, '10.0.0.0/16'],
  [
    { 'Fn::Sub': '${Name}-${AWS::Region}-${Vpc.CidrBlock}-${!Name}-$Name' },
    'x-us-east-1-10.0.0.0/16-${Name}-$Name',
  ],
  [{ 'Fn::Sub': ['${Name}${Own}', { Own: { Ref: 'Vpc' }, Name: 1 }] }, '1vpc-9'],
  [{ 'Fn::Join': ['-', ['a', 1, true, { Ref: 'Name' }]] }, 'a-1-true-x'],
  [{ 'Fn::Join': ['', { Ref: 'List' }] }, 'abc'],
  [{ 'Fn::Join': [',', { 'Fn::GetAtt': ['Vpc', 'Blocks'] }] }, '10.0.0.0/16,10.1.0.0/16'],
  [{ 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
  [{ 'Fn::Select': [0, ['a']] }, 'a'],
  [{ 'Fn::Split': ['/', '10.0.0.0/16'] }, ['10.0.0.0', '16']],
  [{ 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'Ami'] }, 'ami-7'],
  [{ 'Fn::FindInMap': ['Map', 'us-east-1', 'Zones'] }, ['p', 'q']],
  [{ 'Fn::FindInMap': ['Map', 'eu', 'Ami', { DefaultValue: { Ref: 'Name' } }] }, 'x'],
  [{ 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
  [{ 'Fn::If': ['No', { Ref: 'Later' }, { A: NO_VALUE }] }, {}],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  [{ 'Fn::Cidr': ['2001:db8::/56', '2', '64'] }, ['2001:db8::/64', '2001:db8:0:1::/64']],
  [{ 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b']],
  [{ 'Fn::GetAZs': 'eu-west-1' }, ['eu-west-1a', 'eu-west-1b']],
  [{ 'Fn::Base64': '#!/bin/sh\n' }, 'IyEvYmluL3NoCg=='],
  [{ 'Fn::ImportValue': 'shared-vpc' }, 'vpc-1'],
  ['{{resolve:ssm:/ami}}/{{resolve:ssm:/ami:2}}', 'ami-1/ami-2'],
  [
    { Condition: 'any', Effect: 'Allow' },
    { Condition: 'any', Effect: 'Allow' },
  ],
];

test.each(VALUES)('%j comes to %j', (expression, value) => {
  expect(outputOf(expression)).toEqual(value);
});

test.each(['${', '{{resolve:ssm:'])(
  '%s without an end stays as it is, however often it stands there',
  (opening) => {
    const text = opening.repeat(60_000);
    expect(outputOf({ 'Fn::Sub': text })).toBe(text);
  },
);

const JOIN =
  'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.';

const REFUSED: readonly (readonly [Value, string])[] = [
  [{ Ref: ['Vpc'] }, 'Template error: every Ref object must have a single String value.'],
  [
    { Ref: 'None' },
    'Template format error: Unresolved resource dependencies [None] in the Outputs block of the template',
  ],
  [
    { 'Fn::GetAtt': 'Vpc' },
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ],
  [
    { 'Fn::GetAtt': ['None', 'A'] },
    'Template error: instance of Fn::GetAtt references undefined resource None',
  ],
  [
    { 'Fn::Sub': '${HOME:-x}' },
    'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
  ],
  [
    { 'Fn::Sub': ['a'] },
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
  ],
  [{ 'Fn::Sub': '${List}' }, 'Template error: Fn::Sub can put strings into a text only, and ${List} is none'],
  [{ 'Fn::Join': [',', 'a'] }, JOIN],
  [{ 'Fn::Join': [',', [{ Ref: 'List' }]] }, JOIN],
  [
    { 'Fn::Select': [3, { Ref: 'List' }] },
    'Template error: Fn::Select cannot select nonexistent value at index 3',
  ],
  [{ 'Fn::Select': ['-1', ['a']] }, 'Template error: Fn::Select cannot select nonexistent value at index -1'],
  [
    { 'Fn::Split': ['', 'a'] },
    'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
  ],
  [{ 'Fn::FindInMap': ['Map', 'eu', 'Ami'] }, 'Template error: Unable to get mapping for Map::eu::Ami'],
  [
    { 'Fn::FindInMap': ['None', 'a', 'b'] },
    "Template error: Mapping named 'None' is not present in the 'Mappings' section of template.",
  ],
  [
    { 'Fn::FindInMap': ['Map', 'us-east-1', 'constructor'] },
    'Template error: Unable to get mapping for Map::us-east-1::constructor',
  ],
  [
    { 'Fn::If': ['Yes', 1] },
    'Template error: Fn::If requires a list argument with three elements: a condition name and two values',
  ],
  [
    { 'Fn::If': ['None', 1, 2] },
    'Template format error: Unresolved condition dependency None in the Outputs block of the template',
  ],
  [{ 'Fn::Equals': [1, 2] }, 'Template error: Fn::Equals cannot be partially collapsed'],
  [{ 'Fn::Cidr': ['10.0.0.0/24', 300, 2] }, 'Template error: Fn::Cidr count 300 is not between 1 and 256'],
  [
    { 'Fn::Cidr': ['10.0.0.0/24', 2, 8] },
    'Template error: Fn::Cidr cannot make 2 blocks with 8 host bits out of 10.0.0.0/24',
  ],
  [
    { 'Fn::Cidr': ['10.0.0.0', 2, 8] },
    'Template error: Fn::Cidr IP block 10.0.0.0 is not a valid CIDR block',
  ],
  [
    { 'Fn::Cidr': ['10.0.0.0/24', 2, 64] },
    'Template error: Fn::Cidr subnet bits 64 are not between 1 and 32',
  ],
  [{ 'Fn::Base64': ['a'] }, 'Template error: every Fn::Base64 object must have a String-typed value.'],
  [{ 'Fn::ImportValue': 'none' }, 'No export named none found.'],
  [
    { 'Fn::Transform': { Name: 'AWS::Include' } },
    'Template error: Fn::Transform is not supported: there are no macros here.',
  ],
  [
    { 'Fn::Length': ['a'] },
    'Template error: Fn::Length needs the transform AWS::LanguageExtensions, which is not supported here.',
  ],
  [
    '{{resolve:secretsmanager:a}}',
    'Template error: the dynamic reference {{resolve:secretsmanager:a}} is not supported: only {{resolve:ssm:…}} is',
  ],
  ['{{resolve:ssm:/none}}', 'Unable to fetch parameters [/none] from parameter store for this account.'],
];

test.each(REFUSED)('%j is refused', (expression, message) => {
  expect(messageOf(() => outputOf(expression))).toBe(message);
});

test('an unknown function is refused with the names of those that are known', () => {
  expect(messageOf(() => outputOf({ 'Fn::Foo': 1 }))).toMatch(
    /^Template error: Encountered unsupported function: Fn::Foo Supported functions are: \[Fn::GetAtt, Fn::Sub, /,
  );
});

test.each<Value>([{ Ref: 'Later' }, { 'Fn::Sub': '${Later}' }, { 'Fn::GetAtt': ['Vpc', 'None'] }])(
  '%j is not known yet',
  (expression) => {
    expect(() => outputOf(expression)).toThrow(NotKnownYet);
  },
);

describe('properties', () => {
  test('Split undoes Join', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]*$/), { minLength: 1 }), (texts) => {
        expect(outputOf({ 'Fn::Split': ['|', { 'Fn::Join': ['|', texts] }] })).toEqual(texts);
      }),
      { numRuns: 50 },
    );
  });

  test('blocks of Fn::Cidr are disjoint and inside', () => {
    const cases = fc.tuple(
      fc.integer({ min: 8, max: 24 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 256 }),
    );
    fc.assert(
      fc.property(cases, ([length, bits, count]) => {
        const outer = parseCidr(`10.0.0.0/${length}`);
        const room = 2 ** (32 - bits - length);
        fc.pre(outer !== undefined && count <= room);
        const blocks = splitBlock(`10.0.0.0/${length}`, count, bits).map((text) => parseCidr(text));
        for (const [index, block] of blocks.entries()) {
          const next = blocks[index + 1];
          expect(outer !== undefined && block !== undefined && contains(outer, block)).toBe(true);
          if (block !== undefined && next !== undefined) expect(overlaps(block, next)).toBe(false);
        }
        const six = splitBlock('2001:db8::/48', count, 64);
        expect(six.every((block) => containsIpv6('2001:db8::/48', block))).toBe(true);
        expect(new Set(six).size).toBe(count);
      }),
    );
  });
});
