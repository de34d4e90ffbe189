import type { Surroundings } from './bind.ts';
import { isValueList, isValueMap, TemplateError, type Value } from './value.ts';

/**
 * A value with its `{{resolve:ssm:NAME}}` and `{{resolve:ssm:NAME:VERSION}}` replaced. Throws a TemplateError for a parameter
 * that is not there, and for secrets (`ssm-secure`, `secretsmanager`), which nothing here keeps.
 */
export function resolveDynamicReferences(value: Value, surroundings: Surroundings): Value {
  if (typeof value === 'string') {
    return value.includes('{{resolve:') ? resolveText(value, surroundings) : value;
  }
  if (isValueList(value)) return value.map((member) => resolveDynamicReferences(member, surroundings));
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, resolveDynamicReferences(member, surroundings)]),
  );
}

const OPENING = '{{resolve:';

function resolveText(text: string, surroundings: Surroundings): string {
  let result = '';
  let end = 0;
  for (let start = text.indexOf(OPENING); start !== -1; start = text.indexOf(OPENING, end)) {
    const close = text.indexOf('}}', start);
    if (close === -1) break;
    const inside = text.slice(start + OPENING.length, close);
    result += text.slice(end, start) + resolveReference(inside, surroundings);
    end = close + 2;
  }
  return result + text.slice(end);
}

function resolveReference(reference: string, surroundings: Surroundings): string {
  if (!reference.startsWith('ssm:')) {
    throw new TemplateError(
      `Template error: the dynamic reference ${OPENING}${reference}}} is not supported: only {{resolve:ssm:…}} is`,
    );
  }
  const name = reference.slice('ssm:'.length);
  const found = surroundings.systemParameter(name);
  if (found === undefined) {
    throw new TemplateError(`Unable to fetch parameters [${name}] from parameter store for this account.`);
  }
  return found;
}
