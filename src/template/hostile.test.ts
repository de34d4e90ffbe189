import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bindTemplate, NotKnownYet, resolveProperties } from './bind.ts';
import { parseTemplate } from './parse.ts';
import { REFERENTS, SURROUNDINGS, templateWith } from './template.fixture.ts';
import { TemplateError, type Value } from './value.ts';

/** What a text ends in: its template worked out, or an error that is meant for a user. Anything else is thrown. */
function outcomeOf(text: string): 'worked out' | 'refused' {
  try {
    const bound = bindTemplate(parseTemplate(text), new Map(), SURROUNDINGS);
    for (const { properties } of bound.resources.values()) resolveProperties(bound, properties, REFERENTS);
  } catch (error) {
    if (error instanceof TemplateError || error instanceof NotKnownYet) return 'refused';
    throw error;
  }
  return 'worked out';
}

const SOUND = `
Parameters:
  Name: {Type: String, Default: x, AllowedPattern: "[a-z]+"}
Mappings:
  Map: {a: {b: c}}
Conditions:
  Yes: !Or [!Equals [!Ref Name, x], !Not [!Equals [1, 2]]]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      A: !Sub ["\${Name}-\${Own}", {Own: !Select [0, !GetAZs ""]}]
      B: !If [Yes, !FindInMap [Map, a, b], !Ref AWS::NoValue]
      C: !Join ["", [!Base64 x, !GetAtt Vpc2.CidrBlock]]
  Vpc2: {Type: AWS::EC2::VPC, Properties: {X: !Select [1, !Cidr [10.0.0.0/16, 2, 8]]}}
`;

test('a text with a few characters changed is worked out or refused', () => {
  const change = fc.tuple(
    fc.nat(SOUND.length - 1),
    fc.nat(3),
    fc.oneof(fc.constantFrom(...'[]{}:,!&*-?|>"\'\n\t #%'), fc.string()),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const text = changes.reduce(
        (old, [at, gone, put]) => old.slice(0, at) + put + old.slice(at + gone),
        SOUND,
      );
      expect(['worked out', 'refused']).toContain(outcomeOf(text));
    }),
    { numRuns: 300 },
  );
});

const FUNCTIONS = [
  'Ref',
  'Condition',
  'Fn::GetAtt',
  'Fn::Sub',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::FindInMap',
  'Fn::If',
  'Fn::And',
  'Fn::Or',
  'Fn::Not',
  'Fn::Equals',
  'Fn::Cidr',
  'Fn::GetAZs',
  'Fn::Base64',
  'Fn::ImportValue',
  'Fn::Contains',
  'Fn::EachMemberIn',
  'Fn::RefAll',
  'Fn::Transform',
  'Fn::',
];

const { expression } = fc.letrec<{ expression: Value }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Value>('Vpc', 'Yes', '${Vpc}', '', '10.0.0.0/16', 'constructor', 1, 8, true),
    fc.array(tie('expression'), { maxLength: 4 }),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), tie('expression'))
      .map(([name, argument]): Value => ({ [name]: argument })),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.array(tie('expression'), { minLength: 1, maxLength: 4 }))
      .map(([name, argument]): Value => ({ [name]: argument })),
  ),
}));

test('an expression of any form is worked out or refused, wherever it stands', () => {
  let workedOut = 0;
  fc.assert(
    fc.property(expression, (value) => {
      const yes = { 'Fn::Equals': [1, 1] };
      const texts = [
        templateWith({
          Conditions: { Yes: yes },
          Resources: { Vpc: { Type: 'A::B::C' }, X: { Type: 'A::B::C', Properties: { P: value } } },
        }),
        templateWith({ Conditions: { Yes: yes, No: { 'Fn::Equals': [value, 'a'] } } }),
        templateWith({ Rules: { R: { Assertions: [{ Assert: { 'Fn::Contains': [value, value] } }] } } }),
        templateWith({ Rules: { R: value } }),
        templateWith({ Outputs: { O: { Value: value } }, Mappings: { M: value } }),
      ];
      for (const text of texts) if (outcomeOf(text) === 'worked out') workedOut += 1;
    }),
    { numRuns: 300 },
  );
  expect(workedOut).toBeGreaterThan(0);
});
