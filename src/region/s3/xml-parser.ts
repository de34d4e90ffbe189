import { refusals } from './errors.ts';

/** An element of a request's XML, its name without a namespace's prefix. Attributes mean nothing in S3's requests. */
export class XmlElement {
  readonly name: string;
  readonly children: XmlElement[] = [];
  /** The text that stands in it, of all pieces. */
  text = '';

  constructor(name: string) {
    this.name = name;
  }

  /** The children of a name, in order. */
  all(name: string): readonly XmlElement[] {
    return this.children.filter((child) => child.name === name);
  }

  first(name: string): XmlElement | undefined {
    return this.children.find((child) => child.name === name);
  }

  /** The text of the first child of a name. */
  textOf(name: string): string | undefined {
    return this.first(name)?.text;
  }
}

/** Deeper than any of S3's documents; a nest of elements must not end our stack or memory. */
const MAX_DEPTH = 20;
const MAX_ELEMENTS = 200_000;

/**
 * Reads a document. Throws MalformedXML for what is not well-formed, has a document type (so no entities can be declared), or has
 * another root than `root`.
 */
export function parseXml(text: string, root: string): XmlElement {
  const top = new XmlElement('');
  const open = [top];
  let count = 0;
  let at = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token.index !== at) throw refusals.malformedXml();
    at += token[0].length;
    const parent = open.at(-1) ?? top;
    const { start, end, isEmpty, cdata, characters } = token.groups ?? {};
    if (start !== undefined) {
      const child = new XmlElement(localName(start));
      parent.children.push(child);
      if (isEmpty === '') open.push(child);
      if (open.length > MAX_DEPTH || ++count > MAX_ELEMENTS) throw refusals.malformedXml();
    } else if (end !== undefined) {
      if (open.length === 1 || parent.name !== localName(end)) throw refusals.malformedXml();
      open.pop();
    } else if (cdata !== undefined) parent.text += cdata;
    else if (characters !== undefined) parent.text += unescapeXml(characters);
  }
  const [element, ...more] = top.children;
  const isWhole = at === text.length && open.length === 1 && top.text.trim() === '' && more.length === 0;
  if (!isWhole || element?.name !== root) throw refusals.malformedXml();
  return element;
}

/** A name of the letters that S3's own names have. Attributes' values hold no `<`, as XML has it. */
const NAME = '[A-Za-z_][A-Za-z0-9_.:-]*';
const TOKEN = new RegExp(
  [
    '<\\?[^]*?\\?>',
    '<!--[^]*?-->',
    '<!\\[CDATA\\[(?<cdata>[^]*?)\\]\\]>',
    `<(?<start>${NAME})(?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*\\s*(?<isEmpty>/?)>`,
    `</(?<end>${NAME})\\s*>`,
    '(?<characters>[^<]+)',
  ].join('|'),
  'gy',
);

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Throws MalformedXML for a reference to anything but a character. */
function unescapeXml(text: string): string {
  return text.replace(/&([^;&]{0,8});?/g, (whole, name: string) => {
    const character = CHARACTERS[name];
    if (character !== undefined && whole.endsWith(';')) return character;
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const point = code?.[1] === undefined ? Number(code?.[2]) : Number.parseInt(code[1], 16);
    if (!whole.endsWith(';') || !(point <= 0x10ffff)) throw refusals.malformedXml();
    return String.fromCodePoint(point);
  });
}
