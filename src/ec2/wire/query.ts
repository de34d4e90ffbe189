import { malformedQueryString } from './protocol-errors.ts';

/** A parameter's value, or what stands under its name: `Filter.1.Name=x` is `Filter` → `1` → `Name` → `x`. */
export type QueryNode = string | QueryTree;

/** Parameters by the first part of their dotted name. */
export type QueryTree = Map<string, QueryNode>;

/** A parameter as it was sent, decoded. */
export type Parameter = readonly [name: string, value: string];

/** More than any client sends in 1 MiB of sense; each parameter costs memory beyond its text. */
const MAX_PARAMETERS = 20_000;
/** The deepest structure of the model is 8 names deep, each with a list index between. */
const MAX_DEPTH = 32;

/**
 * The parameters of a form body or of a query string, in the order in which they came. Throws MalformedQueryString
 * for a broken percent escape and for more parameters than anyone needs.
 */
export function parseParameters(text: string): Parameter[] {
  if (text === '') return [];
  const parts = text.split('&', MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS)
    throw malformedQueryString(`it has more than ${MAX_PARAMETERS} parameters`);
  const parameters: Parameter[] = [];
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) parameters.push([unescapeForm(part), '']);
    else parameters.push([unescapeForm(part.slice(0, equals)), unescapeForm(part.slice(equals + 1))]);
  }
  return parameters;
}

function unescapeForm(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformedQueryString('it has a broken percent escape');
  }
}

/** Orders parameters by the dots of their names. Throws MalformedQueryString for a name that is given twice. */
export function growTree(parameters: Iterable<Parameter>): QueryTree {
  const root: QueryTree = new Map();
  for (const [name, value] of parameters) place(root, name, value);
  return root;
}

function place(root: QueryTree, name: string, value: string): void {
  let tree = root;
  let start = 0;
  for (let depth = 0; ; depth += 1) {
    const dot = name.indexOf('.', start);
    if (dot < 0) break;
    if (depth === MAX_DEPTH) throw malformedQueryString('a parameter name has too many dots');
    tree = descend(tree, name.slice(start, dot), name);
    start = dot + 1;
  }
  const last = name.slice(start);
  if (tree.has(last)) throw malformedQueryString(`the parameter ${name} is given twice`);
  tree.set(last, value);
}

function descend(tree: QueryTree, part: string, name: string): QueryTree {
  const below = tree.get(part);
  if (typeof below === 'string') throw malformedQueryString(`the parameter ${name} is given twice`);
  if (below !== undefined) return below;
  const made: QueryTree = new Map();
  tree.set(part, made);
  return made;
}
