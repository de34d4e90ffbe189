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
  // By indexOf, not by an expression: one that is never closed would be sought anew from each `${`.
  for (let start = text.indexOf('${'); start !== -1; start = text.indexOf('${', end)) {
    const close = text.indexOf('}', start);
    if (close === -1) break;
    if (start > end) pieces.push({ text: text.slice(end, start) });
    const inside = text.slice(start + 2, close);
    if (inside.startsWith('!')) pieces.push({ text: `\${${inside.slice(1)}}` });
    else pieces.push({ variable: checkName(inside.trim()) });
    end = close + 1;
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
