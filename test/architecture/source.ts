/** One source file, its path relative to the checkout with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A static or dynamic import, or a re-export. */
export interface ImportStatement {
  readonly specifier: string;
  /** True for `import type` and `export type`: gone at run time. */
  readonly isTypeOnly: boolean;
}

/** What stays of a source text: `code` without comments, `bare` without comments and without what strings hold. */
export interface ReadSource {
  readonly code: string;
  readonly bare: string;
}

/** A slash begins a regular expression, not a division, after one of these (or at the start of the text). */
const BEFORE_EXPRESSION =
  /(?:^|[([{,;:=!&|?+\-*%<>~^}]|\b(?:return|typeof|case|in|of|do|else|await|yield|throw))$/;

/**
 * Blanks comments (and, in `bare`, the insides of strings, templates and regular expressions) with spaces; line
 * breaks and positions stay. What stands inside `${}` of a template is code in both.
 */
export function readSource(text: string): ReadSource {
  let code = '';
  let bare = '';
  let at = 0;
  /** Depth of braces at which each open `${}` closes. */
  const templates: number[] = [];
  let depth = 0;

  const copy = (end: number): void => {
    code += text.slice(at, end);
    bare += text.slice(at, end);
    at = end;
  };
  const blankComment = (end: number): void => {
    const blank = blankOut(text.slice(at, end));
    code += blank;
    bare += blank;
    at = end;
  };
  const blankString = (end: number): void => {
    code += text.slice(at, end);
    bare += blankOut(text.slice(at, end));
    at = end;
  };
  const takeTemplate = (): void => {
    const { end, opensExpression } = findTemplateEnd(text, at);
    blankString(end);
    if (opensExpression) {
      templates.push(depth);
      depth += 1;
    }
  };

  while (at < text.length) {
    const char = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (pair === '//') blankComment(findEnd(text, '\n', at));
    else if (pair === '/*') blankComment(findEnd(text, '*/', at + 2) + 2);
    else if (char === "'" || char === '"') {
      copy(at + 1);
      blankString(findQuote(text, char, at));
      copy(at + 1);
    } else if (char === '`') {
      copy(at + 1);
      takeTemplate();
    } else if (char === '/' && BEFORE_EXPRESSION.test(bare.trimEnd().slice(-10))) {
      copy(at + 1);
      blankString(findRegularExpressionEnd(text, at));
      copy(at + 1);
    } else if (char === '}' && templates.at(-1) === depth - 1) {
      templates.pop();
      depth -= 1;
      copy(at + 1);
      takeTemplate();
    } else {
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      copy(at + 1);
    }
  }
  return { code, bare };
}

/** Every import of a source text, in order. An `import()` of something computed has the specifier `?`. */
export function findImports(text: string): ImportStatement[] {
  const { code, bare } = readSource(text);
  const found: ImportStatement[] = [];
  const words = /\b(import|export)\b/g;
  for (const match of bare.matchAll(words)) {
    const start = match.index;
    if (bare.charAt(start - 1) === '.') continue;
    const rest = bare.slice(start + match[0].length);
    const clause =
      match[0] === 'import'
        ? /^(?<type>\s+type\b(?!\s+from\b|\s*,))?(?:[\s\w$*{},]*?\bfrom)?\s*(?<quote>['"])/.exec(rest)
        : /^(?<type>\s+type\b)?\s*(?:\{[\s\w$,]*\}|\*(?:\s+as\s+[\w$]+)?)\s*from\s*(?<quote>['"])/.exec(rest);
    if (clause !== null) {
      const open = start + match[0].length + clause[0].length;
      const specifier = code.slice(open, findQuote(code, code.charAt(open - 1), open));
      found.push({ specifier, isTypeOnly: clause.groups?.type !== undefined });
      continue;
    }
    const call = match[0] === 'import' ? /^\s*\(\s*(?<quote>['"`]?)/.exec(rest) : null;
    if (call === null) continue;
    const open = start + match[0].length + call[0].length;
    const quote = call.groups?.quote ?? '';
    const literal = quote === '' ? '?' : code.slice(open, findQuote(code, quote, open));
    found.push({ specifier: literal.includes('${') ? '?' : literal, isTypeOnly: isTypeImport(bare, start) });
  }
  return found;
}

/** `import('x').Name` in a type: the statement before it opens a type. */
function isTypeImport(bare: string, start: number): boolean {
  return /\btypeof\s*$/.test(bare.slice(0, start));
}

function blankOut(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** Position of `mark` from `from` on, or the end of the text. */
function findEnd(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}

/** Position of the closing quote, escapes skipped. */
function findQuote(text: string, quote: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

/** Past the closing backtick, or past the next `${`. */
function findTemplateEnd(text: string, from: number): { end: number; opensExpression: boolean } {
  let at = from;
  while (at < text.length) {
    if (text.charAt(at) === '`') return { end: at + 1, opensExpression: false };
    if (text.startsWith('${', at)) return { end: at + 2, opensExpression: true };
    at += text.charAt(at) === '\\' ? 2 : 1;
  }
  return { end: text.length, opensExpression: false };
}

/** Position of the closing slash; a slash inside a character class does not close. */
function findRegularExpressionEnd(text: string, from: number): number {
  let isInClass = false;
  let at = from;
  while (at < text.length && text.charAt(at) !== '\n') {
    const char = text.charAt(at);
    if (char === '[') isInClass = true;
    else if (char === ']') isInClass = false;
    else if (char === '/' && !isInClass) return at;
    at += char === '\\' ? 2 : 1;
  }
  return at;
}
