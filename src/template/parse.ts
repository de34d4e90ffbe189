import { checkReferences } from './check.ts';
import { readDocument } from './document.ts';
import { parseParameters } from './parse-parameters.ts';
import { parseResources } from './parse-resources.ts';
import { QUOTAS } from './quotas.ts';
import {
  checkNames,
  formatError,
  mapMember,
  refuseNull,
  sectionOf,
  structuresOf,
  textMember,
} from './sections.ts';
import type { OutputDeclaration, Template } from './template.ts';
import { isValueList, isValueMap, memberOf, TemplateError, textOf, type ValueMap } from './value.ts';

const SECTIONS: ReadonlySet<string> = new Set([
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
  'Transform',
]);

/** Quota "Template description", in bytes. */
const DESCRIPTION_BYTES = 1024;

/**
 * Reads a template, JSON or YAML: its sections are of the right form, its functions are given what they take, and what they
 * refer to is there. Throws a TemplateError with CloudFormation's words. What needs parameters or types of resources
 * is not looked at: `bindTemplate` and the stack do.
 */
export function parseTemplate(text: string): Template {
  const document = readDocument(text);
  if (!isValueMap(document)) throw formatError('unsupported structure.');
  checkSections(document);
  for (const [section, value] of Object.entries(document)) {
    if (section !== 'Metadata') refuseNull(value, `/${section}`);
  }
  const template: Template = {
    description: descriptionOf(document),
    metadata: mapMember(document, 'Metadata', '[/Metadata]'),
    parameters: parseParameters(document),
    mappings: parseMappings(document),
    conditions: parseNamed(document, 'Conditions', 'Condition'),
    rules: parseNamed(document, 'Rules', 'Rule'),
    resources: parseResources(document),
    outputs: parseOutputs(document),
  };
  checkReferences(template);
  return template;
}

function checkSections(document: ValueMap): void {
  const unknown = Object.keys(document).filter((section) => !SECTIONS.has(section));
  if (unknown.length > 0) {
    throw new TemplateError(`Invalid template property or properties [${unknown.join(', ')}]`);
  }
  const version = memberOf(document, 'AWSTemplateFormatVersion');
  if (version !== undefined && version !== '2010-09-09') {
    throw formatError(
      `Unsupported template version ${textOf(version) ?? ''}: the one version is 2010-09-09.`,
    );
  }
  const transforms = memberOf(document, 'Transform');
  if (transforms === undefined) return;
  const names = (isValueList(transforms) ? transforms : [transforms]).map(
    (transform) => textOf(transform) ?? textOf(isValueMap(transform) ? transform['Name'] : undefined) ?? '?',
  );
  if (names.length === 0) return;
  throw new TemplateError(
    `Template error: the transform ${names.join(', ')} is not supported: there are no macros here. ` +
      'Deploy the template that the transform yields.',
  );
}

function descriptionOf(document: ValueMap): string | undefined {
  const description = textMember(document, 'Description', '[/Description]');
  if (description !== undefined && Buffer.byteLength(description) > DESCRIPTION_BYTES) {
    throw formatError("'Description' length is greater than 1024.");
  }
  return description;
}

function parseNamed(document: ValueMap, section: string, one: string): ValueMap {
  const members = sectionOf(document, section);
  checkNames(members, { one, many: section.toLowerCase() }, Number.POSITIVE_INFINITY);
  structuresOf(members, section);
  return members;
}

/** A mapping has two levels of names; their values are scalars or lists of scalars. */
function parseMappings(document: ValueMap): ValueMap {
  const mappings = sectionOf(document, 'Mappings');
  checkNames(mappings, { one: 'Mapping', many: 'mappings' }, QUOTAS.mappings);
  for (const [name, mapping] of structuresOf(mappings, 'Mappings')) {
    for (const [key, attributes] of structuresOf(mapping, `Mappings/${name}`)) {
      for (const [attribute, value] of Object.entries(attributes)) {
        const isAllowed = (isValueList(value) ? value : [value]).every((item) => textOf(item) !== undefined);
        if (!isAllowed) {
          throw formatError(
            `[/Mappings/${name}/${key}/${attribute}] Every Mappings attribute must be a String or a List.`,
          );
        }
      }
    }
  }
  return mappings;
}

function parseOutputs(document: ValueMap): ReadonlyMap<string, OutputDeclaration> {
  const section = sectionOf(document, 'Outputs');
  checkNames(section, { one: 'Output', many: 'outputs' }, QUOTAS.outputs);
  return new Map(
    structuresOf(section, 'Outputs').map(([name, map]) => [name, parseOutput(name, map)] as const),
  );
}

function parseOutput(name: string, map: ValueMap): OutputDeclaration {
  const where = `[/Outputs/${name}]`;
  const unknown = Object.keys(map).find(
    (member) => !['Condition', 'Description', 'Export', 'Value'].includes(member),
  );
  if (unknown !== undefined) throw new TemplateError(`Invalid template output property '${unknown}'`);
  const value = memberOf(map, 'Value');
  if (value === undefined) throw formatError(`${where} Every Outputs object must contain a Value member.`);
  const exported = memberOf(map, 'Export');
  const exportName = exported === undefined ? undefined : memberOf(mapMember(map, 'Export', where), 'Name');
  if (exported !== undefined && exportName === undefined) {
    throw formatError(`${where} Every Export object must contain a Name member.`);
  }
  return {
    name,
    value,
    description: textMember(map, 'Description', where),
    exportName,
    condition: textMember(map, 'Condition', where),
  };
}
