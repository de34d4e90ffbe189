/** The text in lines of at most `columns` characters, broken at spaces; lines after the first begin with `indent`. */
export function wrap(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const cut = rest.lastIndexOf(' ', columns);
    // A word longer than the line stays whole.
    const at = cut > indent.length ? cut : rest.indexOf(' ', columns);
    if (at === -1) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at + 1);
  }
  lines.push(rest);
  return lines;
}
