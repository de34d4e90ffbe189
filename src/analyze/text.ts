/** Columns that a terminal has at least, of those people use. */
const COLUMNS = 100;

/** The text in lines of at most 100 columns, broken at spaces; lines after the first begin with `indent`. */
export function wrapText(text: string, indent: string): string[] {
  return wrap(text, indent, '');
}

/** A command in lines of at most 100 columns, broken at spaces by a backslash, so that it can be pasted as it stands. */
export function wrapCommand(text: string, indent: string): string[] {
  return wrap(text, indent, ' \\');
}

function wrap(text: string, indent: string, ending: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > COLUMNS) {
    const before = rest.lastIndexOf(' ', COLUMNS - ending.length);
    // A word longer than the line stays whole.
    const cut = before > indent.length ? before : rest.indexOf(' ', COLUMNS);
    if (cut === -1) break;
    lines.push(rest.slice(0, cut) + ending);
    rest = indent + rest.slice(cut + 1);
  }
  return [...lines, rest];
}
