import { TemplateError } from './value.ts';

/** A piece of Fn::Sub's text: as it stands, or a variable's name. */
export type Piece = { readonly text: string } | { readonly variable: string };

/**
 * The pieces of a text for Fn::Sub: `${Name}` is a variable, `${!Name}` stands for the text `${Name}`. Throws a TemplateError
 * for a name with other characters than CloudFormation allows.
 */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    const [whole, inside = ''] = match;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    if (inside.startsWith('!')) pieces.push({ text: `\${${inside.slice(1)}}` });
    else pieces.push({ variable: checkName(inside.trim()) });
    end = match.index + whole.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

function checkName(name: string): string {
  if (/^[A-Za-z0-9_.:]+$/.test(name)) return name;
  throw new TemplateError(
    'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
  );
}
