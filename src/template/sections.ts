import { checkQuota } from './quotas.ts';
import { isValueMap, memberOf, TemplateError, textOf, type Value, type ValueMap } from './value.ts';

/** A TemplateError of a template that has not the form of one. */
export function formatError(message: string): TemplateError {
  return new TemplateError(`Template format error: ${message}`);
}

/** The structure that a section is; one that is not there is empty. */
export function sectionOf(template: ValueMap, name: string): ValueMap {
  const section = memberOf(template, name);
  if (section === undefined) return {};
  if (!isValueMap(section)) throw formatError(`Invalid template section. ${name} must be an object.`);
  return section;
}

/** Refuses a section with more members than CloudFormation's quota, and names that are not alphanumeric. */
export function checkNames(section: ValueMap, what: { one: string; many: string }, most: number): void {
  const names = Object.keys(section);
  checkQuota(what.many, names.length, most);
  for (const name of names) {
    if (!/^[A-Za-z0-9]+$/.test(name)) throw formatError(`${what.one} name ${name} is non alphanumeric.`);
    if (name.length > 255) throw formatError(`${what.one} name ${name} is longer than 255 characters.`);
  }
}

/** A member that must be a text where it is there: numbers and truths count as texts. */
export function textMember(map: ValueMap, member: string, where: string): string | undefined {
  const value = memberOf(map, member);
  if (value === undefined) return undefined;
  const text = textOf(value);
  if (text === undefined) throw formatError(`${where} Every ${member} member must be a string.`);
  return text;
}

/** A member that must be a structure where it is there. */
export function mapMember(map: ValueMap, member: string, where: string): ValueMap {
  const value = memberOf(map, member);
  if (value === undefined) return {};
  if (!isValueMap(value)) throw formatError(`${where} Every ${member} member must be an object.`);
  return value;
}

/** A section's members, each of which must be a structure. */
export function structuresOf(section: ValueMap, name: string): [string, ValueMap][] {
  return Object.entries(section).map(([key, value]: [string, Value]) => {
    if (!isValueMap(value)) throw formatError(`[/${name}/${key}] Every ${name} member must be an object.`);
    return [key, value];
  });
}

/** Refuses null anywhere in a section; `where` is its path. */
export function refuseNull(value: Value, where: string): void {
  if (value === null) throw formatError(`[${where}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) refuseNull(member, `${where}/${name}`);
}
