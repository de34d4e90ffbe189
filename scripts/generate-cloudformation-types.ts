/**
 * Writes docs/cloudformation-types.md: the types of resources that stacks may have, from the very table that makes them. `--check`
 * only says whether the page is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PropertySchema, ResourceType } from '../src/cloudformation/resource-type.ts';
import { resourceTypes } from '../src/cloudformation/resources/index.ts';

const page = join(import.meta.dirname, '../docs/cloudformation-types.md');

function renderType(type: ResourceType): string {
  const rows = Object.entries(type.properties).map(([name, schema]) => renderProperty(type, name, schema));
  const attributes = type.attributes.map((name) => `\`${name}\``).join(', ');
  const shown = attributes === '' ? 'No attributes.' : `Attributes: ${attributes}.`;
  const table = ['| Property | Type | A change |', '| --- | --- | --- |', ...rows].join('\n');
  return `## ${type.name}\n\n${rows.length === 0 ? 'No properties.' : table}\n\n${shown}`;
}

function renderProperty(
  type: ResourceType,
  name: string,
  { type: kind, isRequired, update }: PropertySchema,
) {
  const isReplaced = update === 'replace' || type.update === undefined;
  const required = isRequired === true ? ', required' : '';
  return `| ${name} | ${kind}${required} | ${isReplaced ? 'replaces' : 'in place'} |`;
}

function render(): string {
  const types = [...resourceTypes.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return `<!-- Made by scripts/generate-cloudformation-types.ts. Do not edit; run ./dev generate. -->

# CloudFormation's types of resources

${types.length} types. A type that is not here fails the stack with its name, and so does a property that is not in its type's list.

Most are made by the actions of the EC2 API, of Elastic Load Balancing, S3, DynamoDB and Systems Manager, which refuse what they
refuse everybody. Roles, policies, instance profiles, log groups, repositories, keys and their aliases are kept as they are
described, and nothing acts on them: no policy of a role is evaluated, nothing is logged, pushed or encrypted. A property of
type Map, List or Json has CloudFormation's own members. \`Ref\` gives the physical id, as AWS has it: EC2's id, the public
address of an Elastic IP, the name of a role or a bucket.

Of \`AWS::Lambda::Function\` there are those that CDK makes for \`Custom::VpcRestrictDefaultSG\` and
\`Custom::S3AutoDeleteObjects\`. They are kept and never run: Cloudcroft does the work of these two custom resources itself.

Of a table, \`PointInTimeRecoverySpecification\`, \`SSESpecification\`, \`StreamSpecification\`, \`TableClass\` and
\`TimeToLiveSpecification\` are accepted and have no effect. A bucket and a table carry the tag \`cloudcroft:cloudformation\`,
by which their stack knows that they are its own.

A change of \`AWS::EC2::SubnetRouteTableAssociation\`, \`AWS::EC2::SubnetNetworkAclAssociation\` and \`AWS::EC2::EIPAssociation\`
is made in place where AWS replaces them, so that packets meet no moment without an association; tags of a key pair change in
place, too.

${types.map(renderType).join('\n\n')}
`;
}

const text = render();
if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
  console.log('docs/cloudformation-types.md: written');
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/cloudformation-types.md is out of date. Run ./dev generate.');
  process.exitCode = 1;
}
