import { describe, expect, test } from 'vitest';
import { bindTemplate, resolveProperties } from './bind.ts';
import { capabilitiesOf, resourceTypesOf } from './capabilities.ts';
import { changedProperties } from './changes.ts';
import { parseTemplate } from './parse.ts';
import { bind, messageOf, REFERENTS, SURROUNDINGS, templateWith } from './template.fixture.ts';
import { attributeUses } from './uses.ts';
import type { Value, ValueMap } from './value.ts';

const VPC = 'AWS::EC2::VPC';

/** A parameter's declaration, what is given, and its value. */
const PARAMETERS: readonly (readonly [ValueMap, string | undefined, string | readonly string[]])[] = [
  [{ Type: 'String', Default: 'a' }, undefined, 'a'],
  [{ Type: 'String', Default: 'a' }, '', ''],
  [{ Type: 'Number', MinValue: 1, MaxValue: 3 }, '3', '3'],
  [{ Type: 'List<Number>' }, '1, 2', ['1', '2']],
  [{ Type: 'CommaDelimitedList', AllowedValues: ['a', 'b'] }, 'a,b', ['a', 'b']],
  [{ Type: 'AWS::EC2::VPC::Id' }, 'vpc-1', 'vpc-1'],
  [{ Type: 'List<AWS::EC2::Subnet::Id>' }, 'subnet-1,subnet-2', ['subnet-1', 'subnet-2']],
  [{ Type: 'AWS::SSM::Parameter::Name' }, '/ami', '/ami'],
  [{ Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>' }, '/ami', 'ami-1'],
  [{ Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/list' }, undefined, ['a', 'b']],
  [{ Type: 'String', AllowedPattern: '[a-z]+|[0-9]+' }, '12', '12'],
];

function given(value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { P: value };
}

test.each(PARAMETERS)('the parameter %j given %j is %j', (declaration, text, value) => {
  expect(bind({ Parameters: { P: declaration } }, given(text)).parameters.get('P')?.value).toEqual(value);
});

test('a looked-up parameter keeps the name that was given', () => {
  const bound = bind({ Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>' } } }, { P: '/ami' });
  expect(bound.parameters.get('P')?.lookedUpBy).toBe('/ami');
});

const BAD_PARAMETERS: readonly (readonly [ValueMap, string | undefined, string])[] = [
  [{ Type: 'String' }, undefined, 'Parameters: [P] must have values'],
  [{ Type: 'Number' }, 'a', "Parameter 'P' must be a number"],
  [{ Type: 'List<Number>' }, '1,', "Parameter 'P' must be a number"],
  [{ Type: 'Number', MinValue: 2 }, '1', "Parameter 'P' must be a number not less than 2"],
  [{ Type: 'Number', MaxValue: 2 }, '3', "Parameter 'P' must be a number not greater than 2"],
  [{ Type: 'String', MinLength: 2 }, 'a', "Parameter 'P' must contain at least 2 characters"],
  [{ Type: 'String', MaxLength: 2 }, 'abc', "Parameter 'P' must contain at most 2 characters"],
  [{ Type: 'String', AllowedValues: ['a'] }, 'b', "Parameter 'P' must be one of AllowedValues"],
  [{ Type: 'CommaDelimitedList', AllowedValues: ['a'] }, 'a,b', "Parameter 'P' must be one of AllowedValues"],
  [
    { Type: 'String', AllowedPattern: '[a-z]+|[0-9]+' },
    'a1',
    "Parameter 'P' must match pattern [a-z]+|[0-9]+",
  ],
  [
    { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'one a' },
    'b',
    'Parameter P failed to satisfy constraint: one a',
  ],
  [
    { Type: 'AWS::SSM::Parameter::Value<String>' },
    '/none',
    'Unable to fetch parameters [/none] from parameter store for this account.',
  ],
  [{ Type: 'String' }, 'x'.repeat(4097), "Parameter 'P' must contain at most 4096 bytes"],
];

test.each(BAD_PARAMETERS)('the parameter %j given %j is refused', (declaration, text, message) => {
  expect(messageOf(() => bind({ Parameters: { P: declaration } }, given(text)))).toBe(message);
});

test('a parameter that the template does not have is refused', () => {
  expect(messageOf(() => bind({}, { X: '1', Y: '2' }))).toBe(
    'Parameters: [X, Y] do not exist in the template',
  );
});

const EQUAL = { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] };
const UNEQUAL = { 'Fn::Equals': ['a', 'b'] };

test.each<readonly [Value, boolean]>([
  [EQUAL, true],
  [UNEQUAL, false],
  [{ 'Fn::Equals': ['true', true] }, true],
  [{ 'Fn::Equals': [{ Ref: 'List' }, ['a', 'b']] }, true],
  [{ 'Fn::Not': [EQUAL] }, false],
  [{ 'Fn::And': [EQUAL, UNEQUAL] }, false],
  [{ 'Fn::And': [EQUAL, EQUAL] }, true],
  [{ 'Fn::Or': [UNEQUAL, { Condition: 'Later' }] }, true],
])('the condition %j is %j', (condition, isMet) => {
  const Parameters = { List: { Type: 'CommaDelimitedList', Default: 'a,b' } };
  expect(bind({ Parameters, Conditions: { C: condition, Later: EQUAL } }).conditions.get('C')).toBe(isMet);
});

describe('rules', () => {
  const list = ['a', 'b'];
  test.each<readonly [Value, boolean]>([
    [{ 'Fn::Contains': [list, { Ref: 'P' }] }, true],
    [{ 'Fn::Contains': [['b'], { Ref: 'P' }] }, false],
    [{ 'Fn::Not': [{ 'Fn::Contains': [list, 'c'] }] }, true],
    [{ 'Fn::EachMemberEquals': [['a', 'a'], { Ref: 'P' }] }, true],
    [{ 'Fn::EachMemberEquals': [list, 'a'] }, false],
    [{ 'Fn::EachMemberIn': [['a'], list] }, true],
    [{ 'Fn::EachMemberIn': [list, ['a']] }, false],
  ])('%j holds: %j', (Assert, isMet) => {
    const Parameters = { P: { Type: 'String', Default: 'a' } };
    const ruled = (rule: ValueMap) =>
      messageOf(() =>
        bind({ Parameters, Rules: { R: { Assertions: [{ Assert, AssertDescription: 'no' }], ...rule } } }),
      );
    expect(ruled({})).toBe(isMet ? 'it threw nothing' : 'Template error: Rule R: no');
    expect(ruled({ RuleCondition: UNEQUAL })).toBe('it threw nothing');
  });

  test('what an account holds is not asked', () => {
    const Assert = {
      'Fn::EachMemberIn': [
        { 'Fn::ValueOfAll': ['AWS::EC2::VPC::Id', 'Tags.x'] },
        { 'Fn::RefAll': 'AWS::EC2::VPC::Id' },
      ],
    };
    expect(messageOf(() => bind({ Rules: { R: { Assertions: [{ Assert }] } } }))).toMatch(
      /^Template error: Fn::RefAll asks for/,
    );
  });
});

const CONDITIONS = { Yes: EQUAL, No: UNEQUAL };
const OFF = { Off: { Type: VPC, Condition: 'No' } };

describe('dependencies', () => {
  test('come from references in branches that are taken, and from DependsOn', () => {
    const Properties = {
      A: { Ref: 'R' },
      B: { 'Fn::Sub': ['${G.X}${Own}', { Own: { 'Fn::GetAtt': ['H', 'X'] } }] },
      C: { 'Fn::If': ['Yes', { Ref: 'I' }, { Ref: 'Off' }] },
    };
    const rest = Object.fromEntries(['R', 'G', 'H', 'I', 'D'].map((name) => [name, { Type: VPC }]));
    const bound = bind({
      Conditions: CONDITIONS,
      Resources: { ...rest, ...OFF, X: { Type: VPC, Properties, DependsOn: ['D', 'Off'] } },
    });
    expect([...(bound.dependencies.get('X') ?? [])].toSorted()).toEqual(['D', 'G', 'H', 'I', 'R']);
    expect(bound.resources.has('Off')).toBe(false);
  });

  test('on a resource whose condition does not hold are refused, in outputs too', () => {
    const Properties = { A: { Ref: 'Off' } };
    const sections = { Conditions: CONDITIONS, Resources: { ...OFF, X: { Type: VPC, Properties } } };
    expect(messageOf(() => bind(sections))).toBe(
      'Template format error: Unresolved resource dependencies [Off] in the Resources block of the template',
    );
    const Outputs = { O: { Value: { Ref: 'Off' } } };
    const inOutputs = { Conditions: CONDITIONS, Resources: { ...OFF, X: { Type: VPC } }, Outputs };
    expect(messageOf(() => bind(inOutputs))).toBe(
      'Template format error: Unresolved resource dependencies [Off] in the Outputs block of the template',
    );
    expect(messageOf(() => bind({ ...inOutputs, Outputs: { O: { Condition: 'No', ...Outputs.O } } }))).toBe(
      'it threw nothing',
    );
  });

  test('in a circle are refused with those on it, not with those before and behind', () => {
    const needs = (...names: string[]) => ({ Type: VPC, DependsOn: names });
    const circle = { A: needs('B'), B: needs('C'), C: needs('A'), Before: needs('A'), Behind: needs() };
    expect(messageOf(() => bind({ Resources: { ...circle, C: needs('A', 'Behind') } }))).toBe(
      'Circular dependency between resources: [A, B, C]',
    );
    expect(messageOf(() => bind({ Resources: { A: needs('A') } }))).toBe(
      'Circular dependency between resources: [A]',
    );
  });
});

test('properties that come to no value are left out', () => {
  const properties = { A: { Ref: 'Vpc' }, B: { Ref: 'AWS::NoValue' } };
  expect(resolveProperties(bind({}), properties, REFERENTS)).toEqual({ A: 'vpc-9' });
});

test('conditions that stand on one another thousands deep are decided', () => {
  const Conditions = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [
      `C${index}`,
      index === 4999 ? EQUAL : { Condition: `C${index + 1}` },
    ]),
  );
  const bound = bindTemplate(parseTemplate(templateWith({ Conditions })), new Map(), SURROUNDINGS);
  expect(bound.conditions.get('C0')).toBe(true);
});

const REASON = 'The following resource(s) require capabilities: [AWS::IAM::Role]';

test.each<readonly [ValueMap, object]>([
  [{ Type: VPC }, { capabilities: [], reason: undefined }],
  [{ Type: 'AWS::IAM::Role' }, { capabilities: ['CAPABILITY_IAM'], reason: REASON }],
  [
    { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x' } },
    { capabilities: ['CAPABILITY_NAMED_IAM'], reason: REASON },
  ],
])('%j needs %j', (resource, needed) => {
  const template = parseTemplate(templateWith({ Resources: { X: resource } }));
  expect(capabilitiesOf(template)).toEqual(needed);
  expect(resourceTypesOf(template)).toEqual([resource['Type']]);
});

test('uses of attributes are listed once each', () => {
  const Outputs = {
    A: { Value: { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] } },
    B: { Value: { 'Fn::Sub': '${Vpc.CidrBlock} ${Later.Arn.X}' } },
  };
  expect(attributeUses(parseTemplate(templateWith({ Outputs })))).toEqual([
    { logicalId: 'Vpc', attribute: 'CidrBlock' },
    { logicalId: 'Later', attribute: 'Arn.X' },
  ]);
});

test.each<readonly [ValueMap, ValueMap, readonly string[]]>([
  [{ A: 1, B: { x: 1, y: [1, 2] } }, { B: { y: [1, 2], x: 1 }, A: '1' }, []],
  [{ A: [1, 2] }, { A: [2, 1] }, ['A']],
  [{ A: 1, Gone: 1 }, { A: 1, New: 1 }, ['New', 'Gone']],
  [{ A: { x: 1 } }, { A: { x: 1, y: null } }, ['A']],
])('%j and %j differ in %j', (before, after, names) => {
  expect(changedProperties(before, after)).toEqual(names);
});
