import { QUOTAS } from './quotas.ts';
import { checkNames, formatError, mapMember, sectionOf, structuresOf, textMember } from './sections.ts';
import type { DeletionPolicy, ResourceDeclaration } from './template.ts';
import { isValueList, memberOf, TemplateError, type ValueMap } from './value.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  'Condition',
  'CreationPolicy',
  'DeletionPolicy',
  'DependsOn',
  'Description',
  'Metadata',
  'Properties',
  'Type',
  'UpdatePolicy',
  'UpdateReplacePolicy',
]);

const DELETION_POLICIES: readonly DeletionPolicy[] = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];

/** The resources that a template declares. Throws a TemplateError for a declaration of another form. */
export function parseResources(template: ValueMap): ReadonlyMap<string, ResourceDeclaration> {
  const section = sectionOf(template, 'Resources');
  if (Object.keys(section).length === 0) {
    throw formatError('At least one Resources member must be defined.');
  }
  checkNames(section, { one: 'Resource', many: 'resources' }, QUOTAS.resources);
  return new Map(
    structuresOf(section, 'Resources').map(
      ([logicalId, map]) => [logicalId, parseResource(logicalId, map)] as const,
    ),
  );
}

function parseResource(logicalId: string, map: ValueMap): ResourceDeclaration {
  const where = `[/Resources/${logicalId}]`;
  const type = memberOf(map, 'Type');
  if (typeof type !== 'string' || type === '') {
    throw formatError(`${where} Every Resources object must contain a Type member.`);
  }
  const unknown = Object.keys(map).find((member) => !MEMBERS.has(member));
  if (unknown !== undefined) throw new TemplateError(`Invalid template resource property '${unknown}'`);
  return {
    logicalId,
    type,
    properties: mapMember(map, 'Properties', where),
    dependsOn: parseDependsOn(map, where),
    condition: textMember(map, 'Condition', where),
    deletionPolicy: parsePolicy(map, 'DeletionPolicy', logicalId) ?? defaultPolicyOf(type),
    updateReplacePolicy: parsePolicy(map, 'UpdateReplacePolicy', logicalId) ?? 'Delete',
    hasCreationPolicy: memberOf(map, 'CreationPolicy') !== undefined,
    metadata: mapMember(map, 'Metadata', where),
  };
}

/** User guide, "DeletionPolicy attribute": clusters of databases are kept as snapshots; everything else is deleted. */
function defaultPolicyOf(type: string): DeletionPolicy {
  return type === 'AWS::RDS::DBCluster' ? 'Snapshot' : 'Delete';
}

function parseDependsOn(map: ValueMap, where: string): readonly string[] {
  const value = memberOf(map, 'DependsOn') ?? [];
  return (isValueList(value) ? value : [value]).map((member) => {
    if (typeof member === 'string') return member;
    throw formatError(`${where} Every DependsOn value must be a string or a list of strings.`);
  });
}

function parsePolicy(map: ValueMap, member: string, logicalId: string): DeletionPolicy | undefined {
  const value = memberOf(map, member);
  if (value === undefined) return undefined;
  const policy = DELETION_POLICIES.find((known) => known === value);
  if (policy === undefined || (member === 'UpdateReplacePolicy' && policy === 'RetainExceptOnCreate')) {
    const told = typeof value === 'string' ? value : JSON.stringify(value);
    throw formatError(`Unrecognized ${member} ${told} for resource ${logicalId}`);
  }
  return policy;
}
