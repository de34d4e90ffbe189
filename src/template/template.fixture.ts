import { type BoundTemplate, bindTemplate, type Referents, resolveValue, type Surroundings } from './bind.ts';
import { parseTemplate } from './parse.ts';
import type { Value } from './value.ts';

/** Where the templates of these tests are deployed. */
export const SURROUNDINGS: Surroundings = {
  accountId: '123456789012',
  region: 'us-east-1',
  stackName: 'net',
  stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/net/1',
  notificationArns: [],
  zonesOf: (region) => [`${region}a`, `${region}b`],
  importOf: (name) => (name === 'shared-vpc' ? 'vpc-1' : undefined),
  systemParameter: (name) =>
    new Map([
      ['/ami', 'ami-1'],
      ['/ami:2', 'ami-2'],
      ['/list', 'a, b'],
    ]).get(name),
};

/** What the resource Vpc is known by; nothing else is there. */
export const REFERENTS: Referents = {
  ref: (logicalId) => (logicalId === 'Vpc' ? 'vpc-9' : undefined),
  attribute: (logicalId, name) =>
    logicalId === 'Vpc'
      ? { CidrBlock: '10.0.0.0/16', Blocks: ['10.0.0.0/16', '10.1.0.0/16'] }[name]
      : undefined,
};

/** A template of two VPCs and whatever is given besides, as JSON. */
export function templateWith(sections: { readonly [name: string]: Value }): string {
  return JSON.stringify({
    Resources: { Vpc: { Type: 'AWS::EC2::VPC' }, Later: { Type: 'AWS::EC2::VPC' } },
    ...sections,
  });
}

/** A template bound with the parameters given. */
export function bind(
  sections: { readonly [name: string]: Value },
  given: Record<string, string> = {},
): BoundTemplate {
  return bindTemplate(parseTemplate(templateWith(sections)), new Map(Object.entries(given)), SURROUNDINGS);
}

/** The value of an expression as an output of a template with a few parameters, mappings and conditions. */
export function outputOf(expression: Value): Value | undefined {
  const bound = bind({
    Parameters: {
      Name: { Type: 'String', Default: 'x' },
      List: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    },
    Mappings: { Map: { 'us-east-1': { Ami: 'ami-7', Zones: ['p', 'q'] } } },
    Conditions: { Yes: { 'Fn::Equals': [1, '1'] }, No: { 'Fn::Equals': ['a', 'b'] } },
    Outputs: { Out: { Value: expression } },
  });
  return resolveValue(bound, expression, REFERENTS);
}

/** The message that something throws, or what it says instead. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'it threw nothing';
}
