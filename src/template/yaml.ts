import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  Scalar,
} from 'yaml';
import { checkQuota, QUOTAS } from './quotas.ts';
import { expandTag } from './tags.ts';
import { TemplateError, type Value } from './value.ts';

/** How deep a text may be nested: far deeper than any template goes, and shallow enough to be walked by recursion. */
export const MAXIMUM_DEPTH = 100;

/** Parts of a YAML text, spaces and ends of lines among them: what can be read within a second. */
const MAXIMUM_LEXEMES = 300_000;

/** What to say of a template that is nested deeper. */
export const TOO_DEEP = `Template format error: structures are nested more than ${MAXIMUM_DEPTH} levels deep.`;

/**
 * The value of a YAML text, with short forms of functions written out. As CloudFormation reads it: no aliases, no merges, and
 * dates are texts. Throws a TemplateError with the line of the first mistake.
 */
export function readYaml(text: string): Value {
  checkQuota('resources', countMembers(text, 'Resources'), QUOTAS.resources);
  const lines = new LineCounter();
  const tokens = parseTokens(text, lines);
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

/** Members of a section in block style, by their indent alone: far quicker than reading a text that is too long anyway. */
function countMembers(text: string, section: string): number {
  const start = new RegExp(`^${section}:[ ]*(?:#.*)?$`, 'm').exec(text);
  if (start === null) return 0;
  let indent: number | undefined;
  let count = 0;
  for (const line of text.slice(start.index + start[0].length).split('\n')) {
    const depth = line.search(/[^ ]/);
    if (depth === -1 || line[depth] === '#' || line[depth] === '\r') continue;
    if (depth === 0) break;
    indent ??= depth;
    if (depth === indent) count += 1;
  }
  return count;
}

/** The tokens of a text. Limits are held while it is parsed, for composing what is parsed recurses. */
function parseTokens(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAXIMUM_DEPTH) throw new TemplateError(TOO_DEEP);
    if (count > MAXIMUM_LEXEMES) {
      throw new TemplateError(
        'Template format error: the YAML has more parts than a template within the quotas can have.',
      );
    }
  }
  tokens.push(...parser.end());
  return tokens;
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
