import type { BoundParameter, Surroundings } from './bind.ts';
import { isListType, isLookedUp, isNumberType } from './parameter-types.ts';
import type { ParameterDeclaration, Template } from './template.ts';
import { TemplateError } from './value.ts';

/** Quota "Parameter value", in bytes. */
const VALUE_BYTES = 4096;

/** Gives each parameter its value or its default, and checks it. Throws a TemplateError. */
export function bindParameters(
  template: Template,
  given: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): ReadonlyMap<string, BoundParameter> {
  const unknown = [...given.keys()].filter((name) => !template.parameters.has(name));
  if (unknown.length > 0) {
    throw new TemplateError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  const declarations = [...template.parameters.values()];
  const missing = declarations.filter(
    ({ name, defaultValue }) => !given.has(name) && defaultValue === undefined,
  );
  if (missing.length > 0) {
    throw new TemplateError(`Parameters: [${missing.map(({ name }) => name).join(', ')}] must have values`);
  }
  return new Map(
    declarations.map((declaration) => {
      const text = given.get(declaration.name) ?? declaration.defaultValue ?? '';
      return [declaration.name, bindParameter(declaration, text, surroundings)] as const;
    }),
  );
}

/** Constraints of a looked-up parameter are about the name that is given, not about the value behind it. */
function bindParameter(
  declaration: ParameterDeclaration,
  text: string,
  surroundings: Surroundings,
): BoundParameter {
  const { name, type } = declaration;
  if (Buffer.byteLength(text) > VALUE_BYTES) {
    throw new TemplateError(`Parameter '${name}' must contain at most ${VALUE_BYTES} bytes`);
  }
  const isList = isListType(type);
  if (!isLookedUp(type)) {
    const members = isList ? splitList(text) : [text];
    checkConstraints(declaration, members);
    return { value: isList ? members : text, lookedUpBy: undefined };
  }
  checkConstraints(declaration, [text]);
  const found = surroundings.systemParameter(text);
  if (found === undefined) {
    throw new TemplateError(`Unable to fetch parameters [${text}] from parameter store for this account.`);
  }
  return { value: isList ? splitList(found) : found, lookedUpBy: text };
}

/** Members of a list are trimmed; an empty text is a list of one empty text. */
function splitList(text: string): string[] {
  return text.split(',').map((member) => member.trim());
}

function checkConstraints(declaration: ParameterDeclaration, members: readonly string[]): void {
  const broken = brokenConstraint(declaration, members);
  if (broken === undefined) return;
  const { name, constraintDescription } = declaration;
  throw new TemplateError(
    constraintDescription === undefined
      ? `Parameter '${name}' ${broken}`
      : `Parameter ${name} failed to satisfy constraint: ${constraintDescription}`,
  );
}

/** What a value must be and is not, in CloudFormation's words. */
function brokenConstraint(declaration: ParameterDeclaration, members: readonly string[]): string | undefined {
  const { type, allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = declaration;
  const isNumber = isNumberType(type);
  const pattern = allowedPattern === undefined ? undefined : new RegExp(`^(?:${allowedPattern})$`);
  for (const member of members) {
    const number = Number(member);
    if (isNumber && (member.trim() === '' || !Number.isFinite(number))) return 'must be a number';
    if (isNumber && minValue !== undefined && number < minValue)
      return `must be a number not less than ${minValue}`;
    if (isNumber && maxValue !== undefined && number > maxValue)
      return `must be a number not greater than ${maxValue}`;
    if (allowedValues !== undefined && !allowedValues.includes(member)) return 'must be one of AllowedValues';
    if (minLength !== undefined && member.length < minLength)
      return `must contain at least ${minLength} characters`;
    if (maxLength !== undefined && member.length > maxLength)
      return `must contain at most ${maxLength} characters`;
    if (pattern !== undefined && !pattern.test(member)) return `must match pattern ${allowedPattern}`;
  }
  return undefined;
}
