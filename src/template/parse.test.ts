import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readDocument } from './document.ts';
import { parseTemplate } from './parse.ts';
import { messageOf, templateWith } from './template.fixture.ts';
import type { Value } from './value.ts';

const VPC = { Type: 'AWS::EC2::VPC' };

/** Structures of YAML and what they are as JSON. */
const YAML: readonly (readonly [string, Value])[] = [
  ['a: 2010-09-09', { a: '2010-09-09' }],
  ['a: [yes, No, on, "yes", true]', { a: [true, false, true, 'yes', true] }],
  ['a: [1, 1.5, 022, 22:22, 012345678901, 0, -3]', { a: [1, 1.5, '022', '22:22', '012345678901', 0, -3] }],
  ['a:\nb: ~\nc: ""', { a: null, b: null, c: '' }],
  ['80: a', { '80': 'a' }],
  ['a: !Ref X', { a: { Ref: 'X' } }],
  ['a: !Condition X', { a: { Condition: 'X' } }],
  ['a: !GetAtt X.Y.Z', { a: { 'Fn::GetAtt': ['X', 'Y.Z'] } }],
  ['a: !GetAtt [X, Y]', { a: { 'Fn::GetAtt': ['X', 'Y'] } }],
  ['a: !Sub "${X}"', { a: { 'Fn::Sub': '${X}' } }],
  [
    'a: !Select [0, !Split [",", !ImportValue x]]',
    { a: { 'Fn::Select': [0, { 'Fn::Split': [',', { 'Fn::ImportValue': 'x' }] }] } },
  ],
  ['a: !If [A, !Ref B, !Ref C]', { a: { 'Fn::If': ['A', { Ref: 'B' }, { Ref: 'C' }] } }],
  [
    'a: !And [!Not [!Equals [1, 2]], !Or [!Condition X]]',
    { a: { 'Fn::And': [{ 'Fn::Not': [{ 'Fn::Equals': [1, 2] }] }, { 'Fn::Or': [{ Condition: 'X' }] }] } },
  ],
  ['a: !FindInMap [A, B, C]', { a: { 'Fn::FindInMap': ['A', 'B', 'C'] } }],
  ['a: !Cidr [x, 1, 2]', { a: { 'Fn::Cidr': ['x', 1, 2] } }],
  ['a: !GetAZs ""', { a: { 'Fn::GetAZs': '' } }],
  ['a: !Base64\n  Fn::Sub: x', { a: { 'Fn::Base64': { 'Fn::Sub': 'x' } } }],
  ['a: !Join\n  - ""\n  - - b\n    - c', { a: { 'Fn::Join': ['', ['b', 'c']] } }],
  ['a: |\n  #!/bin/sh\n  echo [[[\n', { a: '#!/bin/sh\necho [[[\n' }],
  ['{a: 1, b: [c]}', { a: 1, b: ['c'] }],
  ['{"a": {"__proto__": 1}}', JSON.parse('{"a": {"__proto__": 1}}')],
];

test.each(YAML)('%j is read', (text, value) => {
  expect(readDocument(text)).toEqual(value);
});

test('a template is the same in JSON and in YAML', () => {
  const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null));
  const values = fc.dictionary(
    fc.stringMatching(/^[a-z]+$/),
    fc.oneof(scalar, fc.array(scalar), fc.dictionary(fc.string(), scalar)),
    {
      minKeys: 1,
    },
  );
  fc.assert(
    fc.property(values, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      const yaml = readDocument(stringify(plain, { version: '1.1', lineWidth: 0 }));
      expect(yaml).toEqual(readDocument(JSON.stringify(plain)));
    }),
  );
});

function countOf(section: string, count: number, member: Value): string {
  return templateWith({
    [section]: Object.fromEntries(Array.from({ length: count }, (_, index) => [`N${index}`, member])),
  });
}

