/** Stand for a star and a question mark that are themselves; from the private use area, so no request has them. */
const LITERAL = { '*': '\uE02A', '?': '\uE03F' } as const;

/** A pattern that fits the text itself only. */
export function toPattern(text: string): string {
  return text.replaceAll('*', LITERAL['*']).replaceAll('?', LITERAL['?']);
}

/** Whether a text is as a pattern has it: `*` stands for any characters, `?` for one. */
export function isLike(text: string, pattern: string): boolean {
  // One pass with one place to go back to: patterns made to be slow are as fast as others.
  let [at, place, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = pattern[place];
    if (wanted === '*') {
      star = place++;
      mark = at;
    } else if (wanted === '?' || isSame(text[at], wanted)) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[place] === '*') place++;
  return place === pattern.length;
}

function isSame(character: string | undefined, wanted: string | undefined): boolean {
  if (wanted === LITERAL['*']) return character === '*';
  if (wanted === LITERAL['?']) return character === '?';
  return character === wanted;
}
