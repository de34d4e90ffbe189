import { isParameterType } from './parameter-types.ts';
import { QUOTAS } from './quotas.ts';
import { checkNames, formatError, sectionOf, structuresOf, textMember } from './sections.ts';
import type { ParameterDeclaration } from './template.ts';
import { isValueList, memberOf, TemplateError, textOf, type ValueMap } from './value.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'Default',
  'Description',
  'MaxLength',
  'MaxValue',
  'MinLength',
  'MinValue',
  'NoEcho',
  'Type',
]);

/** The parameters that a template declares. Throws a TemplateError for a declaration of another form. */
export function parseParameters(template: ValueMap): ReadonlyMap<string, ParameterDeclaration> {
  const section = sectionOf(template, 'Parameters');
  checkNames(section, { one: 'Parameter', many: 'parameters' }, QUOTAS.parameters);
  return new Map(
    structuresOf(section, 'Parameters').map(([name, map]) => [name, parseParameter(name, map)] as const),
  );
}

function parseParameter(name: string, map: ValueMap): ParameterDeclaration {
  const where = `[/Parameters/${name}]`;
  const unknown = Object.keys(map).find((member) => !MEMBERS.has(member));
  if (unknown !== undefined) {
    throw new TemplateError(`Invalid template parameter property '${unknown}'`);
  }
  const type = textMember(map, 'Type', where);
  if (type === undefined) throw formatError('Every Parameters object must contain a Type member.');
  if (!isParameterType(type)) throw formatError(`Unrecognized parameter type: ${type}`);
  return {
    name,
    type,
    defaultValue: textMember(map, 'Default', where),
    description: textMember(map, 'Description', where),
    isNoEcho: textMember(map, 'NoEcho', where)?.toLowerCase() === 'true',
    allowedValues: textsMember(map, 'AllowedValues', where),
    allowedPattern: patternMember(map, where),
    minLength: numberMember(map, 'MinLength', where),
    maxLength: numberMember(map, 'MaxLength', where),
    minValue: numberMember(map, 'MinValue', where),
    maxValue: numberMember(map, 'MaxValue', where),
    constraintDescription: textMember(map, 'ConstraintDescription', where),
  };
}

function textsMember(map: ValueMap, member: string, where: string): readonly string[] | undefined {
  const list = memberOf(map, member);
  if (list === undefined) return undefined;
  const complaint = formatError(`${where} Every ${member} value must be a list of strings.`);
  if (!isValueList(list)) throw complaint;
  return list.map((value) => {
    const text = textOf(value);
    if (text === undefined) throw complaint;
    return text;
  });
}

function numberMember(map: ValueMap, member: string, where: string): number | undefined {
  const text = textMember(map, member, where);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw formatError(`${where} Every ${member} member must be a number.`);
  }
  return number;
}

function patternMember(map: ValueMap, where: string): string | undefined {
  const pattern = textMember(map, 'AllowedPattern', where);
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern);
  } catch {
    throw formatError(`${where} AllowedPattern ${pattern} is not a valid regular expression.`);
  }
  return pattern;
}