const MANY_IN_YAML = `Resources:\n${Array.from({ length: 10_000 }, (_, index) => `  N${index}:\n    Type: AWS::EC2::VPC\n`).join('')}`;
const TOO_DEEP = 'Template format error: structures are nested more than 100 levels deep.';
const ALIASES = 'Template error: YAML aliases are not allowed in CloudFormation templates';

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['no text', '', 'Template format error: unsupported structure.'],
  ['a list', '[]', 'Template format error: unsupported structure.'],
  [
    'a tab',
    'Resources:\n\tA: b',
    'Template format error: YAML not well-formed. (line 2, column 1) Tabs are not allowed as indentation.',
  ],
  [
    'a key twice',
    'Resources:\n  A: 1\n  A: 2',
    'Template format error: YAML not well-formed. (line 3, column 3) The key A is there twice.',
  ],
  [
    'a key twice in JSON',
    '{"Resources": {"A": 1, "A": 2}}',
    'Template format error: JSON not well-formed. The key "A" is there twice.',
  ],
  [
    'two documents',
    'a: 1\n---\nb: 2',
    'Template format error: YAML not well-formed. (line 2, column 1) A template is one document.',
  ],
  [
    'an unknown tag',
    'a: !Foo x',
    'Template format error: YAML not well-formed. (line 1, column 9) Unknown tag !Foo.',
  ],
  ['an alias', 'a: &x 1\nb: *x', ALIASES],
  [
    'a bomb',
    `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a]`).join('\n')}`,
    ALIASES,
  ],
  ['depth in flow', `a: ${'['.repeat(400_000)}`, TOO_DEEP],
  ['depth in block', '- '.repeat(400_000), TOO_DEEP],
  ['depth in JSON', `{"a": ${'['.repeat(400_000)}${']'.repeat(400_000)}}`, TOO_DEEP],
  ['size', ' '.repeat(1_000_001), 'Template format error: the template has more than 1000000 bytes.'],
  [
    'many parts',
    '[]\n'.repeat(200_000),
    'Template format error: the YAML has more parts than a template within the quotas can have.',
  ],
  [
    'resources',
    countOf('Resources', 10_000, VPC),
    'Template format error: Number of resources, 10000, is greater than maximum allowed, 500',
  ],
  [
    'resources in YAML',
    MANY_IN_YAML,
    'Template format error: Number of resources, 10000, is greater than maximum allowed, 500',
  ],
  [
    'parameters',
    countOf('Parameters', 201, { Type: 'String' }),
    'Template format error: Number of parameters, 201, is greater than maximum allowed, 200',
  ],
  [
    'outputs',
    countOf('Outputs', 201, { Value: 1 }),
    'Template format error: Number of outputs, 201, is greater than maximum allowed, 200',
  ],
  [
    'mappings',
    countOf('Mappings', 201, {}),
    'Template format error: Number of mappings, 201, is greater than maximum allowed, 200',
  ],
  [
    'no resources',
    '{"Description": "x"}',
    'Template format error: At least one Resources member must be defined.',
  ],
  ['a section', templateWith({ Foo: 1, Bar: 2 }), 'Invalid template property or properties [Foo, Bar]'],
  [
    'a version',
    templateWith({ AWSTemplateFormatVersion: '2011-01-01' }),
    'Template format error: Unsupported template version 2011-01-01: the one version is 2010-09-09.',
  ],
  [
    'a transform',
    templateWith({ Transform: 'AWS::LanguageExtensions' }),
    'Template error: the transform AWS::LanguageExtensions is not supported: there are no macros here. Deploy the template that the transform yields.',
  ],
  [
    'a description',
    templateWith({ Description: 'x'.repeat(1025) }),
    "Template format error: 'Description' length is greater than 1024.",
  ],
  [
    'no type',
    templateWith({ Resources: { X: {} } }),
    'Template format error: [/Resources/X] Every Resources object must contain a Type member.',
  ],
  [
    'a resource that is a text',
    templateWith({ Resources: { X: 'a' } }),
    'Template format error: [/Resources/X] Every Resources member must be an object.',
  ],
  [
    'a name',
    templateWith({ Resources: { 'a-b': VPC } }),
    'Template format error: Resource name a-b is non alphanumeric.',
  ],
  [
    'a member',
    templateWith({ Resources: { X: { ...VPC, Props: {} } } }),
    "Invalid template resource property 'Props'",
  ],
  [
    'properties',
    templateWith({ Resources: { X: { ...VPC, Properties: [] } } }),
    'Template format error: [/Resources/X] Every Properties member must be an object.',
  ],
  [
    'null',
    'Resources:\n  X:\n    Type: AWS::EC2::VPC\n    Properties:\n      Tags: [a, ]\n      CidrBlock:\n',
    "Template format error: [/Resources/X/Properties/CidrBlock] 'null' values are not allowed in templates",
  ],
  [
    'a policy',
    templateWith({ Resources: { X: { ...VPC, DeletionPolicy: 'Keep' } } }),
    'Template format error: Unrecognized DeletionPolicy Keep for resource X',
  ],
  [
    'DependsOn',
    templateWith({ Resources: { X: { ...VPC, DependsOn: 'Y' } } }),
    'Template format error: Unresolved resource dependencies [Y] in the Resources block of the template',
  ],
  [
    'Ref',
    templateWith({ Resources: { X: { ...VPC, Properties: { A: { Ref: 'Y' }, B: { 'Fn::Sub': '${Z}' } } } } }),
    'Template format error: Unresolved resource dependencies [Y, Z] in the Resources block of the template',
  ],
  [
    'Condition',
    templateWith({ Resources: { X: { ...VPC, Condition: 'C' } } }),
    'Template format error: Unresolved condition dependency C in the Resources block of the template',
  ],
  [
    'conditions of resources',
    templateWith({ Conditions: { C: { 'Fn::Equals': [{ Ref: 'Vpc' }, 1] } } }),
    'Template format error: Unresolved dependencies [Vpc]. Cannot reference resources in the Conditions block of the template',
  ],
  [
    'conditions in a circle',
    templateWith({ Conditions: { A: { Condition: 'B' }, B: { 'Fn::Not': [{ Condition: 'A' }] } } }),
    'Template error: Found circular condition dependency between B and A',
  ],
  [
    'a mapping',
    templateWith({ Mappings: { M: { a: { b: {} } } } }),
    'Template format error: [/Mappings/M/a/b] Every Mappings attribute must be a String or a List.',
  ],
  [
    'an output',
    templateWith({ Outputs: { O: { Description: 'x' } } }),
    'Template format error: [/Outputs/O] Every Outputs object must contain a Value member.',
  ],
  [
    'a parameter',
    templateWith({ Parameters: { P: {} } }),
    'Template format error: Every Parameters object must contain a Type member.',
  ],
  [
    'a parameter type',
    templateWith({ Parameters: { P: { Type: 'Text' } } }),
    'Template format error: Unrecognized parameter type: Text',
  ],
  [
    'a parameter member',
    templateWith({ Parameters: { P: { Type: 'String', Foo: 1 } } }),
    "Invalid template parameter property 'Foo'",
  ],
  [
    'a default',
    templateWith({ Parameters: { P: { Type: 'String', Default: [] } } }),
    'Template format error: [/Parameters/P] Every Default member must be a string.',
  ],
];

test.each(REFUSED)('%s: refused', (_, text, message) => {
  expect(messageOf(() => parseTemplate(text))).toBe(message);
});

test('a chain of 5,000 conditions and 500 resources are read', () => {
  const conditions = Array.from({ length: 5000 }, (_, index) => [
    `C${index}`,
    index === 4999 ? { 'Fn::Equals': [1, 1] } : { Condition: `C${index + 1}` },
  ]);
  const template = parseTemplate(
    countOf('Resources', 500, VPC).replace(
      '{',
      `{"Conditions": ${JSON.stringify(Object.fromEntries(conditions))},`,
    ),
  );
  expect(template.resources.size).toBe(500);
});

test('a template says what it declares', () => {
  const template = parseTemplate(`
AWSTemplateFormatVersion: 2010-09-09
Description: a network
Parameters:
  Key: {Type: String, NoEcho: true, Default: 5, AllowedValues: [5, 6], MinLength: 1}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    DependsOn: Other
    DeletionPolicy: Retain
    CreationPolicy: {ResourceSignal: {}}
  Other: {Type: AWS::S3::Bucket}
Outputs:
  Id: {Value: !Ref Vpc, Export: {Name: !Sub "\${AWS::StackName}-id"}}
`);
  expect(template.description).toBe('a network');
  expect(template.parameters.get('Key')).toMatchObject({
    isNoEcho: true,
    defaultValue: '5',
    allowedValues: ['5', '6'],
    minLength: 1,
  });
  expect(template.resources.get('Vpc')).toMatchObject({
    dependsOn: ['Other'],
    deletionPolicy: 'Retain',
    updateReplacePolicy: 'Delete',
    hasCreationPolicy: true,
  });
  expect(template.outputs.get('Id')).toMatchObject({
    value: { Ref: 'Vpc' },
    exportName: { 'Fn::Sub': '${AWS::StackName}-id' },
  });
});
