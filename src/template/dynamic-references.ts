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

function resolveText(text: string, surroundings: Surroundings): string {
  return text.replaceAll(/\{\{resolve:([^:}]*):([^}]*)\}\}/g, (whole, service: string, name: string) => {
    if (service !== 'ssm') {
      throw new TemplateError(
        `Template error: the dynamic reference ${whole} is not supported: only {{resolve:ssm:…}} is`,
      );
    }
    const found = surroundings.systemParameter(name);
    if (found === undefined) {
      throw new TemplateError(`Unable to fetch parameters [${name}] from parameter store for this account.`);
    }
    return found;
  });
}
