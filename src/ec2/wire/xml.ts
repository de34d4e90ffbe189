/** Characters that XML gives a meaning, or (control characters, halves of surrogate pairs) cannot hold. */
const SPECIAL = /[&<>"\p{Cs}\ufffe\uffff]|(?![\t\n\x7f-\x9f])\p{Cc}/u;
const ALL_SPECIAL = new RegExp(SPECIAL, 'gu');

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  // A parser would make a line feed of it.
  ['\r', '&#13;'],
]);

/** Text as it stands in an XML element. What XML 1.0 cannot hold at all becomes U+FFFD. */
export function escapeXml(text: string): string {
  return SPECIAL.test(text)
    ? text.replace(ALL_SPECIAL, (special) => ENTITIES.get(special) ?? '\ufffd')
    : text;
}
