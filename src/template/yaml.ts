import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  Scalar,
} from 'yaml';
import { expandTag } from './tags.ts';
import { TemplateError, type Value } from './value.ts';

/** How deep a text may be nested: far deeper than any template goes, and shallow enough to be walked by recursion. */
export const MAXIMUM_DEPTH = 100;

/** What to say of a template that is nested deeper. */
export const TOO_DEEP = `Template format error: structures are nested more than ${MAXIMUM_DEPTH} levels deep.`;

/**
 * The value of a YAML text, with short forms of functions written out. As CloudFormation reads it: no aliases, no merges, and
 * dates are texts. Throws a TemplateError with the line of the first mistake.
 */
export function readYaml(text: string): Value {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (isTooDeep(tokens)) throw new TemplateError(TOO_DEEP);
  const complain = (offset: number, why: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new TemplateError(
      `Template format error: YAML not well-formed. (line ${line}, column ${col}) ${why}`,
    );
  };
  const documents: Document.Parsed[] = [
    // Keys are compared in `readMap`: the package does so pair by pair, which 10,000 keys make slow.
    ...new Composer({ schema: 'failsafe', version: '1.1', merge: false, uniqueKeys: false }).compose(tokens),
  ];
  const [first, second] = documents;
  const [mistake] = first?.errors ?? [];
  if (mistake !== undefined) return complain(mistake.pos[0], sentenceOf(mistake.message));
  if (second !== undefined) return complain(second.range[0], 'A template is one document.');
  return readNode(first?.contents ?? null, complain);
}

type Complain = (offset: number, why: string) => never;

function sentenceOf(message: string): string {
  const [sentence = ''] = message.split('\n');
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}

/** Whether collections are nested deeper than may be: asked of the tokens, for composing them recurses. */
function isTooDeep(tokens: readonly CST.Token[]): boolean {
  let level: (CST.Token | null | undefined)[] = [...tokens];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAXIMUM_DEPTH) return true;
    level = level.flatMap((token) => {
      if (token?.type === 'document') return [token.value];
      if (token === null || token === undefined || !('items' in token)) return [];
      return token.items.flatMap((item) => [item.key, item.value]);
    });
  }
  return false;
}

function readNode(node: Node | null, complain: Complain): Value {
  if (node === null) return null;
  if (isAlias(node)) {
    throw new TemplateError('Template error: YAML aliases are not allowed in CloudFormation templates');
  }
  const { tag } = node;
  const value = readUntagged(node, complain);
  if (tag === undefined || tag.startsWith('tag:')) return value;
  const expanded = expandTag(tag, value);
  return expanded ?? complain(node.range?.[0] ?? 0, `Unknown tag ${tag}.`);
}

function readUntagged(node: Node, complain: Complain): Value {
  if (isMap(node)) return readMap(node.items, complain);
  if (isSeq(node)) return node.items.map((item) => readNode(asNode(item), complain));
  if (!isScalar(node)) return null;
  const text = String(node.value ?? '');
  const isPlain = node.type === Scalar.PLAIN && node.tag === undefined;
  return isPlain || (node.type === undefined && text === '') ? plainValue(text) : text;
}

function readMap(pairs: readonly { key: unknown; value: unknown }[], complain: Complain): Value {
  const values = new Map<string, Value>();
  for (const pair of pairs) {
    const node = asNode(pair.key);
    const offset = node?.range?.[0] ?? 0;
    if (node === null || !isScalar(node)) return complain(offset, 'A key is a text.');
    const key = String(node.value ?? '');
    if (values.has(key)) return complain(offset, `The key ${key} is there twice.`);
    values.set(key, readNode(asNode(pair.value), complain));
  }
  return Object.fromEntries(values);
}

function asNode(candidate: unknown): Node | null {
  if (isAlias(candidate) || isMap(candidate) || isSeq(candidate) || isScalar(candidate)) return candidate;
  return null;
}

/** YAML 1.1 without its numbers of base 8 and 60: `022` and `22:22` stay the texts that are meant by them. */
function plainValue(text: string): Value {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(text)) return true;
  if (/^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(text)) return false;
  if (/^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number))
      ? number
      : text;
  }
  return text;
}
