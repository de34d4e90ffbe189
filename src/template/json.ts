const TOKENS = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[{}[\]:]/g;

/** How a text of JSON is built: how deep, and a key that a structure has twice (as it is written, with its quotes). */
export interface JsonShape {
  readonly depth: number;
  readonly repeatedKey: string | undefined;
}

/** Measures a text that is known to be JSON: what JSON.parse does not tell. It does not recurse. */
export function measureJson(text: string): JsonShape {
  const open: Set<string>[] = [];
  let depth = 0;
  let repeatedKey: string | undefined;
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      open.push(new Set());
      depth = Math.max(depth, open.length);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      const keys = open.at(-1);
      if (keys?.has(last)) repeatedKey ??= last;
      keys?.add(last);
    }
    last = token;
  }
  return { depth, repeatedKey };
}
