const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  // A parser would make a line feed of it.
  ['\r', '&#13;'],
]);

/** Text as it stands in an element. What XML 1.0 cannot hold at all becomes U+FFFD. */
function escapeXml(text: string): string {
  return text.toWellFormed().replace(/[&<>"\ufffe\uffff]|\p{Cc}/gu, escapeCharacter);
}

function escapeCharacter(special: string): string {
  const isFit = special === '\t' || special === '\n' || (special >= '\u007f' && special < '\ufffe');
  return ENTITIES.get(special) ?? (isFit ? special : '\ufffd');
}

/** An element with a text. */
export function textElement(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** An element around others, which are XML already; empty texts stand for elements that are not there. */
export function element(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** A whole document of S3's namespace. */
export function xmlDocument(name: string, ...children: readonly string[]): string {
  return `${DECLARATION}<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`;
}

/** An error's document, which has no namespace. */
export function errorDocument(fields: Readonly<Record<string, string>>): string {
  return (
    DECLARATION + element('Error', ...Object.entries(fields).map(([name, value]) => textElement(name, value)))
  );
}
