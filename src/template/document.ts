import { measureJson } from './json.ts';
import { TemplateError, type Value } from './value.ts';
import { MAXIMUM_DEPTH, readYaml, TOO_DEEP } from './yaml.ts';

/** What `TemplateURL` may fetch at most, in bytes (quota "Template body size in an Amazon S3 object"). */
const MAXIMUM_BYTES = 1_000_000;

/**
 * The value that a text of JSON or YAML holds, with short forms of functions (`!Ref X`) written out. Throws a TemplateError
 * for a text that is neither, has a key twice, is nested more than 100 levels deep, has aliases or is above 1,000,000 bytes.
 */
export function readDocument(text: string): Value {
  if (Buffer.byteLength(text) > MAXIMUM_BYTES) {
    throw new TemplateError(`Template format error: the template has more than ${MAXIMUM_BYTES} bytes.`);
  }
  const json = readJson(text);
  return json === undefined ? readYaml(text) : json;
}

/** Undefined for what is no JSON: YAML may begin with a brace, too. */
function readJson(text: string): Value | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  let value: Value;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { depth, repeatedKey } = measureJson(text);
  if (depth > MAXIMUM_DEPTH) throw new TemplateError(TOO_DEEP);
  if (repeatedKey !== undefined) {
    throw new TemplateError(
      `Template format error: JSON not well-formed. The key ${repeatedKey} is there twice.`,
    );
  }
  return value;
}
